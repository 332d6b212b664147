"""Change the entry protocol's documents within one transaction, so that one commit writes all of them."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from session.entry import documents, feature_list, metrics, states
from session.entry.documents import FEATURES, METRICS, STATE, Document, Key
from session.errors import SessionError
from session.host import clock
from session.store.files import FileStore
from session.store.paths import PROGRESS, check_name
from session.store.transaction import Transaction
from session.text.typed import text_at


class Progress:
    """The state, the features and the present session's metrics, in one transaction.

    Replace an attribute by a changed copy to change a document; never modify a document in place. `now` is the time of
    the change. Any access raises SessionError if the document is unusable; then nothing is written.
    """

    def __init__(self, store: FileStore, tx: Transaction) -> None:
        self.store = store
        self.tx = tx
        self.now = clock.iso(clock.now_ms())
        self.features_path = store.shown_path(FEATURES)
        state = documents.read(store, STATE, tx)
        self.is_first = state is None
        self.state: Document = state or states.new_document(self.now, states.UNKNOWN)
        self._features: Document | None = None
        self._metrics: Document | None = None

    @property
    def features(self) -> Document:
        """Return the document that lists the features, or a new empty one if there is none."""
        if self._features is None:
            document = documents.read(self.store, FEATURES, self.tx)
            self._features = document or feature_list.new_document(os.path.basename(self.store.root), self.now)
            feature_list.all_of(self._features, self.features_path)
        return self._features

    @features.setter
    def features(self, document: Document) -> None:
        if self.metrics is not None:
            ids = feature_list.changed_ids(self.features, document, self.features_path)
            self._metrics = metrics.add_features(self.metrics, ids)
        self._features = document

    def listed(self) -> list[Document]:
        """Return the features. Unlike `features`, this does not create a list if there is none."""
        document = self._features or documents.read(self.store, FEATURES, self.tx) or {}
        return feature_list.all_of(document, self.features_path)

    @property
    def metrics(self) -> Document | None:
        """Return the metrics of the present session, or None if there is no session, or its metrics are unusable.

        Unusable metrics must not stop the command: they only count.
        """
        key = self._metrics_key()
        if self._metrics is None and key is not None:
            try:
                self._metrics = documents.read(self.store, key, self.tx)
            except SessionError as error:
                if error.is_fault:
                    raise
                return None
        return self._metrics

    def count(self, counter: str, by: int = 1) -> None:
        """Increase `compressions`, `retries`, `recoveries` or `features_completed` in the session's metrics, if any."""
        document = self.metrics
        if document is not None:
            self._metrics = metrics.increase(document, counter, by)

    def measure(self, document: Document) -> None:
        """Replace the metrics of the present session."""
        self._metrics = document

    def enter(self, state: str, reason: str) -> None:
        """Enter the state, without checking that it may follow the present one."""
        self.state = states.enter_state(self.state, state, reason, self.now)
        if self.metrics is not None:
            self._metrics = metrics.add_state(self.metrics, state)

    def close_session(self, document: Document) -> None:
        """Add the present session's metrics to the transaction, because another session begins."""
        key = self._metrics_key()
        if key is not None:
            self.tx.put(key, documents.encode(document, self.store.shown_path(key)))
        self._metrics = None

    def begin_session(self, owner: str) -> None:
        """Begin an entry session of the conversation `owner`, which may be ""."""
        self.state = {**self.state, "session_id": str(uuid.uuid4()), "dirty": True, "owner": owner}
        if not owner:
            del self.state["owner"]
        self._metrics = metrics.new_document(self.state["session_id"], self.now, states.current(self.state))

    def put(self) -> None:
        """Add each changed document to the transaction; the commit makes them durable."""
        key = self._metrics_key()
        changes: list[tuple[Key, Document | None]] = [(STATE, self.state), (FEATURES, self._features)]
        if key is not None:
            changes.append((key, self._metrics))
        for each, document in changes:
            if document is None:
                continue
            body = documents.encode(document, self.store.shown_path(each))
            old = self.tx.read(each)
            if old != body and (old is None or documents.parse(old, self.store.shown_path(each)) != document):
                self.tx.put(each, body)

    def _metrics_key(self) -> Key | None:
        session_id = text_at(self.state, "session_id")
        try:
            check_name(session_id)
        except SessionError:
            return None
        return METRICS, session_id


@contextmanager
def changing(store: FileStore, timeout_s: float) -> Iterator[Progress]:
    """Give the block the documents to change, and write them when it ends; write nothing if it raises."""
    with store.transaction(timeout_s, place=PROGRESS) as tx:
        progress = Progress(store, tx)
        yield progress
        progress.put()
