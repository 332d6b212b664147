"""Read and write JSON without recursion, for documents nested deeper than the interpreter's stack.

codec.py calls this only after its own recursive code has failed, because this is slower. Both accept the same documents
and raise the same errors.
"""

import re
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

from session.store.codec import ROOM_BYTES, WHITE_SPACE, NotJSON, quote, reason, scalar, too_deep

_NUMBER = re.compile(r"(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_SPACE = re.compile(f"[{WHITE_SPACE}]*")
_WORDS = {"null": None, "true": True, "false": False}
_ESCAPES = re.compile(r"\\u(?![0-9a-fA-F]{4})")


def decode(text: str, start: int, rules: Any) -> tuple[Any, int]:
    """Return the value that begins at `start`, and the position after it. NotJSON if there is none."""
    holders: list[Any] = []  # the open lists and dicts, outermost first
    keys: list[Any] = []  # for each of them, the key whose value comes next; None in a list
    at = start
    value: Any
    while True:
        at = _skip(text, at)
        opener = text[at : at + 1]
        if opener == "[":
            at = _skip(text, at + 1)
            if text[at : at + 1] != "]":
                holders.append([])
                keys.append(None)
                continue
            value, at = [], at + 1
        elif opener == "{":
            at = _skip(text, at + 1)
            if text[at : at + 1] != "}":
                key, at = _key(text, at)
                holders.append({})
                keys.append(key)
                continue
            value, at = {}, at + 1
        else:
            value, at = _leaf(text, at, rules)
        # the value is complete: add it to the innermost list or dict, and close all that end here
        while holders:
            holder = holders[-1]
            if keys[-1] is None:
                holder.append(value)
            else:
                holder[keys[-1]] = value
            at = _skip(text, at)
            mark = text[at : at + 1]
            if mark == ",":
                at += 1
                if keys[-1] is not None:
                    keys[-1], at = _key(text, _skip(text, at))
                break
            if mark != ("]" if keys[-1] is None else "}"):
                raise NotJSON(f"expecting ',' delimiter at character {at}")
            value = holders.pop()
            keys.pop()
            at += 1
        else:
            return value, at


def _skip(text: str, at: int) -> int:
    """Return the position after the white space at `at`."""
    match = _SPACE.match(text, at)
    assert match  # the pattern matches the empty text
    return match.end()


def _string(text: str, at: int) -> tuple[str, int]:
    """Return the string that begins at `at`, and the position after it."""
    try:
        value, end = scanstring(text, at + 1, True)
    except ValueError as error:
        raise NotJSON(reason(error)) from None
    if _ESCAPES.search(text[at:end].replace("\\\\", "  ")):
        raise NotJSON(f"invalid \\u escape in the string at character {at}")
    return value, end


def _key(text: str, at: int) -> tuple[str, int]:
    """Return the key that begins at `at`, and the position after its colon."""
    if text[at : at + 1] != '"':
        raise NotJSON(f"expecting property name enclosed in double quotes at character {at}")
    key, at = _string(text, at)
    at = _skip(text, at)
    if text[at : at + 1] != ":":
        raise NotJSON(f"expecting ':' delimiter at character {at}")
    return key, at + 1


def _leaf(text: str, at: int, rules: Any) -> tuple[Any, int]:
    """Return the string, literal or number that begins at `at`, and the position after it."""
    if text[at : at + 1] == '"':
        return _string(text, at)
    for word, value in _WORDS.items():
        if text.startswith(word, at):
            return value, at + len(word)
    number = _NUMBER.match(text, at)
    if not number:
        raise NotJSON(f"expected a value at character {at}")
    whole, fraction, exponent = number.groups()
    if fraction or exponent:
        return rules.parse_float(number.group()), number.end()
    return rules.parse_int(whole), number.end()


def encode(value: Any, *, pretty: bool = True) -> list[str]:
    """Return the pieces of the value's text in the form of `codec.encode`, or of `codec.compact` if not `pretty`."""
    parts: list[str] = []
    stack: list[Any] = []  # for each open list or dict: the rest, the closing mark, the indentation, True for a dict
    newline, step, colon = ("\n", "  ", ": ") if pretty else ("", "", ":")
    room = ROOM_BYTES
    while True:
        if isinstance(value, (dict, list)) and value:
            keyed = isinstance(value, dict)
            rest: Any = iter(value.items() if isinstance(value, dict) else value)
            stack.append((rest, "}" if keyed else "]", newline, keyed))
            newline += step
            room -= len(newline) * len(value)
            if room < 0:
                raise too_deep()
            lead = ("{" if keyed else "[") + newline
        else:
            parts.append("{}" if value == {} else "[]" if value == [] else scalar(value))
            lead = "," + newline
        while stack:
            rest, closing, outer, keyed = stack[-1]
            try:
                value = next(rest)
            except StopIteration:
                parts.append(outer + closing)
                newline = outer
                lead = "," + newline
                stack.pop()
                continue
            if keyed:
                key, value = value
                parts.append(lead + quote(key) + colon)
            else:
                parts.append(lead)
            break
        else:
            return parts
