"""Make parts of file names from names of branches."""

import re

_PLAIN = re.compile(r"[A-Za-z0-9/._-]*")


def slug(text: str, room: int) -> str:
    """Return the text as ASCII letters, digits and dashes, at most `room` characters, with its case; may be empty.

    A name of ASCII letters, digits and `/ . _ -` is converted here. Any other name needs python-slugify; ImportError if
    it is not installed.
    """
    if room <= 0:
        return ""
    if _PLAIN.fullmatch(text):  # this gives the result of slugify, without the import of slugify
        return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[:room].strip("-")
    from slugify import slugify  # cost: the import takes 5.5 ms on a machine where `python -c pass` takes 8.5 ms

    return slugify(text, lowercase=False, max_length=room)
