"""What a model must know to go on when its context has to be compressed at once (seed: 001)."""

from session.context.facts import Facts
from session.context.fit import Context, fit
from session.context.sources import collect
from session.entry import documents, states
from session.entry import feature_list as lists
from session.entry.documents import FEATURES, STATE
from session.errors import SessionError
from session.store.files import FileStore
from session.text.budget import BYTES_PER_TOKEN

BUDGET = 500  # tokens


def resume_text(store: FileStore, *, owner: str, now_ms: int, budget: int = BUDGET) -> Context:
    """Where the entry protocol stands, then what any new chat is told, the most important first, within the budget.

    Corrupt where the entry protocol's documents, SessionError where the project's can't be read.
    """
    facts = Facts(room=budget * BYTES_PER_TOKEN)
    _add_entry(facts, store)
    collect(store, facts, owner=owner, now_ms=now_ms)
    return fit(facts.lines, facts.left_out, budget)


def _add_entry(facts: Facts, store: FileStore) -> None:
    state = documents.read(store, STATE) or {}
    health = state.get("health_status")
    told = f"- Entry state: {facts.say(states.current(state))}"
    facts.add("now", told + ("" if health is None else f", health {facts.say(health)}"), 0)
    if state.get("last_action"):
        facts.add("now", f"- Last action: {facts.say(state['last_action'])}", 2)
    try:
        features = lists.all_of(documents.read(store, FEATURES) or {}, store.shown_path(FEATURES))
    except SessionError as error:
        facts.add("now", f"- {facts.say(error.message)}", 1)
        return
    counts = lists.counts(features)
    if not counts.total:
        return
    facts.add("now", f"- Features: {counts.done} of {counts.total} done, {counts.blocked} blocked", 1)
    at = next((each for each in features if lists.id_of(each) == str(state.get("feature_id"))), None)
    at = at or lists.next_feature(features)
    if at is not None:
        about = "" if at.get("description") is None else f": {facts.say(at['description'])}"
        attempts = "" if not at.get("attempts") else f", {facts.say(at['attempts'])} failed attempts"
        named = facts.say(lists.id_of(at) or "without an id")
        facts.add("now", f"- Feature: {named} ({facts.say(lists.status_of(at))}{attempts}){about}", 0)
