"""The one source of time: milliseconds since 1970, UTC, and their ISO 8601 form."""

import time


def now_ms() -> int:
    """Now, in ms since 1970-01-01 UTC. Tests replace this function."""
    return time.time_ns() // 1_000_000


def iso(at_ms: int) -> str:
    """`2026-01-29T22:42:48.473Z`, as JavaScript's `Date.toISOString` writes it."""
    seconds, ms = divmod(at_ms, 1000)
    year, month, day, hour, minute, second, *_ = time.gmtime(seconds)
    return f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}.{ms:03d}Z"


def stamp(at: str) -> str:
    """Return `20260129_224248` for an ISO 8601 time. File names contain it."""
    return f"{at[:10].replace('-', '')}_{at[11:19].replace(':', '')}"


def parse_ms(text: object) -> int | None:
    """Ms since 1970 of an ISO 8601 text, None if it is not one. Without an offset it is UTC."""
    if not isinstance(text, str):
        return None
    from datetime import UTC, datetime, timedelta  # cost: only recovery and archives read times

    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    # not .timestamp(): that is a float, and years before 1970 must not go through the C library
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
