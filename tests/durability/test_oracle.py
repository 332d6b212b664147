"""Tests of the oracle: it accepts a project that keeps the promise, and nothing else."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from tests.durability import cases, lab, oracle
from tests.durability.commands import BY_NAME
from tests.durability.errors import judge
from tests.durability.ran import RAN
from tests.durability.seen import Seen, seen


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """Return a copy of the project before `save`."""
    return Path(shutil.copytree(BY_NAME["save"].template(), tmp_path / "p"))


def test_the_old_state_passes_unless_the_new_was_acknowledged(saved: Path) -> None:
    spare = Path(shutil.copytree(saved, saved.with_name("spare")))
    assert oracle.wrong(saved, BY_NAME["save"], acknowledged=False) == []
    assert "acknowledged, but lost" in oracle.wrong(spare, BY_NAME["save"], acknowledged=True)[0]


def test_the_new_state_passes(saved: Path) -> None:
    assert lab.run_command(saved, "save", "w").code == 0
    assert oracle.wrong(saved, BY_NAME["save"], acknowledged=True) == []


@pytest.mark.parametrize(
    "harm",
    [
        lambda state: (state / "sessions/w.json").unlink(),  # neither session nor archive
        lambda state: (state / "sessions/w.json").write_bytes(b""),
        lambda state: (state / "sessions/other.json").unlink(),
        lambda state: (state / "sessions/other.json").write_text("{}"),
        lambda state: (state / ".journal").write_bytes(b"\0" * 100),
        lambda state: (state / "left").write_bytes(b""),
        lambda state: (state / "sessions/other.json").chmod(0o644),
        lambda state: state.chmod(0o755),
    ],
)
def test_any_third_state_is_found_out(saved: Path, harm: object) -> None:
    harm(saved / "ia/state")  # type: ignore[operator]
    assert oracle.wrong(saved, BY_NAME["save"], acknowledged=False) != []


def test_a_session_beside_its_archive_is_found_out(saved: Path) -> None:
    session = saved / "ia/state/sessions/w.json"
    body = session.read_bytes()
    assert lab.run_command(saved, "save", "w").code == 0
    session.write_bytes(body)
    session.chmod(0o600)
    assert oracle.wrong(saved, BY_NAME["save"], acknowledged=False) != []


@pytest.mark.parametrize(
    ("code", "out", "err"),
    [
        (0, b"{}", b""),  # says that it is done, and it is not
        (5, b"", b"not confirmed\n"),
        (1, b"", b""),
        (1, b"", b"one\ntwo\n"),
        (1, b"", b"bug in workflow-session: OSError\n"),
        (1, b"{}", b"refused\n"),
        (2, b"", b"refused\n"),
        (-9, b"", b"hangs\n"),
    ],
)
def test_an_ending_that_does_not_fit_is_found_out(saved: Path, code: int, out: bytes, err: bytes) -> None:
    assert judge(lab.Ended(1, b"", b"refused\n"), BY_NAME["save"], saved) == []
    assert judge(lab.Ended(code, out, err), BY_NAME["save"], saved) != []


class TestRun:
    """The command of `run` makes a file, and the record must match that."""

    @pytest.fixture
    def begun(self, tmp_path: Path) -> Path:
        """Return the project of a `run` that was killed before its command started."""
        row = BY_NAME["run-update"]
        project = Path(shutil.copytree(row.template(), tmp_path / "p"))
        begin = "import os, sys; from session import run; run.Relay = os.abort; run.main(sys.argv[1:])"
        assert lab.run([sys.executable, "-P", "-c", begin, *row.argv[1:]], project).code < 0
        return project

    def test_what_has_begun_is_a_state_of_its_own(self, begun: Path) -> None:
        row = BY_NAME["run-update"]
        assert row.note(seen(begun)) == "between"
        spare = Path(shutil.copytree(begun, begun.with_name("spare")))
        assert oracle.wrong(begun, row, acknowledged=False, started=True) == []
        assert "acknowledged, but lost" in oracle.wrong(spare, row, acknowledged=True)[0]

    def test_of_another_command_it_is_none(self, begun: Path) -> None:
        assert oracle.wrong(begun, BY_NAME["set-update"], acknowledged=False) != []

    @pytest.mark.parametrize("ran", [True, False])
    def test_what_was_run_and_is_not_recorded(self, tmp_path: Path, ran: bool) -> None:
        row = BY_NAME["run-update"]
        project = Path(shutil.copytree(row.template(), tmp_path / "p"))
        if ran:
            (project / RAN).touch()
        assert (oracle.wrong(project, row, acknowledged=False) != []) is ran

    def test_it_may_be_repeated(self, begun: Path) -> None:
        row = BY_NAME["run-update"]
        for _ in range(3):
            assert oracle.wrong(begun, row, acknowledged=False, started=True) == []
            assert row.note(seen(begun)) == "new"
        assert oracle.wrong(begun, row, acknowledged=True, started=True) == []

    def test_a_run_before_must_not_be_lost(self, tmp_path: Path) -> None:
        row = BY_NAME["run-again"]
        project = Path(shutil.copytree(row.template(), tmp_path / "p"))
        assert lab.run_command(project, *row.argv).code == 0
        path = project / "ia/state/sessions/w.json"
        state = json.loads(path.read_text())
        del state["history"][-1]["earlier"]
        path.write_text(json.dumps(state, indent=2))
        assert oracle.wrong(project, row, acknowledged=True) != []

    @pytest.mark.parametrize(
        ("code", "out", "err", "fits"),
        [
            (0, b"", b"the result of two (exit 0) is not recorded: no space\n", True),
            (0, b"", b"", False),  # says nothing of it
            (126, b"", b"sh cannot be run\nthe result of two (exit 126) is not recorded: no space\n", False),  # it was
            (1, b"", b"refused\n", False),
            (5, b"", b"not confirmed\n", False),
            (0, b"{}", b"the result of two (exit 0) is not recorded: no space\n", False),
        ],
    )
    def test_an_ending_must_fit(self, begun: Path, code: int, out: bytes, err: bytes, fits: bool) -> None:
        (begun / RAN).touch()
        assert (judge(lab.Ended(code, out, err), BY_NAME["run-update"], begun) == []) is fits


@pytest.mark.parametrize("separator", ["-", "_"])
def test_two_files_of_one_second_compare_like_two_of_different_seconds(separator: str) -> None:
    name = "progress/before-recovery-20260129_224248"
    in_one_second = Seen({}, {}, {name: "x", f"{name}{separator}2": "x"})
    later = Seen({}, {}, {name: "x", "progress/before-recovery-20260129_224249": "x"})
    assert in_one_second.timeless() == later.timeless()


def test_a_case_has_a_name_that_leads_back_to_it() -> None:
    case = cases.Case("replay", "save", "sample:kill/2", "in-place")
    assert cases.parse(str(case)) == case
    assert str(case) in case.again
    assert cases.sample(range(100), 5, "a") == cases.sample(range(100), 5, "a")
