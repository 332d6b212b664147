"""The pictures of the documentation: current, and without anything that asks a network."""

import re
from types import ModuleType

import pytest

from tests.by_path import load
from tests.conftest import REPOSITORY

PICTURES = REPOSITORY / "docs" / "pictures"


@pytest.fixture(scope="module")
def pictures() -> ModuleType:
    return load(REPOSITORY / "docs" / "pictures.py")


def test_the_floors_are_drawn_from_todays_imports(pictures: ModuleType) -> None:
    """`make pictures` draws them anew."""
    assert (PICTURES / "floors.svg").read_text(encoding="utf-8") == pictures.draw_floors()


def test_no_import_points_up(pictures: ModuleType) -> None:
    floor = {name: number for number, names in enumerate(pictures.floors()) for name in names}
    assert [pair for pair in pictures.imports() if floor[pair[1]] < floor[pair[0]]] == []


@pytest.mark.parametrize("name", ["floors.svg", "interruption.svg"])
def test_a_picture_loads_nothing_from_elsewhere(name: str) -> None:
    text = (PICTURES / name).read_text(encoding="utf-8")
    assert re.findall(r"https?://[^\s\"')]+", text) == ["http://www.w3.org/2000/svg"]
    assert "<title>" in text


def test_the_recording_shows_an_interruption() -> None:
    text = (PICTURES / "interruption.svg").read_text(encoding="utf-8").replace("&#160;", " ")
    assert "no result recorded: check before repeating" in text
    assert "interrupted" in text
