"""Temporary folders: where the system's is, folders of our own, and removal of those that a crash left.

Ours are below one folder in the user's cache, or in the user's runtime folder if the cache can't be written. Each has a
file that says which process made it. Nothing but such a folder of a process that has ended is ever removed, and no
removal follows a link or enters another file system.
"""

import os
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from session.errors import SessionError
from session.host import ownership, user_folders

MARK = "made-by.json"
_OURS = "temporary"
_OLD_S = 3600.0
_LONGEST_MARK = 4096


def folder() -> str:
    """Return the absolute path of the system's temporary folder.

    The standard library's `tempfile.gettempdir` would write a file there as a test, and takes long to import.
    """
    candidates = (os.environ.get(name, "") for name in ("TMPDIR", "TEMP", "TMP"))
    default = "/tmp" if sys.platform != "win32" else os.path.expanduser("~/AppData/Local/Temp")  # noqa: S108
    return next((os.path.abspath(path) for path in candidates if path and os.path.isdir(path)), default)


def places() -> list[str]:
    """Return the paths of the folders that may hold our temporary folders, the preferred one first."""
    found = []
    try:
        found.append(os.path.join(user_folders.cache(), _OURS))
    except (SessionError, ImportError):
        pass  # there is no home folder, or a plugin runs on a Python that can't compute it
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if os.path.isabs(runtime):
        found.append(os.path.join(runtime, user_folders.NAME, _OURS))
    return found


@contextmanager
def make() -> Iterator[str]:
    """Make a temporary folder for this process, yield its path without links, and remove it afterwards.

    OSError if no folder can be made.
    """
    path = _make()
    try:
        yield path
    finally:
        _remove(path)


def sweep() -> list[str]:
    """Remove this user's temporary folders whose process has ended; return the paths of those removed."""
    removed = []
    for place in places():
        try:
            names = sorted(os.listdir(place)) if _is_usable(place) else []
        except OSError:
            continue
        for name in names:
            path = os.path.join(place, name)
            if _is_left(path) and _remove(path):
                removed.append(path)
    return removed


def _make() -> str:
    from session.store.user_file import make_folder  # cost: not for `folder` and `sweep`

    error = OSError("no folder for temporary files: set HOME")
    for place in places():
        try:
            make_folder(place).close()
            if not _is_usable(place):
                raise OSError(f"{place} is a link, or others can write it: move it away")
            place = os.path.realpath(place)
            path = os.path.join(place, f"{os.getpid()}-{os.urandom(8).hex()}")
            os.mkdir(path, 0o700)
            try:
                _write_mark(path)
            except BaseException:
                _remove(path)
                raise
            return path
        except OSError as failure:
            error = failure
    raise error


def _write_mark(path: str) -> None:
    """Write the file that says which process made the folder."""
    import json  # cost: only with a temporary folder

    file = os.path.join(path, MARK)
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as mark:
        json.dump({"pid": os.getpid(), "started": _started(os.getpid()), "boot": _boot(), "space": _space()}, mark)


def _is_left(path: str) -> bool:
    """Return True if the folder has our mark, is this user's, and belongs to a process that has ended."""
    try:
        status = os.lstat(path)
        mark = _read_mark(path) if _is_own_folder(status) else None
    except (OSError, ValueError):
        return False
    if mark is None:
        return False
    pid, started, boot, space = mark
    if "" in (boot, _boot()) or boot == _boot():
        if space == _space():
            return _has_ended(pid, started)
        return False  # a process of another container, which may share this folder: nobody here can tell
    # Another boot may also be another machine, with the same home folder. Such a folder is used for seconds.
    return time.time() - status.st_mtime > _OLD_S


def _read_mark(path: str) -> tuple[int, str, str, str] | None:
    """Return process, start time, boot and process space from the folder's mark; None if it is not a mark of ours."""
    import json  # cost: only if there are temporary folders

    flags = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC"))
    fd = os.open(os.path.join(path, MARK), flags)
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            return None
        mark = json.loads(os.read(fd, _LONGEST_MARK))
    except RecursionError:
        return None
    finally:
        os.close(fd)
    if not isinstance(mark, dict):
        return None
    pid = mark.get("pid")
    texts = [text for name in ("started", "boot", "space") if isinstance(text := mark.get(name), str)]
    if type(pid) is not int or not 0 < pid < 1 << 31 or len(texts) != 3:
        return None
    return pid, texts[0], texts[1], texts[2]


def _is_usable(place: str) -> bool:
    """Return True if the folder of temporary folders is no link, and no other user can write it."""
    status = os.lstat(place)
    return stat.S_ISDIR(status.st_mode) and ownership.is_private(status)


def _is_own_folder(status: os.stat_result) -> bool:
    is_own = sys.platform == "win32" or status.st_uid == os.geteuid()
    return is_own and stat.S_ISDIR(status.st_mode)


def _has_ended(pid: int, started: str) -> bool:
    """Return True if the process is gone, or if another one has its number now. False if nobody can tell."""
    if sys.platform == "win32":  # there, os.kill would end the process
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        pass  # another user's
    now = _started(pid)
    return started != "" != now and started != now


def _started(pid: int) -> str:
    """Return the time at which the process started, in ticks since the boot; "" if the system does not say."""
    # the name of the program, in brackets, may contain anything
    fields = _text(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return fields[19] if len(fields) > 19 else ""


def _boot() -> str:
    """Return the name of this boot of the system, or "" if the system does not say."""
    return _text("/proc/sys/kernel/random/boot_id").strip()


def _space() -> str:
    """Return the name of the space in which process numbers count, or "" if the system does not say."""
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""


def _text(file: str) -> str:
    try:
        with open(file, encoding="utf-8", errors="replace") as source:
            return source.read(_LONGEST_MARK)
    except OSError:
        return ""


def _remove(path: str) -> bool:
    """Remove the folder and return True. Nothing is removed if something is mounted in it, as far as anybody can tell.

    Stop at the first entry that cannot be removed. The mark goes last, so that the next sweep goes on.
    """
    try:
        device = os.lstat(os.path.dirname(path)).st_dev
        if _has_mounts(path):
            return False
        _empty(path, device, last=MARK)
        os.rmdir(path)
    except OSError:
        return False
    return True


def _empty(path: str, device: int, last: str = "") -> None:
    """Remove what is in the folder, on this device only; `last` is the name to remove last. OSError if that fails."""
    status = os.lstat(path)
    if status.st_dev != device or not stat.S_ISDIR(status.st_mode):
        raise OSError(f"{path} is on another file system, or no folder")
    for name in sorted(os.listdir(path), key=lambda name: name == last):
        below = os.path.join(path, name)
        status = os.lstat(below)
        if status.st_dev != device:
            raise OSError(f"{below} is on another file system")
        if stat.S_ISDIR(status.st_mode):
            _empty(below, device)
            os.rmdir(below)
        else:
            os.unlink(below)


def _has_mounts(path: str) -> bool:
    """Return True if something is mounted at the path or below. A part of the same disk has the same device there."""
    start = os.path.realpath(path)
    for line in _mounts():
        words = line.split(b" ")
        mounted = words[4] if len(words) > 4 else b""
        for code, char in ((b"\\040", b" "), (b"\\011", b"\t"), (b"\\012", b"\n"), (b"\\134", b"\\")):
            mounted = mounted.replace(code, char)
        if os.path.join(mounted, b"").startswith(os.path.join(os.fsencode(start), b"")):
            return True
    return False


def _mounts() -> list[bytes]:
    try:
        with open("/proc/self/mountinfo", "rb") as file:
            return file.read().splitlines()
    except OSError:
        return []
