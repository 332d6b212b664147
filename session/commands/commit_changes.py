"""Commit the working tree for a command that has `--commit`, and report the commit."""

from session import output
from session.errors import SessionError


def commit_changes(root: str, message: str) -> tuple[str | None, SessionError | None]:
    """Commit everything in the folder `root`; return the short hash and None, or None and the error.

    The hash is "" if there is nothing to commit. The caller prints its own answer before it raises the error.
    """
    from session.host.git import commit  # cost: only with --commit

    try:
        return commit.commit(root, message), None
    except SessionError as error:
        return None, error


def report_commit(commit: str | None) -> None:
    """Print the hash that `commit_changes` returned to stderr; print nothing for None."""
    if commit is not None:
        output.tell(f"committed as {commit}" if commit else "nothing to commit")
