"""What a method of proof is made of: cases with a name, sampled by a seed, each repeatable by itself."""

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
    """`method/command/point`, over a mutant if there is one: `crash/save/renameat:2@in-place`."""

    method: str
    command: str
    point: str
    mutant: str = ""

    def __str__(self) -> str:
        return f"{self.method}/{self.command}/{self.point}" + (f"@{self.mutant}" if self.mutant else "")

    @property
    def again(self) -> str:
        """The command line that repeats this case alone."""
        full = "FULL=1 " if FULL else ""
        return f"DURABILITY_SEED={SEED} {full}python -m tests.durability '{self}'"


def parse(text: str) -> Case:
    """The case that `str` made the text from."""
    name, _, mutant = text.partition("@")
    method, command, point = name.split("/", 2)
    return Case(method, command, point, mutant)


class Unavailable(Exception):
    """This machine lacks what the case needs; the message says what. `fails`: here it must not lack it."""

    def __init__(self, message: str, *, fails: bool = False) -> None:
        super().__init__(message)
        self.fails = fails


@dataclass
class Outcome:
    """What became of a case: how many situations it stands for, and what was wrong."""

    case: Case
    checked: int = 1
    violations: list[str] = field(default_factory=list)
    skipped: str = ""
    notes: frozenset[str] = frozenset()  # what was reached, for those who check that something was


@dataclass(frozen=True)
class Method:
    """A way to prove. `cases(command, mutant, size)`, `size` one of small, sample, full."""

    name: str
    about: str
    rows: Callable[[], Sequence[str]]
    cases: Callable[[str, str, str], list[Case]]
    check: Callable[[Case], Outcome]
    needs: Callable[[], None]  # raises Unavailable


def sample(items: Sequence[T], count: int, *about: str) -> list[T]:
    """At most `count` of the items, in their order, chosen by the seed and by what they are `about`."""
    if len(items) <= count:
        return list(items)
    chosen = random.Random("/".join((SEED, *about))).sample(range(len(items)), count)
    return [items[at] for at in sorted(chosen)]


def shuffled(items: Sequence[T], about: str) -> list[T]:
    """The items in an order of the seed's."""
    return random.Random(f"{SEED}/{about}").sample(list(items), len(items))
