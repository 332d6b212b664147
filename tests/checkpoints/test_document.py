"""A checkpoint's document returns every byte that was put in, and detects every changed byte."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session.checkpoints.document import File, build, parse
from session.errors import SessionError
from session.project.location import KEY
from session.store import codec
from session.store.json_document import object_or_none

STATE = File(KEY, "ia/state/CURRENT_STATE.json", b'{"n": 12345678901234567890, "x": 1.0}\n')
SESSION = File(("sessions", "workflow:pr"), "ia/state/sessions/workflow:pr.json", b'{"step": "one"}')
CREATED = "2026-01-29T22:42:48.473Z"
ORIGINAL: dict[str, Any] = {
    "checkpoint_id": "CP_20260120_100000",
    "created": "2026-01-20T10:00:00",
    "session_id": "1.A.5",
    "description": "d",
    "files": [],
    "state_snapshot": {"version": "1.0.0"},
    "notes": "",
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def document(*files: File, **fields: str) -> bytes:
    return build("CP_20260129_224248", CREATED, list(files or (STATE, SESSION)), **fields)


def problems(body: bytes) -> list[str]:
    try:
        return parse(body).problems
    except SessionError as error:
        return [error.message]


def altered(**changes: Any) -> bytes:
    return codec.encode({**json.loads(document()), **changes})


def test_what_the_original_scripts_read_is_where_they_look_for_it() -> None:
    fields = json.loads(document(session_id="1.A.5", description="before the move", branch="main", commit="abc"))
    assert list(fields)[:7] == list(ORIGINAL)
    assert fields["state_snapshot"] == {"n": 12345678901234567890, "x": 1}
    assert (fields["session_id"], fields["description"]) == ("1.A.5", "before the move")
    assert (fields["version"], fields["branch"], fields["commit"]) == (1, "main", "abc")
    assert fields["files"][0]["text"] == STATE.body.decode()


@given(st.binary(), st.text(), st.text())
def test_any_bytes_come_back(body: bytes, session_id: str, description: str) -> None:
    file = File(SESSION.key, SESSION.path, body)
    packed = document(STATE, file, session_id=session_id, description=description)
    checkpoint = parse(packed)
    assert (checkpoint.files, checkpoint.problems, checkpoint.valid) == ([STATE, file], [], True)
    assert (checkpoint.created, checkpoint.session_id, checkpoint.description) == (CREATED, session_id, description)
    # whatever rewrites the file in another layout changes nothing
    assert parse(json.dumps(json.loads(packed)).encode()).valid


@given(JSON.filter(lambda value: isinstance(value, dict)))
def test_the_snapshot_is_the_state(state: Any) -> None:
    body = codec.encode(state)
    checkpoint = parse(document(STATE._replace(body=body)))
    assert checkpoint.state == body
    assert checkpoint.snapshot == object_or_none(body)


@given(st.data())
def test_no_byte_changes_unnoticed(data: st.DataObject) -> None:
    packed = document(STATE, SESSION._replace(body=b"\xff\x00"), branch="main")
    at = data.draw(st.integers(0, len(packed) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != packed[at]))
    changed = packed[:at] + bytes([other]) + packed[at + 1 :]
    assert problems(changed) or json.loads(changed) == json.loads(packed)


@given(st.integers(0, len(document()) - 1))
def test_half_of_it_is_noticed(length: int) -> None:
    assert problems(document()[:length])


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{bad", "is not valid JSON: "),
        (b"", "is not valid JSON: "),
        (b"\xff{}", "is not valid JSON: invalid UTF-8 at byte 0"),
        (b"[1]", "is not a checkpoint: it holds no JSON object"),
        (b"null", "is not a checkpoint: it holds no JSON object"),
        (b"{}", "it holds no project state"),
        (altered(version=2), "it was written by another version: 2"),
        (altered(version=None), "it was written by another version: null"),
        (altered(description="x"), "its checksum is wrong: it was changed, or damaged"),
        (altered(sha256=7), "its checksum is wrong: it was changed, or damaged"),
        (document(SESSION), "it holds no project state"),
        (document(STATE._replace(body=b"[]")), "the project state in it is not a JSON object"),
        (document(STATE._replace(body=b"\xff")), "the project state in it is not a JSON object"),
    ],
    ids=range(13),
)
def test_what_can_be_wrong(body: bytes, reason: str) -> None:
    reasons = problems(body)
    assert len(reasons) == 1
    assert reasons[0].startswith(reason)


def sealed(fields: dict[str, Any]) -> bytes:
    """Return a document with a correct checksum, as a person could write it by hand."""
    from session.checkpoints.document import _checksum

    return codec.encode({**fields, "sha256": _checksum(fields)})


def test_files_are_counted_by_their_own_checksums() -> None:
    fields = json.loads(document())
    state, session = fields["files"]
    changed = {**session, "text": session["text"] + " "}
    missing = {key: value for key, value in session.items() if key != "text"}
    outside = {**session, "name": "../../evil"}
    odd = {**session, "path": "a\nb\x1b", "text": 7}
    checkpoint = parse(sealed({**fields, "files": [state, changed, missing, outside, odd, 7]}))
    assert [file.key for file in checkpoint.files] == [KEY]
    assert checkpoint.changed == [SESSION.path, SESSION.path]
    assert checkpoint.missing == [SESSION.path, "a\\nb\\u001b", "file 6"]
    assert checkpoint.problems[0] == f"{SESSION.path}: not what was put in"
    assert len(checkpoint.problems) == 5
    assert checkpoint.without_content().intact == 1
    assert checkpoint.files == []


def test_a_document_of_a_later_collection_is_kept() -> None:
    fields = json.loads(document())
    later = {**fields["files"][1], "collection": "later"}
    checkpoint = parse(sealed({**fields, "files": [fields["files"][0], later]}))
    assert (checkpoint.problems, [file.key[0] for file in checkpoint.files]) == ([], ["project", "later"])


def test_what_a_restore_replaced_may_be_broken_but_is_never_restored_unasked() -> None:
    for files in ((STATE,), (STATE._replace(body=b"{bad"),), (SESSION,)):
        checkpoint = parse(document(*files, before_restore_of="CP_20260120_100000"))
        assert (checkpoint.problems, checkpoint.valid) == ([], False)


def test_those_of_the_original_scripts() -> None:
    checkpoint = parse(codec.encode(ORIGINAL))
    assert (checkpoint.original, checkpoint.valid, checkpoint.problems, checkpoint.unchecked) == (True, True, [], 0)
    assert json.loads(checkpoint.state or b"") == ORIGINAL["state_snapshot"]
    assert parse(codec.encode({**ORIGINAL, "files": [1, 2]})).unchecked == 2
    for wrong in (None, [], "x"):
        assert problems(codec.encode({**ORIGINAL, "state_snapshot": wrong})) == ["it holds no project state"]


def test_nesting_beyond_every_stack() -> None:
    deep = STATE._replace(body=b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")
    with pytest.raises(SessionError, match="too large"):
        document(deep)
    checkpoint = parse(document(STATE, SESSION._replace(body=deep.body)))
    assert checkpoint.files[1].body == deep.body
