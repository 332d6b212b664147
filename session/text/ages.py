"""Format an age for people: `12 min`, `3 h`."""

_STEPS = ((60, "s"), (60, "min"), (24, "h"))


def age(ms: int) -> str:
    """Return an age in milliseconds as `12 s`, `12 min`, `3 h` or `2 days`, rounded down. A negative age is `0 s`."""
    count = max(0, ms) // 1000
    for size, unit in _STEPS:
        if count < size:
            return f"{count} {unit}"
        count //= size
    return f"{count} day" if count == 1 else f"{count} days"
