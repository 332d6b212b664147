"""Ask the JSON and UTF-8 codec of a JavaScript engine about many texts at once."""

import base64
import subprocess
from collections.abc import Iterable
from pathlib import Path

_PROGRAM = Path(__file__).parent / "codec.mjs"
NOT_JSON = None
TOO_DEEP = b"~"  # not a JSON text, so it cannot be another answer


def ask(engine: str, kind: str, texts: Iterable[bytes]) -> list[bytes | None]:
    """Return the answer of `engine` (a path) to each text: UTF-8 bytes, NOT_JSON or TOO_DEEP. Kinds: see codec.mjs."""
    lines = [f"{kind} {base64.b64encode(text).decode()}\n" for text in texts]
    done = subprocess.run(
        [engine, str(_PROGRAM)], input="".join(lines).encode(), capture_output=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    answers = done.stdout.decode().splitlines()
    assert len(answers) == len(lines)
    return [_answer(line) for line in answers]


def _answer(line: str) -> bytes | None:
    if line == "-":
        return NOT_JSON
    return TOO_DEEP if line == "~" else base64.b64decode(line[1:])
