"""Fixtures for the JavaScript engines. Without Bun, tests are skipped; with CI=true they fail."""

import os
from collections.abc import Iterator

import pytest

from tests.interop.bun import HOW_TO_INSTALL, find_bun, find_node
from tests.interop.peer_process import Peer


@pytest.fixture(scope="session")
def bun() -> str:
    """Return the path of Bun."""
    path = find_bun()
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail(HOW_TO_INSTALL)
        pytest.skip(HOW_TO_INSTALL)
    return path


@pytest.fixture(scope="session")
def node() -> str:
    """Return the path of Node, or skip the test. Node is optional, even in CI."""
    path = find_node()
    if path is None:
        pytest.skip("Node is missing: it is optional, besides Bun")
    return path


@pytest.fixture(params=["bun", "node"])
def engine(request: pytest.FixtureRequest) -> str:
    """Return the path of each JavaScript engine in turn."""
    path = request.getfixturevalue(request.param)
    assert isinstance(path, str)
    return path


@pytest.fixture(scope="module")
def peer(bun: str) -> Iterator[Peer]:
    """Start the TypeScript implementation (the peer) for the tests of a module."""
    with Peer(bun) as started:
        yield started
