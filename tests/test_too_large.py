"""Huge files, contexts and nesting: commands refuse them in bounded memory and change nothing."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from session.store.disk import MAX_BYTES
from tests.conftest import Ended, Run, command
from tests.faults import GOOD, WRITERS, documents, refused
from tests.store.tree import tree


def limited(project: Path, *words: str, stdin: Path = Path(os.devnull)) -> Ended:
    """Run a command that may use no more than 512 MiB of memory."""
    line = ["/bin/sh", "-c", 'ulimit -v 524288 && exec "$@"', "sh", *map(str, command(*words))]
    with stdin.open("rb") as file:
        done = subprocess.run(line, stdin=file, capture_output=True, cwd=project, check=False)
    return Ended(done.returncode, done.stdout, done.stderr)


@pytest.mark.skipif(os.name == "nt", reason="memory is limited as on POSIX")
class TestNesting:
    """Indentation of a text of depth n takes about 2·n² bytes: 200 kB would become 20 GB."""

    @staticmethod
    def nested(depth: int, opened: str) -> str:
        return opened * depth + "1" + ("]" if opened == "[" else "}") * depth

    @pytest.mark.parametrize("opened", ["[", '{"a":'])
    def test_what_fits_is_kept(self, sessions: Path, run: Run, opened: str) -> None:
        deep = self.nested(1500, opened)  # beyond the interpreter's stack
        assert run("set", "w", "init", f'{{"deep": {deep}}}').code == 0
        body = (sessions / "w.json").read_bytes()
        assert run("get", "w").out == body + b"\n"
        assert run("set", "w", "next").code == 0
        saved = run("save", "w")
        assert saved.code == 0
        assert f"- deep: {deep}\n" in saved.stdout

    @pytest.mark.parametrize("opened", ["[", '{"a":'])
    @pytest.mark.parametrize("depth", [4000, 100_000])
    def test_what_does_not_is_too_large(
        self, project: Path, sessions: Path, tmp_path: Path, opened: str, depth: int
    ) -> None:
        deep = self.nested(depth, opened)
        (tmp_path / "context").write_text(f'{{"deep": {deep}}}')
        (sessions / "w.json").write_bytes(GOOD)
        before = documents(project)
        assert "too large" in refused(limited(project, "set", "w", "next", "-", stdin=tmp_path / "context"))
        assert documents(project) == before
        (sessions / "v.json").write_text(f'{{"step":"init","steps":["init"],"context":{{"deep":{deep}}}}}')
        before = documents(project)
        assert "too large" in refused(limited(project, "set", "v", "next"))
        assert documents(project) == before
        every = limited(project, "get", "--all")
        assert "Traceback" not in every.stderr
        assert '"workflow": "w"' in every.stdout
        assert limited(project, "save", "v").code == 0  # which needs no indentation


@pytest.mark.skipif(os.name == "nt", reason="memory is limited as on POSIX")
class TestTooLarge:
    """Commands refuse too large files and texts in bounded memory."""

    @pytest.fixture
    def huge(self, tmp_path: Path) -> Iterator[Path]:
        path = tmp_path / "huge"
        with path.open("wb") as file:
            file.truncate(1 << 30)  # sparse: it takes no room
        yield path
        path.unlink()

    def test_a_file(self, project: Path, sessions: Path, huge: Path) -> None:
        huge.rename(sessions / "w.json")
        (sessions / "good.json").write_bytes(GOOD)
        for words in (("get", "w"), *WRITERS):
            line = refused(limited(project, *words))
            assert line.startswith("ia/state/sessions/w.json is too large: more than 16 MiB")
        every = limited(project, "get", "--all")
        assert every.code == 1
        assert [found["workflow"] for found in json.loads(every.out)] == ["good"]
        assert (sessions / "w.json").stat().st_size == 1 << 30
        assert limited(project, "reset", "w").code == 0
        (sessions / "w.json").touch()
        (sessions / "w.json").rename(huge)

    def test_stdin(self, project: Path, run: Run, huge: Path) -> None:
        assert run("set", "w", "init").code == 0
        before = tree(project)
        for words in (("set", "w", "next", "-"), ("save", "w", "--notes", "-")):
            line = refused(limited(project, *words, stdin=huge))
            assert "stdin is too large: more than 16 MiB" in line
            assert tree(project) == before

    def test_what_would_become_so(self, project: Path, run: Run) -> None:
        half = '{"%s": "' + "x" * (MAX_BYTES // 2) + '"}'
        assert run("set", "w", "init", "-", stdin=(half % "a").encode()).code == 0
        before = tree(project)
        line = refused(run("set", "w", "next", "-", stdin=(half % "b").encode()))
        assert line == "ia/state/sessions/w.json would be too large: more than 16 MiB; nothing changed"
        assert tree(project) == before
