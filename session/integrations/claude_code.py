"""Claude Code: the folder of its settings and skills, and the hooks and skills that we install there."""

import os
from typing import Any

from session.errors import SessionError
from session.root import find_root
from session.store import codec

HOOK = "session-hook"
SHELL = "/bin/sh"
# The shell reads the launcher itself, so that no state of that file, not even a missing one, makes a hook fail. A bare
# name has to be found on the PATH, so it is run, which costs one more shell.
_READ = "trap 'exit 0' EXIT; . \"$0\""
_RUN = 'trap \'exit 0\' EXIT; "$0" "$@"'
_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_PLUGIN = os.path.join(_PACKAGE, "plugin")
# Claude Code replaces ${CLAUDE_PLUGIN_ROOT}, but only in the hooks and skills of a plugin
_COMMANDS = "${CLAUDE_PLUGIN_ROOT}/scripts/"


def folder(*, project: bool) -> str:
    """Return the absolute path of the project's `.claude` folder, or of the user's ($CLAUDE_CONFIG_DIR, ~/.claude)."""
    if project:
        return os.path.join(find_root()[0], ".claude")
    return os.path.abspath(os.environ.get("CLAUDE_CONFIG_DIR") or os.path.expanduser("~/.claude"))


def command(*, project: bool) -> str:
    """Return the command that the hooks call.

    For a project it is the bare name, found on the PATH, because other people share the project's settings. Else it is
    the absolute path of this installation's command. SessionError if there is none, or if it belongs to a plugin: that
    path changes with every update.
    """
    path = HOOK if project else find_command()
    if not path:
        raise SessionError(
            f"{HOOK} is not beside this installation",
            "run `pip install .` in a checkout, or use --project",
        )
    if os.path.join(os.sep, "plugins", "cache", "") in path:
        raise SessionError("this is the plugin's own copy, whose hooks work already", "nothing to install")
    try:
        path.encode()
    except UnicodeEncodeError:
        raise SessionError(f"the path of {HOOK} is not valid UTF-8", "install it elsewhere") from None
    return path


def find_command() -> str:
    """Return the absolute path of this installation's `session-hook`, or "" if there is none."""
    return next((path for path in _candidates() if os.path.isfile(path)), "")


def _candidates() -> list[str]:
    import sys  # cost: only to find the command; so are the imports below
    from importlib.metadata import PackageNotFoundError, files

    paths = [os.path.join(os.path.dirname(_PACKAGE), "scripts", HOOK)]  # in a checkout of the repository
    try:
        package_files = files("workflow-session") or []
    except PackageNotFoundError:
        package_files = []
    paths += [os.path.normpath(str(file.locate())) for file in package_files if file.name == HOOK]
    return [*paths, os.path.join(os.path.dirname(sys.executable), HOOK)]


def hooks(command: str) -> dict[str, list[Any]]:
    """Return our entries for the "hooks" of the settings, by event; each entry calls `command` through the shell."""
    with open(os.path.join(_PLUGIN, "hooks", "hooks.json"), encoding="utf-8") as file:
        entries: dict[str, list[Any]] = codec.decode(file.read())["hooks"]
    for groups in entries.values():
        for group in groups:
            for handler in group["hooks"]:
                event = handler["args"][-1]
                handler["args"] = ["-c", _READ if os.path.dirname(command) else _RUN, command, event]
    return entries


def is_ours(handler: object) -> bool:
    """Return True if a handler in the settings calls our hook: through the shell, or itself as in earlier versions."""
    if not isinstance(handler, dict) or handler.get("type") != "command":
        return False
    name, words = handler.get("command"), handler.get("args")
    if name == SHELL and isinstance(words, list) and len(words) > 2 and words[0] == "-c" and words[1] in (_READ, _RUN):
        name = words[2]
    return isinstance(name, str) and name.replace("\\", "/").rpartition("/")[2] == HOOK


def skills(command: str) -> dict[str, bytes]:
    """Return our skills by name, each as the bytes of its SKILL.md, adapted to use without the plugin."""
    folder = os.path.join(os.path.dirname(command), "")
    place = f"are in `{folder}`" if folder else "come with the package: `pip install .` in a checkout of `session`"
    bodies = {}
    for name in sorted(os.listdir(os.path.join(_PLUGIN, "skills"))):
        with open(os.path.join(_PLUGIN, "skills", name, "SKILL.md"), encoding="utf-8") as file:
            bodies[name] = file.read().replace(f"are in `{_COMMANDS}`", place).encode()
    return bodies
