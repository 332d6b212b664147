"""session show: one session in full."""

from typing import TYPE_CHECKING, Any

from session.arguments import check_utf8
from session.commands.list import ago, entry, tracked_by_git, whose
from session.commands.parser import parser, run
from session.commands.tables import json_out, show, table, wants_json
from session.errors import SessionError
from session.host import clock
from session.host.project_store import open_store
from session.notices import print_all
from session.store import codec, paths
from session.text.typed import as_list, as_object
from session.workflow import run_history, sessions
from session.workflow.state import COLLECTION, read

if TYPE_CHECKING:
    from rich.console import RenderableType

    from session.workflow.state import State

_DESCRIPTION = """\
Show a workflow's session: its step, whose it is, its context, its earlier steps with
their times, and the commands that `session run` has recorded."""
_EXAMPLES = """\
session show workflow:pr
session show workflow:pr --json | jq .state.context"""

# the fields that the view shows in a fixed place; all others follow under their own names
_SHOWN = frozenset({"step", "updated_at", "started_at", "owner", "context", "steps", "history"})


def main(argv: list[str]) -> int:
    """Run `session show`; return the exit code."""
    return run(_show, argv)


def _show(argv: list[str]) -> int:
    arguments = parser("session show", _DESCRIPTION, _EXAMPLES)
    arguments.add_argument("workflow", metavar="WORKFLOW", help="the workflow's name, as given to session set")
    arguments.add_json("print JSON: the exact stored state (default if piped)")
    options = arguments.parse_args(argv)
    check_utf8("WORKFLOW", options.workflow)
    paths.check_name(options.workflow)
    as_json = wants_json(options.json)
    store = open_store()
    state = read(store, options.workflow)
    if state is None:
        raise SessionError(f"No session found for {options.workflow}", "session list names them")
    notices: list[str] = []
    owner, now_ms = sessions.owner(notices), clock.now_ms()
    print_all([*notices, *store.notices])
    path = store.shown_path((COLLECTION, options.workflow))
    is_tracked = tracked_by_git(store, [options.workflow])[options.workflow]
    facts = entry(options.workflow, state, path, owner, now_ms, is_tracked=is_tracked)
    if as_json:
        json_out({**{key: facts[key] for key in ("workflow", "whose", "age_s", "path", "tracked")}, "state": state})
    else:
        show(*_view(facts, state, now_ms))
    return 0


def _view(facts: dict[str, Any], state: "State", now_ms: int) -> list["RenderableType"]:
    others = {key: value for key, value in state.items() if key not in _SHOWN}
    rows = [
        ("Step", facts["step"]),
        ("Whose", whose(facts)),
        ("Updated", ago(facts["age_s"])),
        ("Started", facts["started_at"]),
        ("File", facts["path"]),
        *((key, _shown(value)) for key, value in others.items()),
    ]
    parts: list[RenderableType] = [table((facts["workflow"], ""), rows)]
    context = state.get("context")
    if context:
        # a context of another type, from another tool, is shown as it is
        pairs = context.items() if isinstance(context, dict) else [("", context)]
        parts += ["", table(("Context", ""), ((key, _shown(value)) for key, value in pairs))]
    steps = state.get("steps")
    if steps:
        step_rows = _step_rows(steps if isinstance(steps, list) else [steps], state.get("history"))
        parts += ["", table(("", "Steps", "Entered"), step_rows)]
    runs = run_history.runs(state)
    if runs:
        parts += ["", table(("Commands", "Result"), ((run.command, run_history.line(run, now_ms)) for run in runs))]
    return parts


def _step_rows(steps: list[Any], history: object) -> list[tuple[int, str, str | None]]:
    """Return each step's number, name and time; the time is None if `history` has no matching entry."""
    entries = as_list(history)
    rows = []
    for number, step in enumerate(steps):
        entry = as_object(entries[number]) if number < len(entries) else {}
        at = entry.get("at") if entry.get("step") == step else None
        rows.append((number + 1, _shown(step), at if isinstance(at, str) else None))
    return rows


def _shown(value: object) -> str:
    return value if type(value) is str else codec.compact(value)
