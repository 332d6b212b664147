"""A model of a file system that guarantees only what fsync guarantees, and all states that a power cut may leave.

It follows the model of the ALICE study: an operation that was not synced may be on the disk or not, independent of the
others, and a write may be there in part. A rename is one step. Syncing a file makes its content durable, but not its
name; syncing a folder makes the names in it durable.
"""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

Folder = str  # relative to the project, "" for the project itself
TORN = ("whole", "half", "zeros")


@dataclass(frozen=True)
class Op:
    """One operation of a command on the names in a folder or on the bytes of a file."""

    kind: str  # mkdir create write truncate rename unlink; sync-file sync-folder; start (what is run), ack
    folder: Folder = ""
    name: str = ""
    target: str = ""  # rename: the new name, in the same folder
    node: int = -1
    at: int = 0
    data: bytes = b""

    @property
    def changes(self) -> bool:
        return not self.kind.startswith("sync") and self.kind not in ("start", "ack")

    def synced_by(self, later: "Op") -> bool:
        """Return True if the operation `later` makes this one durable."""
        if self.kind in ("write", "truncate"):
            return later.kind == "sync-file" and later.node == self.node
        return later.kind == "sync-folder" and later.folder == self.folder


@dataclass
class Disk:
    """Names and contents on a disk. A name leads to a file's number, or to None for a folder."""

    names: dict[tuple[Folder, str], int | None] = field(default_factory=dict)
    bodies: dict[int, bytes] = field(default_factory=dict)

    def copy(self) -> "Disk":
        return Disk(dict(self.names), dict(self.bodies))

    def apply(self, op: Op, torn: str = "whole") -> None:
        """Apply the operation to this disk. `torn` says if a write happens whole, half, or as zeros."""
        if op.kind == "mkdir":
            self.names[op.folder, op.name] = None
        elif op.kind == "create":
            self.names[op.folder, op.name] = op.node
        elif op.kind == "rename":
            self.names.pop((op.folder, op.name), None)
            self.names[op.folder, op.target] = op.node
        elif op.kind == "unlink":
            self.names.pop((op.folder, op.name), None)
        elif op.kind == "truncate":
            self.bodies[op.node] = b""
        elif op.kind == "write":
            body = self.bodies.get(op.node, b"").ljust(op.at, b"\0")
            data = op.data if torn == "whole" else bytes(len(op.data)) if torn == "zeros" else _half(op.data)
            self.bodies[op.node] = body[: op.at] + data + body[op.at + len(data) :]

    def files(self) -> dict[str, bytes | None]:
        """Return the files and folders below the project by path: bytes for a file, None for a folder."""
        found: dict[str, bytes | None] = {}
        for (folder, name), node in sorted(self.names.items()):
            if folder == "" or folder in found:  # sorted: a folder comes before what is in it
                path = f"{folder}/{name}" if folder else name
                found[path] = None if node is None else self.bodies.get(node, b"")
        return found


def _half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def disks(base: Disk, ops: list[Op], most: int, chance: random.Random) -> Iterator[tuple[str, Disk]]:
    """Yield every disk that a power cut after `ops` may leave, with a name for each.

    `base` is durable. If there are more than `most` disks, `chance` draws that many. The disk with all operations and
    the disk with none are always among them.
    """
    loose = [at for at, op in enumerate(ops) if op.changes and not any(op.synced_by(later) for later in ops[at + 1 :])]
    choices = [("lost", *(TORN if ops[at].kind == "write" else ("whole",))) for at in loose]
    count = 1
    for choice in choices:
        count *= len(choice)
    picks: Iterator[tuple[str, ...]] = itertools.product(*choices)
    if count > most:
        picks = itertools.chain(
            [tuple("lost" for _ in choices), tuple("whole" for _ in choices)],
            (tuple(chance.choice(choice) for choice in choices) for _ in range(most - 2)),
        )
    for pick in picks:
        fate = dict(zip(loose, pick, strict=True))
        disk = base.copy()
        for at, op in enumerate(ops):
            if op.changes and fate.get(at) != "lost":
                disk.apply(op, fate.get(at, "whole"))
        yield ".".join(what[0] for what in pick) or "-", disk
