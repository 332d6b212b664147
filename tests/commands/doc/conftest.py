"""Fixtures of conversations' documents, for `session doc`."""

from tests.conversation.conftest import base, call

__all__ = ["base", "call"]
