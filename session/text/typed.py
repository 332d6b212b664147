"""Read values of a given type from JSON objects of unknown origin. A value of another type counts as missing."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def text_at(holder: "Mapping[str, object]", key: str) -> str:
    """Return the string at `key`, or "" if there is none."""
    value = holder.get(key)
    return value if isinstance(value, str) else ""


def list_at(holder: "Mapping[str, object]", key: str) -> "list[Any]":
    """Return the list at `key`, or an empty list if there is none."""
    return as_list(holder.get(key))


def object_at(holder: "Mapping[str, object]", key: str) -> "dict[str, Any]":
    """Return the JSON object at `key`, or an empty dict if there is none."""
    return as_object(holder.get(key))


def count_at(holder: "Mapping[str, object]", key: str) -> int:
    """Return the whole number at `key`, or 0 if there is none. `true` and `false` are not numbers."""
    value = holder.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def as_list(value: object) -> "list[Any]":
    """Return the value if it is a list, else an empty list."""
    return value if isinstance(value, list) else []


def as_object(value: object) -> "dict[str, Any]":
    """Return the value if it is a JSON object, else an empty dict."""
    return value if isinstance(value, dict) else {}
