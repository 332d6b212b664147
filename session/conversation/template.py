"""The document that a conversation begins with, and what its first message tells of it. Pure (seed: 004)."""

import re

from session.conversation.document import written
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
    TELLING,
    TYPES,
    UPDATED,
    Section,
)

_WORD = re.compile(r"\w+")


def known_type(word: str) -> str | None:
    """The type that a word names, in any case, None if it names none."""
    name = word.strip().casefold()
    name = ALIASES.get(name, name)
    return name if name in TYPES else None


def type_of(message: str) -> str:
    """The type of a conversation that begins with this message, by its words."""
    words = set(_WORD.findall(message.lower()))
    scores = {name: len(words & telling) for name, telling in TELLING.items()}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] else DEFAULT_TYPE


def focus_of(message: str) -> str:
    """What the message is about, on one line of at most 120 characters and dots; empty for an empty one."""
    focus = flat(message).strip()
    begins = focus.lower().replace("’", "'")
    for opening in OPENINGS:
        if len(begins) == len(focus) and begins.startswith(f"{opening} "):
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
    """The document as it begins."""
    mode = flat(mode) if mode.strip() else DEFAULT_MODE
    filled = {
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
    lines = ["---", *(f"{key}: {written(value)}" for key, value in front.items()), "---", "", "# SESSION STATE"]
    for section in (*SECTIONS, *((SPECIFIC[type_],) if type_ in SPECIFIC else ())):
        lines += _section(section, 2, filled)
    return "\n".join(lines) + "\n"


def _section(section: Section, level: int, filled: dict[str, str]) -> list[str]:
    lines = ["", f"{'#' * level} {section.name}"]
    lines += [section.hint] if section.hint else []
    lines += [field_line(name, filled.get(value, value)) for name, value in section.fields]
    lines += [f"- {item}" for item in section.items]
    if section.text:
        lines.append(section.text.replace("{type}", filled["{type}"]))
    for part in section.parts:
        lines += _section(part, level + 1, filled)
    return lines
