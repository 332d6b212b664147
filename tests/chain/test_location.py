"""The states are in the workspace, in our own plugin's data folder, or in the user's cache."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import platformdirs
import pytest

import session.chain as ss
from session.chain import location
from session.chain.state import CHAINS
from session.chain.workspace import get_cache_dir, get_workspace_root
from session.errors import SessionError
from session.store.paths import COLLECTIONS
from tests.conftest import REPOSITORY, WORKSPACES

Named = Callable[..., None]


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> Named:
    """Set the environment variables that name a workspace: only those that the test gives."""

    def name(**folders: Path | str) -> None:
        for variable in WORKSPACES:
            monkeypatch.delenv(variable, raising=False)
        for variable, folder in folders.items():
            monkeypatch.setenv(variable, str(folder))

    return name


def test_the_first_that_exists(named: Named, project: Path) -> None:
    a, b, c = (project / name for name in "abc")
    for folder in (a, b, c):
        folder.mkdir()
    file = project / "file"
    file.touch()
    for folders, expected in (
        ({"MCP_WORKSPACE": a, "CLAUDE_PLUGIN_ROOT": b}, a),
        ({"MCP_WORKSPACE": project / "none", "CLAUDE_PLUGIN_ROOT": b, "GEMINI_EXTENSION_PATH": c}, b),
        ({"MCP_WORKSPACE": file, "CLAUDE_PLUGIN_ROOT": "", "GEMINI_EXTENSION_PATH": c, "extensionPath": a}, c),
        ({"GEMINI_EXTENSION_PATH": file, "extensionPath": a}, a),
        ({"CLAUDE_PLUGIN_DATA": a, "extensionPath": b}, b),
    ):
        named(**folders)
        assert expected / "server/cache" == get_cache_dir() == get_cache_dir(project)
        assert expected / "server/cache/sessions" == ss.SESSION_STATE_DIR == Path(location.folder())
        assert get_workspace_root() == expected


def test_in_our_own_plugin_states_survive_an_update(named: Named, project: Path) -> None:
    data = project / "data"
    data.mkdir()
    named(CLAUDE_PLUGIN_ROOT=REPOSITORY, CLAUDE_PLUGIN_DATA=data)
    assert data / "server/cache/sessions" == ss.SESSION_STATE_DIR
    for missing in ("", project / "none"):
        named(CLAUDE_PLUGIN_ROOT=REPOSITORY, CLAUDE_PLUGIN_DATA=missing)
        assert get_workspace_root() is None


def test_a_relative_workspace_stays_relative(named: Named, project: Path) -> None:
    (project / "ws").mkdir()
    named(MCP_WORKSPACE="ws")
    assert str(ss.SESSION_STATE_DIR) == "ws/server/cache/sessions"
    assert location.folder() == str(project / "ws/server/cache/sessions")


def test_without_a_workspace_a_fallback_counts(named: Named, project: Path) -> None:
    named()
    assert get_cache_dir(project / "x") == project / "x"
    assert get_cache_dir() == Path(os.environ["HOME"]) / ".cache/workflow-session/server/cache"


@pytest.mark.parametrize(
    "env",
    [
        {},
        {"XDG_CACHE_HOME": "/some/cache"},
        {"XDG_CACHE_HOME": "/some/cache/"},
        {"XDG_CACHE_HOME": ""},
        {"HOME": "/home/é\udcff"},
        {"HOME": "/home/x/"},
        {"HOME": "/"},
        {"HOME": "relative"},
        {"HOME": ""},
        {"HOME": None},
    ],
)
def test_the_users_cache_is_where_platformdirs_says(
    monkeypatch: pytest.MonkeyPatch, env: dict[str, str | None]
) -> None:
    """A hook computes it, because platformdirs is too slow for a hook."""
    for name, value in env.items():
        if value is None:
            monkeypatch.delenv(name)
        else:
            monkeypatch.setenv(name, value)
    assert location.user_cache() == platformdirs.user_cache_dir("workflow-session", appauthor=False)


@pytest.mark.skipif(sys.platform != "linux", reason="asks for the paths of another system")
def test_on_a_mac(monkeypatch: pytest.MonkeyPatch) -> None:
    from platformdirs.macos import MacOS

    monkeypatch.setattr(sys, "platform", "darwin")
    assert location.user_cache() == MacOS("workflow-session", appauthor=False).user_cache_dir


def test_nobody_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    import pwd

    def unknown(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.delenv("HOME")
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    with pytest.raises(SessionError, match="no home folder"):
        location.folder()
    assert not location.has_state("s1")
    assert not ss.save_session_state("s1", {})  # type: ignore[typeddict-item]


def test_the_copied_constants_equal_the_originals() -> None:
    assert COLLECTIONS[CHAINS][1] == location._ENDING
    assert REPOSITORY.joinpath(*location._PLUGIN_FILE).is_file()
    assert {*location._WORKSPACE_VARIABLES, "CLAUDE_PLUGIN_DATA"} == set(WORKSPACES)


def test_the_public_names() -> None:
    """Programs that used the original scripts import these."""
    names = {
        *("ChainState", "SESSION_STATE_DIR", "clear_session_state", "format_chain_reminder", "get_cache_dir"),
        *("get_session_state_path", "load_session_state", "parse_prompt_engine_response", "save_session_state"),
    }
    assert set(ss.__all__) == names
    for name in (*names, "workspace"):
        exec(f"from session.chain import {name}")
    exec("from session.chain.workspace import get_cache_dir, get_workspace_root")


def test_names_that_are_not_there() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        ss.nothing  # type: ignore[attr-defined]  # noqa: B018
    assert all(getattr(ss, name) is not None for name in ss.__all__)
    assert "chain_id" in ss.ChainState.__annotations__
    assert ss.get_cache_dir is get_cache_dir
    assert ss.__getattr__("workspace").get_cache_dir is get_cache_dir
