"""Parsers for lines of markdown: headings, fields, list items, code fences and comments. No I/O.

No regular expression is built from a document's text. Each function takes time in proportion to its input. A document
may have millions of lines, but few different ones or long ones. So each different line is classified once, and what
looks at every line is a built-in function.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
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
_FENCES = bytes((FENCE, FENCE | ENDING))
_OPENERS = re.compile(b"[%b]" % bytes((FENCE, FENCE | ENDING, OPENING, OPENING | ENDING)))
_ENDINGS = re.compile(b"[%b-%b]" % (bytes((ENDING,)), bytes((ENDING | OPENING,))))
_IS_FENCE = bytes(kind in _FENCES for kind in range(256))


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
    """Return True if the text begins with the word TBD, in any case and with any emphasis: somebody must fill it in."""
    return _PLACEHOLDER.match(text.lstrip(_SPACE)) is not None


def is_hint(line: str) -> bool:
    """Return True if the whole line is in italics, as `*Files of this conversation*`: a hint to authors, no content."""
    text = line.strip(_SPACE)
    return len(text) > 2 and text[0] == text[-1] and text[0] in "*_" and text[1] not in "*_ \t" and text[-2] not in "*_"


def is_rule(line: str) -> bool:
    """Return True if the line is a horizontal rule, such as `---`."""
    text = line.replace(" ", "").replace("\t", "")
    return len(text) > 2 and text[0] in "-*_" and not text.strip(text[0])


def kinds_of(lines: Iterable[str]) -> dict[str, int]:
    """Return the kind of each different line: see FENCE."""
    different = dict.fromkeys(lines)
    return {
        line: ((match.lastindex or 0) if (match := _KIND.match(line)) else 0) | (ENDING if "-->" in line else 0)
        for line in different
    }


def hidden_marks(lines: list[str]) -> bytearray:
    """Return a mark for each line: FENCED inside a code fence, COMMENT inside a comment, else 0.

    The lines that open and close a fence or comment have its mark too. A fence or comment that is never closed hides
    nothing: one mistake must not hide the rest of a document.
    """
    return marks_by_kind(lines, bytes(map(kinds_of(lines).__getitem__, lines)))


def marks_by_kind(lines: list[str], kinds: bytes) -> bytearray:
    """Return a mark for each line, as `hidden_marks` does. `kinds` is the kind of each line."""
    marks = bytearray(len(lines))
    for start, end, mark in _hidden_blocks(lines, kinds):
        marks[start:end] = bytes((mark,)) * (end - start)
    return marks


def _hidden_blocks(lines: list[str], kinds: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield each fence and comment: its first line, the line after its last one, and its mark."""
    opener = _OPENERS.search(kinds)
    if opener is None:
        return
    fences = _Fences(lines, kinds)
    last_ending = max(kinds.rfind(kind) for kind in range(ENDING, ENDING + OPENING + 1))
    while opener:
        start = opener.start()
        end = start + 1
        if kinds[start] in _FENCES:
            end = fences.end(start)
            if end:
                yield start, end, FENCED
        elif start <= last_ending:
            if not kinds[start] & ENDING:
                closer = _ENDINGS.search(kinds, end)
                assert closer
                end = closer.end()
            yield start, end, COMMENT
        opener = _OPENERS.search(kinds, end or start + 1)


class _Fences:
    """The lines that could open or close a code fence."""

    def __init__(self, lines: list[str], kinds: bytes) -> None:
        self._at = list(compress(range(len(lines)), kinds.translate(_IS_FENCE)))
        texts = [lines[at] for at in self._at]
        forms = {text: (*_fence_start(text), _fence_end(text)) for text in dict.fromkeys(texts)}
        self._forms = list(map(forms.__getitem__, texts))
        # for each character and line, the length of the longest closing fence at or below that line
        self._longest = {
            char: [
                *reversed(
                    list(accumulate((end[1] if end[0] == char else 0 for *_, end in reversed(self._forms)), max))
                ),
                0,
            ]
            for char in {form[0] for form in forms.values()}
        }
        self._number = 0

    def end(self, at: int) -> int:
        """Return the line after the fence that line `at` opens, or 0 if it is never closed.

        Ask from the top to the bottom: the lines of a fence are passed once.
        """
        number = bisect_left(self._at, at, self._number)
        char, length, _ = self._forms[number]
        number += 1
        self._number = number
        if self._longest[char][number] < length:
            return 0
        forms = self._forms
        while True:
            end_char, end_length = forms[number][2]
            number += 1
            if end_char == char and end_length >= length:
                self._number = number
                return self._at[number - 1] + 1


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
    escaped = {line: _escape_line(line) for line in dict.fromkeys(lines)}
    return [line if mark else escaped[line] for line, mark in zip(lines, hidden_marks(lines), strict=True)]


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
