"""Values from anywhere, as they stand in a text for a model: on one line, quoted, of bounded length, harmless."""

import re

from session.store import codec
from session.text.budget import cut, cut_value, quoted
from session.text.untrusted import visible

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+#-]{0,59}", re.ASCII)
# What readers of markdown, and the prompts of agent CLIs, take for more than text: fences, tags, files to be included.
MARKUP = re.compile(r"`{3,}|~{3,}|<(?=[A-Za-z/!?])|(?<![A-Za-z0-9._-])@(?=\S)")


def said(value: object, limit: int) -> str:
    """A JSON value: a plain word or a number as it is, everything else in quotes; cut to about `limit` bytes.

    What is in quotes is a JSON string: no value ends its line, or looks like markdown, a tag or a mention.
    """
    if isinstance(value, str) and not isinstance(value, codec.Literal):
        return value if _WORD.fullmatch(value) else _tame(quoted(cut(value, limit)))
    shown = cut_value(value, limit)
    if isinstance(shown, str) and not isinstance(shown, codec.Literal):
        return _tame(quoted(shown))
    if isinstance(shown, dict | list):
        return _tame(quoted(codec.compact(shown)))
    return visible(codec.scalar(shown))


def _tame(text: str) -> str:
    return MARKUP.sub(lambda found: "".join(f"\\u{ord(char):04x}" for char in found[0]), text)
