"""Convert a trace of system calls to operations of the model. A call that the model does not know is an error."""

import re
from pathlib import Path

from .model import Disk, Op
from .strace import Call

# The calls that a trace must contain: those that change files, and those that determine which file and position.
SHOWN = (
    *("open", "openat", "creat", "write", "writev", "pwrite64", "pwritev", "lseek", "ftruncate", "truncate"),
    *("fallocate", "copy_file_range", "sendfile", "rename", "renameat", "renameat2", "unlink", "unlinkat"),
    *("rmdir", "mkdir", "mkdirat", "link", "linkat", "symlink", "symlinkat", "fsync", "fdatasync", "sync"),
    *("syncfs", "sync_file_range", "msync", "vfork", "clone", "clone3"),
)
_PATH = re.compile(r"\\x([0-9a-f]{2})")
_FD = re.compile(r"^(\d+|AT_FDCWD)<([^>]*)>")
_STRING = re.compile(r'"([^"]*)"')
_RESULT = re.compile(r"= \d+<([^>]*)>$")


def _bytes(escaped: str) -> bytes:
    return bytes.fromhex(escaped.replace("\\x", ""))


def _text(escaped: str) -> str:
    return _PATH.sub(lambda match: chr(int(match[1], 16)), escaped)


class Reader:
    """Converts the calls of a command below one project, starting from a `Disk`. It can read several traces in turn."""

    def __init__(self, project: Path, base: Disk) -> None:
        self._root = str(project)
        self._now = base.copy()  # the disk as processes see it
        self._offsets: dict[str, int] = {}
        self._next = max(base.bodies, default=0) + 1
        self.ops: list[Op] = []

    def read(self, made: list[Call]) -> None:
        """Append the operations of these calls."""
        self._offsets.clear()
        for call in made:
            if call.name in SHOWN and call.result is not None and call.result >= 0:
                self._call(call)

    def ended(self) -> None:
        """Append an acknowledgement: `run` reports success only by its end."""
        self.ops.append(Op("ack"))

    def _call(self, call: Call) -> None:
        raw = call.line[call.line.index("(") + 1 :]
        descriptor = _FD.match(raw)
        here = _text(descriptor[2]) if descriptor else ""
        if call.name in ("vfork", "clone", "clone3"):
            if call.name == "vfork" or "CLONE_VFORK" in raw:  # otherwise it starts a thread
                self.ops.append(Op("start"))
            return
        if call.name == "write" and raw.startswith("1<"):
            self.ops.append(Op("ack"))
            return
        strings = [_text(text) for text in _STRING.findall(raw)] if call.name != "write" else []
        below = here == self._root or here.startswith(self._root + "/")
        below = below or any(text.startswith(self._root + "/") for text in strings)
        if not below:
            if call.name in ("sync", "syncfs"):
                raise NotImplementedError(f"the model does not know {call.name}")
            return
        method = getattr(self, f"_{call.name}", None)
        if method is None:
            raise NotImplementedError(f"the model does not know {call.name}: {call.arguments}")
        method(here, raw, strings, call)

    def _relative(self, path: str) -> str:
        return path.removeprefix(self._root).strip("/")

    def _place(self, path: str) -> tuple[str, str]:
        folder, _, name = self._relative(path).rpartition("/")
        return folder, name

    def _node(self, path: str) -> int:
        node = self._now.names[self._place(path)]
        assert node is not None
        return node

    def _do(self, op: Op) -> None:
        self._now.apply(op)
        self.ops.append(op)

    def _openat(self, here: str, raw: str, strings: list[str], call: Call) -> None:
        path = strings[0] if strings[0].startswith("/") else f"{here}/{strings[0]}"
        result = _RESULT.search(call.line)
        if result:
            path = _text(result[1])  # with links resolved
        self._offsets[path] = 0
        if "O_CREAT" in raw and self._place(path) not in self._now.names:
            folder, name = self._place(path)
            self._do(Op("create", folder, name, node=self._next))
            self._now.bodies[self._next] = b""
            self._next += 1
        elif "O_TRUNC" in raw:
            self._do(Op("truncate", node=self._node(path)))
        if "O_APPEND" in raw:
            raise NotImplementedError("the model does not know O_APPEND")

    def _write(self, here: str, raw: str, strings: list[str], call: Call) -> None:
        text = _STRING.search(raw)
        assert text
        assert call.result is not None
        at = self._offsets[here]
        self._do(Op("write", node=self._node(here), at=at, data=_bytes(text[1])[: call.result]))
        self._offsets[here] = at + call.result

    def _lseek(self, here: str, raw: str, strings: list[str], call: Call) -> None:
        assert call.result is not None
        self._offsets[here] = call.result

    def _fsync(self, here: str, raw: str, strings: list[str], call: Call) -> None:
        place = self._place(here)
        if here == self._root or (place in self._now.names and self._now.names[place] is None):
            self.ops.append(Op("sync-folder", self._relative(here)))
        else:
            self.ops.append(Op("sync-file", node=self._node(here)))

    def _mkdirat(self, here: str, raw: str, strings: list[str], call: Call) -> None:
        self._do(Op("mkdir", self._relative(here), strings[0]))

    def _unlinkat(self, here: str, raw: str, strings: list[str], call: Call) -> None:
        self._do(Op("unlink", self._relative(here), strings[0]))

    def _renameat(self, here: str, raw: str, strings: list[str], call: Call) -> None:
        folder = self._relative(here)
        if f"{raw.split(',')[2].strip()}".split("<", 1)[1].rstrip(">") != raw.split("<", 1)[1].split(">", 1)[0]:
            raise NotImplementedError("the model does not know renames between folders")
        node = self._now.names[folder, strings[0]]
        assert node is not None
        self._do(Op("rename", folder, strings[0], strings[1], node))


def disk_of(project: Path) -> Disk:
    """Return the content of a folder as a durable disk."""
    disk = Disk()
    for number, path in enumerate(sorted(project.rglob("*"))):
        folder, _, name = path.relative_to(project).as_posix().rpartition("/")
        disk.names[folder, name] = None if path.is_dir() else number
        if not path.is_dir():
            disk.bodies[number] = path.read_bytes()
    return disk
