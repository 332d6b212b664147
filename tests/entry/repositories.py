"""Real git repositories for the tests of the entry protocol."""

import os
import subprocess
from pathlib import Path

IDENTITY = {
    **{f"GIT_{who}_NAME": "Someone" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "someone@example.com" for who in ("AUTHOR", "COMMITTER")},
}


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-c", "init.defaultBranch=main", "-c", "commit.gpgSign=false", *words],
        cwd=folder,
        env={**os.environ, **IDENTITY},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def commit_files(folder: Path, count: int) -> None:
    """Make a repository with `count` commits; `commit N` adds fileN.txt."""
    git(folder, "init", "-q")
    for number in range(count):
        (folder / f"file{number}.txt").write_text(str(number))
        git(folder, "add", f"file{number}.txt")
        git(folder, "commit", "-q", "-m", f"commit {number}")
