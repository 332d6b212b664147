"""Prepare the projects that the rows of the table start from."""

from pathlib import Path

from . import lab


def do(project: Path, *argv: str, mutant: str = "", code: int = 0) -> None:
    """Run a command, with the real store or a mutant; raise AssertionError unless it ends with `code`."""
    ended = lab.run_command(project, *argv, mutant=mutant)
    if ended.code != code:
        raise AssertionError(f"cannot prepare: {argv} gave {ended}")


def nothing(project: Path) -> None:
    """Leave the project empty."""
