"""Tests of the model of a file system: what a power cut may lose, and how a trace is read."""

import random
from pathlib import Path

import pytest

from tests.durability import strace, syscalls
from tests.durability.model import Disk, Op, disks

WRITE = (
    Op("create", "", "t", node=1),
    Op("write", node=1, data=b"new!"),
    Op("sync-file", node=1),
    Op("rename", "", "t", "f", node=1),
    Op("sync-folder", ""),
)


def outcomes(*ops: Op) -> set[bytes | None]:
    """Return every content that `f` may have after a power cut. It was `old` before."""
    base = Disk({("", "f"): 0}, {0: b"old"})
    return {disk.files().get("f") for _, disk in disks(base, list(ops), 10_000, random.Random(1))}


def test_the_write_protocol_leaves_old_or_new() -> None:
    for length in range(len(WRITE) + 1):
        found = outcomes(*WRITE[:length])
        assert found <= {b"old", b"new!"}
    assert outcomes(*WRITE) == {b"new!"}
    assert outcomes(*WRITE[:4]) == {b"old", b"new!"}


def test_without_a_sync_of_the_file_it_may_be_empty_or_torn() -> None:
    assert outcomes(*WRITE[:2], *WRITE[3:]) == {b"", b"ne", b"\0\0\0\0", b"new!"}


def test_without_a_sync_of_the_folder_the_old_may_come_back() -> None:
    assert outcomes(*WRITE[:4]) == {b"old", b"new!"}


def test_a_folder_that_was_not_synced_takes_what_is_in_it_along() -> None:
    ops = [Op("mkdir", "", "d"), Op("create", "d", "f", node=1), Op("sync-folder", "d")]
    found = {tuple(disk.files()) for _, disk in disks(Disk(), ops, 100, random.Random(1))}
    assert found == {(), ("d", "d/f")}


def test_a_large_choice_is_drawn_the_same_way_each_time() -> None:
    ops = [Op("create", "", str(number), node=number) for number in range(20)]
    first, again = ([name for name, _ in disks(Disk(), ops, 50, random.Random("seed"))] for _ in range(2))
    assert first == again
    assert len(first) == 50
    assert {"l" * 20, "w" * 20} <= {name.replace(".", "") for name in first}


def hexed(text: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in text.encode())


def line(template: str) -> str:
    """Return a line as strace writes it: the text between ⟨ and ⟩ in hexadecimal form."""
    parts = template.replace("⟩", "⟨").split("⟨")
    return "".join(hexed(part) if number % 2 else part for number, part in enumerate(parts))


def test_a_trace_becomes_operations() -> None:
    log = "\n".join(
        map(
            line,
            (
                '7 mkdirat(3<⟨/p⟩>, "⟨d⟩", 0700) = 0',
                '7 openat(3<⟨/p/d⟩>, "⟨t⟩", O_WRONLY|O_CREAT|O_EXCL, 0600) = 5<⟨/p/d/t⟩>',
                '7 write(5<⟨/p/d/t⟩>, "⟨ab"\\⟩", 4) = 2',
                '7 write(5<⟨/p/d/t⟩>, "⟨"\\⟩", 2) = 2',
                "7 fsync(5<⟨/p/d/t⟩>) = 0",
                '7 renameat(3<⟨/p/d⟩>, "⟨t⟩", 3<⟨/p/d⟩>, "⟨f⟩") = 0',
                "7 fsync(3<⟨/p/d⟩>) = 0",
                '7 unlinkat(3<⟨/p/d⟩>, "⟨gone⟩", 0) = -1 ENOENT (No such file or directory)',
                '7 write(1</dev/null>, "⟨yes⟩", 3) = 3',
                '7 unlinkat(3<⟨/p/d⟩>, "⟨f⟩", 0 <unfinished ...>',
            ),
        )
    )
    reader = syscalls.Reader(Path("/p"), Disk())
    reader.read(strace.calls(log))
    kinds = [op.kind for op in reader.ops]
    assert kinds == ["mkdir", "create", "write", "write", "sync-file", "rename", "sync-folder", "ack"]
    assert [op.data for op in reader.ops if op.kind == "write"] == [b"ab", b'"\\']
    assert [op.at for op in reader.ops if op.kind == "write"] == [0, 2]


@pytest.mark.parametrize(
    "call",
    [
        'linkat(3<⟨/p⟩>, "⟨a⟩", 3<⟨/p⟩>, "⟨b⟩", 0) = 0',
        'renameat(3<⟨/p/d⟩>, "⟨a⟩", 4<⟨/p/e⟩>, "⟨a⟩") = 0',
        "sync() = 0",
    ],
)
def test_a_call_that_the_model_does_not_know_is_an_error(call: str) -> None:
    base = Disk({("d", "a"): 1, ("", "d"): None}, {1: b""})
    with pytest.raises(NotImplementedError):
        syscalls.Reader(Path("/p"), base).read(strace.calls(line(f"7 {call}")))


def test_what_a_command_starts_is_an_operation() -> None:
    reader = syscalls.Reader(Path("/p"), Disk())
    log = "\n".join(
        (
            "clone3({flags=CLONE_VM|CLONE_THREAD, stack=0x1}, 88) = 8",
            "clone3({flags=CLONE_VM|CLONE_VFORK, exit_signal=SIGCHLD}, 88) = 9",
            "vfork() = 10",
            "vfork() = -1 EAGAIN (Resource temporarily unavailable)",
        )
    )
    reader.read(strace.calls(log))
    reader.ended()
    assert [op.kind for op in reader.ops] == ["start", "start", "ack"]
    assert not any(op.changes for op in reader.ops)
