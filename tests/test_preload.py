"""The bundle of hot-path modules: equal modules, never outdated ones, and no failure if no bundle can be written."""

import json
import os
import py_compile
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from session import _preload
from tests.conftest import REPOSITORY

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="not used there")

# Do what a launcher does, then report the modules from the bundle, and those that Python searched for.
HARNESS = """
import sys
word, *argv = sys.argv[1:]
searched = []
class Spy:
    @staticmethod
    def find_spec(name, path=None, target=None):
        searched.append(name)
sys.meta_path.insert(0, Spy)
from session import _preload
before = set(sys.modules)
_preload.load(word)
bundled = sorted(name for name in set(sys.modules) - before if name[:8] == "session." and name not in searched)
searched.clear()
code = __import__("session." + word, fromlist=["main"]).main(argv)
def about(module):
    spec = module.__spec__
    return [module.__name__, module.__file__, module.__package__, getattr(module, "__path__", None), spec.name,
        spec.origin, spec.parent, spec.has_location, spec.submodule_search_locations, spec.cached,
        type(spec.loader).__name__, spec.loader.name, spec.loader.path, module.__loader__ is spec.loader]
def code_file(module):
    return next((value.__code__.co_filename for value in vars(module).values()
        if getattr(value, "__module__", "") == module.__name__ and hasattr(value, "__code__")), "")
mine = {name: module for name, module in sorted(sys.modules.items()) if name[:8] == "session."}
print("\\n" + repr(code))
import json
print(json.dumps({
    "bundled": bundled,
    "searched": [name for name in searched if name[:8] == "session."],
    "about": {name: [*about(module), code_file(module)] for name, module in mine.items()},
}))
"""


def names(word: str) -> list[str]:
    """Return the modules of a command, as `import` names them."""
    files = [*_preload.COMMANDS[word], word]
    return sorted("session." + file.removesuffix("/__init__").replace("/", ".") for file in files)


def age(package: Path, by_s: float = 60) -> None:
    """Set the times of the sources back, as if somebody had written them some time ago."""
    then = time.time() - by_s
    for path in package.rglob("*.py"):
        os.utime(path, (then, then))


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Return a copy of the package whose sources are a minute old."""
    package = tmp_path / "a folder" / "session"
    shutil.copytree(REPOSITORY / "session", package, ignore=shutil.ignore_patterns("__pycache__"))
    age(package)
    return package


def command(package: Path, *words: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    env |= {"PYTHONPATH": str(package.parent), "PYTHONHASHSEED": "0"}
    return subprocess.run(
        [sys.executable, "-P", *words], env=env, input=stdin, capture_output=True, text=True, timeout=60
    )


def call(package: Path, word: str = "set", *flags: str) -> dict[str, list[str]]:
    """Run the command in HARNESS, and return HARNESS's report."""
    done = command(package, *flags, "-c", HARNESS, word, "workflow:pr", *(["init"] if word == "set" else []))
    assert (done.returncode, done.stdout.splitlines()[-2]) == (0, "0"), done
    told: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return told


def cached(package: Path) -> Path:
    return package / "__pycache__" / f"_preload.{sys.implementation.cache_tag}.pyc"


def is_written(package: Path) -> bool:
    return cached(package).stat().st_size > 50_000


@pytest.mark.parametrize("word", ["set", "reset"])
def test_the_second_run_finds_nothing_but_the_bundle(package: Path, word: str) -> None:
    first = call(package, word)
    assert first["bundled"] == []
    second = call(package, word)
    assert second["bundled"] == names(word)
    assert second["searched"] == []  # the list holds every module that the command loads, and in the right order
    # but for those that wrote it, or took a lock that nobody had held yet, the modules are the same in every attribute
    assert first["about"].pop("session._preload_writer", None)  # type: ignore[arg-type]
    first["about"].pop("session.store.repair", None)  # type: ignore[arg-type]
    assert second["about"] == first["about"]


def test_hooks_look_for_what_their_event_needs_alone(package: Path) -> None:
    payload = '{"session_id": "me", "tool_name": "Bash", "tool_input": {}}'
    store = {"session.store.files", "session.host", "session.host.project_store"}
    for event, own in (
        ("PreToolUse", {"session.hooks.pre_tool_use", "session.entry", "session.entry.guard", *store}),
        ("PostToolUse", {"session.hooks.post_tool_use"}),
        ("PreCompact", {"session.hooks.unfinished", "session.hooks.glance"}),
    ):
        for _ in range(2):
            done = command(package, "-c", HARNESS, "hook", event, stdin=payload)
            told = json.loads(done.stdout.splitlines()[-1])
        assert told["bundled"] == names("hook")
        assert set(told["searched"]) == own


def test_a_command_as_a_module(package: Path) -> None:
    for _ in range(2):
        done = command(package, "-m", "session.set", "workflow:pr", "init")
        assert (done.returncode, json.loads(done.stdout)["step"]) == (0, "init"), done
    assert is_written(package)
    traced = command(package, "-v", "-m", "session.set", "workflow:pr", "next")
    assert (json.loads(traced.stdout)["step"], "session.output" in traced.stderr) == ("next", False)


@pytest.mark.parametrize(("after_s", "field"), [(5, "stop"), (0, "stopped"), (-5, "stopped")])
def test_a_changed_source_counts_at_once(package: Path, after_s: int, field: str) -> None:
    """A source counts as changed if its time, its size, or both differ."""
    call(package)
    assert call(package)["bundled"]
    path = package / "workflow" / "state.py"
    found = path.stat()
    text = path.read_text()
    assert 'new["step"] = step' in text
    path.write_text(text.replace('new["step"] = step', f'new["{field}"] = step'))
    os.utime(path, (found.st_atime, found.st_mtime + after_s))
    for _ in range(2):
        done = command(package, "-m", "session.set", "workflow:pr", "init")
        assert field in json.loads(done.stdout), done
    assert call(package)["bundled"] == names("set")


def test_a_change_of_the_bundle_itself(package: Path) -> None:
    call(package)
    path = package / "_preload.py"
    path.write_text(path.read_text().replace('*("_posix", ', '*("_posix", "slow", '))
    os.utime(path, (0, 0))
    (package / "slow.py").touch()
    os.utime(package / "slow.py", (0, 0))
    assert call(package)["bundled"] == []
    assert "session.slow" in call(package)["bundled"]


def test_a_source_that_is_gone(package: Path) -> None:
    call(package)
    (package / "workflow" / "state.py").unlink()
    done = command(package, "-m", "session.set", "workflow:pr", "init")
    assert (done.returncode, done.stderr.splitlines()[-1][:50]) == (
        1,
        "ImportError: cannot import name 'state' from 'sess",
    )


def test_sources_that_may_still_change_are_not_bundled(package: Path) -> None:
    age(package, -60)  # so young that they come from the future
    call(package)
    assert call(package)["bundled"] == []
    assert not is_written(package)


def test_where_python_writes_no_compiled_code(package: Path) -> None:
    for _ in range(2):
        assert call(package, "set", "-B")["bundled"] == []
    assert not (package / "__pycache__").exists()


def test_where_python_keeps_compiled_code_elsewhere(package: Path, tmp_path: Path) -> None:
    flags = ("-X", f"pycache_prefix={tmp_path / 'elsewhere'}")
    assert call(package, "set", *flags)["bundled"] == []
    assert call(package, "set", *flags)["bundled"] == names("set")
    assert not (package / "__pycache__").exists()


def test_where_nothing_can_be_written(package: Path) -> None:
    (package / "__pycache__").touch()
    for _ in range(2):
        assert call(package)["bundled"] == []


def test_optimized_code_is_bundled_by_itself(package: Path) -> None:
    call(package)
    assert call(package, "set", "-O")["bundled"] == []
    assert call(package, "set", "-O")["bundled"] == names("set")
    assert call(package)["bundled"] == names("set")


def test_code_that_is_checked_by_a_hash_stays(package: Path) -> None:
    py_compile.compile(
        str(package / "_preload.py"), cached(package), invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH
    )
    was = cached(package).read_bytes()
    for _ in range(2):
        assert call(package)["bundled"] == []
    assert cached(package).read_bytes() == was


def test_compiling_everything_anew(package: Path) -> None:
    """Installers compile everything and may remove the bundle; the next commands write it again."""
    call(package)
    assert command(package, "-m", "compileall", "-q", str(package)).returncode == 0
    assert call(package)["bundled"] == names("set")
    assert command(package, "-m", "compileall", "-q", "-f", str(package)).returncode == 0
    assert call(package)["bundled"] == []
    assert call(package)["bundled"] == names("set")


@pytest.mark.parametrize("modules", [{}, {"_posix": (0, 0, b"")}, {"_posix": None}], ids=["empty", "old", "strange"])
def test_what_is_not_as_it_should_be_is_not_used(monkeypatch: pytest.MonkeyPatch, modules: dict[str, object]) -> None:
    monkeypatch.setattr(_preload, "MODULES", modules)
    assert _preload._read_bundle(str(REPOSITORY / "session"), ("_posix",)) == []


@pytest.mark.parametrize("code", [b"", b"\xe3\0", b"zzz"])
def test_code_that_is_damaged_is_not_used(monkeypatch: pytest.MonkeyPatch, code: bytes) -> None:
    source = (REPOSITORY / "session" / "_posix.py").stat()
    monkeypatch.setattr(_preload, "MODULES", {"_posix": (int(source.st_mtime), source.st_size, code)})
    assert _preload._read_bundle(str(REPOSITORY / "session"), ("_posix",)) == []


def test_a_package_that_was_moved(package: Path) -> None:
    call(package)
    there = package.parent.with_name("there") / "session"
    package.parent.rename(there.parent)
    about = call(there)["about"]
    assert call(there)["bundled"] == names("set")
    assert str(package) not in json.dumps(about)  # neither the modules' files nor those that tracebacks name


def test_many_first_commands_at_once(package: Path, project: Path) -> None:
    env = {"PYTHONPATH": str(package.parent), "PATH": os.defpath}
    words = [sys.executable, "-P", "-m", "session.set", "workflow:pr"]
    running = [
        subprocess.Popen([*words, f"step {n}"], env=env, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for n in range(8)
    ]
    ended = [(process.communicate(timeout=60), process.returncode) for process in running]
    assert [code for _, code in ended] == [0] * 8, ended
    assert call(package)["bundled"] == names("set")
    assert [path for path in (package / "__pycache__").iterdir() if path.suffix != ".pyc"] == []


def test_an_ordinary_import_is_left_alone(package: Path) -> None:
    """A program that imports the package as a library gets every module from its usual place."""
    call(package)
    done = command(package, "-c", "import sys, session.set; print('session._preload' in sys.modules)")
    assert done.stdout == "False\n"
    tools = (
        "import importlib, inspect; from session import _preload; _preload.load('set'); from session import output; "
    )
    done = command(package, "-c", tools + "print(inspect.getsource(importlib.reload(output).leave)[:9])")
    assert done.stdout == "def leave\n", done
