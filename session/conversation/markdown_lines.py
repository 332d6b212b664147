"""Parsers for single lines of markdown: headings, fields, list items, code fences and comments. No I/O.

No regular expression is built from a document's text. Each function takes time in proportion to its input.
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
    """A line `- **Name:** value`. `lead` is everything before the value."""

    name: str
    lead: str
    value: str


def split(text: str) -> list[str]:
    """Return the text's lines, each with its line break. Joined, they are the text again."""
    return _LINES.findall(text)


def lines_of(text: str) -> list[str]:
    """Return the text's lines without their line breaks. There is always at least one."""
    return _BREAK.split(text)


def flat(text: str) -> str:
    """Return the text on one line: a space replaces each line break of any kind."""
    return _ANY_BREAK.sub(" ", text)


def bare(line: str) -> str:
    """Return the line without its line break."""
    return line.rstrip("\r\n")


def ending(line: str) -> str:
    """Return the line break at the end of the line, or "" if there is none."""
    return line[len(bare(line)) :]


def _unindented(line: str) -> str:
    """Return the line without its indentation, or "" if that is four spaces or more, which markdown takes for code."""
    text = line.lstrip(" ")
    return text if len(line) - len(text) < 4 else ""


def heading(line: str) -> tuple[int, str] | None:
    """Return the level and the name of the heading in the line, or None if the line is not a heading."""
    text = _unindented(line)
    name = text.lstrip("#")
    level = len(text) - len(name)
    if not 0 < level < 7 or name[:1] not in ("", *_SPACE):
        return None
    name = name.strip(_SPACE)
    without_hashes = name.rstrip("#")
    if without_hashes[-1:] in ("", *_SPACE):  # `## Name ##` names the section "Name", but `## C#` names it "C#"
        name = without_hashes.rstrip(_SPACE)
    return level, name


def field(line: str) -> Field | None:
    """Return the field in the line, or None if the line is not a field."""
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
    """Return the text of the list item in the line, or None if the line is not a list item."""
    text = line.lstrip(_SPACE)
    if text[:1] in ("-", "*", "+") and text[1:2] in ("", " ", "\t"):
        return text[1:].strip(_SPACE)
    numbered = _NUMBERED.match(text)
    return text[numbered.end() :].strip(_SPACE) if numbered else None


def is_placeholder(text: str) -> bool:
    """Return True if the text begins with TBD, ignoring case and emphasis: an author still has to fill it in."""
    return _PLACEHOLDER.match(text.lstrip(_SPACE)) is not None


def is_hint(line: str) -> bool:
    """Return True if the whole line is in italics, as `*Files of this conversation*`: a hint to authors, no content."""
    text = line.strip(_SPACE)
    return len(text) > 2 and text[0] == text[-1] and text[0] in "*_" and text[1] not in "*_ \t" and text[-2] not in "*_"


def is_rule(line: str) -> bool:
    """Return True if the line is a horizontal rule, such as `---`."""
    text = line.replace(" ", "").replace("\t", "")
    return len(text) > 2 and text[0] in "-*_" and not text.strip(text[0])


def hidden_marks(lines: list[str]) -> bytearray:
    """Return a mark for each line: FENCED inside a code fence, COMMENT inside a comment, else 0.

    The lines that open and close a fence or comment have its mark too. A fence or comment that is never closed hides
    nothing: one mistake must not hide the rest of a document.
    """
    marks = bytearray(len(lines))
    closers = _closers(lines)
    last_end = next((at for at in range(len(lines) - 1, -1, -1) if "-->" in lines[at]), -1)
    opening_fence = ("", 0)
    inside = 0
    for at, line in enumerate(lines):
        if inside == FENCED:
            marks[at] = FENCED
            char, length = _fence_end(line)
            if char == opening_fence[0] and length >= opening_fence[1]:
                inside = 0
        elif inside == COMMENT:
            marks[at] = COMMENT
            if "-->" in line:
                inside = 0
        else:
            char, length = _fence_start(line)
            if char and closers[char][at + 1] >= length:
                inside, opening_fence = FENCED, (char, length)
                marks[at] = FENCED
            elif last_end >= at and _unindented(line).startswith("<!--"):
                marks[at] = COMMENT
                inside = 0 if "-->" in line else COMMENT
    return marks


def _closers(lines: list[str]) -> dict[str, list[int]]:
    """Return, for each fence character and line, the length of the longest closing fence at or below that line."""
    longest = {char: [0] * (len(lines) + 1) for char in "`~"}
    for at in range(len(lines) - 1, -1, -1):
        for char in longest:
            longest[char][at] = longest[char][at + 1]
        char, length = _fence_end(lines[at])
        if char:
            longest[char][at] = max(longest[char][at], length)
    return longest


def _fence_start(line: str) -> tuple[str, int]:
    """Return the character and the length of the code fence that the line opens, or `("", 0)`."""
    text = _unindented(line)
    char = text[:1]
    if char not in ("`", "~"):
        return "", 0
    length = len(text) - len(text.lstrip(char))
    if length < 3 or (char == "`" and "`" in text[length:]):
        return "", 0
    return char, length


def _fence_end(line: str) -> tuple[str, int]:
    """Return the character and the length of the code fence that the line could close, or `("", 0)`."""
    char, length = _fence_start(line)
    return (char, length) if char and not _unindented(line)[length:].strip() else ("", 0)


def escape(text: str) -> list[str]:
    """Return the text's lines, escaped so that they cannot change the structure of the document around them.

    A backslash goes before each line that would be a heading, underline one, or open a fence or comment without closing
    it. Markdown does not show the backslash. Lines have no line breaks.
    """
    lines = lines_of(text)
    return [line if mark else _escape_line(line) for line, mark in zip(lines, hidden_marks(lines), strict=True)]


def opens(line: str) -> bool:
    """Return True if the line would open a code fence or a comment, provided that a later line closes it."""
    return bool(_fence_start(line)[0]) or _unindented(line).startswith("<!--")


def _escape_line(line: str) -> str:
    text = _unindented(line)
    underline = text.rstrip(_SPACE)
    is_underline = underline and underline[0] in "-=" and not underline.strip(underline[0])
    if heading(line) is not None or opens(line) or is_underline:
        return line[: len(line) - len(text)] + "\\" + text
    return line
