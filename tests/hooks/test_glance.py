"""The quick checks whether a hook has anything to do."""

from pathlib import Path

import pytest

from session.hooks.glance import has_sessions, is_unfinished


@pytest.mark.parametrize(
    ("files", "is_something"),
    [
        ((), False),
        (("sessions/",), False),
        (("sessions/archives/x.md", "sessions/notes.txt"), False),
        (("sessions/x.json",), True),
        ((".journal",), True),  # the first commit of all may have sessions that are not in their files yet
        (("sessions/notes.txt", ".journal"), True),
        (("sessions",), True),  # a file in the folder's place: the code that lists the sessions reports it
    ],
)
def test_whether_there_may_be_sessions(project: Path, files: tuple[str, ...], is_something: bool) -> None:
    for name in files:
        path = project / "ia/state" / name
        if name.endswith("/"):
            path.mkdir(parents=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    assert has_sessions(str(project)) is is_something
    assert is_unfinished(str(project)) is (".journal" in files)
