"""What later commands of a conversation are told through their environment."""

from session.system import os, stat

_LONGEST = 1 << 20


def export(file: str, values: dict[str, str]) -> None:
    """Add `export NAME=VALUE` to the file that the agent CLI has its shells read, unless that is what it says already.

    The values must be plain words. Errors are OSError; what is no regular file is left alone.
    """
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    fd = os.open(file, flags, 0o600)
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            return
        old = os.read(fd, _LONGEST)
        lines = old.split(b"\n")
        new = []
        for name, value in values.items():
            start = f"export {name}=".encode()
            if next((line for line in reversed(lines) if line.startswith(start)), b"") != start + value.encode():
                new.append(start + value.encode() + b"\n")
        if new:
            lead = b"\n" if old and not old.endswith(b"\n") else b""
            os.write(fd, lead + b"".join(new))
    finally:
        os.close(fd)
