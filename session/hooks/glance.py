"""A quick look at a project: whether there is anything to do at all, before anything is loaded to do it."""

from session._posix import exists, join, posix
from session.root import STATE
from session.store.paths import COLLECTIONS, JOURNAL

TIMEOUT_S = 1.0  # how long a hook waits for the lock


def is_unfinished(root: str) -> bool:
    """Whether a commit awaits its end."""
    return exists(join(root, *STATE, JOURNAL))


def has_entry_state(root: str) -> bool:
    """Whether the entry protocol is followed there."""
    folder, ending, _ = COLLECTIONS["progress"]
    return exists(join(root, *folder, f"state{ending}"))


def has_sessions(root: str) -> bool:
    """Whether there may be sessions under way."""
    folder, ending, _ = COLLECTIONS["sessions"]
    try:
        names = posix.listdir(join(root, *folder))
    except FileNotFoundError:
        return is_unfinished(root)
    except OSError:
        return True  # to be said by those who say such things
    return any(name.endswith(ending) for name in names) or is_unfinished(root)
