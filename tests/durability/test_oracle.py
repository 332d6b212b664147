"""The oracle itself: it lets pass what keeps the promise, and nothing else."""

import shutil
from pathlib import Path

import pytest

from tests.durability import cases, lab, oracle
from tests.durability.commands import BY_NAME
from tests.durability.errors import judge


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """The project before `save`."""
    return Path(shutil.copytree(BY_NAME["save"].template(), tmp_path / "p"))


def test_the_old_state_passes_unless_the_new_was_acknowledged(saved: Path) -> None:
    spare = Path(shutil.copytree(saved, saved.with_name("spare")))
    assert oracle.wrong(saved, BY_NAME["save"], acknowledged=False) == []
    assert "acknowledged, but lost" in oracle.wrong(spare, BY_NAME["save"], acknowledged=True)[0]


def test_the_new_state_passes(saved: Path) -> None:
    assert lab.door(saved, "save", "w").code == 0
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
    assert lab.door(saved, "save", "w").code == 0
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


def test_a_case_has_a_name_that_leads_back_to_it() -> None:
    case = cases.Case("replay", "save", "sample:kill/2", "in-place")
    assert cases.parse(str(case)) == case
    assert str(case) in case.again
    assert cases.sample(range(100), 5, "a") == cases.sample(range(100), 5, "a")
