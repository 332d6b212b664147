"""Tests of the user's folders: those that are computed for speed equal those that platformdirs gives."""

import sys
from pathlib import Path

import platformdirs
import pytest
from platformdirs.macos import MacOS
from platformdirs.unix import Unix

from session.errors import SessionError
from session.host import user_folders

VARIABLES = ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME")
SYSTEMS = {"linux": Unix, "darwin": MacOS}


@pytest.mark.skipif(sys.platform == "win32", reason="nothing is computed there")
@pytest.mark.parametrize("value", [None, "", " ", "/elsewhere", "/else where/é/"])
@pytest.mark.parametrize("system", SYSTEMS)
def test_computed_folders_equal_those_of_platformdirs(
    system: str, value: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("ANDROID_DATA", raising=False)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    folders = SYSTEMS[system]("workflow-session", appauthor=False)
    expected = [Path(path) for path in (folders.user_config_dir, folders.user_cache_dir, folders.user_data_dir)]
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setitem(sys.modules, "platformdirs", None)  # as on a plain Python, so that all three are computed
    assert [Path(user_folders.config()), Path(user_folders.cache()), Path(user_folders.data())] == expected


def test_the_data_folder_is_asked_from_platformdirs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platformdirs, "user_data_dir", lambda name, appauthor: f"/asked/{name}")
    assert user_folders.data() == "/asked/workflow-session"


@pytest.mark.parametrize("value", ["relative", "~/x", "./x"])
@pytest.mark.parametrize("named", VARIABLES)
def test_no_folder_depends_on_the_working_folder(named: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(named, value)
    for folder in (user_folders.config(), user_folders.cache(), user_folders.data()):
        assert Path(folder).is_absolute()


def test_without_a_home_it_is_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOME")
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    assert user_folders.config() == platformdirs.user_config_dir("workflow-session", appauthor=False)
    assert user_folders.data() == platformdirs.user_data_dir("workflow-session", appauthor=False)


def test_a_user_who_has_no_home_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(number: int) -> None:
        raise KeyError(number)

    monkeypatch.delenv("HOME")
    monkeypatch.setattr("pwd.getpwuid", unknown)
    for folder in (user_folders.config, user_folders.cache, user_folders.data):
        with pytest.raises(SessionError, match=r"^there is no home folder \(set HOME\)$"):
            folder()
