"""Broken stores: `python -P mutants.py NAME COMMAND [ARGUMENT ...]` runs a command with one of them.

If the tests do not notice that a store has no fsync, they prove nothing about a store that has it. The program has no
hook for this, so a process of its own patches its classes.
"""

import contextlib
import os
import stat
import sys
import time
from collections.abc import Callable
from typing import Any

from session.errors import Busy
from session.store import commit, disk, files, intentions, journal, lock, paths, repair, transaction

MUTANTS: dict[str, Callable[[], None]] = {}
_sync: Any = disk.sync


def _mutant(function: Callable[[], None]) -> Callable[[], None]:
    MUTANTS[function.__name__.strip("_").replace("_", "-")] = function
    return function


def _patch(where: Any, name: str, value: Any) -> None:
    if not hasattr(where, name):  # the program has changed, and this mutant would break nothing
        raise AttributeError(f"{where} has no {name}: the mutant must follow")
    setattr(where, name, value)


def _is_folder(fd: int) -> bool:
    return stat.S_ISDIR(os.fstat(fd).st_mode)


def _silent(fd: int) -> None:
    """A sync that syncs nothing."""


def _without_sync(real: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any) -> None:
        _patch(disk, "sync", _silent)
        try:
            real(*args)
        finally:
            _patch(disk, "sync", _sync)

    return call


@_mutant
def _no_file_sync() -> None:
    _patch(disk, "sync", lambda fd: _sync(fd) if _is_folder(fd) else None)


@_mutant
def _no_folder_sync() -> None:
    _patch(disk, "sync", lambda fd: None if _is_folder(fd) else _sync(fd))


@_mutant
def _no_lock() -> None:
    _patch(lock, "_try_lock", lambda fd: True)


@_mutant
def _in_place() -> None:
    def replace(self: Any, name: str, data: bytes) -> None:
        fd = self._open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        try:
            disk.write_all(fd, data)
            _sync(fd)
        finally:
            os.close(fd)
        _sync(self.fd)

    _patch(disk.Folder, "replace", replace)


def _one_by_one(order: Callable[[Any], bool]) -> None:
    def commit(self: Any) -> None:
        for key, data in sorted(self._changes.items(), key=lambda change: order(change[1])):
            self._apply(key, data)

    _patch(transaction.Transaction, "_commit", commit)


@_mutant
def _delete_before_archive() -> None:
    _one_by_one(lambda data: data is not None)


@_mutant
def _archive_without_journal() -> None:
    _one_by_one(lambda data: data is None)


@_mutant
def _applied_before_commit() -> None:
    commit = transaction.Transaction._commit
    replace = disk.Folder.replace
    under_way: list[Any] = []

    def commit_noted(self: Any) -> None:
        under_way.append(self)
        commit(self)

    def replace_late(self: Any, name: str, data: bytes) -> None:
        if name == paths.JOURNAL:
            for key, change in under_way[-1]._changes.items():
                under_way[-1]._apply(key, change)
        replace(self, name, data)

    _patch(transaction.Transaction, "_commit", commit_noted)
    _patch(disk.Folder, "replace", replace_late)


@_mutant
def _application_not_synced() -> None:
    for owner in (transaction.Transaction, commit):
        _patch(owner, "_apply", _without_sync(owner._apply))


@_mutant
def _journal_removal_not_synced() -> None:
    real = disk.Folder.remove

    def remove(self: Any, name: str) -> None:
        _patch(disk, "sync", _silent if name == paths.JOURNAL else _sync)
        try:
            real(self, name)
        finally:
            _patch(disk, "sync", _sync)

    _patch(disk.Folder, "remove", remove)


@_mutant
def _journal_not_synced() -> None:
    replace = disk.Folder.replace
    finish: Any = transaction.Transaction._finish_journal

    def replace_deaf(self: Any, name: str, data: bytes) -> None:
        _patch(disk, "sync", _silent if name == paths.JOURNAL else _sync)
        try:
            replace(self, name, data)
        finally:
            _patch(disk, "sync", _sync)

    class Deaf:
        def __init__(self, folder: Any) -> None:
            self._folder = folder

        def __getattr__(self, name: str) -> Any:
            return getattr(self._folder, name)

        def sync(self) -> None:
            pass

    _patch(disk.Folder, "replace", replace_deaf)
    _patch(transaction.Transaction, "_finish_journal", lambda self, state, changes: finish(self, Deaf(state), changes))


@_mutant
def _replayed_over_newer() -> None:
    _patch(journal.Change, "outcome", lambda self, *_: self.data)


@_mutant
def _journal_ignored() -> None:
    _patch(files.FileStore, "pending", lambda *_: {})


@_mutant
def _nothing_made_good() -> None:
    _patch(repair, "repair_place", lambda *_: None)


@_mutant
def _fsync_error_ignored() -> None:
    def sync(fd: int) -> None:
        with contextlib.suppress(OSError):
            _sync(fd)

    _patch(disk, "sync", sync)


@_mutant
def _unlocked_when_locking_fails() -> None:
    real = lock._try_lock

    def try_lock(fd: int) -> bool:
        try:
            return real(fd)
        except OSError:
            return True

    _patch(lock, "_try_lock", try_lock)


@_mutant
def _lock_taken_after_deadline() -> None:
    real = lock._wait

    def wait(fd: int, deadline: float, path: str) -> None:
        with contextlib.suppress(Busy):
            real(fd, deadline, path)

    _patch(lock, "_wait", wait)


@_mutant
def _acknowledged_early() -> None:
    real = transaction.Transaction._commit

    def commit(self: Any) -> None:
        os.write(1, b"done\n")
        real(self)

    _patch(transaction.Transaction, "_commit", commit)


@_mutant
def _run_before_intent() -> None:
    from session.workflow import run_record

    begin, finish = run_record.begin, run_record.finish
    late: list[Any] = []

    def begin_later(*args: Any, **named: Any) -> Any:
        late.append((args, named))
        return run_record.RunStart("", [], None)

    def finish_both(store: Any, workflow: str, step: str, _: str, *args: Any, **named: Any) -> None:
        words, options = late.pop()
        finish(store, workflow, step, begin(*words, **options).began_at, *args, **named)

    _patch(run_record, "begin", begin_later)
    _patch(run_record, "finish", finish_both)


@_mutant
def _result_before_end() -> None:
    from session.workflow import run_record

    begin, finish = run_record.begin, run_record.finish

    def begin_and_finish(store: Any, workflow: str, step: str, *args: Any, **named: Any) -> Any:
        begun = begin(store, workflow, step, *args, **named)
        finish(store, workflow, step, begun.began_at, 0, "", timeout_s=named["timeout_s"], owner=named["owner"])
        return begun

    _patch(run_record, "begin", begin_and_finish)
    _patch(run_record, "finish", lambda *_, **__: None)


@_mutant
def _links_followed() -> None:
    _patch(disk, "_NO_LINK", os.O_CLOEXEC | os.O_NONBLOCK)


@_mutant
def _prepare_skipped() -> None:
    """Commit first, and open folders and write files only then."""
    prepare, pack = commit._prepare, commit.journal.pack

    def prepare_late(folders: Any, store: Any, changes: Any, prepared: list[Any]) -> None:
        folders.tx._base.replace(paths.JOURNAL, pack(folders.tx._place, changes))
        prepare(folders, store, changes, prepared)

    _patch(commit, "_prepare", prepare_late)


@_mutant
def _lock_in_the_root() -> None:
    """Lock the root that the command came by, not the place that it writes."""
    real = transaction.Lock
    roots: list[str] = []
    folder = files.FileStore.folder

    def folder_noted(self: Any, *args: Any) -> Any:
        roots[:] = [self.root]
        return folder(self, *args)

    _patch(files.FileStore, "folder", folder_noted)
    _patch(transaction, "Lock", lambda base, timeout_s: real(disk.Folder.at(roots[0], ""), timeout_s))


@_mutant
def _second_lock_waited_for() -> None:
    """Wait for the lock of another place while holding the own one, so that two writers wait for each other."""
    enter, close = transaction.Transaction.__enter__, transaction.Transaction._close
    others = {paths.STATE: paths.PROGRESS, paths.PROGRESS: paths.STATE}

    def enter_both(self: Any) -> Any:
        enter(self)
        if self._place in others:
            time.sleep(0.2)  # real work between the two
            base = self._store.folder(others[self._place])
            self.second = None if base is None else transaction.Lock(base, self._timeout_s)
        return self

    def close_both(self: Any, *, clean: bool) -> None:
        if getattr(self, "second", None) is not None:
            self.second.release(clean=True)
        close(self, clean=clean)

    _patch(transaction.Transaction, "__enter__", enter_both)
    _patch(transaction.Transaction, "_close", close_both)


@_mutant
def _journal_of_another_place_applied() -> None:
    """Finish a journal in whatever place it lies."""
    real = journal.unpack

    def unpack(body: bytes, path: str, place: Any) -> Any:
        other = next((each for each in paths.PLACES if b'{"place":"%s"' % "/".join(each).encode() in body), place)
        return real(body, path, other)

    _patch(journal, "unpack", unpack)
    _patch(
        transaction.Transaction,
        "_without_other_places",
        lambda self, changes: {key: change.data for key, change in changes.items()},
    )


@_mutant
def _restore_not_finished() -> None:
    """Leave the second place of a restore as it is."""
    _patch(intentions, "finish", lambda *_: None)


@_mutant
def _dies_after_commit() -> None:
    """Kill the process directly after a journal's commit, before any of it is applied."""
    _patch(commit, "_apply", lambda *_: os._exit(9))


def dies_at(call: int) -> None:
    """Kill the process at its `call`-th call that changes or locks files, which no signal from outside can hit."""
    left = [call]

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def call_or_die(*args: Any, **named: Any) -> Any:
            left[0] -= 1
            if left[0] <= 0:
                os.kill(os.getpid(), 9)
            return real(*args, **named)

        return call_or_die

    for name in ("open", "write", "rename", "unlink", "mkdir", "fchmod", "close"):
        setattr(os, name, counted(getattr(os, name)))
    _patch(disk, "sync", counted(_sync))


def main(argv: list[str]) -> int:
    """Patch the store, then run the command; return its exit code."""
    import importlib

    name, command, *rest = argv
    module = importlib.import_module(f"session.{command}")
    for part in filter(None, name.split("+")):
        if part.startswith("dies-at-"):
            dies_at(int(part.removeprefix("dies-at-")))
        else:
            MUTANTS[part]()
    code = module.main(rest)
    assert isinstance(code, int)
    return code


if __name__ == "__main__":
    os._exit(main(sys.argv[1:]))
