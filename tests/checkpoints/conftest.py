"""Fixtures for the tests of `verify`, which need a project's state."""

from tests.project.conftest import _no_root, call, prism

__all__ = ["_no_root", "call", "prism"]
