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
    """Return True if the command belongs to this module."""
    return argv[0] == DOC


def place(found: Seen) -> Place:
    """Return type, focus and covered topics in a few words, and the number of backups."""
    text = found.conversations.get("c")
    if text is None:
        return None, 0
    document = Document(text)
    covered = " ".join(document.text_of(section) for section in document.find("Covered"))
    [(_, focus)] = document.field_lines("Focus")
    return f"{document.front_value('type')} {focus.value} {covered}", len(found.backups)


def alike(found: Seen, argv: tuple[str, ...]) -> Seen:
    """Return the state with only the first backup, because each repeated `init --force` makes another one."""
    now = found.conversations.get("c")
    if "--force" not in argv or now is None:
        return found
    return replace(found, backups=found.backups - {now})


def _begun(project: Path) -> None:
    """Make a conversation's document, and another document and a workflow that no command may change."""
    do(project, "set", "other", "here", '{"note": "not yours"}')
    do(project, DOC, "init", "--convo-id", "other", "--type", "build")
    do(project, DOC, "init", *ID, "--focus", "Login")


def _killed_force(project: Path) -> None:
    """Kill an `init --force` directly after its commit: the journal exists, and none of it is applied."""
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
