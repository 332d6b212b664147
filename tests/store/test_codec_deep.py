"""The codec without recursion says the same as the recursive one, of every text."""

from typing import Any

import pytest

from session.store import codec, codec_deep
from tests.interop.documents import Texts, hand_written

ROUNDS = 3_000
RULES = {False: codec._Rules, True: codec._FiniteRules}


def texts() -> list[str]:
    """Texts of every kind, many of them not JSON."""
    plain, wild, broken = Texts(11, wild=False), Texts(12, wild=True), Texts(13, wild=True)
    made = [text for _ in range(ROUNDS) for text in (plain.text(), wild.text(), broken.mutated(), broken.mutated())]
    return [*hand_written(), *made]


def told(value: Any) -> tuple[str, bytes]:
    """All that there is to know about a value: types and order too."""
    return repr(value), codec.encode(value)


def read(text: str, finite: bool) -> tuple[str, bytes] | None:
    """What the recursive one makes of the text; None if nothing."""
    try:
        return told(codec.decode(text, finite=finite))
    except codec.NotJSON:
        return None


def read_deep(text: str, finite: bool) -> tuple[str, bytes] | None:
    """What the one without recursion makes of it."""
    start = len(text) - len(text.lstrip(codec.WHITE_SPACE))
    try:
        value, end = codec_deep.decode(text, start, RULES[finite])
    except codec.NotJSON:
        return None
    return None if text[end:].strip(codec.WHITE_SPACE) else told(value)


@pytest.mark.parametrize("finite", [False, True])
def test_reads_the_same(finite: bool) -> None:
    different = [text for text in texts() if read(text, finite) != read_deep(text, finite)]
    assert different == []


def test_writes_the_same() -> None:
    written = 0
    for text in texts():
        try:
            value = codec.decode(text)
        except codec.NotJSON:
            continue
        pretty = "".join(codec_deep.encode(value)).encode("utf-8", "backslashreplace")
        compact = "".join(codec_deep.encode(value, pretty=False)).encode("utf-8", "backslashreplace").decode()
        assert (pretty, compact) == (codec.encode(value), codec.compact(value))
        written += 1
    assert written > ROUNDS
