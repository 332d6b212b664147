"""The built wheel, installed outside the checkout, passes the transcripts and recorded cases in a bare environment."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

pytestmark = pytest.mark.skipif(
    bool(os.environ.get("SESSION_COMMANDS")), reason="this is the run on installed commands"
)


def call(*words: str | Path, env: dict[str, str] | None = None, cwd: Path | None = None) -> None:
    done = subprocess.run(
        words, env=env, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode and "No matching distribution" in done.stdout and not os.environ.get("CI"):
        pytest.skip("no package registry to be had: the wheel's tests need one for what it is built with")
    assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel, built from a copy so that the checkout does not change."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in ("session", "scripts"):
        shutil.copytree(REPOSITORY / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, source)
    call(sys.executable, "-m", "pip", "--quiet", "wheel", "--no-deps", "--wheel-dir", folder, source)
    return next(folder.glob("workflow_session-*.whl"))


def check(commands: Path) -> None:
    env = {"PATH": "/usr/bin:/bin", "SESSION_COMMANDS": str(commands), "HOME": os.environ["HOME"]}
    words = [
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/test_transcripts.py",
        "tests/workflow/test_cases.py",
    ]
    call(sys.executable, *words, env=env, cwd=REPOSITORY)


def test_installed_by_pip(wheel: Path, tmp_path: Path) -> None:
    call(sys.executable, "-m", "venv", tmp_path / "venv")
    call(tmp_path / "venv/bin/python", "-m", "pip", "--quiet", "install", wheel)
    check(tmp_path / "venv/bin")
    [package] = tmp_path.glob("venv/lib/python3*/site-packages/session")
    [preloaded] = package.glob("__pycache__/_preload.*.pyc")
    assert preloaded.stat().st_size > 50_000  # the hot modules are in it
    call(tmp_path / "venv/bin/python", "-m", "pip", "--quiet", "uninstall", "--yes", "workflow-session")
    assert not package.exists()


def test_installed_by_uv(wheel: Path, tmp_path: Path) -> None:
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if uv is None:
        assert not os.environ.get("CI"), "uv is missing"
        pytest.skip("uv is missing: pip install uv")
    env = {**os.environ, "UV_TOOL_DIR": str(tmp_path / "tools"), "UV_TOOL_BIN_DIR": str(tmp_path / "bin")}
    call(uv, "tool", "install", "--quiet", "--no-cache", "--python", sys.executable, wheel, env=env)
    check(tmp_path / "bin")
