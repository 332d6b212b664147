"""What the parsers of all words have in common: one line for what is wrong, help with examples, no exits."""

import argparse
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

from session import output
from session.errors import UsageError


class Parser(argparse.ArgumentParser):
    """An ArgumentParser whose `error` is a UsageError, and whose help goes the way of every answer."""

    def __init__(self, **options: Any) -> None:
        settings: dict[str, Any] = {"formatter_class": argparse.RawDescriptionHelpFormatter, **options}
        super().__init__(add_help=False, allow_abbrev=False, **settings)
        self.color = False  # which Python 3.14 would put into usage lines, too
        self.add_argument("-h", "--help", action="help", help="print this help")

    def error(self, message: str) -> NoReturn:
        """UsageError: what is wrong, and the usage."""
        raise UsageError(message, " ".join(self.format_usage().split()))

    def _print_message(self, message: str, file: Any = None) -> None:
        output.answer(message.encode())


def parser(prog: str, description: str, examples: str = "") -> Parser:
    """The parser of one word: `prog` is `session list`, `examples` are lines to be shown below the options.

    To be used within `run`, which makes an exit code of what it raises.
    """
    lines = "".join(f"\n  {line}" for line in examples.splitlines())
    return Parser(prog=prog, description=description, epilog=f"examples:{lines}" if lines else None)


def run(work: Callable[[list[str]], int], argv: list[str]) -> int:
    """`output.run`, for work that parses: the exit code, 0 where help was all."""
    try:
        return output.run(work, argv)
    except SystemExit as done:  # argparse, having printed its help
        return int(done.code or 0)


def unknown(word: str, known: Iterable[str], see: str) -> UsageError:
    """What is said of a first word that is none of `known`: the nearest one, else where to `see` them."""
    if word.startswith("-"):
        return UsageError(f"unknown option: {word}", see)
    from difflib import get_close_matches  # cost: when something is refused

    near = get_close_matches(word, known, 1)
    return UsageError(f"unknown word: {word}", f"did you mean {near[0]}?" if near else see)
