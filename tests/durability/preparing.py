"""How the rows of the table get the project that they start from."""

from pathlib import Path

from . import lab


def do(project: Path, *argv: str, mutant: str = "", code: int = 0) -> None:
    """Run a door, of the real store or of a mutant, that must end with `code`."""
    ended = lab.door(project, *argv, mutant=mutant)
    if ended.code != code:
        raise AssertionError(f"cannot prepare: {argv} gave {ended}")


def nothing(project: Path) -> None:
    """Leave the project empty."""
