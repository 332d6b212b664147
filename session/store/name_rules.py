"""The full rules for document names, and the escaping of names that Windows does not allow."""

import unicodedata

_DEVICES = frozenset(["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in "123456789¹²³")])
_ESCAPED = '%:*?"<>|'
_HEX = "0123456789ABCDEF"


def fault(name: str, limit: int) -> str:
    """Return the reason why no document may have this name, or "" if one may.

    Allowed are printable Unicode characters in NFC, with spaces and colons, and at most `limit` bytes of UTF-8.
    """
    if not name:
        return "is empty"
    if name[0] in "-.":
        return f"starts with '{name[0]}'"
    if "/" in name or "\\" in name:
        return "holds a slash or backslash"
    kinds = {unicodedata.category(char) for char in name}
    if "Cc" in kinds:
        return "holds a control character"
    if "Cf" in kinds:
        return "holds a format character"
    if "Cs" in kinds:
        return "is not valid UTF-8"
    if not kinds.isdisjoint(("Zl", "Zp", "Co")):
        return "holds a character that can't be printed"
    if not unicodedata.is_normalized("NFC", name):
        return "is not in Unicode's composed form (NFC)"
    if len(name.encode()) > limit:
        return f"is longer than {limit} bytes"
    return ""


def windows_name(name: str) -> str:
    """Return `name` as a file name that Windows allows.

    Escaped as `%XX` are the characters `:*?"<>|%`, a dot or space at the end, and the first letter of a device name.
    """
    escaped = "".join(f"%{ord(char):02X}" if char in _ESCAPED else char for char in name)
    if escaped.split(".")[0].rstrip(" ").lower() in _DEVICES:
        escaped = f"%{ord(escaped[0]):02X}{escaped[1:]}"
    if escaped[-1:] in (" ", "."):
        escaped = f"{escaped[:-1]}%{ord(escaped[-1]):02X}"
    return escaped


def plain_name(escaped: str) -> str:
    """Return the name from which `windows_name` made the file name."""
    head, *rest = escaped.split("%")
    parts = [head]
    for part in rest:
        code = part[:2]
        if len(code) == 2 and not code.strip(_HEX):
            parts.append(chr(int(code, 16)) + part[2:])
        else:  # `windows_name` did not write this percent sign
            parts.append("%" + part)
    return "".join(parts)
