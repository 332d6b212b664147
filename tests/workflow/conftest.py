"""Fixtures that the tests of workflow sessions share."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def state(project: Path) -> Callable[[], Any]:
    """Return a function that reads the session `w` from its file."""
    return lambda: json.loads((project / "ia/state/sessions/w.json").read_bytes())
