"""What belongs to Claude Code: where it keeps its settings and skills, and which of them are ours."""

import os
from typing import Any

from session.errors import SessionError
from session.root import find_root
from session.store import codec

HOOK = "session-hook"
_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_PLUGIN = os.path.join(_PACKAGE, "plugin")
# what Claude Code puts a folder's name in for, in a plugin's hooks and skills only
_COMMANDS = "${CLAUDE_PLUGIN_ROOT}/scripts/"


def folder(*, project: bool) -> str:
    """The absolute path of the folder of settings and skills: the project's, or the user's ($CLAUDE_CONFIG_DIR)."""
    if project:
        return os.path.join(find_root()[0], ".claude")
    return os.path.abspath(os.environ.get("CLAUDE_CONFIG_DIR") or os.path.expanduser("~/.claude"))


def command(*, project: bool) -> str:
    """What the hooks call: for a project, which others share, the command on the PATH; else this installation's, by
    its absolute path. SessionError where there is none, or it is a plugin's, whose path changes."""
    found = HOOK if project else find_command()
    if not found:
        raise SessionError(f"{HOOK} is not beside this installation", "pip install workflow-session, or use --project")
    if os.path.join(os.sep, "plugins", "cache", "") in found:
        raise SessionError("this is the plugin's own copy, whose hooks work already", "nothing to install")
    try:
        found.encode()
    except UnicodeEncodeError:
        raise SessionError(f"the path of {HOOK} is not valid UTF-8", "install it elsewhere") from None
    return found


def find_command() -> str:
    """The absolute path of the hooks' command that belongs to this installation, empty if there is none."""
    return next((path for path in _candidates() if os.path.isfile(path)), "")


def _candidates() -> list[str]:
    import sys  # cost: here only, as all below
    from importlib.metadata import PackageNotFoundError, files

    found = [os.path.join(os.path.dirname(_PACKAGE), "scripts", HOOK)]  # a checkout
    try:
        listed = files("workflow-session") or []
    except PackageNotFoundError:
        listed = []
    found += [os.path.normpath(str(file.locate())) for file in listed if file.name == HOOK]
    return [*found, os.path.join(os.path.dirname(sys.executable), HOOK)]


def hooks(command: str) -> dict[str, list[Any]]:
    """Our entries under "hooks", by event, with what they call."""
    with open(os.path.join(_PLUGIN, "hooks", "hooks.json"), encoding="utf-8") as file:
        entries: dict[str, list[Any]] = codec.decode(file.read())["hooks"]
    for groups in entries.values():
        for group in groups:
            for handler in group["hooks"]:
                handler["command"] = command
    return entries


def skills(command: str) -> dict[str, bytes]:
    """Our skills by name, each the bytes of its SKILL.md, for use outside of the plugin."""
    beside = os.path.join(os.path.dirname(command), "")
    where = f"are in `{beside}`" if beside else "come with `pip install workflow-session`"
    found = {}
    for name in sorted(os.listdir(os.path.join(_PLUGIN, "skills"))):
        with open(os.path.join(_PLUGIN, "skills", name, "SKILL.md"), encoding="utf-8") as file:
            found[name] = file.read().replace(f"are in `{_COMMANDS}`", where).encode()
    return found
