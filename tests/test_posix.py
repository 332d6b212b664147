"""The replacement for `os`: it gives equal answers, and the hot path uses only functions that it has."""

import ast
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there, `os` itself is imported")

PATHS = ["/", "/a", "/a/b", "/a/b c/é"]
# Runs as a launcher does, where nothing has imported `os`.
ASKED = """
import sys
sys.path.append(sys.argv.pop(1))
from session import _posix
mine = [
    [[_posix.join(path, "x"), _posix.join(path, "x", "y.json"), _posix.join(path, ""), _posix.parent(path)]
     for path in sys.argv[1:]],
    [_posix.variable(name) for name in ("PLAIN", "EMPTY", "BYTES", "UNSET")],
    [_posix.exists(path) for path in ("file", "broken", "none", "file/below", "nul\\0")],
]
early = _posix.posix.__name__, "os" in sys.modules, "stat" in sys.modules
import json, os
his = [
    [[os.path.join(path, "x"), os.path.join(path, "x", "y.json"), os.path.join(path, ""), os.path.dirname(path)]
     for path in sys.argv[1:]],
    [os.environ.get(name, "") for name in ("PLAIN", "EMPTY", "BYTES", "UNSET")],
    [os.path.lexists(path) for path in ("file", "broken", "none", "file/below", "nul\\0")],
]
print(json.dumps([early, mine, his]))
"""


def hot_modules() -> list[Path]:
    """Return the sources that import `posix` from session._posix."""
    found = []
    for path in sorted((REPOSITORY / "session").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "session._posix":
                found += [path] if any(alias.name == "posix" for alias in node.names) else []
    return found


def test_it_answers_as_os_does(project: Path) -> None:
    (project / "file").touch()
    (project / "broken").symlink_to("nowhere")
    env = {b"PLAIN": b"a b", b"EMPTY": b"", b"BYTES": b"\xff\xc3\xa9"}
    words = [sys.executable, "-I", "-S", "-c", ASKED, str(REPOSITORY), *PATHS]
    done = subprocess.run(words, cwd=project, env=env, capture_output=True, timeout=60, check=True)
    early, mine, his = json.loads(done.stdout)
    assert early == ["posix", False, False]
    assert mine == his
    assert (mine[1][0], mine[1][2][:1], mine[2]) == ("a b", "\udcff", [True, True, False, False, False])


def test_where_os_is_imported_it_is_that() -> None:
    words = [sys.executable, "-P", "-c", "import os; from session import _posix; assert _posix.posix is os"]
    subprocess.run(words, env={"PYTHONPATH": str(REPOSITORY)}, timeout=60, check=True)


@pytest.mark.parametrize("path", hot_modules(), ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_the_hot_modules_ask_for_what_posix_has(path: Path) -> None:
    import _stat
    import posix

    asked = {
        (node.value.id, node.attr)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("posix", "stat")
    }
    assert asked
    for name, whole, part in (("posix", os, posix), ("stat", stat, _stat)):
        names = sorted(name for module, name in asked if module == name)
        assert [name for name in names if not hasattr(part, name)] == []
        assert [name for name in names if getattr(whole, name) != getattr(part, name)] == []


def test_there_are_hot_modules() -> None:
    assert {path.name for path in hot_modules()} >= {"root.py", "disk.py", "lock.py", "output.py", "_quick_get.py"}
