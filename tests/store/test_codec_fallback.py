"""The codec without the C accelerator: it gives equal values, errors and bytes."""

import subprocess
import sys
from pathlib import Path

from session.store import codec
from tests.interop.documents import Texts, hand_written

ROUNDS = 3_000

# Reads a text per line (escaped), says what became of it, with finite or without.
PROGRAM = """
import sys
sys.modules["_json"] = None  # as in an interpreter that was built without it
from session.store import codec
assert codec._make_scanner.__module__ == "session.store.codec_fallback"
assert codec.quote.__module__ == "json.encoder"
sys.stdin.reconfigure(encoding="ascii")
for line in sys.stdin:
    text = line[:-1].encode("ascii").decode("unicode_escape")
    for finite in (False, True):
        try:
            value = codec.decode(text, finite=finite)
        except codec.NotJSON as refused:
            assert "\\n" not in str(refused)
            print("refused")
        else:
            try:
                print(ascii((value, codec.encode(value), codec.compact(value))))
            except RecursionError:  # ascii's own
                print(ascii((codec.encode(value), codec.compact(value))))
"""


def test_says_the_same_of_every_text(project: Path) -> None:
    plain, wild, broken = Texts(21, wild=False), Texts(22, wild=True), Texts(23, wild=True)
    texts = [text for _ in range(ROUNDS) for text in (plain.text(), wild.text(), broken.mutated(), broken.mutated())]
    texts += [*hand_written(), "[" * 1_500 + "1e400" + "]" * 1_500, "[" * 1_500]
    lines = "".join(text.encode("unicode_escape").decode() + "\n" for text in texts)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], input=lines.encode(), capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    said = done.stdout.decode().splitlines()
    expected = [verdict(text, finite) for text in texts for finite in (False, True)]
    assert len(said) == len(expected)
    assert [row for row in zip(expected, said, strict=True) if row[0] != row[1]] == []


def verdict(text: str, finite: bool) -> str:
    """Return the verdict of the codec with the accelerator, in the form that the subprocess prints."""
    try:
        value = codec.decode(text, finite=finite)
    except codec.NotJSON:
        return "refused"
    try:
        return ascii((value, codec.encode(value), codec.compact(value)))
    except RecursionError:
        return ascii((codec.encode(value), codec.compact(value)))
