"""Write the text from which a model continues when its context is about to overflow."""

from session.context.facts import Facts
from session.context.fit import Context, fit
from session.context.sources import collect
from session.entry import documents, feature_list, states
from session.entry.documents import FEATURES, STATE
from session.errors import SessionError
from session.store.files import FileStore
from session.text.budget import BYTES_PER_TOKEN

BUDGET = 500  # the most tokens of the text


def resume_text(store: FileStore, *, owner: str, now_ms: int, budget: int = BUDGET) -> Context:
    """Return the state of the entry protocol and the facts for a new chat, within `budget` tokens.

    Raise Corrupt if a document of the entry protocol is malformed, and SessionError if the project's state is.
    """
    facts = Facts(room=budget * BYTES_PER_TOKEN)
    _add_entry(facts, store)
    collect(store, facts, owner=owner, now_ms=now_ms)
    return fit(facts.lines, facts.left_out, budget)


def _add_entry(facts: Facts, store: FileStore) -> None:
    state = documents.read(store, STATE) or {}
    health = state.get("health_status")
    line = f"- Entry state: {facts.show(states.current(state))}"
    facts.add("now", line + ("" if health is None else f", health {facts.show(health)}"), 0)
    if state.get("last_action"):
        facts.add("now", f"- Last action: {facts.show(state['last_action'])}", 2)
    try:
        features = feature_list.all_of(documents.read(store, FEATURES) or {}, store.shown_path(FEATURES))
    except SessionError as error:
        facts.add("now", f"- {facts.show(error.message)}", 1)
        return
    counts = feature_list.counts(features)
    if not counts.total:
        return
    facts.add("now", f"- Features: {counts.done} of {counts.total} done, {counts.blocked} blocked", 1)
    current_id = str(state.get("feature_id"))
    feature = next((entry for entry in features if feature_list.id_of(entry) == current_id), None)
    feature = feature or feature_list.next_feature(features)
    if feature is not None:
        description = "" if feature.get("description") is None else f": {facts.show(feature['description'])}"
        attempts = "" if not feature.get("attempts") else f", {facts.show(feature['attempts'])} failed attempts"
        name = facts.show(feature_list.id_of(feature) or "without an id")
        status = facts.show(feature_list.status_of(feature))
        facts.add("now", f"- Feature: {name} ({status}{attempts}){description}", 0)
