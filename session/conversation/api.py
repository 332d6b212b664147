"""A conversation's document for programs: `from session.conversation import get_field` (seed: 004).

Each function takes the id of the conversation first; where it is left out, it is $WORKFLOW_SESSION_OWNER. An id that
can't be one raises UsageError, what can't be read or written another SessionError.
"""

import os

from session.conversation import edit, store
from session.conversation.document import Document
from session.conversation.location import conversation_store
from session.conversation.schema import METADATA, PROGRESS
from session.errors import UsageError
from session.store import lock

UNKNOWN = "Not specified"
_METADATA = ("Focus", "Objective", "Status", "Type", "Mode")


def get_field(*words: str, convo_id: str | None = None) -> str:
    """`get_field([convo_id,] field)`: the field's value without the emphasis around it, else that of the
    frontmatter's key; `Not specified` where there is none."""
    conversation_id, (name,) = _told("get_field", words, 1, convo_id)
    document = _document(conversation_id)
    return UNKNOWN if document is None else _field(document, name)


def get_metadata(*words: str, convo_id: str | None = None) -> dict[str, str]:
    """`get_metadata([convo_id])`: `{"focus", "objective", "status", "type", "mode"}`, empty where there is no document.
    A document without an objective may have a goal, as a field or as a line `Goal: …`."""
    conversation_id, _ = _told("get_metadata", words, 0, convo_id)
    document = _document(conversation_id)
    if document is None:
        return {}
    told = {name.lower(): _field(document, name) for name in _METADATA}
    if told["objective"] == UNKNOWN:
        told["objective"] = _goal(document)
    return told


def get_section(*words: str, convo_id: str | None = None) -> str:
    """`get_section([convo_id,] section)`: the section's own text without the space around it; of sections that are
    called the same, all. Empty where there is none."""
    conversation_id, (name,) = _told("get_section", words, 1, convo_id)
    document = _document(conversation_id)
    if document is None:
        return ""
    return "\n\n".join(text for section in document.find(name) if (text := document.text_of(section)))


def append_to_section(*words: str, convo_id: str | None = None) -> bool:
    """`append_to_section([convo_id,] section, text)`: put the text at the end of the section's own, durably; a section
    that is not there is added. Whether there is a document."""
    conversation_id, (name, text) = _told("append_to_section", words, 2, convo_id)
    wrong = edit.wrong_section_name(name.strip()) or edit.wrong_text(text)
    if wrong:
        raise UsageError(f"{name.strip()}: {wrong}" if name.strip() else f"the section {wrong}")

    def work(old: str, now: str) -> tuple[str, bool]:
        return edit.append(old, name, text, now), True

    try:
        return store.change(conversation_store(), conversation_id, work, timeout_s=lock.timeout_s())
    except store.NotFound:
        return False


def _told(function: str, words: tuple[str, ...], count: int, convo_id: str | None) -> tuple[str, tuple[str, ...]]:
    """The id, and the other words."""
    if convo_id is None and len(words) == count + 1:
        convo_id, *rest = words
        words = tuple(rest)
    if len(words) != count:
        raise TypeError(f"{function}() takes {count} words besides the id of the conversation")
    convo_id = convo_id or os.environ.get("WORKFLOW_SESSION_OWNER", "")
    store.check_id(convo_id)
    return convo_id, words


def _document(conversation_id: str) -> Document | None:
    try:
        return Document(store.read(conversation_store(), conversation_id))
    except store.NotFound:
        return None


def _field(document: Document, name: str) -> str:
    found = document.field_lines(name, METADATA, PROGRESS)
    if found:
        return _without_emphasis(found[0][1].value.strip())
    told = document.front_value(name)
    return UNKNOWN if told is None else told


def _goal(document: Document) -> str:
    for at in range(document.body, len(document.bare)):
        name, colon, value = document.bare[at].partition(":")
        if colon and not document.marks[at] and name.strip(" *-").lower() == "goal" and value.strip(" *"):
            return value.strip(" *")
    return UNKNOWN


def _without_emphasis(value: str) -> str:
    while len(value) > 2 and value[0] == value[-1] == "*":
        value = value[1:-1].strip()
    return value
