"""List the system calls of a command with strace, kill it at one of them, or make one fail."""

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from . import lab

_LINE = re.compile(r"^(?:\d+ +)?(\w+)\((.*?)\)? +(?:= (-?\d+|0x[0-9a-f]+|\?).*|<unfinished \.\.\.>)$", re.DOTALL)
_HEX = re.compile(r"\\x([0-9a-f]{2})")


class Call(NamedTuple):
    """One system call: its name, its number among the calls of this name, its arguments as strace prints them."""

    name: str
    number: int
    arguments: str
    result: int | None  # None: the call never returned
    line: str

    @property
    def point(self) -> str:
        return f"{self.name}:{self.number}"


def run(
    argv: Sequence[str], project: Path, *, mutant: str = "", inject: str = "", show: Sequence[str] = ()
) -> tuple[lab.Ended, list[Call]]:
    """Run a command under strace; return how it ended, and its system calls.

    With `show`, only calls of these names are listed, with whole strings. `inject` is the option of strace, such as
    `renameat:signal=KILL:when=2`; with it and without `show`, the list is empty.
    """
    with tempfile.NamedTemporaryFile(dir=lab.folder() / "work", suffix=".strace") as log:
        # Without -f: children of `run` must not be hit, and strace counts calls for each thread separately.
        options = ["-qq", "-o", log.name]
        if show:
            options += ["-y", "-xx", "-s", "1000000", "-e", f"trace={','.join(show)}"]
        elif inject:
            options += ["-e", f"trace={inject.partition(':')[0]}"]
        else:
            options += ["-y"]
        if inject:
            options += ["-e", f"inject={inject}"]
        ended = lab.run(["strace", *options, "--", *lab.words(argv, mutant)], project)
        text = Path(log.name).read_text("utf-8", "replace") if show or not inject else ""
    return ended, calls(text)


def calls(text: str) -> list[Call]:
    """Return the calls in a log of strace, numbered for each name."""
    counts: dict[str, int] = {}
    found = []
    for line in text.splitlines():
        match = _LINE.match(line)
        if not match:
            continue  # "+++ killed by SIGKILL +++", "--- SIGINT …"
        name, arguments, result = match.groups()
        counts[name] = counts.get(name, 0) + 1
        value = None if result in (None, "?") else int(result, 0)
        found.append(Call(name, counts[name], plain(arguments), value, line))
    return found


def plain(text: str) -> str:
    """Return the text with strace's hexadecimal characters decoded if they are printable ASCII."""
    return _HEX.sub(lambda match: _shown(match.group()), text)


def _shown(escape: str) -> str:
    char = chr(int(escape[2:], 16))
    return char if char.isprintable() and char.isascii() and char not in '"\\<>' else escape


def from_state_on(made: list[Call]) -> list[Call]:
    """Return the calls from the first one that names the state folder; earlier calls cannot affect the state."""
    for at, call in enumerate(made):
        if "ia/state" in call.arguments or call.arguments.endswith(', "ia"'):
            return made[at:]
    raise AssertionError("the command never named the state folder")
