"""Compare the codec with `JSON.stringify(JSON.parse(text), null, 2)` and `TextDecoder` of JavaScript engines."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from session.store import codec
from tests.interop.documents import Texts, hand_written
from tests.interop.engines import NOT_JSON, TOO_DEEP, ask
from tests.interop.javascript import seen

ROUNDS = 20_000
# Bytes at the edges of what UTF-8 allows.
EDGES = bytes.fromhex("22417f80818f909fa0bbbfc0c1c2dfe0e1ecedeeeff0f1f3f4f5f7f8fcfeff")


def rewritten(text: str, keeps: Callable[[Any], Any] = seen) -> bytes | None:
    """Decode the text, change its value with `keeps`, and encode it; return NOT_JSON if we refuse it."""
    try:
        return codec.encode(keeps(codec.decode(text)))
    except codec.NotJSON:
        return NOT_JSON


def exactly(value: Any) -> Any:
    """Return the value unchanged."""
    return value


def differences(
    engine: str, texts: list[str], ours: list[bytes | None]
) -> list[tuple[str, bytes | None, bytes | None]]:
    """Return each text with our answer and the engine's if they differ."""
    theirs = ask(engine, "pretty", [text.encode() for text in texts])
    return [row for row in zip(texts, ours, theirs, strict=True) if row[1] != row[2]]


def test_what_javascript_keeps_is_written_alike(engine: str) -> None:
    made = Texts(1, wild=False)
    texts = [made.text() for _ in range(ROUNDS)]
    assert differences(engine, texts, [rewritten(text, exactly) for text in texts]) == []


def test_no_differences_but_the_wanted_ones(engine: str) -> None:
    made = Texts(2, wild=True)
    texts = [made.text() for _ in range(ROUNDS)]
    assert differences(engine, texts, [rewritten(text) for text in texts]) == []


def test_every_hand_written_case(engine: str) -> None:
    texts = hand_written()
    assert differences(engine, texts, [rewritten(text) for text in texts]) == []


def test_the_same_texts_are_refused(engine: str) -> None:
    made = Texts(3, wild=True)
    texts = [made.mutated() for _ in range(ROUNDS)]
    ours = [rewritten(text) for text in texts]
    assert differences(engine, texts, ours) == []
    assert ROUNDS // 10 < ours.count(NOT_JSON) < ROUNDS * 9 // 10  # both verdicts were asked for


@pytest.mark.parametrize(
    ("text", "ours", "javascripts"),
    [
        ("9007199254740993", "9007199254740993", "9007199254740992"),
        ("[18446744073709551616]", "[\n  18446744073709551616\n]", "[\n  18446744073709552000\n]"),
        ("1" + "0" * 21, "1" + "0" * 21, "1e+21"),
        ("9" * 700, "9" * 700, "null"),
        ("1e400", "1e400", "null"),
        ("-1.0E+999", "-1.0E+999", "null"),
        ('{"b":1,"1":2}', '{\n  "b": 1,\n  "1": 2\n}', '{\n  "1": 2,\n  "b": 1\n}'),
    ],
)
def test_the_wanted_differences(engine: str, text: str, ours: str, javascripts: str) -> None:
    assert codec.encode(codec.decode(text)) == ours.encode()
    assert ask(engine, "pretty", [text.encode()]) == [javascripts.encode()]


def deep_documents() -> list[bytes]:
    """Return documents with ten thousand levels in compact form."""
    return [b"[" * 10_000 + b"1" + b"]" * 10_000, b'{"a":[' * 5_000 + b"]}" * 5_000]


def test_ten_thousand_levels_like_bun(bun: str) -> None:
    documents = deep_documents()
    assert ask(bun, "compact", documents) == documents
    assert [codec.compact(codec.decode(text.decode())).encode() for text in documents] == documents


def test_ten_thousand_levels_unlike_node(node: str) -> None:
    """V8 can read these documents, but up to Node 20 it cannot write them; then we can do more."""
    for text, theirs in zip(deep_documents(), ask(node, "compact", deep_documents()), strict=True):
        assert theirs in (TOO_DEEP, text)


def test_a_deep_document_is_written_alike(engine: str) -> None:
    """The document is deeper than our recursion goes, but not too deep for the engines."""
    closed = ["[" * 1_500 + "-0.0" + "]" * 1_500, '{"\\u0061":[ ' * 700 + "1E2" + "]}" * 700]
    broken = ["[" * 1_500, "[" * 1_500 + "]" * 1_499, closed[0] + "]", closed[1][:-700] + "]" * 700]
    texts = [*closed, *broken]
    assert differences(engine, texts, [rewritten(text, exactly) for text in texts]) == []


def test_invalid_utf8_reads_alike(engine: str) -> None:
    chance = random.Random(4)
    edges = [bytes(chance.choices(EDGES, k=chance.randrange(1, 9))) for _ in range(ROUNDS)]
    noise = [chance.randbytes(chance.randrange(40)) for _ in range(ROUNDS // 4)]
    pairs = [bytes((first, second)) for first in range(256) for second in EDGES]
    cut = [
        ("é中😀a" * chance.randrange(1, 40)).encode()[: chance.randrange(200)] + tail for tail in edges[: ROUNDS // 4]
    ]
    bodies = [*edges, *noise, *pairs, *cut]
    theirs = ask(engine, "utf8", bodies)
    ours = [body.decode("utf-8", "replace").encode() for body in bodies]
    assert [row for row in zip(bodies, ours, theirs, strict=True) if row[1] != row[2]] == []


def test_a_file_with_invalid_utf8_reads_alike(engine: str) -> None:
    chance = random.Random(5)
    bodies = [
        b'{"a": "' + bytes(byte for byte in chance.choices(EDGES, k=6) if byte not in b'"') + b'"}'
        for _ in range(5_000)
    ]
    ours = [codec.encode(codec.decode_bytes(body, exact=False)) for body in bodies]
    assert ours == ask(engine, "pretty", bodies)
