"""Parsers for lines of markdown: headings, fields, list items, code fences and comments. No I/O.

No regular expression is built from a document's text. Each function takes time in proportion to its input. A document
may have millions of lines, but few different ones or long ones. So each different line is classified once, and what
looks at every line is a built-in function.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable
from io import StringIO
from itertools import accumulate, compress
from typing import NamedTuple

_BREAK = re.compile(r"\r\n?|\n")
_ANY_BREAK = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_PLACEHOLDER = re.compile(r"(?:\[[ xX]\]\s+)?[*_~`]*tbd(?!_*[^\W_])", re.IGNORECASE)
_NUMBERED = re.compile(r"[0-9]{1,9}[.)](?:[ \t]|$)")
_SPACE = " \t"
FENCED, COMMENT = 1, 2
# The kind of a line: the level of its heading, or FENCE or OPENING for one that would open a fence or a comment, or 0.
# ENDING is added if the line could end a comment.
FENCE, OPENING, ENDING = 7, 8, 16
_NOT_HEADING = r"(?![^ \t])"
_KIND = re.compile(
    " {0,3}(?:"
    + "|".join(f"({'#' * level}){_NOT_HEADING}" for level in range(1, 7))
    + r"|(`{3,}+[^`]*+\Z|~{3})|(<!--))"
)
_ENDINGS = re.compile(b"[%b-%b]" % (bytes((ENDING,)), bytes((ENDING | OPENING,))))
_IS_OPENER = bytes(kind & (ENDING - 1) >= FENCE for kind in range(256))


class Field(NamedTuple):
    """A line `- **Name:** value`. `lead` is everything before the value."""

    name: str
    lead: str
    value: str


def split(text: str) -> list[str]:
    """Return the text's lines, each with its line break. Joined, they are the text again."""
    return list(StringIO(text, newline=""))


def lines_of(text: str) -> list[str]:
    """Return the text's lines without their line breaks. There is always at least one."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def bare_lines(text: str) -> list[str]:
    """Return the text's lines without their line breaks: as many as `split` returns."""
    lines = lines_of(text)
    if not lines[-1]:
        lines.pop()
    return lines


def first_break(text: str) -> str:
    """Return the first line break in the text, or "" if there is none."""
    first = _BREAK.search(text)
    return first[0] if first else ""


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


def heading_of_level(line: str, level: int) -> tuple[int, str]:
    """Return the level and the name of the heading in the line, which is one of that level."""
    text = line.strip(_SPACE)
    if text[-1] == "#":
        return heading(line) or (level, "")
    return level, text[level:].lstrip(_SPACE)


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


def kinds_of(lines: Iterable[str], same: dict[str, int] | None = None) -> dict[str, int]:
    """Return the kind of each different line: see FENCE. `same` are the kinds of some lines, which are copied."""
    different = dict.fromkeys(lines) if same is None else frozenset(lines).difference(same)
    kinds = {
        line: ((match.lastindex or 0) if (match := _KIND.match(line)) else 0) | (ENDING if "-->" in line else 0)
        for line in different
    }
    return kinds if same is None else same | kinds


def hidden_marks(lines: list[str]) -> bytearray:
    """Return a mark for each line: FENCED inside a code fence, COMMENT inside a comment, else 0.

    The lines that open and close a fence or comment have its mark too. A fence or comment that is never closed hides
    nothing: one mistake must not hide the rest of a document.
    """
    return marks_by_kind(lines, bytes(map(kinds_of(lines).__getitem__, lines)))


def openers(lines: list[str], kinds: bytes) -> list[str]:
    """Return the lines that would open a fence or a comment. `kinds` is the kind of each line."""
    return list(compress(lines, kinds.translate(_IS_OPENER)))


def marks_by_kind(lines: list[str], kinds: bytes) -> bytearray:
    """Return a mark for each line, as `hidden_marks` does. `kinds` is the kind of each line."""
    marks = bytearray(len(lines))
    places = list(compress(range(len(lines)), kinds.translate(_IS_OPENER)))
    if not places:
        return marks
    forms = _fence_forms(openers(lines, kinds))
    longest = {char: _longest_below(forms, char) for char in {char for char, *_ in forms if char}}
    last_ending = max(kinds.rfind(kind) for kind in range(ENDING, ENDING + OPENING + 1))
    number, count = 0, len(places)
    while number < count:
        start = places[number]
        char, length, _, _ = forms[number]
        number += 1
        if char:
            if longest[char][number] < length:
                continue
            while True:  # the lines of a fence are passed once
                _, _, end_char, end_length = forms[number]
                number += 1
                if end_char == char and end_length >= length:
                    break
            end = places[number - 1] + 1
            marks[start:end] = b"\1" * (end - start)
        elif start <= last_ending:
            closer = _ENDINGS.search(kinds, start)
            assert closer
            end = closer.end()
            marks[start:end] = b"\2" * (end - start)
            if number < count and places[number] < end:
                number = bisect_left(places, end, number)
    return marks


def _fence_forms(lines: list[str]) -> list[tuple[str, int, str, int]]:
    """Return, for each line, the character and the length of the fence it opens, and of the fence it could close.

    Each line opens a fence or a comment; for a comment they are "" and 0.
    """
    forms = {line: _fence_form(line) for line in dict.fromkeys(lines)}
    return list(map(forms.__getitem__, lines))


def _fence_form(line: str) -> tuple[str, int, str, int]:
    text = line.lstrip(" ")
    char = text[0]
    if char == "<":
        return "", 0, "", 0
    rest = text.lstrip(char)
    length = len(text) - len(rest)
    return (char, length, "", 0) if rest.strip() else (char, length, char, length)


def _longest_below(forms: list[tuple[str, int, str, int]], char: str) -> list[int]:
    """Return, for each line and for the end, the length of the longest closing fence at or below it."""
    lengths = {form: form[3] if form[2] == char else 0 for form in set(forms)}
    longest = list(accumulate(map(lengths.__getitem__, reversed(forms)), max, initial=0))
    longest.reverse()
    return longest


def escape(text: str) -> list[str]:
    """Return the text's lines, escaped so that they cannot change the structure of the document around them.

    A backslash goes before each line that would be a heading, underline one, or open a fence or comment without closing
    it. Markdown does not show the backslash. Lines have no line breaks.
    """
    lines = lines_of(text)
    escaped = {line: _escape_line(line) for line in dict.fromkeys(lines)}
    return [line if mark else escaped[line] for line, mark in zip(lines, hidden_marks(lines), strict=True)]


def opens(line: str) -> bool:
    """Return True if the line would open a code fence or a comment, provided that a later line closes it."""
    kind = _KIND.match(line)
    return kind is not None and (kind.lastindex or 0) >= FENCE


def _escape_line(line: str) -> str:
    text = _unindented(line)
    underline = text.rstrip(_SPACE)
    is_underline = underline and underline[0] in "-=" and not underline.strip(underline[0])
    if heading(line) is not None or opens(line) or is_underline:
        return line[: len(line) - len(text)] + "\\" + text
    return line
