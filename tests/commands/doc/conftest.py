"""Fixtures for the tests of `session doc`, from tests/conversation."""

from tests.conversation.conftest import base, call

__all__ = ["base", "call"]
