"""The codec of a JavaScript engine, asked about many texts at once."""

import base64
import subprocess
from collections.abc import Iterable
from pathlib import Path

_PROGRAM = Path(__file__).parent / "codec.mjs"
NOT_JSON = None
TOO_DEEP = b"~"  # no JSON text: can't be an answer


def ask(engine: str, kind: str, texts: Iterable[bytes]) -> list[bytes | None]:
    """What `engine`, a path, answers to each text: bytes in UTF-8, NOT_JSON or TOO_DEEP. Kinds: see codec.mjs."""
    asked = [f"{kind} {base64.b64encode(text).decode()}\n" for text in texts]
    done = subprocess.run(
        [engine, str(_PROGRAM)], input="".join(asked).encode(), capture_output=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    answers = done.stdout.decode().splitlines()
    assert len(answers) == len(asked)
    return [_answer(line) for line in answers]


def _answer(line: str) -> bytes | None:
    if line == "-":
        return NOT_JSON
    return TOO_DEEP if line == "~" else base64.b64decode(line[1:])
