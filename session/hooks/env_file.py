"""Export environment variables to the shells that an agent CLI starts for a conversation."""

from session._posix import posix, stat

_LONGEST = 1 << 20


def export(file: str, values: dict[str, str]) -> None:
    """Append `export NAME=VALUE` lines to `file`, unless its last line for that name has that value already.

    The agent CLI makes its shells read the file. Values must be safe words: they are not quoted. OSError if the file
    cannot be written. If it is no regular file, do nothing.
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
            posix.write(fd, lead + b"".join(new))
    finally:
        posix.close(fd)
