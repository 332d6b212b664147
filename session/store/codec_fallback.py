"""The codec's two primitives from the json package, for interpreters without its C accelerator."""

import re
from collections.abc import Callable
from json.decoder import JSONArray, JSONObject, scanstring  # type: ignore[attr-defined]
from json.encoder import py_encode_basestring as quote
from json.scanner import py_make_scanner  # type: ignore[attr-defined]
from typing import Any

__all__ = ["make_scanner", "quote"]

# The Python scanner is laxer than the C one: it takes `\u+123` and digits of other scripts.
_WELL_FORMED_ESCAPES = re.compile(r"(?:[^\\]|\\[^u]|\\u[0-9a-fA-F]{4})*", re.DOTALL)


class _Context:
    def __init__(self, reading: Any) -> None:
        self.strict = reading.strict
        self.object_hook = reading.object_hook
        self.object_pairs_hook = reading.object_pairs_hook
        self.parse_float = _ascii_only(reading.parse_float)
        self.parse_int = _ascii_only(reading.parse_int)
        self.parse_constant = reading.parse_constant
        self.parse_object = JSONObject
        self.parse_array = JSONArray
        self.parse_string = scanstring
        self.memo: dict[str, str] = {}


def _ascii_only(parse: Callable[[str], object]) -> Callable[[str], object]:
    def checked(text: str) -> object:
        if not text.isascii():
            raise ValueError("a number of other than ASCII digits")
        return parse(text)

    return checked


def make_scanner(reading: Any) -> Callable[[str, int], tuple[Any, int]]:
    """`_json.make_scanner` in Python, as strict as it."""
    scan = py_make_scanner(_Context(reading))

    def scan_once(text: str, start: int) -> tuple[Any, int]:
        value, end = scan(text, start)
        if not _WELL_FORMED_ESCAPES.fullmatch(text, start, end):
            raise ValueError("invalid \\u escape")
        return value, end

    return scan_once
