"""Entries of the array of all sessions: as if each state were encoded again, whatever its file looks like."""

import json
from pathlib import Path

import pytest

from session.store.files import FileStore
from session.workflow.json_array import entries, entry


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{\n  "step": "a"\n}', b'{\n    "workflow": "w",\n    "step": "a"\n  }'),
        (b'{"step":"a"}', b'{\n    "workflow": "w",\n    "step": "a"\n  }'),
        (b'{\n  "step": "a",\r\n  "b": 1\n}', b'{\n    "workflow": "w",\n    "step": "a",\n    "b": 1\n  }'),
        (b'{\n  "workflow": "v",\n  "step": "a"\n}', b'{\n    "workflow": "w",\n    "step": "a"\n  }'),
        (b'{\n  "step": "a",\n  "workflow": "v"\n}', b'{\n    "workflow": "w",\n    "step": "a"\n  }'),
        (b"{}", b'{\n    "workflow": "w"\n  }'),
        (b"null", None),
    ],
)
def test_an_entry(project: Path, body: bytes, text: bytes | None) -> None:
    assert entry(FileStore(str(project), ""), "w", body) == text


def test_one_that_is_damaged_hides_no_other(project: Path, sessions: Path) -> None:
    for name, body in {"a": b'{"n": 1}', "b": b"{", "c": b"null", "d": b'{"x": "\xff"}'}.items():
        (sessions / f"{name}.json").write_bytes(body)
    results = list(entries(FileStore(str(project), "")))
    assert [text and json.loads(text) for text, _ in results] == [
        {"workflow": "a", "n": 1},
        None,
        {"workflow": "d", "x": "\ufffd"},
    ]
    assert [error and error.message.partition(":")[0] for _, error in results] == [
        None,
        "ia/state/sessions/b.json is not valid JSON",
        None,
    ]
