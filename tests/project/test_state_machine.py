"""Random sequences of updates, compared with a small model of the state."""

import tempfile
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from session.errors import SessionError
from session.host import clock
from session.project import counters, document, location, work_session, work_session_store
from session.project import state as states
from session.project.counters import Counter
from session.root import STATE
from session.store import codec
from session.store.files import FileStore

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).filter(
    lambda text: text.strip() != ""
)
IDS = st.sampled_from(["1.A.1", "1.A.2", "2.B", "PHASE", ".x", "é.1"]) | TEXTS
NAMES = st.sampled_from(["a", "b", "machines", "no total"])
NUMBERS = st.integers(0, 10**15 - 1)
UNKNOWN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
DAY_MS = 86_400_000


class Project(RuleBasedStateMachine):
    """The store holds what the model expects, and unknown keys are never changed."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = FileStore(self.folder.name, place=STATE)
        self.now_ms = 1_769_726_568_473
        self.completed: list[str] = []
        self.tasks: list[tuple[str, str]] = []
        self.blocker: str | None = None
        self.phase: str | None = None
        self.counts: dict[str, tuple[int, int | None]] = {}
        self.open: tuple[str, list[str]] | None = None
        self.ended: list[tuple[str, list[str]]] = []

    @initialize(unknown=st.dictionaries(st.text(max_size=6).map(lambda key: f"x-{key}"), UNKNOWN, max_size=4))
    def begin(self, unknown: dict[str, Any]) -> None:
        self.unknown = unknown
        path = Path(self.folder.name) / "CURRENT_STATE.json"
        path.write_bytes(codec.encode({**unknown, "quick_stats": {"extracted": "0/99 modules"}}))

    def change(self, transition: Any) -> None:
        self.now_ms += DAY_MS // 2
        with patch.object(clock, "now_ms", lambda: self.now_ms):
            document.change(self.store, transition, timeout_s=5)

    def state(self) -> dict[str, Any]:
        found = document.read(self.store)
        assert found is not None
        return found

    @rule(what=TEXTS | IDS)
    def complete(self, what: str) -> None:
        self.change(lambda state, now: states.complete(state, what, now))
        entry = f"{clock.iso(self.now_ms)[:10]}: {what}"
        self.completed.insert(0, entry)
        if self.open:
            self.open[1].append(entry)
        for task in self.tasks:
            if what in task:
                self.tasks.remove(task)
                break

    @rule(task_id=IDS, task=TEXTS)
    def next(self, task_id: str, task: str) -> None:
        self.change(lambda state, now: states.next_task(state, task_id, task))
        self.tasks = [(task_id, task), *(one for one in self.tasks if one[0] != task_id)]
        self.phase = task_id.rpartition(".")[0] or task_id

    @rule(why=TEXTS)
    def block(self, why: str) -> None:
        self.change(lambda state, now: states.block(state, why))
        self.blocker = why

    @rule()
    def unblock(self) -> None:
        self.change(lambda state, now: states.unblock(state))
        self.blocker = None

    @rule(name=NAMES, value=NUMBERS, total=st.none() | NUMBERS)
    def count(self, name: str, value: int, total: int | None) -> None:
        self.change(lambda state, now: counters.update(state, name, Counter(value, total)))
        known = self.counts.get(name, (0, None))[1]
        self.counts[name] = (value, known if total is None else total)

    @rule(session_id=st.sampled_from(["1.A.5", "2", "a b.c"]))
    def start(self, session_id: str) -> None:
        try:
            with patch.object(clock, "now_ms", lambda: self.now_ms):
                work_session_store.start(self.store, session_id, timeout_s=5)
        except SessionError:
            assert self.open is not None
        else:
            assert self.open is None
            self.open = (session_id, [])
            self.phase = session_id.rpartition(".")[0] or session_id

    @rule()
    def end(self) -> None:
        try:
            with patch.object(clock, "now_ms", lambda: self.now_ms):
                work_session_store.end(self.store, timeout_s=5)
        except SessionError:
            assert self.open is None
        else:
            assert self.open is not None
            self.ended.append(self.open)
            self.open = None

    @invariant()
    def the_state_is_what_the_model_says(self) -> None:
        state = self.state()
        assert state.get("last_completed", []) == self.completed[:10]
        assert [(task["id"], task["task"]) for task in state.get("next_tasks", [])] == self.tasks
        current = state.get("current", {})
        assert (current.get("phase"), current.get("blocker")) == (self.phase, self.blocker)
        found = {name: (one.value, one.total) for name, one in counters.counters(state).items()}
        assert found == self.counts
        total = sum(value for value, _ in self.counts.values())
        assert state["quick_stats"]["extracted"] == f"{total}/99 modules"

    @invariant()
    def sessions_are_what_the_model_says(self) -> None:
        state = self.state()
        record = work_session.open_record(state)
        assert (None if record is None else (record["id"], record["completedItems"])) == self.open
        logs = []
        for entry in state.get("history", []):
            body = self.store.read((work_session_store.LOGS, Path(entry["logFile"]).stem))
            assert body is not None
            log = codec.decode_bytes(body, exact=True)
            logs.append((log["id"], log["completedItems"]))
        assert logs == self.ended

    @invariant()
    def what_is_unknown_stays(self) -> None:
        body = self.store.read(location.KEY)
        assert body is not None
        state = codec.decode_bytes(body, exact=True)
        kept = {key: state[key] for key in self.unknown}
        assert codec.encode(kept) == codec.encode(self.unknown)
        assert list(state)[: len(self.unknown)] == list(self.unknown)

    def teardown(self) -> None:
        self.folder.cleanup()


TestProject = Project.TestCase
TestProject.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
