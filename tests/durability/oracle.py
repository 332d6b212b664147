"""The promise as a function: what is wrong with a project in which a command was cut short."""

from pathlib import Path

from . import inside
from .commands import Command
from .seen import Seen, leftovers, seen


def wrong(project: Path, command: Command, *, acknowledged: bool, temporary_ok: bool = False) -> list[str]:
    """Every way in which the promise is broken; empty if it is kept.

    A reader finds the old or the new state, the new one if the command was `acknowledged`; `get` works; the
    same command then leads to the new state, exits as it should and leaves nothing about.
    """
    found = seen(project)
    if acknowledged:
        faults = [] if found.timeless() == command.after() else [_lost("acknowledged, but lost", found)]
    elif old_or_new(found, command):
        faults = []
    else:
        faults = [_lost("neither the old nor the new state", found)]
    faults += _get(project, found)
    is_new = found.timeless() == command.after()
    ended = inside.door(project, *command.argv)
    codes = {command.again} if is_new else {0}
    if ended.code not in codes or len(ended.complaints()) != (1 if ended.code else 0):
        faults.append(f"the same command again: {ended}")
    then = seen(project)
    if then.timeless() != command.after():
        faults.append(_lost("the same command again does not lead to the new state", then))
    faults += [f"left over: {what}" for what in leftovers(project, temporary_ok=temporary_ok)]
    return faults


def old_or_new(found: Seen, command: Command) -> bool:
    """Whether this is exactly the old state, or the new one but for its times."""
    return found == command.before() or found.timeless() == command.after()


def _get(project: Path, found: Seen) -> list[str]:
    ended = inside.door(project, "get", "w")
    here = found.sessions.get("w")
    exact = here is not None and here.startswith("{\n")  # as we write it: printed as it stands
    expected = None if here is not None and not exact else f"{here or 'null'}\n".encode()
    if ended.code or ended.err or (expected is not None and ended.out != expected):
        return [f"get: {ended}"]
    return []


def _lost(what: str, found: Seen) -> str:
    return f"{what}: sessions {found.sessions}, archives {sorted(found.archives)}"
