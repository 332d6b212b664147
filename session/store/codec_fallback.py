"""Provide the scanner and the string encoder of the codec for interpreters without the C accelerator `_json`."""

import re
from collections.abc import Callable
from json.decoder import JSONArray, JSONObject, scanstring  # type: ignore[attr-defined]
from json.encoder import py_encode_basestring as quote
from json.scanner import py_make_scanner  # type: ignore[attr-defined]
from typing import Any

__all__ = ["make_scanner", "quote"]

# The Python scanner accepts more than the C one: `\u+123`, and digits of other alphabets. These are refused here.
_WELL_FORMED_ESCAPES = re.compile(r"(?:[^\\]|\\[^u]|\\u[0-9a-fA-F]{4})*", re.DOTALL)


class _Context:
    """The attributes that the Python scanner reads."""

    def __init__(self, rules: Any) -> None:
        self.strict = rules.strict
        self.object_hook = rules.object_hook
        self.object_pairs_hook = rules.object_pairs_hook
        self.parse_float = _ascii_only(rules.parse_float)
        self.parse_int = _ascii_only(rules.parse_int)
        self.parse_constant = rules.parse_constant
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


def make_scanner(rules: Any) -> Callable[[str, int], tuple[Any, int]]:
    """Return a scanner in Python that is as strict as the one of `_json.make_scanner`."""
    scan = py_make_scanner(_Context(rules))

    def scan_once(text: str, start: int) -> tuple[Any, int]:
        value, end = scan(text, start)
        if not _WELL_FORMED_ESCAPES.fullmatch(text, start, end):
            raise ValueError("invalid \\u escape")
        return value, end

    return scan_once
