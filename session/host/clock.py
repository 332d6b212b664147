"""The one source of time: milliseconds since 1970 in UTC, and ISO 8601 texts."""

import time


def now_ms() -> int:
    """Return the current time in milliseconds since 1970-01-01 UTC. Tests replace this function."""
    return time.time_ns() // 1_000_000


def iso(at_ms: int) -> str:
    """Return the time as `2026-01-29T22:42:48.473Z`, the form of JavaScript's `Date.toISOString`."""
    seconds, ms = divmod(at_ms, 1000)
    year, month, day, hour, minute, second, *_ = time.gmtime(seconds)
    return f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}.{ms:03d}Z"


def stamp(at: str) -> str:
    """Return `20260129_224248` for an ISO 8601 time. File names contain it."""
    return f"{at[:10].replace('-', '')}_{at[11:19].replace(':', '')}"


def parse_ms(text: object) -> int | None:
    """Return the milliseconds since 1970 for an ISO 8601 text, or None for anything else. No offset means UTC."""
    if not isinstance(text, str):
        return None
    from datetime import UTC, datetime, timedelta  # cost: only recovery and archives read times

    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    # Not .timestamp(): it returns a float, and the C library may refuse years before 1970.
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
