"""The codec without recursion gives the same result as the recursive one for every text."""

from typing import Any

import pytest

from session.store import codec, codec_deep
from tests.interop.documents import Texts, hand_written

ROUNDS = 3_000
RULES = {False: codec._Rules, True: codec._FiniteRules}


def texts() -> list[str]:
    """Return texts of every kind; many are not JSON."""
    plain, wild, broken = Texts(11, wild=False), Texts(12, wild=True), Texts(13, wild=True)
    made = [text for _ in range(ROUNDS) for text in (plain.text(), wild.text(), broken.mutated(), broken.mutated())]
    return [*hand_written(), *made]


def facts(value: Any) -> tuple[str, bytes]:
    """Return a text that shows a value with its types and the order of its keys."""
    return repr(value), codec.encode(value)


def read(text: str, finite: bool) -> tuple[str, bytes] | None:
    """Return the value that the recursive codec reads, in the form of `facts`, or None if it refuses the text."""
    try:
        return facts(codec.decode(text, finite=finite))
    except codec.NotJSON:
        return None


def read_deep(text: str, finite: bool) -> tuple[str, bytes] | None:
    """Return the value that the codec without recursion reads, as `facts` shows it; None if it refuses the text."""
    start = len(text) - len(text.lstrip(codec.WHITE_SPACE))
    try:
        value, end = codec_deep.decode(text, start, RULES[finite])
    except codec.NotJSON:
        return None
    return None if text[end:].strip(codec.WHITE_SPACE) else facts(value)


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
