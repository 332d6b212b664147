"""What `session doc` writes, as rows of the table in commands.py."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from session.conversation.document import Document

from .preparing import do, nothing
from .seen import Seen

DOC = "commands.session_state_manager"
ID = ("--convo-id", "c")
Place = tuple[str | None, int]


def is_of(argv: tuple[str, ...]) -> bool:
    """Whether this is a row of this module."""
    return argv[0] == DOC


def place(found: Seen) -> Place:
    """Type, focus and what is covered, in a few words, and the number of backups."""
    text = found.conversations.get("c")
    if text is None:
        return None, 0
    document = Document(text)
    covered = " ".join(document.text_of(section) for section in document.find("Covered"))
    [(_, focus)] = document.field_lines("Focus")
    return f"{document.front_value('type')} {focus.value} {covered}", len(found.backups)


def alike(found: Seen, argv: tuple[str, ...]) -> Seen:
    """The state with the first backup alone, however often `init --force` was given: each keeps what it replaces."""
    now = found.conversations.get("c")
    if "--force" not in argv or now is None:
        return found
    return replace(found, backups=found.backups - {now})


def _begun(project: Path) -> None:
    """A conversation has its document, and so has another one, that nothing here may touch; a workflow is under way."""
    do(project, "set", "other", "here", '{"note": "not yours"}')
    do(project, DOC, "init", "--convo-id", "other", "--type", "build")
    do(project, DOC, "init", *ID, "--focus", "Login")


def _killed_force(project: Path) -> None:
    """An `init --force` died right after its commit: the journal is there, nothing in it is done."""
    _begun(project)
    do(project, DOC, "init", *ID, "--type", "research", "--force", mutant="dies-after-commit", code=9)


_INIT = "- Session initialized"
_SYNC = ("sync", *ID, "--json", '{"Covered": ["Did X"], "Notes": "n"}')
ROWS: tuple[tuple[str, tuple[str, ...], Callable[[Path], None], Place, Place, int], ...] = (
    (
        "doc-init-create",
        (DOC, "init", *ID, "--focus", "Login"),
        nothing,
        (None, 0),
        (f"discussion Login {_INIT}", 0),
        1,
    ),
    (
        "doc-init-force",
        (DOC, "init", *ID, "--type", "build", "--force"),
        _begun,
        (f"discussion Login {_INIT}", 0),
        (f"build TBD {_INIT}", 1),
        0,
    ),
    (
        "doc-update",
        (DOC, "update", *ID, "--field", "Focus", "--value", "Logout"),
        _begun,
        (f"discussion Login {_INIT}", 0),
        (f"discussion Logout {_INIT}", 0),
        0,
    ),
    ("doc-sync", (DOC, *_SYNC), _begun, (f"discussion Login {_INIT}", 0), ("discussion Login - Did X", 0), 0),
    (
        "doc-sync-after-killed-force",
        (DOC, *_SYNC),
        _killed_force,
        (f"research TBD {_INIT}", 1),
        ("research TBD - Did X", 1),
        0,
    ),
)
