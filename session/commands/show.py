"""session show: one session in full."""

from typing import TYPE_CHECKING, Any

from session import output
from session.arguments import check_utf8
from session.commands.list import OWNERS, entry, since
from session.commands.parser import parser, run
from session.commands.tables import json_out, show, table, text, wants_json
from session.errors import SessionError
from session.host import clock
from session.store import codec, paths
from session.store.files import open_store
from session.workflow import run_history, sessions
from session.workflow.state import COLLECTION, read

if TYPE_CHECKING:
    from rich.console import RenderableType

    from session.workflow.state import State

_DESCRIPTION = """\
Show a workflow's session: where it stands, whose it is, its context, its steps
and when they were entered, and what `session run` recorded of its commands."""
_EXAMPLES = """\
session show workflow:pr
session show workflow:pr --json | jq .state.context"""

# what has a place of its own in the view
_SHOWN = frozenset({"step", "updated_at", "started_at", "owner", "context", "steps", "history"})


def main(argv: list[str]) -> int:
    """`WORKFLOW [--json]`. Returns the exit code."""
    return run(_show, argv)


def _show(argv: list[str]) -> int:
    words = parser("session show", _DESCRIPTION, _EXAMPLES)
    words.add_argument("workflow", metavar="WORKFLOW", help="as in session set")
    words.add_argument("--json", action="store_true", help="JSON, as when piped; the state exactly as stored")
    given = words.parse_args(argv)
    check_utf8("WORKFLOW", given.workflow)
    paths.check_name(given.workflow)
    as_json = wants_json(given.json)
    store = open_store()
    state = read(store, given.workflow)
    if state is None:
        raise SessionError(f"No session found for {given.workflow}", "session list names them")
    notices: list[str] = []
    owner, now_ms = sessions.owner(notices), clock.now_ms()
    for notice in notices:
        output.tell(notice)
    told = entry(given.workflow, state, store.shown_path((COLLECTION, given.workflow)), owner, now_ms)
    if as_json:
        json_out({**{key: told[key] for key in ("workflow", "whose", "age_s", "path")}, "state": state})
    else:
        show(*_view(told, state, now_ms))
    return 0


def _view(told: dict[str, Any], state: "State", now_ms: int) -> list["RenderableType"]:
    # what is there in another shape than ours is shown as it is
    rest = {key: value for key, value in state.items() if key not in _SHOWN}
    facts = [
        ("Step", told["step"]),
        ("Whose", text(told["whose"], OWNERS[told["whose"]])),
        ("Updated", since(told["age_s"])),
        ("Started", told["started_at"]),
        ("File", told["path"]),
        *((key, _shown(value)) for key, value in rest.items()),
    ]
    parts: list[RenderableType] = [table((told["workflow"], ""), facts)]
    context = state.get("context")
    if context:
        rows = context.items() if isinstance(context, dict) else [("", context)]
        parts += ["", table(("Context", ""), ((key, _shown(value)) for key, value in rows))]
    steps = state.get("steps")
    if steps:
        entered = _entered(steps if isinstance(steps, list) else [steps], state.get("history"))
        parts += ["", table(("", "Steps", "Entered"), entered)]
    found = run_history.runs(state)
    if found:
        parts += ["", table(("Commands", "Result"), ((each.command, run_history.line(each, now_ms)) for each in found))]
    return parts


def _entered(steps: list[Any], history: object) -> list[tuple[int, str, str | None]]:
    """Each step's number, text and time, as far as the history runs alongside."""
    entries = history if isinstance(history, list) else []
    rows = []
    for number, step in enumerate(steps):
        beside = entries[number] if number < len(entries) and isinstance(entries[number], dict) else {}
        at = beside.get("at") if beside.get("step") == step else None
        rows.append((number + 1, _shown(step), at if isinstance(at, str) else None))
    return rows


def _shown(value: object) -> str:
    return value if type(value) is str else codec.compact(value)
