"""Each mismatch is reported for a record that has it, and not for a record without it."""

import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session.resume.mismatches import mismatches
from session.resume.repository_facts import CurrentRepository
from session.store.files import FileStore
from tests.host.git.test_repository import commit, git

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")

NOW_MS = 1_800_000_000_000  # 2027-01-15T08:00:00Z
AT = "2027-01-15T07:48:00.000Z"


def state(**given: Any) -> dict[str, Any]:
    history = [{"step": "init", "at": AT}, {"step": "work", "at": AT}]
    return {"steps": ["init", "work"], "step": "work", "updated_at": AT, "history": history, **given}


def lines_of(project: Path, record: dict[str, Any]) -> list[str]:
    return list(mismatches(record, CurrentRepository(FileStore(str(project)), {"w": None}), "w", NOW_MS))


@pytest.fixture
def head(project: Path) -> str:
    git(project, "init", "-q")
    return commit(project)


@pytest.fixture
def context(project: Path, head: str) -> Callable[..., list[str]]:
    """Return a function from a context to the mismatches of its session in a repository on `main`."""
    return lambda **fields: lines_of(project, state(context=fields))


def test_nothing_to_name(project: Path, head: str) -> None:
    fields = {
        "branch": "main",
        "commit": head,
        "head": head[:7],
        "head_sha": head[:4].upper(),
        "sha": "not a commit",
        "worktree": str(project),
        "cwd": str(project / "below" / "it"),
    }
    assert lines_of(project, state(context=fields)) == []
    assert lines_of(project, state(context={**fields, "branch": "refs/heads/main"})) == []


@pytest.mark.parametrize("missing", ["context", "history"])
def test_what_may_be_missing(project: Path, missing: str) -> None:
    record = state(context={})
    del record[missing]
    assert lines_of(project, record) == []


def test_another_branch(project: Path, context: Callable[..., list[str]]) -> None:
    git(project, "branch", "feat/x")
    assert context(branch="feat/x") == ['the session\'s branch is "feat/x", the repository is on "main"']


def test_a_branch_that_is_gone(context: Callable[..., list[str]]) -> None:
    assert context(branch="feat/x") == [
        'the session\'s branch is "feat/x", which is no local branch, the repository is on "main"'
    ]


def test_a_detached_head(project: Path, head: str, context: Callable[..., list[str]]) -> None:
    git(project, "checkout", "-q", "--detach")
    assert context(branch="main") == [f'the session\'s branch is "main", HEAD is detached at {head[:7]}']


def test_a_branch_without_a_repository(project: Path) -> None:
    assert lines_of(project, state(context={"branch": "main"})) == [
        'the session\'s branch is "main", there is no repository'
    ]


@pytest.mark.parametrize("branch", ["", None, 7, ["main"], {"name": "main"}, True])
def test_what_is_no_branch(context: Callable[..., list[str]], branch: object) -> None:
    assert context(branch=branch) == []


def test_a_hostile_branch(context: Callable[..., list[str]]) -> None:
    [line] = context(branch='../../x"\n\x1b' + "y" * 500)
    assert line.startswith('the session\'s branch is "../../x\\"\\n\\u001byyy')
    assert line.endswith('yyy…", which is no local branch, the repository is on "main"')
    assert len(line) < 200


@pytest.mark.parametrize("key", ["commit", "head", "head_sha", "sha"])
def test_another_commit(head: str, context: Callable[..., list[str]], key: str) -> None:
    other = head.translate(str.maketrans("0123456789abcdef", "123456789abcdef0"))
    assert context(**{key: other}) == [f"context.{key} is {other}, HEAD is {head}"]
    assert context(**{key: other[:9]}) == [f"context.{key} is {other[:9]}, HEAD is {head[:9]}"]
    assert context(**{key: other[:4]}) == [f"context.{key} is {other[:4]}, HEAD is {head[:7]}"]
    assert context(**{key: head + "0"}) == [f"context.{key} is {head}0, HEAD is {head}"]


def test_a_commit_where_there_is_none(project: Path) -> None:
    git(project, "init", "-q")
    assert lines_of(project, state(context={"commit": "abcdef1"})) == [
        "context.commit is abcdef1, there is no commit yet"
    ]


@pytest.mark.parametrize("value", ["abc", "main", 1234567, None, "g" * 7, "a" * 65])
def test_what_is_no_commit(context: Callable[..., list[str]], value: object) -> None:
    assert context(commit=value) == []


def test_an_operation_in_progress(project: Path, head: str) -> None:
    (project / ".git" / "MERGE_HEAD").write_text(head + "\n")
    assert lines_of(project, state()) == ["merge in progress"]


def test_a_session_that_git_may_track(project: Path, head: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "ia/state/sessions").mkdir(parents=True)
    monkeypatch.setenv("PATH", "")
    assert lines_of(project, state()) == ["git could not tell whether it tracks this session"]


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        ({"step": "init"}, ['the step is "init", the last of steps "work"']),
        ({"steps": []}, ['the step is "work", the last of steps none', "history and steps differ"]),
        ({"steps": None}, ['the step is "work", the last of steps none']),
        ({"steps": [["work"]], "history": []}, ['the step is "work", the last of steps none']),
        ({"steps": "work"}, ["steps is not a list"]),
        ({"step": None}, ["no step is recorded"]),
        ({"step": ["work"]}, ["no step is recorded"]),
        ({"context": [1]}, ["context is not an object"]),
        ({"history": [{"step": "work"}]}, ["history and steps differ"]),
        ({"history": [7]}, ["history and steps differ"]),
        ({"history": [{"step": "init"}, {"step": "work"}, {"step": "more"}]}, ["history and steps differ"]),
        ({"history": [{"step": "init"}]}, []),
        ({"history": "other"}, []),
        ({"updated_at": "2027-01-15T11:00:01.000Z"}, ["updated_at is 3 h in the future"]),
        ({"updated_at": "2027-01-15T08:00:59.000Z"}, []),
        ({"updated_at": "soon"}, ["no time of the last update is recorded"]),
        ({"updated_at": None}, ["no time of the last update is recorded"]),
    ],
)
def test_a_record_that_contradicts_itself(project: Path, given: dict[str, Any], lines: list[str]) -> None:
    assert lines_of(project, state(**given)) == lines


@pytest.mark.parametrize("key", ["worktree", "cwd"])
def test_another_folder(project: Path, context: Callable[..., list[str]], key: str) -> None:
    assert context(**{key: "/elsewhere"}) == [f'context.{key} is "/elsewhere", this is "{project}"']
    assert context(**{key: f"{project}-other"}) != []
    assert context(**{key: f"{project}/./x/.."}) == []
    for unknown in ("../feat-x", "feat-x", "~/x", 7, "/x\0y"):
        assert context(**{key: unknown}) == []


def test_a_folder_by_another_name(project: Path, tmp_path: Path, context: Callable[..., list[str]]) -> None:
    (tmp_path / "link").symlink_to(project)
    assert context(worktree=str(tmp_path / "link"), cwd=str(tmp_path / "link" / "below")) == []


def test_the_working_tree_around_the_root(project: Path, head: str) -> None:
    inner = project / "inner"
    inner.mkdir()
    assert lines_of(inner, state(context={"worktree": str(project), "cwd": str(project / "other")})) == []
    assert lines_of(inner, state(context={"worktree": str(project / "other")})) != []


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text('ab/.\0\n\x1b\u202e\ud800"', max_size=300),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["step", "at"]), inner, max_size=2),
)
KEYS = ["branch", "commit", "head", "head_sha", "sha", "worktree", "cwd"]
STATES = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("step", "steps", "history", "updated_at", "owner"), VALUES),
        "context": VALUES | st.dictionaries(st.sampled_from(KEYS), VALUES | st.text(max_size=300).map("/".__add__)),
    },
)


@given(STATES)
def test_any_record_is_told_harmlessly_and_briefly(record: dict[str, Any]) -> None:
    repository = CurrentRepository(FileStore(str(Path.cwd())), {"w": None})
    for line in mismatches(record, repository, "w", NOW_MS):
        assert not {unicodedata.category(char) for char in line} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
        assert len(line.encode()) < 300
