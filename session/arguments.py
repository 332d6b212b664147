"""The words after a door's name: flags, options with values, positionals. For the hot floor, so no argparse."""

from session._posix import posix
from session.errors import SessionError
from session.output import answer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from session.errors import UsageError


def usage_error(door: str, wrong: str = "") -> "UsageError":
    """What is wrong with the words, if there is anything to say, and the door's usage."""
    from session._help import USAGE
    from session.errors import UsageError  # cost: when something is refused

    return UsageError(wrong, f"usage: {USAGE[door]}") if wrong else UsageError(f"Usage: {USAGE[door]}")


def asked_for_help(door: str, argv: list[str]) -> bool:
    """Answer `--help`, `-h` or `--version` where it stands before any `--`; whether it was asked for."""
    for word in argv:
        if word == "--":
            return False
        if word in ("--help", "-h", "--version"):
            from session import _help  # cost: only to be shown

            answer((_help.VERSION if word == "--version" else _help.help_text(door)).encode())
            return True
    return False


def split(
    door: str,
    argv: list[str],
    *,
    flags: "Collection[str]" = (),
    options: "Collection[str]" = (),
    texts: "Collection[str]" = (),
) -> "tuple[list[str], dict[str, str]]":
    """The positionals, and the value of each option and flag (a flag's is empty); the last one counts.

    `--name=value` and `--name value` mean the same, but that `--name -` reads stdin for an option that is one
    of `texts`. `--` ends the options; `-` alone is a positional.
    """
    words: list[str] = []
    found: dict[str, str] = {}
    rest = iter(argv)
    for word in rest:
        if word == "--":
            words += rest
        elif word[:1] != "-" or word == "-":
            words.append(word)
        else:
            name, equals, value = word.partition("=")
            if name in flags and not equals:
                found[name] = ""
            elif name in options or name in texts:
                if not equals:
                    value = next(rest, "\0")
                    if value == "\0":  # no argument can hold it
                        raise usage_error(door, f"{name} needs a value")
                    if value == "-" and name in texts:
                        value = read_stdin(name)
                found[name] = value
            else:
                raise usage_error(door, f"unknown option: {name}")
    return words, found


def set_words(argv: list[str]) -> "tuple[list[str], dict[str, str]]":
    """The words and options of `set`, checked, the context read from stdin for `-`; no words if help was all."""
    if asked_for_help("set", argv):
        return [], {}
    words, options = split("set", argv, flags=("--new",), options=("--if-step",))
    if len(words) < 2:
        raise usage_error("set")
    if len(words) > 3:
        raise usage_error("set", f"unexpected argument: {words[3]}")
    if len(options) == 2:
        raise usage_error("set", "--new and --if-step exclude each other")
    for what, text in (("step", words[1]), ("--if-step", options.get("--if-step", "-"))):
        if not text:
            raise usage_error("set", f"{what} is empty")
        check_utf8(what, text)
    if words[2:] == ["-"]:
        words[2] = read_stdin("the context")
    check_utf8("the context", "".join(words[2:]))
    return words, options


def read_stdin(what: str) -> str:
    """All of stdin as text. SessionError past 16 MiB, or where it can't be read."""
    from session.store.disk import read_all  # cost: only where something is read

    try:
        data = read_all(0, "stdin")
    except OSError as error:
        raise SessionError(f"cannot read {what} from stdin: {posix.strerror(error.errno or 0)}", fault=True) from error
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        from session.errors import UsageError  # cost: when something is refused

        raise UsageError(f"{what} on stdin is not valid UTF-8 at byte {error.start}") from None


def check_utf8(what: str, text: str) -> None:
    """UsageError where the system handed us bytes that are not UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        from session.errors import UsageError  # cost: when something is refused

        raise UsageError(f"{what} is not valid UTF-8") from None
