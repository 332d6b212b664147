"""Fixtures for the tests of several words."""

from pathlib import Path
from typing import Any

import pytest

from session.commands import feature


@pytest.fixture
def typed(project: Path, capfd: pytest.CaptureFixture[str]) -> Any:
    """A function that runs `session feature` in a project with state and returns exit code, stdout and stderr."""
    (project / "ia/state").mkdir(parents=True, exist_ok=True)

    def run_here(*words: str) -> tuple[int, str, str]:
        code = feature.main(list(words))
        captured = capfd.readouterr()
        return code, captured.out, captured.err

    return run_here
