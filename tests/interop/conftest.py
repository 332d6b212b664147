"""The JavaScript engines, where there are any. With CI=true a missing Bun is a failure, not a skip."""

import os
from collections.abc import Iterator

import pytest

from tests.interop.bun import HOW_TO_INSTALL, find_bun, find_node
from tests.interop.peer_process import Peer


@pytest.fixture(scope="session")
def bun() -> str:
    """The path of Bun."""
    found = find_bun()
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(HOW_TO_INSTALL)
        pytest.skip(HOW_TO_INSTALL)
    return found


@pytest.fixture(scope="session")
def node() -> str:
    """The path of Node; a second opinion, so its absence is never a failure."""
    found = find_node()
    if found is None:
        pytest.skip("Node is missing: a second opinion, besides Bun's")
    return found


@pytest.fixture(params=["bun", "node"])
def engine(request: pytest.FixtureRequest) -> str:
    """The path of each JavaScript engine in turn."""
    path = request.getfixturevalue(request.param)
    assert isinstance(path, str)
    return path


@pytest.fixture(scope="module")
def peer(bun: str) -> Iterator[Peer]:
    """The TypeScript peer, running."""
    with Peer(bun) as started:
        yield started
