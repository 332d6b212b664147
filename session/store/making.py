"""A folder, and those above it, made durably."""

import os

from session.store.files import Folder


def made(path: str) -> Folder:
    """The folder at an absolute path, opened; made for its owner alone, with those above, where it is missing.

    OSError where it can't be.
    """
    try:
        return Folder.at(path, os.path.join(path, ""))
    except FileNotFoundError:
        parent, name = os.path.split(path)
    above = made(parent)
    try:
        return above.make_child(name)
    finally:
        above.close()
