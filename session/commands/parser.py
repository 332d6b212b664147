"""The argument parser that all words of `session` share: one line per error, help with examples, no `sys.exit`."""

import argparse
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

from session import output
from session.errors import UsageError

_MOST_DIGITS = 15


class Parser(argparse.ArgumentParser):
    """An ArgumentParser that raises UsageError for wrong arguments and prints its help with `output.answer`."""

    def __init__(self, **options: Any) -> None:
        settings: dict[str, Any] = {"formatter_class": argparse.RawDescriptionHelpFormatter, **options}
        super().__init__(add_help=False, allow_abbrev=False, **settings)
        self.color = False  # Python 3.14 would colour the usage line, which error messages quote
        self.add_argument("-h", "--help", action="help", help="print this help")

    def add_json(self, about: str = "print JSON (always done if stdout is not a terminal)") -> None:
        """Add the option `--json`, with `about` as its help."""
        self.add_argument("--json", action="store_true", help=about)

    def error(self, message: str) -> NoReturn:
        """Raise UsageError with the message and the usage line."""
        raise UsageError(message, " ".join(self.format_usage().split()))

    def _print_message(self, message: str, file: Any = None) -> None:
        output.answer(message.encode())


def parser(prog: str, description: str, examples: str = "") -> Parser:
    """Return the argument parser of one word.

    `prog` is the command, such as `session list`. The help shows the lines of `examples` below the options.
    Parse inside `run`, which turns errors and `--help` into exit codes.
    """
    lines = "".join(f"\n  {line}" for line in examples.splitlines())
    return Parser(prog=prog, description=description, epilog=f"examples:{lines}" if lines else None)


def whole_number(text: str) -> int:
    """Return `text` as a whole number; raise ArgumentTypeError unless it is one, of at most 15 digits."""
    if not (text.isascii() and text.removeprefix("-").isdecimal()):
        raise argparse.ArgumentTypeError(f"not a whole number: {text}")
    if len(text) > _MOST_DIGITS:
        raise argparse.ArgumentTypeError(f"more than {_MOST_DIGITS} digits: {text}")
    return int(text)


def run(work: Callable[[list[str]], int], argv: list[str]) -> int:
    """Return the exit code of `work(argv)`; print an error as one line. The code is 0 if the help was printed."""
    try:
        return output.run(work, argv)
    except SystemExit as exit_request:  # argparse exits after it has printed the help
        return int(exit_request.code or 0)


def unknown(word: str, words: Iterable[str], hint: str) -> UsageError:
    """Return the error for a first word that is not in `words`.

    It suggests the most similar word. If no word is similar, it gives `hint`, which says where the words are listed.
    """
    if word.startswith("-"):
        return UsageError(f"unknown option: {word}", hint)
    from difflib import get_close_matches  # cost: only when a word is refused

    similar = get_close_matches(word, words, 1)
    return UsageError(f"unknown word: {word}", f"did you mean {similar[0]}?" if similar else hint)
