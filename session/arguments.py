"""Parse the words after a command's name: flags, options with values, positionals. On the hot path: no argparse."""

from session._posix import posix
from session.errors import SessionError
from session.output import answer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from session.errors import UsageError


def usage_error(command: str, wrong: str = "") -> "UsageError":
    """Return a UsageError that shows the usage of `command`; `wrong` names the mistake, if it is not empty."""
    from session._help import USAGE
    from session.errors import UsageError  # cost: only for a refusal

    return UsageError(wrong, f"usage: {USAGE[command]}") if wrong else UsageError(f"Usage: {USAGE[command]}")


def asked_for_help(command: str, argv: list[str]) -> bool:
    """Print the help or the version if a word before any `--` asks for it; return True if one does."""
    for word in argv:
        if word == "--":
            return False
        if word in ("--help", "-h", "--version"):
            from session import _help  # cost: only when somebody asks for it

            answer((_help.VERSION if word == "--version" else _help.help_text(command)).encode())
            return True
    return False


def split(
    command: str,
    argv: list[str],
    *,
    flags: "Collection[str]" = (),
    options: "Collection[str]" = (),
    texts: "Collection[str]" = (),
) -> "tuple[list[str], dict[str, str]]":
    """Return the positionals, and the value of each option and flag. UsageError for anything else.

    A flag's value is empty. If an option is repeated, its last value counts. `--name=value` and `--name value` mean
    the same, with one exception: for an option of `texts`, `--name -` reads the value from stdin. `--` ends the
    options; `-` alone is a positional.
    """
    words: list[str] = []
    values: dict[str, str] = {}
    rest = iter(argv)
    for word in rest:
        if word == "--":
            words += rest
        elif word[:1] != "-" or word == "-":
            words.append(word)
        else:
            name, equals, value = word.partition("=")
            if name in flags and not equals:
                values[name] = ""
            elif name in options or name in texts:
                if not equals:
                    value = next(rest, "\0")
                    if value == "\0":  # a NUL means that there is no next word: no argument can hold a NUL
                        raise usage_error(command, f"{name} needs a value")
                    if value == "-" and name in texts:
                        value = read_stdin(name)
                values[name] = value
            else:
                raise usage_error(command, f"unknown option: {name}")
    return words, values


def set_words(argv: list[str]) -> "tuple[list[str], dict[str, str]]":
    """Return the checked words and options of `set`; no words if it printed its help.

    A context of `-` is replaced by the text on stdin.
    """
    if asked_for_help("set", argv):
        return [], {}
    words, options = split("set", argv, flags=("--new",), options=("--if-step",))
    if len(words) < 2:
        raise usage_error("set")
    if len(words) > 3:
        raise usage_error("set", f"unexpected argument: {words[3]}")
    if len(options) == 2:
        raise usage_error("set", "--new and --if-step exclude each other")
    for label, text in (("step", words[1]), ("--if-step", options.get("--if-step", "-"))):
        if not text:
            raise usage_error("set", f"{label} is empty")
        check_utf8(label, text)
    if words[2:] == ["-"]:
        words[2] = read_stdin("the context")
    check_utf8("the context", "".join(words[2:]))
    return words, options


def read_stdin(label: str) -> str:
    """Return all of stdin as text. SessionError if it is longer than 16 MiB, not UTF-8, or unreadable.

    `label` names the text in messages.
    """
    from session.store.disk import read_all  # cost: only when stdin is read

    try:
        data = read_all(0, "stdin")
    except OSError as error:
        raise SessionError(f"cannot read {label} from stdin: {posix.strerror(error.errno or 0)}", fault=True) from error
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        from session.errors import UsageError  # cost: only for a refusal

        raise UsageError(f"{label} on stdin is not valid UTF-8 at byte {error.start}") from None


def check_utf8(label: str, text: str) -> None:
    """Raise UsageError if `text` came from bytes that are not UTF-8. `label` names it in the message."""
    try:
        text.encode()
    except UnicodeEncodeError:
        from session.errors import UsageError  # cost: only for a refusal

        raise UsageError(f"{label} is not valid UTF-8") from None
