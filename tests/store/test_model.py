"""Compare a store with a dict while commits succeed or die at any point, in any order."""

import shutil
import tempfile

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from session.store.files import FileStore
from tests.store.journal_contract import dying

KEYS = [(collection, name) for collection in ("sessions", "archives") for name in ("a", "b:c", "é")]
BODIES = st.sampled_from([b"", b"1", b"22", b"\0" * 5000])
CHANGES = st.dictionaries(st.sampled_from(KEYS), st.none() | BODIES, min_size=1, max_size=4)

Changes = dict[tuple[str, str], bytes | None]


class StoreMachine(RuleBasedStateMachine):
    """The state machine. After each step, every way of reading the store gives the dict's content."""

    def __init__(self) -> None:
        super().__init__()
        self.root = tempfile.mkdtemp(prefix="session-model-")
        self.store = FileStore(self.root, "")
        self.model: dict[tuple[str, str], bytes] = {}

    def teardown(self) -> None:
        shutil.rmtree(self.root)

    @rule(changes=CHANGES)
    def commit(self, changes: Changes) -> None:
        with self.store.transaction(5) as tx:
            self.make(tx, changes)
        self.keep(changes)

    @rule(changes=CHANGES)
    def give_up(self, changes: Changes) -> None:
        try:
            with self.store.transaction(5) as tx:
                self.make(tx, changes)
                raise InterruptedError
        except InterruptedError:
            pass

    @rule(changes=CHANGES, applied=st.integers(0, 3))
    def die(self, changes: Changes, applied: int) -> None:
        """Die in the middle of a commit of several changes: once its journal is in place, the commit counts."""
        real = {key: body for key, body in changes.items() if body is not None or key in self.model}
        if len(real) < 2:
            return
        self.finish()  # else the commit of before would be the one that dies
        with dying(min(applied, len(self.different(real)))), self.store.transaction(5) as tx:
            self.make(tx, changes)
        self.keep(changes)

    @rule()
    def finish(self) -> None:
        with self.store.transaction(5, create=False):
            pass

    @rule(key=st.sampled_from(KEYS), body=BODIES)
    def swap(self, key: tuple[str, str], body: bytes) -> None:
        """Read one document and write another one that depends on it."""
        with self.store.transaction(5) as tx:
            assert tx.read(key) == self.model.get(key)
            tx.put(key, (tx.read(key) or b"")[:10] + body)
        self.model[key] = self.model.get(key, b"")[:10] + body

    @invariant()
    def read_as_the_model(self) -> None:
        for key in KEYS:
            assert self.store.read(key) == self.model.get(key)

    @invariant()
    def scan_as_the_model(self) -> None:
        for collection in ("sessions", "archives"):
            expected = sorted((name, body, None) for (kind, name), body in self.model.items() if kind == collection)
            assert list(self.store.scan(collection)) == expected

    def make(self, tx, changes: Changes) -> None:  # type: ignore[no-untyped-def]
        for key, body in changes.items():
            if body is None:
                assert tx.delete(key) == (key in self.model)
            else:
                tx.put(key, body)

    def keep(self, changes: Changes) -> None:
        for key, body in changes.items():
            if body is None:
                self.model.pop(key, None)
            else:
                self.model[key] = body

    def different(self, changes: Changes) -> list[tuple[str, str]]:
        """Return the keys of the changes that make a difference: a journal's other changes are not applied."""
        return [key for key, body in changes.items() if body != self.model.get(key)]


TestStore = StoreMachine.TestCase
TestStore.settings = settings(max_examples=40, stateful_step_count=15, deadline=None)
