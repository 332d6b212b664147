"""What several words' tests share."""

from pathlib import Path
from typing import Any

import pytest

from session.commands import feature


@pytest.fixture
def typed(project: Path, capfd: pytest.CaptureFixture[str]) -> Any:
    """The exit code, stdout and stderr of `session feature` in a project that has state already."""
    (project / "ia/state").mkdir(parents=True, exist_ok=True)

    def run_here(*words: str) -> tuple[int, str, str]:
        code = feature.main(list(words))
        said = capfd.readouterr()
        return code, said.out, said.err

    return run_here
