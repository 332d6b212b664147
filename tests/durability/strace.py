"""System calls of a command: listed, and cut off or made to fail one at a time, with strace."""

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from . import lab

_LINE = re.compile(r"^(?:\d+ +)?(\w+)\((.*?)\)? +(?:= (-?\d+|0x[0-9a-f]+|\?).*|<unfinished \.\.\.>)$", re.DOTALL)
_HEX = re.compile(r"\\x([0-9a-f]{2})")


class Call(NamedTuple):
    """One system call: its name, that it is the `number`-th of this name, arguments as strace shows them."""

    name: str
    number: int
    arguments: str
    result: int | None  # None: it never returned
    line: str

    @property
    def point(self) -> str:
        return f"{self.name}:{self.number}"


def run(
    argv: Sequence[str], project: Path, *, mutant: str = "", inject: str = "", show: Sequence[str] = ()
) -> tuple[lab.Ended, list[Call]]:
    """Run a door under strace, and the calls that it made.

    `show` has only calls of these names listed, and every string in them whole. `inject` is strace's,
    `renameat:signal=KILL:when=2`; without `show`, it leaves the list empty.
    """
    with tempfile.NamedTemporaryFile(dir=lab.folder() / "work", suffix=".strace") as log:
        # no -f: what `run` starts is not ours to hit, and calls are counted for each thread by itself
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
    """The calls of a log, each counted by its name."""
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
    """Strace's hexadecimal strings as text; other bytes than printable ASCII stay as they are."""
    return _HEX.sub(lambda match: _shown(match.group()), text)


def _shown(escape: str) -> str:
    char = chr(int(escape[2:], 16))
    return char if char.isprintable() and char.isascii() and char not in '"\\<>' else escape


def from_state_on(made: list[Call]) -> list[Call]:
    """The calls from the first that names the state folder to the end: before, nothing can go wrong."""
    for at, call in enumerate(made):
        if "ia/state" in call.arguments or call.arguments.endswith(', "ia"'):
            return made[at:]
    raise AssertionError("the command never named the state folder")
