"""Evidence that a feature works: a record that this tool makes when it runs tests, and whether it still holds.

    {"command": str, "exit_code": int | null, "duration_s": float, "at": ISO 8601, "tree": hash | null,
     "commit": hash | null, "output_tail": str}

`exit_code` is null if the tests were killed because their time was over. `tree` is the hash of the project's files when
the tests began (see host/git/tree_hash.py), `commit` the commit that was checked out. Both are null if there is no
repository, or if git fails. `command` joins several commands by ` && `; `exit_code` and `output_tail` are those of the
last one that ran.
"""

from typing import Any, NamedTuple

from session.entry import feature_list
from session.entry.feature_list import DONE, Feature
from session.entry.run_command import CommandResult
from session.host.git.repository import Repository
from session.host.git.tree_hash import tree
from session.text.typed import object_at, text_at


class WorkingTree(NamedTuple):
    """The files that tests run on: their hash, the commit, and the reasons why git could not tell one of these."""

    tree: str | None
    commit: str | None
    reasons: tuple[str, ...]


def read_working_tree(root: str) -> WorkingTree:
    """Return the hash of the project's files and the commit. Without a repository all is None, with no reasons."""
    repository = Repository(root)
    if repository.top is None:
        return WorkingTree(None, None, ())
    reasons: list[str] = []
    files_hash = tree(root, reasons)
    head = repository.head()
    reasons += [each for each in repository.reasons if each not in reasons]
    return WorkingTree(files_hash, None if head is None else head.commit or None, tuple(reasons))


def record(results: list[CommandResult], files: WorkingTree, at: str) -> dict[str, Any]:
    """Return the evidence of these test runs on `files`. Only the last run may have failed."""
    last = results[-1]
    return {
        "command": " && ".join(result.command for result in results),
        "exit_code": last.code,
        "duration_s": round(sum(result.duration_s for result in results), 3),
        "at": at,
        "tree": files.tree,
        "commit": files.commit,
        "output_tail": last.tail,
    }


def tree_of(feature: Feature) -> str:
    """Return the hash of the files that a finished feature was tested on, or "" if it is unknown."""
    return text_at(object_at(feature, "evidence"), "tree") if feature_list.status_of(feature) in DONE else ""


def stale(features: list[Feature], root: str) -> list[str]:
    """Return the ids of finished features that were tested on other files than the present ones.

    The list is empty if git can't tell the present files. Git runs only if a finished feature has evidence.
    """
    if not any(tree_of(feature) for feature in features):
        return []
    now = tree(root)
    if now is None:
        return []
    return [feature_list.id_of(each) for each in features if tree_of(each) not in ("", now)]


def about(feature: Feature, *, is_stale: bool) -> str:
    """Return the evidence in a few words, such as `passed 2026-01-29`.

    A finished feature without evidence gets `none`, an unfinished one "".
    """
    proof = feature.get("evidence")
    if not isinstance(proof, dict):
        return "none" if feature_list.status_of(feature) in DONE else ""
    at = proof.get("at")
    when = f" {at[:10]}" if isinstance(at, str) else ""
    code = proof.get("exit_code")
    if code == 0 and not isinstance(code, bool):
        return f"stale (passed{when})" if is_stale else f"passed{when}"
    return f"timed out{when}" if code is None else f"failed{when}"
