"""Check the promise of durability in a project where a command was interrupted."""

from pathlib import Path

from . import inside
from .commands import Command
from .ran import RAN
from .seen import Seen, leftovers, seen


def wrong(
    project: Path, command: Command, *, acknowledged: bool, temporary_ok: bool = False, started: bool = False
) -> list[str]:
    """Return every violation of the promise; the list is empty if the promise is kept.

    A reader must find the old or the new state, and only the new one if the command was `acknowledged`. For `run`, the
    state in between is allowed too, and the old one is not if its command was `started`. `get` must work. The same
    command again must lead to the new state, end with the right exit code, and leave no other files.
    """
    found = seen(project)
    is_new = command.alike(found) == command.after()
    if acknowledged:
        faults = [] if is_new else [_lost("acknowledged, but lost", found)]
    elif found == command.before() and (started or (project / RAN).exists()):
        faults = [_lost("it was run, and nothing says so", found)]
    elif is_new or found == command.before() or command.alike(found) == command.between():
        faults = []
    else:
        faults = [_lost("neither the old nor the new state", found)]
    faults += _get(project, found)
    ended = inside.run_command(project, *command.argv)
    code = command.again if is_new else 0
    warned = command.warns and not is_new and found != command.before()
    if ended.code != code or len(ended.complaints()) != (1 if code or warned else 0):
        faults.append(f"the same command again: {ended}")
    then = seen(project)
    if command.alike(then) != command.after():
        faults.append(_lost("the same command again does not lead to the new state", then))
    faults += [f"left over: {what}" for what in leftovers(project, temporary_ok=temporary_ok)]
    return faults


def _get(project: Path, found: Seen) -> list[str]:
    ended = inside.run_command(project, "get", "w")
    here = found.sessions.get("w")
    exact = here is not None and here.startswith("{\n")  # in the form that we write: `get` prints it unchanged
    expected = None if here is not None and not exact else f"{here or 'null'}\n".encode()
    if ended.code or ended.err or (expected is not None and ended.out != expected):
        return [f"get: {ended}"]
    return []


def _lost(what: str, found: Seen) -> str:
    rest = f"project {found.project}, conversations {found.conversations}"
    return f"{what}: sessions {found.sessions}, archives {sorted(found.archives)}, {rest}"
