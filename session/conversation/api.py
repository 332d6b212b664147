"""The functions of `session.conversation`, for programs that read and change conversations' documents.

Each function takes the conversation's id first. Without it, the id is $WORKFLOW_SESSION_OWNER. An invalid id raises
UsageError. A document that cannot be read or written raises another SessionError.
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
    """Return the field's value without emphasis: `get_field([convo_id,] field)`.

    If there is no such field, return the value of the frontmatter's key, or `Not specified` if there is none either.
    """
    conversation_id, (name,) = _split_words("get_field", words, 1, convo_id)
    document = _document(conversation_id)
    return UNKNOWN if document is None else _field(document, name)


def get_metadata(*words: str, convo_id: str | None = None) -> dict[str, str]:
    """Return `{"focus", "objective", "status", "type", "mode"}` of the document: `get_metadata([convo_id])`.

    Return `{}` if there is no document. If there is no objective, the goal of the document replaces it. The goal is a
    field Goal or a line `Goal: …`.
    """
    conversation_id, _ = _split_words("get_metadata", words, 0, convo_id)
    document = _document(conversation_id)
    if document is None:
        return {}
    metadata = {name.lower(): _field(document, name) for name in _METADATA}
    if metadata["objective"] == UNKNOWN:
        metadata["objective"] = _goal(document)
    return metadata


def get_section(*words: str, convo_id: str | None = None) -> str:
    """Return the section's own text without white space around it: `get_section([convo_id,] section)`.

    If several sections have this name, return the texts of all. Return "" if there is none.
    """
    conversation_id, (name,) = _split_words("get_section", words, 1, convo_id)
    document = _document(conversation_id)
    if document is None:
        return ""
    return "\n\n".join(text for section in document.find(name) if (text := document.text_of(section)))


def append_to_section(*words: str, convo_id: str | None = None) -> bool:
    """Append the text to the section's own text, durably: `append_to_section([convo_id,] section, text)`.

    A missing section is added. Return False if the conversation has no document.
    """
    conversation_id, (name, text) = _split_words("append_to_section", words, 2, convo_id)
    wrong = edit.wrong_section_name(name.strip()) or edit.wrong_text(text)
    if wrong:
        raise UsageError(f"{name.strip()}: {wrong}" if name.strip() else f"the section {wrong}")

    def work(old: str, now: str) -> tuple[str, bool]:
        return edit.append(old, name, text, now), True

    try:
        return store.change(conversation_store(), conversation_id, work, timeout_s=lock.timeout_s())
    except store.NotFound:
        return False


def _split_words(
    function: str, words: tuple[str, ...], count: int, convo_id: str | None
) -> tuple[str, tuple[str, ...]]:
    """Return the conversation's id and the `count` other words; raise TypeError if there are more or fewer."""
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
    places = document.field_lines(name, METADATA, PROGRESS)
    if places:
        return _without_emphasis(places[0][1].value.strip())
    value = document.front_value(name)
    return UNKNOWN if value is None else value


def _goal(document: Document) -> str:
    """Return the text of the first line `Goal: …`, or `Not specified` if there is none."""
    goals = {}
    for line in document.kind_by_line:
        name, _, value = line.partition(":")
        if value and name.strip(" *-").lower() == "goal" and value.strip(" *"):
            goals[line] = value.strip(" *")
    return next((goals[document.bare[at]] for at in document.places(goals)), UNKNOWN)


def _without_emphasis(value: str) -> str:
    while len(value) > 2 and value[0] == value[-1] == "*":
        value = value[1:-1].strip()
    return value
