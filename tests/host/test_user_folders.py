"""The user's folders are where platformdirs says."""

from pathlib import Path

import platformdirs
import pytest

from session.host import user_folders


@pytest.mark.parametrize("value", [None, "", " ", "/elsewhere", "/else where/é/"])
def test_as_platformdirs_says(value: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    config = Path(platformdirs.user_config_dir("workflow-session", appauthor=False)).resolve()
    cache = Path(platformdirs.user_cache_dir("workflow-session", appauthor=False)).resolve()
    assert Path(user_folders.config()) == config
    assert Path(user_folders.cache()) == cache
    assert Path(user_folders.data()) == Path(platformdirs.user_data_dir("workflow-session", appauthor=False)).resolve()


def test_without_a_home_it_is_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOME")
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    assert user_folders.config() == platformdirs.user_config_dir("workflow-session", appauthor=False)
