"""session trust: look at the commands that a repository configures, and trust them."""

import os
import sys
from argparse import Namespace

from session import output
from session.commands.parser import parser, run
from session.commands.tables import json_out, show, table, text, wants_json
from session.errors import SessionError, UsageError
from session.host import project_config, trust
from session.root import find_root

_DESCRIPTION = """\
Show the commands that this repository configures in .claude/config/project.json
(health_check, test_command, init_script, smoke_test), the tests that its features name
in .claude/progress/feature-list.json, and ask whether to trust them.
One that is not trusted, or has changed since, is not run. Without a terminal to ask
on, nothing is trusted unless --yes is given. The exit code is 0 when all are trusted.
With --command it is about that one instead: the shell verification that a tool of the
agent asked for, which the Stop hook runs in this project if it is trusted."""
_EXAMPLES = """\
session trust
session trust --list
session trust --yes     # in CI, after a look at the file
session trust --revoke
session trust --command 'npm test'"""


def main(argv: list[str]) -> int:
    """`[--list | --yes | --revoke] [--command TEXT] [--json]`. Returns the exit code."""
    return run(_trust, argv)


def _trust(argv: list[str]) -> int:
    words = parser("session trust", _DESCRIPTION, _EXAMPLES)
    ways = words.add_mutually_exclusive_group()
    ways.add_argument("--list", action="store_true", help="only show them; the exit code is 0")
    ways.add_argument("--yes", action="store_true", help="trust them as they are now, without asking")
    ways.add_argument("--revoke", action="store_true", help="trust none of this repository's commands any more")
    words.add_argument("--command", metavar="TEXT", help="a shell verification, not what the repository configures")
    words.add_argument("--json", action="store_true", help="JSON, as when piped; asks nothing")
    given = words.parse_args(argv)
    as_json = wants_json(given.json)
    root, _ = find_root()
    asked = None if given.command is None else _verification(given.command)
    if given.revoke:
        return _revoke(root, asked)
    commands = {**project_config.configured(root), **_feature_tests(root)} if asked is None else asked
    if given.yes and commands:
        trust.trust(root, commands)
    status = trust.status(root, commands) if commands else {}
    if as_json:
        told = [{"name": _label(name), "command": commands[name], "status": status[name]} for name in commands]
        path = {} if asked is not None else {"path": os.path.join(root, *project_config.CONFIG)}
        json_out({"root": root, **path, "commands": told})
    elif commands:
        rows = ((_label(name), status[name], text(command, keep_lines=True)) for name, command in commands.items())
        show(table(("Name", "Status", "Command"), rows))
    if not commands:
        output.tell(f"{root} configures no commands: there is nothing to trust")
    if given.list or all(found == trust.TRUSTED for found in status.values()):
        return 0
    return _ask(root, commands, given, as_json)


def _feature_tests(root: str) -> dict[str, str]:
    """What tests the features; nothing where their list can't be used, which is told."""
    from session.entry import feature_testing
    from session.store.files import FileStore

    try:
        return feature_testing.all_commands(FileStore(root))
    except SessionError as error:
        output.tell(str(error))
        return {}


def _ask(root: str, commands: dict[str, str], given: Namespace, as_json: bool) -> int:
    if as_json or not os.isatty(0):
        raise SessionError("nothing was trusted: there is no terminal to ask on", "session trust --yes, after a look")
    output.tell(f"Trust these commands of {root}, as they are now? [y/N]")
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        output.tell("nothing was trusted")
        return 1
    trust.trust(root, commands)  # what was shown, whatever the file says by now
    output.tell(f"{len(commands)} trusted")
    return 0


def _verification(command: str) -> dict[str, str]:
    if not command.strip():
        raise UsageError("--command is empty", "session trust --help")
    return trust.verification(command)


def _label(name: str) -> str:
    return name.partition(":")[0]  # what comes after tells one shell verification from another


def _revoke(root: str, commands: dict[str, str] | None) -> int:
    count = trust.revoke(root, commands)
    output.tell(f"{count} no longer trusted in {root}" if count else f"nothing of {root} was trusted")
    return 0
