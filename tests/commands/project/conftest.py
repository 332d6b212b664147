"""Fixtures of the project's state, for the commands that edit it."""

from tests.project.conftest import _no_root, call, prism

__all__ = ["_no_root", "call", "prism"]
