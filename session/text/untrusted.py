"""Text from state files, arguments and repositories, made harmless where a person or a model reads it."""

import unicodedata

_INVISIBLE = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))


def visible(text: str, keep: str = "") -> str:
    r"""Control, format (bidi, zero-width, tag) and line-separator characters as `\uXXXX`.

    Characters beyond U+FFFF become a surrogate pair, so that JSON text stays the same JSON.
    Characters in `keep` (line breaks, say) stay as they are.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char if char in keep or unicodedata.category(char) not in _INVISIBLE else _escape(char) for char in text
    )


def inline(text: str) -> str:
    """`visible`, on one line: line breaks and tabs as `\\n`, `\\r`, `\\t`."""
    return visible(text.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t"))


def one_line(text: str, limit: int = 200) -> str:
    """`inline`, cut after `limit` characters with what was left out counted."""
    shown = inline(text[:limit])
    return shown if len(text) <= limit else f"{shown}… ({len(text) - limit} more characters)"


def _escape(char: str) -> str:
    code = ord(char)
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
