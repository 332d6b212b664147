"""How long ago something was, as people say it."""

_STEPS = ((60, "s"), (60, "min"), (24, "h"))


def age(ms: int) -> str:
    """`12 s`, `12 min`, `3 h`, `2 days`: cut, not rounded. A time to come is `0 s` ago."""
    count = max(0, ms) // 1000
    for size, unit in _STEPS:
        if count < size:
            return f"{count} {unit}"
        count //= size
    return f"{count} day" if count == 1 else f"{count} days"
