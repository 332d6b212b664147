"""Quick checks whether a hook has anything to do in a project, before it loads the code to do it."""

from session._posix import exists, join, posix
from session.root import STATE
from session.store.paths import COLLECTIONS, JOURNAL

TIMEOUT_S = 1.0  # how long a hook waits for the lock


def is_unfinished(root: str, place: tuple[str, ...] = STATE) -> bool:
    """Return True if a killed process left a commit in the place that is not carried out: there is a journal."""
    return exists(join(root, *place, JOURNAL))


def has_entry_state(root: str) -> bool:
    """Return True if the project uses the entry protocol: its state file exists."""
    folder, ending, *_ = COLLECTIONS["progress"]
    return exists(join(root, *folder, f"state{ending}"))


def has_sessions(root: str) -> bool:
    """Return True if the project may have workflow sessions."""
    folder, ending, *_ = COLLECTIONS["sessions"]
    try:
        names = posix.listdir(join(root, *folder))
    except FileNotFoundError:
        return is_unfinished(root)
    except OSError:
        return True  # the code that lists the sessions reports the error
    return any(name.endswith(ending) for name in names) or is_unfinished(root)
