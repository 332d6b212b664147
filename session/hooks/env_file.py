"""Export environment variables to the shells that an agent CLI starts for a conversation."""

from session._posix import posix, stat

_LONGEST = 1 << 20


def export(file: str, values: dict[str, str]) -> None:
    """Append `export NAME=VALUE` lines to `file`, unless its last line for that name has that value already.

    The agent CLI makes its shells read the file. Values must be safe words: they are not quoted. If the file cannot be
    written, leave it as it was and raise OSError. If it is no regular file, do nothing.
    """
    flags = (
        posix.O_RDWR | posix.O_APPEND | posix.O_CREAT | getattr(posix, "O_NONBLOCK", 0) | getattr(posix, "O_CLOEXEC", 0)
    )
    fd = posix.open(file, flags, 0o600)
    try:
        if not stat.S_ISREG(posix.fstat(fd).st_mode):
            return
        old = posix.read(fd, _LONGEST)
        lines = old.split(b"\n")
        new = []
        for name, value in values.items():
            start = f"export {name}=".encode()
            last = next((line for line in reversed(lines) if line.startswith(start)), b"")
            if last != start + value.encode():
                new.append(start + value.encode() + b"\n")
        if new:
            lead = b"\n" if old and not old.endswith(b"\n") else b""
            _append(fd, lead + b"".join(new))
    finally:
        posix.close(fd)


def _append(fd: int, data: bytes) -> None:
    """Append all of `data`, or nothing: a shell would run half a line."""
    old_size = posix.fstat(fd).st_size
    count = 0
    try:
        while count < len(data):
            count += posix.write(fd, data[count:])
    except BaseException:
        if count and posix.fstat(fd).st_size == old_size + count:  # nobody else has appended meanwhile
            posix.ftruncate(fd, old_size)
        raise
