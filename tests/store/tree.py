"""List a folder's content, to compare it before and after."""

import stat
from pathlib import Path


def tree(folder: Path) -> dict[str, tuple[str, str | bytes]]:
    """Return every entry below `folder`: its kind and permissions, and a file's bytes or a link's target."""
    found: dict[str, tuple[str, str | bytes]] = {}
    for path in sorted(folder.rglob("*")):
        mode = path.lstat().st_mode
        what: str | bytes = ""
        if stat.S_ISLNK(mode):
            what = str(path.readlink())
        elif stat.S_ISREG(mode):
            what = path.read_bytes()
        found[str(path.relative_to(folder))] = (stat.filemode(mode), what)
    return found
