"""The journal's bytes, and the result of a journal for a document that it names."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from session.errors import SessionError
from session.root import STATE
from session.store import journal
from session.store.journal import Change, change_of
from session.store.paths import PROGRESS

KEYS = st.tuples(
    st.sampled_from(["sessions", "archives"]),
    st.text("aé: 0.", min_size=1, max_size=20).filter(lambda name: name[0] != "."),
)
BODIES = st.none() | st.binary(max_size=200)


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(KEYS, st.tuples(BODIES, BODIES), max_size=6))
def test_what_is_packed_comes_back(changes: dict[tuple[str, str], tuple[bytes | None, bytes | None]]) -> None:
    packed = journal.pack(STATE, {key: change_of(after, before) for key, (after, before) in changes.items()})
    unpacked = journal.unpack(packed, "j", STATE)
    assert list(unpacked) == list(changes)  # and in the same order
    for key, (after, before) in changes.items():
        assert unpacked[key].data == after
        assert unpacked[key].old_hash == (None if before is None else sha256(before))


def test_its_layout() -> None:
    packed = journal.pack(
        STATE, {("sessions", "a"): change_of(None, b"old"), ("archives", "b"): change_of(b"new", None)}
    )
    rest = (
        f'{{"place":"ia/state","changes":[{{"collection":"sessions","name":"a","size":null,"was":"{sha256(b"old")}"}},'
        '{"collection":"archives","name":"b","size":3,"was":null}]}\nnew'
    ).encode()
    assert packed == b"session-journal 2\n" + sha256(rest).encode() + b"\n" + rest


PACKED = journal.pack(STATE, {("sessions", "a"): change_of(None, b"old"), ("archives", "b"): change_of(b"new\n", None)})


@pytest.mark.parametrize("at", range(len(PACKED)))
def test_every_bit_counts(at: int) -> None:
    for bit in range(8):
        damaged = PACKED[:at] + bytes([PACKED[at] ^ (1 << bit)]) + PACKED[at + 1 :]
        with pytest.raises(SessionError, match=r"^ia/state/\.journal is damaged"):
            journal.unpack(damaged, "ia/state/.journal", STATE)


@pytest.mark.parametrize("length", range(len(PACKED)))
def test_every_byte_counts(length: int) -> None:
    with pytest.raises(SessionError, match="is damaged"):
        journal.unpack(PACKED[:length], "j", STATE)


@pytest.mark.parametrize(
    ("data", "was", "current", "outcome"),
    [
        pytest.param(b"new", b"old", b"old", b"new", id="put, not yet applied"),
        pytest.param(b"new", b"old", b"new", b"new", id="put, applied"),
        pytest.param(b"new", b"old", b"other", b"other", id="put, rewritten since"),
        pytest.param(b"new", b"old", None, b"new", id="put, removed since"),
        pytest.param(b"new", None, None, b"new", id="new, not yet applied"),
        pytest.param(b"new", None, b"new", b"new", id="new, applied"),
        pytest.param(b"", b"old", b"old", b"", id="emptied"),
        pytest.param(None, b"old", b"old", None, id="delete, not yet applied"),
        pytest.param(None, b"old", None, None, id="delete, applied"),
        pytest.param(None, b"old", b"other", b"other", id="delete, rewritten since"),
        pytest.param(None, b"old", b"", b"", id="delete, emptied since"),
    ],
)
def test_outcome(data: bytes | None, was: bytes | None, current: bytes | None, outcome: bytes | None) -> None:
    assert Change(data, None if was is None else sha256(was)).outcome(current) == outcome


@given(data=BODIES, was=BODIES, current=BODIES)
def test_an_outcome_is_its_own_outcome(data: bytes | None, was: bytes | None, current: bytes | None) -> None:
    change = Change(data, None if was is None else sha256(was))
    once = change.outcome(current)
    assert change.outcome(once) == once


def test_a_new_document_that_somebody_else_wrote_since_is_theirs() -> None:
    change = Change(b"ours", None)
    assert change.outcome(None) == b"ours"
    assert change.outcome(b"ours") == b"ours"
    assert change.outcome(b"theirs") == b"theirs"


def test_one_of_another_version_is_named() -> None:
    packed = journal.pack(STATE, {("from the future", "a"): change_of(b"x", None)})
    with pytest.raises(SessionError, match=r"^ia/state/\.journal was written by another version"):
        journal.unpack(packed, "ia/state/.journal", STATE)


def packed(rows: str, bodies: bytes = b"", form: int = 1) -> bytes:
    """Return a journal with a correct checksum and any content, of that form."""
    text = rows if form == 1 else f'{{"place":"ia/state","changes":{rows}}}'
    rest = text.encode() + b"\n" + bodies
    return f"session-journal {form}\n{sha256(rest)}\n".encode() + rest


ENTRY = '{"collection":"sessions","name":"NAME","size":SIZE,"was":null}'


@pytest.mark.parametrize("form", [1, 2])
@pytest.mark.parametrize(
    ("rows", "bodies"),
    [
        ('[{"a":1}]', b""),
        ("[7]", b""),
        ("7", b""),
        ("not JSON", b""),
        (f"[{ENTRY}]".replace("SIZE", '"5"'), b"12345"),
        (f"[{ENTRY}]".replace("SIZE", "-5"), b""),
        (f"[{ENTRY}]".replace("SIZE", "true"), b"1"),
        (f"[{ENTRY}]".replace("SIZE", "6"), b"12345"),
        (f"[{ENTRY}]".replace("SIZE", "4"), b"12345"),
        (f"[{ENTRY}]".replace("SIZE", "5").replace("NAME", "../../../x"), b"12345"),
    ],
)
def test_a_right_checksum_is_not_enough(rows: str, bodies: bytes, form: int) -> None:
    body = packed(rows, bodies, form)
    with pytest.raises(SessionError, match=r"^ia/state/\.journal is damaged"):
        journal.unpack(body, "ia/state/.journal", STATE)


def test_the_journal_of_another_place_is_named() -> None:
    packed = journal.pack(PROGRESS, {("progress", "state"): change_of(b"{}", None)})
    with pytest.raises(
        SessionError, match=r"^j belongs to another folder, \.claude/progress \(keep a copy and move it away"
    ):
        journal.unpack(packed, "j", STATE)


def test_changes_of_another_place_are_damage() -> None:
    packed = journal.pack(STATE, {("progress", "state"): change_of(b"{}", None)})
    with pytest.raises(SessionError, match=r"^j is damaged"):
        journal.unpack(packed, "j", STATE)


def test_the_earlier_form_may_hold_changes_of_any_place() -> None:
    rows = '[{"collection":"progress","name":"state","size":2,"was":null}]'
    [(key, change)] = journal.unpack(packed(rows, b"{}"), "j", STATE).items()
    assert (key, change.data, change.old_hash) == (("progress", "state"), b"{}", None)
