"""session trust: show the commands that a repository configures, and trust them."""

import os
import sys

from session import output
from session.commands.parser import parser, run
from session.commands.tables import json_out, show, table, text, wants_json
from session.errors import SessionError, UsageError
from session.host import project_config, trust
from session.root import find_root

_DESCRIPTION = """\
Show the commands that this repository configures, and ask whether to trust them.

The commands are health_check, test_command, init_script and smoke_test in
.claude/config/project.json, and the tests of the features in
.claude/progress/feature-list.json. A command that you have not trusted, or that has changed
since, is not run. If there is no terminal to ask on, nothing is trusted unless --yes is
given. The exit code is 0 if all are trusted.
With --command, show and trust one other command: the shell verification that a tool of the
agent asked for. The Stop hook runs it in this project if it is trusted."""
_EXAMPLES = """\
session trust
session trust --list
session trust --yes     # in CI, after a look at the file
session trust --revoke
session trust --command 'npm test'"""


def main(argv: list[str]) -> int:
    """Run `session trust`; return the exit code."""
    return run(_trust, argv)


def _trust(argv: list[str]) -> int:
    arguments = parser("session trust", _DESCRIPTION, _EXAMPLES)
    modes = arguments.add_mutually_exclusive_group()
    modes.add_argument("--list", action="store_true", help="only show the commands; the exit code is 0")
    modes.add_argument("--yes", action="store_true", help="trust them as they are now, without a question")
    modes.add_argument("--revoke", action="store_true", help="stop trusting all commands of this repository")
    arguments.add_argument("--command", metavar="TEXT", help="a shell verification instead of the configured commands")
    arguments.add_json("print JSON and ask nothing (default if piped)")
    options = arguments.parse_args(argv)
    as_json = wants_json(options.json)
    root, _ = find_root()
    verification = None if options.command is None else _verification(options.command)
    if options.revoke:
        return _revoke(root, verification)
    commands = verification
    if commands is None:
        commands = {**project_config.configured(root), **_feature_tests(root)}
    if options.yes and commands:
        trust.trust(root, commands)
    status = trust.status(root, commands) if commands else {}
    if as_json:
        rows = [{"name": _label(name), "command": commands[name], "status": status[name]} for name in commands]
        path = {} if verification is not None else {"path": os.path.join(root, *project_config.CONFIG)}
        json_out({"root": root, **path, "commands": rows})
    elif commands:
        cells = ((_label(name), status[name], text(command, keep_lines=True)) for name, command in commands.items())
        show(table(("Name", "Status", "Command"), cells))
    if not commands:
        output.tell(f"{root} configures no commands: there is nothing to trust")
    if options.list or all(value == trust.TRUSTED for value in status.values()):
        return 0
    return _ask(root, commands, as_json)


def _feature_tests(root: str) -> dict[str, str]:
    """Return the features' test commands by name. If the feature list is unusable, print the error and return {}."""
    from session.entry import feature_testing
    from session.host.project_store import store_at

    try:
        return feature_testing.all_commands(store_at(root))
    except SessionError as error:
        output.tell(str(error))
        return {}


def _ask(root: str, commands: dict[str, str], as_json: bool) -> int:
    if as_json or not os.isatty(0):
        raise SessionError("nothing was trusted: there is no terminal to ask on", "session trust --yes, after a look")
    output.tell(f"Trust these commands of {root}, as they are now? [y/N]")
    try:
        answer = sys.stdin.readline().strip().lower()
    except KeyboardInterrupt:
        output.tell("interrupted; nothing was trusted")
        return 130
    if answer not in ("y", "yes"):
        output.tell("nothing was trusted")
        return 1
    trust.trust(root, commands)  # trust the commands that the user saw, even if the file has changed since
    output.tell(f"{len(commands)} trusted")
    return 0


def _verification(command: str) -> dict[str, str]:
    if not command.strip():
        raise UsageError("--command is empty", "session trust --help")
    return trust.verification(command)


def _label(name: str) -> str:
    return name.partition(":")[0]  # after the colon, names of shell verifications have a hash that makes them unique


def _revoke(root: str, commands: dict[str, str] | None) -> int:
    count = trust.revoke(root, commands)
    output.tell(f"{count} no longer trusted in {root}" if count else f"nothing of {root} was trusted")
    return 0
