"""The command line of `session doc`: its commands, options and help."""

import argparse
import os

from session.commands.parser import Parser
from session.conversation.schema import TYPES
from session.conversation.template import known_type

_DESCRIPTION = """\
Keep a SESSION_STATE.md for a conversation with an agent: what it is about, what has
been done, and what was decided. The file is in ia/state/conversations of the project,
or in the folder that the variable WORKFLOW_SESSION_CONVERSATIONS names.

A change is written completely or not at all, and leaves all other text as it is."""
_EXAMPLES = """
examples:
  {prog} init --convo-id con_1 --message 'please fix the login'
  {prog} update --convo-id con_1 --field Overall --value 40%
  {prog} sync --convo-id con_1 --json '{{"Covered": ["found the cause"]}}'
  {prog} audit --convo-id con_1
"""
# options that take the next word as their value, even if it begins with a dash
_TEXTS = ("--convo-id", "--mode", "--message", "--focus", "--objective", "--field", "--value", "--json", "--section")
_NONE = "\0"  # no command line can hold a NUL
_DASHES = "\0--"  # stands for the value `--`, which argparse would take as the end of the options


def parser(prog: str) -> Parser:
    """Return the parser of all commands; `prog` is the name that usage lines show.

    Its namespace holds the options, `command` (None if the command line names none), and `parser`, the command's own.
    """
    whole = Parser(prog=prog, description=_DESCRIPTION, epilog=_EXAMPLES.format(prog=prog).strip("\n"))
    commands = whole.add_subparsers(dest="command", title="commands", metavar="COMMAND")

    def add_command(name: str, summary: str) -> Parser:
        added: Parser = commands.add_parser(name, help=summary, description=summary[:1].upper() + summary[1:] + ".")
        added.add_argument("--format", choices=("text", "json"), default="text", help="how to print the answer")
        added.set_defaults(parser=added)
        if name != "list":
            owner = os.environ.get("WORKFLOW_SESSION_OWNER", "")
            about = "the conversation's id (default: $WORKFLOW_SESSION_OWNER)"
            added.add_argument("--convo-id", metavar="ID", default=owner, type=_text, help=about)
        return added

    init = add_command("init", "create the conversation's document")
    init.add_argument(
        "--type", metavar="TYPE", default="", type=_type, help=f"the kind of conversation: {' | '.join(TYPES)}"
    )
    init.add_argument("--mode", default="", type=_text, help="the mode within the type, in a word or two")
    init.add_argument("--message", default="", type=_text, help="the first message; type and focus are taken from it")
    init.add_argument("--focus", default="", type=_text, help="what the conversation is about")
    init.add_argument("--objective", default="", type=_text, help="what it should achieve")
    init.add_argument("--force", action="store_true", help="replace an existing document, and keep it as a backup")
    update = add_command("update", "set one field")
    update.add_argument("--field", required=True, type=_text, help="the field's name, in upper or lower case")
    update.add_argument("--value", required=True, type=_text, help="the new value; it may begin with a dash")
    sync = add_command("sync", "set several sections at once; if one can't be set, none is")
    sync.add_argument(
        "--json",
        required=True,
        type=_text,
        metavar="OBJECT",
        help="section names, each with its new content; - reads stdin",
    )
    add_command("check", "print the document")
    add_command("audit", "list what the document still lacks; the exit code is 1 if it lacks anything")
    get = add_command("get", "print one field's value, or one section's text")
    target = get.add_mutually_exclusive_group(required=True)
    target.add_argument("--field", type=_text, help="the field's name, in upper or lower case")
    target.add_argument("--section", type=_text, help="the section's name, in upper or lower case")
    list_ = add_command("list", "list the conversations that have a document")
    list_.add_json()
    return whole


def bound(argv: list[str]) -> list[str]:
    """Return the command line with each text option joined to its value, so that the value may begin with a dash."""
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
    type_ = known_type(word)
    if type_ is None and word.strip():
        raise argparse.ArgumentTypeError(f"not a type: {word} (choose from {', '.join(TYPES)})")
    return type_ or ""
