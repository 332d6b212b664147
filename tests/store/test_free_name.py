"""Free names: the plain name first, then numbers from 2; a folder in the place counts as taken."""

from pathlib import Path

from session.store.files import FileStore
from session.store.free_name import free_key


def test_numbers_begin_at_two(project: Path) -> None:
    with FileStore(str(project), "").transaction(5) as tx:
        for expected in ("a", "a-2", "a-3"):
            key = free_key(tx, "sessions", "a")
            assert key == ("sessions", expected)
            tx.put(key, b"{}")
        assert free_key(tx, "sessions", "a", "_") == ("sessions", "a_2")


def test_a_folder_takes_a_name(project: Path) -> None:
    (project / "ia/state/sessions/a.json").mkdir(parents=True)
    with FileStore(str(project), "").transaction(5) as tx:
        assert free_key(tx, "sessions", "a") == ("sessions", "a-2")
