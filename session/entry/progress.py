"""The entry protocol's documents within one transaction: what is changed of them is written in one commit."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from session.entry import documents, feature_list, metrics, states
from session.entry.documents import FEATURES, METRICS, STATE, Document, Key
from session.errors import SessionError
from session.host import clock
from session.store.files import FileStore
from session.store.paths import check_name
from session.store.transaction import Transaction


class Progress:
    """`state`, `metrics` of the session under way and the features, to be replaced by changed copies.

    `now` is the time of the change. SessionError, and nothing is written, where a document can't be used.
    """

    def __init__(self, store: FileStore, tx: Transaction) -> None:
        self.store = store
        self.tx = tx
        self.now = clock.iso(clock.now_ms())
        self.state_path = store.shown_path(STATE)
        self.features_path = store.shown_path(FEATURES)
        known = documents.read(store, STATE, tx)
        self.is_first = known is None
        self.state: Document = known or states.beginning(self.now, states.UNKNOWN)
        self._features: Document | None = None
        self._metrics: Document | None = None

    @property
    def features(self) -> Document:
        """The document that lists the features, the one that a project begins with where there is none."""
        if self._features is None:
            known = documents.read(self.store, FEATURES, self.tx)
            self._features = known or feature_list.beginning(os.path.basename(self.store.root), self.now)
            feature_list.all_of(self._features, self.features_path)
        return self._features

    @features.setter
    def features(self, document: Document) -> None:
        if self.metrics is not None:
            ids = feature_list.differing(self.features, document, self.features_path)
            self._metrics = metrics.touched(self.metrics, ids)
        self._features = document

    def listed(self) -> list[Document]:
        """The features as they stand, none where there is no list: without one being made by that."""
        document = self._features or documents.read(self.store, FEATURES, self.tx) or {}
        return feature_list.all_of(document, self.features_path)

    @property
    def metrics(self) -> Document | None:
        """The metrics of the session under way; None where none is, or its metrics can't be used: they count, and
        keep nobody from working."""
        key = self._metrics_key()
        if self._metrics is None and key is not None:
            try:
                self._metrics = documents.read(self.store, key, self.tx)
            except SessionError as error:
                if error.is_fault:
                    raise
                return None
        return self._metrics

    def count(self, what: str, by: int = 1) -> None:
        """One more of `compressions`, `retries`, `recoveries` or `features_completed` in this session, if one is
        under way."""
        known = self.metrics
        if known is not None:
            self._metrics = metrics.counted(known, what, by)

    def measure(self, document: Document) -> None:
        """Replace the metrics of the session under way."""
        self._metrics = document

    def enter(self, state: str, reason: str) -> None:
        """Change the state, whatever it is now."""
        self.state = states.entered(self.state, state, reason, self.now)
        if self.metrics is not None:
            self._metrics = metrics.visited(self.metrics, state)

    def close_session(self, document: Document) -> None:
        """Write the metrics of the session under way, as `document`: another one begins."""
        key = self._metrics_key()
        if key is not None:
            self.tx.put(key, documents.data(document, self.store.shown_path(key)))
        self._metrics = None

    def begin_session(self, owner: str) -> None:
        """From now on it is another session that is under way."""
        self.state = {**self.state, "session_id": str(uuid.uuid4()), "dirty": True, "owner": owner}
        if not owner:
            del self.state["owner"]
        self._metrics = metrics.beginning(self.state["session_id"], self.now, states.current(self.state))

    def put(self) -> None:
        """Have the transaction write what changed."""
        key = self._metrics_key()
        changes: list[tuple[Key, Document | None]] = [(STATE, self.state), (FEATURES, self._features)]
        if key is not None:
            changes.append((key, self._metrics))
        for each, document in changes:
            if document is None:
                continue
            body = documents.data(document, self.store.shown_path(each))
            old = self.tx.read(each)
            if old != body and (old is None or documents.parse(old, self.store.shown_path(each)) != document):
                self.tx.put(each, body)

    def _metrics_key(self) -> Key | None:
        known = self.state.get("session_id")
        try:
            check_name(known if isinstance(known, str) else "")
        except SessionError:
            return None
        return METRICS, str(known)


@contextmanager
def changing(store: FileStore, timeout_s: float) -> Iterator[Progress]:
    """The documents, to be changed: written when the block ends, not at all if it raises."""
    with store.transaction(timeout_s) as tx:
        progress = Progress(store, tx)
        yield progress
        progress.put()
