"""Cases of the durability tests: each has a name and can be repeated alone; a random seed chooses the sample."""

import os
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")

SEED = os.environ.get("DURABILITY_SEED", "1")
FULL = os.environ.get("FULL", "") not in ("", "0")


@dataclass(frozen=True)
class Case:
    """One case, named `method/command/point`, with `@mutant` if there is one: `crash/save/renameat:2@in-place`."""

    method: str
    command: str
    point: str
    mutant: str = ""

    def __str__(self) -> str:
        return f"{self.method}/{self.command}/{self.point}" + (f"@{self.mutant}" if self.mutant else "")

    @property
    def again(self) -> str:
        """Return the command line that repeats only this case."""
        full = "FULL=1 " if FULL else ""
        return f"DURABILITY_SEED={SEED} {full}python -m tests.durability '{self}'"


def parse(text: str) -> Case:
    """Return the case with this name."""
    name, _, mutant = text.partition("@")
    method, command, point = name.split("/", 2)
    return Case(method, command, point, mutant)


class Unavailable(Exception):
    """This machine lacks something that the case needs. `fails` is True if that must be an error, as in CI."""

    def __init__(self, message: str, *, fails: bool = False) -> None:
        super().__init__(message)
        self.fails = fails


@dataclass
class Outcome:
    """The result of a case: how many situations were checked, and the violations."""

    case: Case
    checked: int = 1
    violations: list[str] = field(default_factory=list)
    skipped: str = ""
    notes: frozenset[str] = frozenset()  # the states that were reached


@dataclass(frozen=True)
class Method:
    """A method of testing. `cases(command, mutant, size)` lists its cases; `size` is `small`, `sample` or `full`."""

    name: str
    about: str
    rows: Callable[[], Sequence[str]]
    cases: Callable[[str, str, str], list[Case]]
    check: Callable[[Case], Outcome]
    needs: Callable[[], None]  # raises Unavailable


def sample(items: Sequence[T], count: int, *about: str) -> list[T]:
    """Return at most `count` of the items, in their order, chosen by the random seed and the words in `about`."""
    if len(items) <= count:
        return list(items)
    chosen = random.Random("/".join((SEED, *about))).sample(range(len(items)), count)
    return [items[at] for at in sorted(chosen)]


def shuffled(items: Sequence[T], about: str) -> list[T]:
    """Return the items in an order that the random seed determines."""
    return random.Random(f"{SEED}/{about}").sample(list(items), len(items))
