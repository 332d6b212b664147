"""Escape invisible characters in text from files, arguments and repositories, before a person or a model reads it."""

import unicodedata

_INVISIBLE = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
_TAGS = range(0xE0000, 0xE1000)  # tags and variation selectors: no text needs them, and they can hide another text


def visible(text: str, keep: str = "") -> str:
    r"""Return the text with `\uXXXX` for control, format (bidi, zero-width, tag) and line-separator characters.

    A character beyond U+FFFF is written as a surrogate pair, so that JSON text keeps its meaning. Characters in `keep`,
    such as line breaks, stay unchanged.
    """
    if text.isascii() and text.isprintable():
        return text
    hidden = {ord(char): _escape(char) for char in set(text).difference(keep) if _is_invisible(char)}
    return text.translate(hidden) if hidden else text


def _is_invisible(char: str) -> bool:
    return unicodedata.category(char) in _INVISIBLE or ord(char) in _TAGS


def inline(text: str) -> str:
    r"""Return the text on one line: line breaks and tabs as `\n`, `\r`, `\t`, invisible characters as `\uXXXX`."""
    return visible(text.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t"))


def one_line(text: str, limit: int = 200) -> str:
    """Return the text on one line, cut after `limit` characters; the number of missing characters follows.

    Line breaks, tabs and invisible characters are escaped.
    """
    shown = inline(text[:limit])
    return shown if len(text) <= limit else f"{shown}… ({len(text) - limit} more characters)"


def _escape(char: str) -> str:
    code = ord(char)
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
