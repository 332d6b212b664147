"""Evidence that a feature works, which the tool made itself by running tests; and whether it still holds (seed: 001).

    {"command": str, "exit_code": int | null, "duration_s": float, "at": ISO 8601, "tree": hash | null,
     "commit": hash | null, "output_tail": str}

`exit_code` is null where the tests were killed, as their time was over. `tree` is what the project's files were when
the tests began (host/git_tree.py), `commit` what was checked out: null where there is no repository, or git can't tell.
Several commands are joined by ` && ` in `command`, of which the last one run tells `exit_code` and `output_tail`.
"""

from typing import Any, NamedTuple

from session.entry import feature_list as lists
from session.entry.feature_list import DONE, Feature
from session.entry.run_command import Ran
from session.host.git.repository import Repository
from session.host.git.tree_hash import tree


class Place(NamedTuple):
    """On what the tests run: `tree`, `commit`, and the reasons where git can't tell."""

    tree: str | None
    commit: str | None
    reasons: tuple[str, ...]


def place(root: str) -> Place:
    """What the project's files are now. Without a repository there is nothing to be told, and no reason to be given."""
    repository = Repository(root)
    if repository.top is None:
        return Place(None, None, ())
    reasons: list[str] = []
    found = tree(root, reasons)
    head = repository.head()
    reasons += [each for each in repository.reasons if each not in reasons]
    return Place(found, None if head is None else head.commit or None, tuple(reasons))


def record(runs: list[Ran], where: Place, at: str) -> dict[str, Any]:
    """The evidence of these runs, of which only the last one may have failed."""
    last = runs[-1]
    return {
        "command": " && ".join(ran.command for ran in runs),
        "exit_code": last.code,
        "duration_s": round(sum(ran.duration_s for ran in runs), 3),
        "at": at,
        "tree": where.tree,
        "commit": where.commit,
        "output_tail": last.tail,
    }


def tree_of(feature: Feature) -> str:
    """The tree that a feature which is done was tested on, empty where nothing tells."""
    known = feature.get("evidence")
    found = known.get("tree") if isinstance(known, dict) and lists.status_of(feature) in DONE else None
    return found if isinstance(found, str) else ""


def stale(features: list[Feature], root: str) -> list[str]:
    """The ids of what is done, and was tested on other files than the present ones. None, where git can't tell what
    those are. It is asked only if something is done."""
    if not any(tree_of(feature) for feature in features):
        return []
    now = tree(root)
    if now is None:
        return []
    return [lists.id_of(each) for each in features if tree_of(each) not in ("", now)]


def about(feature: Feature, *, is_stale: bool) -> str:
    """The evidence in a few words; empty where there is none, and none is due."""
    known = feature.get("evidence")
    done = lists.status_of(feature) in DONE
    if not isinstance(known, dict):
        return "none" if done else ""
    at = known.get("at")
    when = f" {at[:10]}" if isinstance(at, str) else ""
    code = known.get("exit_code")
    if code == 0 and not isinstance(code, bool):
        return f"stale (passed{when})" if is_stale else f"passed{when}"
    return f"timed out{when}" if code is None else f"failed{when}"
