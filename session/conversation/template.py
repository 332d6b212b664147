"""The text of a new document, and the type and focus that a conversation's first message suggests. No I/O."""

import re

from session.conversation.document import format_value
from session.conversation.edit import field_line
from session.conversation.markdown_lines import flat
from session.conversation.schema import (
    ALIASES,
    DEFAULT_MODE,
    DEFAULT_TYPE,
    LONGEST_FOCUS,
    OPENINGS,
    PLACEHOLDER,
    SECTIONS,
    SHORTEST_CUT,
    SPECIFIC,
    TYPE_WORDS,
    TYPES,
    UPDATED,
    Section,
)

_WORD = re.compile(r"\w+")


def known_type(word: str) -> str | None:
    """Return the type that the word names, ignoring case, or None if it names none."""
    name = word.strip().casefold()
    name = ALIASES.get(name, name)
    return name if name in TYPES else None


def type_of(message: str) -> str:
    """Return the type of the conversation that begins with this message, by the words in it."""
    words = set(_WORD.findall(message.lower()))
    scores = {name: len(words & type_words) for name, type_words in TYPE_WORDS.items()}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] else DEFAULT_TYPE


def focus_of(message: str) -> str:
    """Return the subject of the message on one line, cut to 120 characters and `...`; "" for an empty message."""
    focus = flat(message).strip()
    lowered = focus.lower().replace("’", "'")
    for opening in OPENINGS:
        if len(lowered) == len(focus) and lowered.startswith(f"{opening} "):
            focus = focus[len(opening) :].lstrip()
            break
    focus = focus[:1].upper() + focus[1:]
    if len(focus) <= LONGEST_FOCUS:
        return focus
    cut = focus[:LONGEST_FOCUS]
    space = cut.rfind(" ")
    return f"{cut[:space] if space > SHORTEST_CUT else cut}..."


def template(
    conversation_id: str, type_: str, now: str, *, mode: str = "", focus: str = "", objective: str = ""
) -> str:
    """Return the text of a new document. Without `mode`, `focus` and `objective` it has defaults and placeholders."""
    mode = flat(mode) if mode.strip() else DEFAULT_MODE
    values = {
        "{type}": type_,
        "{Type}": type_.capitalize(),
        "{mode}": mode,
        "{focus}": flat(focus) if focus.strip() else PLACEHOLDER,
        "{objective}": flat(objective) if objective.strip() else PLACEHOLDER,
    }
    front = {
        "conversation_id": conversation_id,
        "type": type_,
        "mode": mode,
        "status": "active",
        "created": now,
        UPDATED: now,
    }
    lines = ["---", *(f"{key}: {format_value(value)}" for key, value in front.items()), "---", "", "# SESSION STATE"]
    for section in (*SECTIONS, *((SPECIFIC[type_],) if type_ in SPECIFIC else ())):
        lines += _section(section, 2, values)
    return "\n".join(lines) + "\n"


def _section(section: Section, level: int, values: dict[str, str]) -> list[str]:
    lines = ["", f"{'#' * level} {section.name}"]
    lines += [section.hint] if section.hint else []
    lines += [field_line(name, values.get(value, value)) for name, value in section.fields]
    lines += [f"- {item}" for item in section.items]
    if section.text:
        lines.append(section.text.replace("{type}", values["{type}"]))
    for part in section.parts:
        lines += _section(part, level + 1, values)
    return lines
