"""The quick `get`, which does not parse JSON: it answers as the store's reader does, or not at all."""

import random
from pathlib import Path

from session import _quick_get
from session.store import codec
from tests.interop.documents import Texts

ROUNDS = 3_000
PLAIN = """{
  "started_at": "2026-01-29T22:42:48.473Z",
  "steps": [
    "init",
    "étape 2, fin"
  ],
  "step": "étape 2, fin",
  "context": {
    "pr_number": 8,
    "none": null,
    "nested": {
      "empty": {},
      "list": [
        -15,
        [
          true
        ]
      ]
    }
  },
  "updated_at": "2026-01-29T22:43:31.337Z"
}"""
OTHER_BRACKET = str.maketrans("[]{}", "{}[]")
PIECES = (
    *("{", "}", "[", "]", "},", "],", ",", ":", '"', '": ', '"a": ', '"a": {', '"a": [', '"a": 1,', "1,", "{},", "[],"),
    *(
        " ",
        "  ",
        "\n",
        "\r",
        "\t",
        "\\",
        "\\n",
        '\\"',
        "\\u0041",
        "0",
        "-0",
        "01",
        "1.0",
        "1e2",
        "-",
        "9" * 16,
        "٣",
        "²",
    ),
    *("\x00", "\x7f", "\u2028", "\ufeff", "\xa0", "\u200b", "é", "😀", "nul", "NaN", "true", "'"),
)


def damaged(text: str, chance: random.Random) -> str:
    """Return the text after one or two random edits of lines, or within a line."""
    for _ in range(chance.randrange(1, 3)):
        lines = text.split("\n")
        at = chance.randrange(len(lines))
        line = lines[at]
        column = chance.randrange(len(line) + 1)
        lines[at : at + 1] = chance.choice(
            [
                [],
                [line, line],
                [line, chance.choice(lines)],
                [chance.choice(lines), line],
                [line + ","],
                [line.removesuffix(",")],
                [" " + line],
                [line.removeprefix(" ")],
                [line.removeprefix("  ")],
                [line + " "],
                [line.translate(OTHER_BRACKET)],
                [line[:column] + chance.choice(PIECES) + line[column:]],
                [line[:column] + chance.choice(PIECES) + line[column + 1 :]],
                [line[:column] + line[column + 1 :]],
                [line[:column], line[column:]],
            ]
        )
        text = "\n".join(lines)
    return text


def test_never_answers_otherwise(sessions: Path) -> None:
    chance = random.Random(31)
    made = Texts(32, wild=True)
    documents = [codec.encode({"step": "s", "x": codec.decode(made.text())}) for _ in range(ROUNDS)]
    documents += [damaged(PLAIN, chance).encode() for _ in range(2 * ROUNDS)]
    documents += [damaged(body.decode(), chance).encode() for body in documents[:ROUNDS]]
    answers = 0
    for number, body in enumerate(documents):
        (sessions / f"w{number}.json").write_bytes(body)  # a new one each time: some systems flush what is overwritten
        answer = _quick_get.session(f"w{number}")
        if answer is not None:
            answers += 1
            assert answer == codec.encode(codec.decode_bytes(body, exact=False)), body
    assert answers > ROUNDS // 10


def test_answers_what_is_usual(sessions: Path) -> None:
    (sessions / "w.json").write_text(PLAIN, encoding="utf-8")
    assert _quick_get.session("w") == PLAIN.encode()
    assert _quick_get.session("other") == b"null"


def test_leaves_the_rest_to_the_long_way(sessions: Path) -> None:
    for text in ("", "null", "[]", '{"a": 1}', PLAIN + "\n", "\ufeff" + PLAIN, PLAIN.replace("8", "8.0"), PLAIN[:-1]):
        (sessions / "w.json").write_text(text, encoding="utf-8")
        assert _quick_get.session("w") is None
    (sessions / "w.json").write_bytes(PLAIN.encode("latin-1"))
    assert _quick_get.session("w") is None
