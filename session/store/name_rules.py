"""Which names a document may have, in full, and how Windows is made to take them."""

import unicodedata

_DEVICES = frozenset(["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in "123456789¹²³")])
_ESCAPED = '%:*?"<>|'
_HEX = "0123456789ABCDEF"


def fault(name: str, limit: int) -> str:
    """Why `name` can't name a document, empty if it can.

    Printable Unicode in NFC, spaces and colons included; at most `limit` bytes of UTF-8.
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
    """`name` as a file name that Windows takes: `:*?"<>|%`, a last dot or space, device names escaped."""
    escaped = "".join(f"%{ord(char):02X}" if char in _ESCAPED else char for char in name)
    if escaped.split(".")[0].rstrip(" ").lower() in _DEVICES:
        escaped = f"%{ord(escaped[0]):02X}{escaped[1:]}"
    if escaped[-1:] in (" ", "."):
        escaped = f"{escaped[:-1]}%{ord(escaped[-1]):02X}"
    return escaped


def plain_name(escaped: str) -> str:
    """What `windows_name` made the file name from."""
    head, *rest = escaped.split("%")
    parts = [head]
    for part in rest:
        code = part[:2]
        if len(code) == 2 and not code.strip(_HEX):
            parts.append(chr(int(code, 16)) + part[2:])
        else:  # not one of ours
            parts.append("%" + part)
    return "".join(parts)
