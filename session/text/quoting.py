"""Write values from any source into a text for a model, as data: on one line, quoted, cut, without markup."""

import re

from session.store import codec
from session.text.budget import cut, cut_value, quoted
from session.text.untrusted import visible

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+#-]{0,59}", re.ASCII)
# Markdown and the prompts of agent CLIs treat these as more than text: fences, tags, mentions of files to include.
MARKUP = re.compile(r"`{3,}|~{3,}|<(?=[A-Za-z/!?])|(?<![A-Za-z0-9._-])@(?=\S)")


def quote(value: object, limit: int) -> str:
    """Return a JSON value as text of about `limit` bytes: a plain word or number unchanged, anything else in quotes.

    The quoted text is a JSON string on one line. No value can end the line, or look like markdown, a tag or a mention.
    """
    if isinstance(value, str) and not isinstance(value, codec.Literal):
        return value if _WORD.fullmatch(value) else _escape_markup(quoted(cut(value, limit)))
    shown = cut_value(value, limit)
    if isinstance(shown, str) and not isinstance(shown, codec.Literal):
        return _escape_markup(quoted(shown))
    if isinstance(shown, dict | list):
        return _escape_markup(quoted(codec.compact(shown)))
    return visible(codec.scalar(shown))


def _escape_markup(text: str) -> str:
    return MARKUP.sub(lambda match: "".join(f"\\u{ord(char):04x}" for char in match[0]), text)
