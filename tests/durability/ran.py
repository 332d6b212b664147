"""Compare what `run` recorded about its command: states with parts of the record removed or changed."""

import json
import shlex
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from .seen import Seen

RAN = "ran"  # the file that the command of `run` makes


def without_result(found: Seen) -> Seen:
    """Return the state before the result of the latest run was recorded."""

    def cut(entry: dict[str, Any]) -> None:
        for key in ("done_at", "exit", "output"):
            entry.pop(key, None)

    return _changed(found, lambda history: cut(history[-1]))


def with_result(found: Seen, code: int) -> Seen:
    """Return the state with exit code `code` for the latest run."""
    return _changed(found, lambda history: history[-1].update(exit=code))


def without_own_earlier(found: Seen, argv: Sequence[str]) -> Seen:
    """Return the state without earlier runs of this command line, because each repetition adds one."""
    own = shlex.join(argv[argv.index("--") + 1 :])

    def drop(history: list[dict[str, Any]]) -> None:
        for entry in history:
            entry["earlier"] = [run for run in entry.get("earlier", ()) if run["command"] != own]
            if not entry["earlier"]:
                del entry["earlier"]

    return _changed(found, drop)


def _changed(found: Seen, change: Callable[[list[dict[str, Any]]], object]) -> Seen:
    try:
        state = json.loads(found.sessions["w"])
        change(state["history"])
    except (KeyError, ValueError):
        return found  # nothing to compare: the caller reports it as a violation
    return replace(found, sessions={**found.sessions, "w": json.dumps(state, indent=2, ensure_ascii=False)})
