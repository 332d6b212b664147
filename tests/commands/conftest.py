"""Fixtures that the tests of several commands share."""

from pathlib import Path
from typing import Any

import pytest

from session.commands import feature


@pytest.fixture
def typed(project: Path, capfd: pytest.CaptureFixture[str]) -> Any:
    """Return a function that runs `session feature WORDS…` and returns its exit code, stdout and stderr.

    The project has the folder ia/state already.
    """
    (project / "ia/state").mkdir(parents=True, exist_ok=True)

    def run_here(*words: str) -> tuple[int, str, str]:
        code = feature.main(list(words))
        captured = capfd.readouterr()
        return code, captured.out, captured.err

    return run_here
