"""Names for files out of names for branches."""

import re

_PLAIN = re.compile(r"[A-Za-z0-9/._-]*")


def slug(text: str, room: int) -> str:
    """`text` as ASCII letters, digits and dashes, case kept, at most `room` characters; may be empty.

    ImportError where it takes python-slugify, and there is none: that is for all but the plainest names.
    """
    if room <= 0:
        return ""
    if _PLAIN.fullmatch(text):  # what slugify makes of such a name is plain to see, and loading it is not free
        return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[:room].strip("-")
    from slugify import slugify

    return slugify(text, lowercase=False, max_length=room)
