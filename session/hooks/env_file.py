"""What later commands of a conversation are told through their environment."""

from session._posix import posix, stat

_LONGEST = 1 << 20


def export(file: str, values: dict[str, str]) -> None:
    """Add `export NAME=VALUE` to the file that the agent CLI has its shells read, unless that is what it says already.

    The values must be plain words. Errors are OSError; what is no regular file is left alone.
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
            if next((line for line in reversed(lines) if line.startswith(start)), b"") != start + value.encode():
                new.append(start + value.encode() + b"\n")
        if new:
            lead = b"\n" if old and not old.endswith(b"\n") else b""
            posix.write(fd, lead + b"".join(new))
    finally:
        posix.close(fd)
