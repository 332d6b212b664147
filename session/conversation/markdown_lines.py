"""The lines of markdown that a SESSION_STATE.md is made of: headings, fields, items, fences. Pure (seed: 004).

No pattern is ever made from a text, and each function takes time in proportion to its text.
"""

import re
from typing import NamedTuple

_LINES = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_BREAK = re.compile(r"\r\n|\r|\n")
_ANY_BREAK = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_PLACEHOLDER = re.compile(r"(?:\[[ xX]\]\s+)?[*_~`]*tbd(?!_*[^\W_])", re.IGNORECASE)
_NUMBERED = re.compile(r"[0-9]{1,9}[.)](?:[ \t]|$)")
_SPACE = " \t"
FENCED, COMMENT = 1, 2


class Field(NamedTuple):
    """`- **Name:** value`; `lead` is all that stands before the value."""

    name: str
    lead: str
    value: str


def split(text: str) -> list[str]:
    """The lines, each with its line break; joined, they are the text."""
    return _LINES.findall(text)


def broken(text: str) -> list[str]:
    """The lines without their breaks: one at least."""
    return _BREAK.split(text)


def flat(text: str) -> str:
    """The text on one line: line breaks of every kind are spaces."""
    return _ANY_BREAK.sub(" ", text)


def bare(line: str) -> str:
    """The line without its line break."""
    return line.rstrip("\r\n")


def ending(line: str) -> str:
    """The line break that the line ends with, empty for one that has none."""
    return line[len(bare(line)) :]


def _unindented(line: str) -> str:
    """The line from its first character on, empty where it is indented so far that markdown takes it for code."""
    text = line.lstrip(" ")
    return text if len(line) - len(text) < 4 else ""


def heading(line: str) -> tuple[int, str] | None:
    """The level and the name of the heading that the line is, None if it is none."""
    text = _unindented(line)
    name = text.lstrip("#")
    level = len(text) - len(name)
    if not 0 < level < 7 or name[:1] not in ("", *_SPACE):
        return None
    name = name.strip(_SPACE)
    open_ended = name.rstrip("#")
    if open_ended[-1:] in ("", *_SPACE):  # `## Name ##`
        name = open_ended.rstrip(_SPACE)
    return level, name


def field(line: str) -> Field | None:
    """The field that the line is, None if it is none."""
    text = line.lstrip(_SPACE)
    if text[:1] not in ("-", "*", "+") or text[1:2] not in (" ", "\t"):
        return None
    text = text[1:].lstrip(_SPACE)
    end = text.find(":**", 2)
    if not text.startswith("**") or end < 3 or "**" in text[2:end]:
        return None
    value = text[end + 3 :].lstrip(_SPACE)
    return Field(text[2:end], line[: len(line) - len(value)], value)


def item(line: str) -> str | None:
    """What the item of a list says, None if the line is none."""
    text = line.lstrip(_SPACE)
    if text[:1] in ("-", "*", "+") and text[1:2] in ("", " ", "\t"):
        return text[1:].strip(_SPACE)
    numbered = _NUMBERED.match(text)
    return text[numbered.end() :].strip(_SPACE) if numbered else None


def is_placeholder(text: str) -> bool:
    """Whether the value or item is yet to be given: it begins with the word TBD, however that is written."""
    return _PLACEHOLDER.match(text.lstrip(_SPACE)) is not None


def is_hint(line: str) -> bool:
    """Whether the line is a hint in italics, `*for whoever fills it in*`, and no content."""
    text = line.strip(_SPACE)
    return len(text) > 2 and text[0] == text[-1] and text[0] in "*_" and text[1] not in "*_ \t" and text[-2] not in "*_"


def is_rule(line: str) -> bool:
    """Whether the line is but a line, `---`."""
    text = line.replace(" ", "").replace("\t", "")
    return len(text) > 2 and text[0] in "-*_" and not text.strip(text[0])


def hidden(lines: list[str]) -> bytearray:
    """For each line whether it is FENCED, in a code fence, or in a COMMENT, with what opens and closes it; else 0.

    What is never closed hides nothing: one slip must not make the rest of a document vanish.
    """
    marks = bytearray(len(lines))
    closers = _closers(lines)
    last_end = next((at for at in range(len(lines) - 1, -1, -1) if "-->" in lines[at]), -1)
    until = ("", 0)
    inside = 0
    for at, line in enumerate(lines):
        if inside == FENCED:
            marks[at] = FENCED
            char, length = _fence_end(line)
            if char == until[0] and length >= until[1]:
                inside = 0
        elif inside == COMMENT:
            marks[at] = COMMENT
            if "-->" in line:
                inside = 0
        else:
            char, length = _fence_start(line)
            if char and closers[char][at + 1] >= length:
                inside, until = FENCED, (char, length)
                marks[at] = FENCED
            elif last_end >= at and _unindented(line).startswith("<!--"):
                marks[at] = COMMENT
                inside = 0 if "-->" in line else COMMENT
    return marks


def _closers(lines: list[str]) -> dict[str, list[int]]:
    """For each kind of fence: how long the longest one is that could close it, from each line on."""
    longest = {char: [0] * (len(lines) + 1) for char in "`~"}
    for at in range(len(lines) - 1, -1, -1):
        for char in longest:
            longest[char][at] = longest[char][at + 1]
        char, length = _fence_end(lines[at])
        if char:
            longest[char][at] = max(longest[char][at], length)
    return longest


def _fence_start(line: str) -> tuple[str, int]:
    text = _unindented(line)
    char = text[:1]
    if char not in ("`", "~"):
        return "", 0
    length = len(text) - len(text.lstrip(char))
    if length < 3 or (char == "`" and "`" in text[length:]):
        return "", 0
    return char, length


def _fence_end(line: str) -> tuple[str, int]:
    char, length = _fence_start(line)
    return (char, length) if char and not _unindented(line)[length:].strip() else ("", 0)


def harmless(text: str) -> list[str]:
    """The lines of a text that may stand in any section: whatever would be a heading, or open what hides the rest, has
    a backslash before it, which markdown does not show."""
    lines = broken(text)
    return [line if mark else _escaped(line) for line, mark in zip(lines, hidden(lines), strict=True)]


def opens(line: str) -> bool:
    """Whether the line opens a code fence or a comment, if that is closed further down."""
    return bool(_fence_start(line)[0]) or _unindented(line).startswith("<!--")


def _escaped(line: str) -> str:
    text = _unindented(line)
    underline = text.rstrip(_SPACE)
    is_underline = underline and underline[0] in "-=" and not underline.strip(underline[0])
    if heading(line) is not None or opens(line) or is_underline:
        return line[: len(line) - len(text)] + "\\" + text
    return line
