"""The words that `session doc` takes (seed: 004)."""

import argparse
import os

from session.commands.parser import Parser
from session.conversation.schema import TYPES
from session.conversation.template import known_type

_DESCRIPTION = """\
A conversation's SESSION_STATE.md: what it is about, has done and decided. It is
in ia/state/conversations of the project, or in the folder that
WORKFLOW_SESSION_CONVERSATIONS names. Every change is all or nothing; what is
not changed stays byte for byte."""
_EXAMPLES = """
examples:
  {prog} init --convo-id con_1 --message 'please fix the login'
  {prog} update --convo-id con_1 --field Overall --value 40%
  {prog} sync --convo-id con_1 --json '{{"Covered": ["found the cause"]}}'
  {prog} audit --convo-id con_1
"""
# options whose value is the next word, whatever that begins with
_TEXTS = ("--convo-id", "--mode", "--message", "--focus", "--objective", "--field", "--value", "--json", "--section")
_NONE = "\0"  # no word can be that, nor what is put for `--`, which argparse takes for the end of the options
_DASHES = "\0--"


def parser(prog: str) -> Parser:
    """The parser of all commands; what it gives has `command`, None where there is none, `parser`, that of the command,
    and the options."""
    words = Parser(prog=prog, description=_DESCRIPTION, epilog=_EXAMPLES.format(prog=prog).strip("\n"))
    commands = words.add_subparsers(dest="command", title="commands", metavar="COMMAND")

    def command(name: str, about: str) -> Parser:
        made: Parser = commands.add_parser(name, help=about, description=about[:1].upper() + about[1:] + ".")
        made.add_argument("--format", choices=("text", "json"), default="text", help="how to answer")
        made.set_defaults(parser=made)
        if name != "list":
            owner = os.environ.get("WORKFLOW_SESSION_OWNER", "")
            about = "the conversation, $WORKFLOW_SESSION_OWNER where it is left out"
            made.add_argument("--convo-id", metavar="ID", default=owner, type=_text, help=about)
        return made

    made = command("init", "begin the document")
    made.add_argument("--type", metavar="TYPE", default="", type=_type, help=" | ".join(TYPES))
    made.add_argument("--mode", default="", type=_text, help="the mode within the type")
    made.add_argument("--message", default="", type=_text, help="the first message, which tells type and focus")
    made.add_argument("--focus", default="", type=_text, help="what it is about")
    made.add_argument("--objective", default="", type=_text, help="what is to be achieved")
    made.add_argument("--force", action="store_true", help="replace a document that is there; it is kept as a backup")
    made = command("update", "set one field")
    made.add_argument("--field", required=True, type=_text, help="its name, in any case")
    made.add_argument("--value", required=True, type=_text, help="its value, which may begin with a dash")
    made = command("sync", "set many sections at once: all, or none")
    made.add_argument("--json", required=True, type=_text, metavar="OBJECT", help="sections by name; - reads stdin")
    command("check", "print the document")
    command("audit", "say what the document still lacks; exit code 1 if it lacks anything")
    made = command("get", "print one field's value, or one section's text")
    what = made.add_mutually_exclusive_group(required=True)
    what.add_argument("--field", type=_text, help="its name, in any case")
    what.add_argument("--section", type=_text, help="its name, in any case")
    made = command("list", "list the conversations that have a document")
    made.add_argument("--json", action="store_true", help="as --format json, and as when piped")
    return words


def bound(argv: list[str]) -> list[str]:
    """The words, each text bound to its option, so that it may begin with a dash."""
    if argv[:1] == ["list"]:
        return argv
    words: list[str] = []
    rest = iter(argv)
    for word in rest:
        name, equals, value = word.partition("=")
        if name in _TEXTS and (equals or (value := next(rest, _NONE)) != _NONE):
            word = f"{name}={_DASHES if value == '--' else value}"
        words.append(word)
    return words


def _text(value: str) -> str:
    return "--" if value == _DASHES else value


def _type(word: str) -> str:
    known = known_type(word)
    if known is None and word.strip():
        raise argparse.ArgumentTypeError(f"not a type: {word} (choose from {', '.join(TYPES)})")
    return known or ""
