"""Convert a value as JavaScript would change it: the only differences that the tests allow."""

from typing import Any

from session.store.codec import Literal

LARGEST_EXACT = 2**53
_INDEX_KEYS_BELOW = 2**32 - 1  # an array index, which an object puts first


def seen(value: Any) -> Any:
    """Return the value as JavaScript keeps it: integers as doubles, too large numbers as null, index keys first."""
    if isinstance(value, Literal) or (type(value) is int and abs(value) > LARGEST_EXACT):
        return _double(value)
    if isinstance(value, list):
        return [seen(item) for item in value]
    if isinstance(value, dict):
        first = sorted((key for key in value if _is_index(key)), key=int)
        return {key: seen(value[key]) for key in [*first, *(key for key in value if not _is_index(key))]}
    return value


def _double(value: int | str) -> float | None:
    try:
        double = float(value)
    except OverflowError:
        return None
    return double if abs(double) < float("inf") else None


def _is_index(key: str) -> bool:
    return key.isascii() and key.isdecimal() and str(int(key)) == key and int(key) < _INDEX_KEYS_BELOW
