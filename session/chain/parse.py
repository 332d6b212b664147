"""What a result of `prompt_engine` says about step, gate and verification (seed: 003). Pure, linear, never raises.

A quantifier with a `+` after it gives nothing back, and no pattern begins with one that white space or letters would
match: so no text makes them try again and again (`benchmarks/parsing.py`).
"""

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.chain.api import ChainState

_COUNT = r"(\d{1,6})(?!\d)"
_STEP = re.compile(  # not inside a word (but for markdown's underscores), not the beginning of a date
    rf"(?<!\w)_*+([Ss]tep|[Pp]rogress|[Cc]omplete)(?:\s++\(?|\(){_COUNT}\s*+(?:of|/)\s*+{_COUNT}(?!\s*+/\s*+\d)"
)
_CHAIN = re.compile(r"(?<![\w-])chain(?:-|_(?!id(?![A-Za-z0-9_#-])))[A-Za-z0-9_#-]+")
_INLINE_GATES = re.compile(r"##\s+Inline Gates\b")
_REVIEW = re.compile(r"\*\*(?:Structural \+ Gate |Structural |Gate )?Review Required\*\*")
_GATES = re.compile(r"\*\*Gates\*\*:[^\S\n]*+(\S[^\n]*)")
_VERDICTS = re.compile(r"GATE_VERDICTS:\s*+((?:\[\d++\][^\n]*+\s*+)++)")
_VERDICT = re.compile(r"^[^\S\n]*+\[\d++\][^\S\n]*+(?:PASS\|FAIL|PASS|FAIL)[^\S\n]*+-[^\S\n]*+([^:\n]+)", re.MULTILINE)
_REVIEW_ATTEMPT = re.compile(rf"\(attempt\s++{_COUNT}/{_COUNT}\)")
_ATTEMPT = re.compile(rf"(?:(?<!\w)Attempt\s++|\*\*Attempts:\*\*\s*+){_COUNT}/{_COUNT}")
_VERIFY = re.compile(r"Shell verification:(?:\*\*)?[^\S\n]*+(\S[^\n]*)")
_FAILED = re.compile(r"^[^\S\n]*+## Shell Verification FAILED", re.MULTILINE)
_COMMAND = re.compile(r"\*\*Command:\*\*[^\S\n]*+(\S[^\n]*)")
_NOTE = re.compile(r"\(Attempt\s++\d++/\d++\)$")
_MOST_CRITERIA = 5


def parse_prompt_engine_response(response: "str | dict[str, object] | list[object]") -> "ChainState | None":
    """The state that the result tells of, None unless it names a step, a gate or a verification."""
    return read(response)[0]


def read(response: object) -> "tuple[ChainState | None, bool]":
    """The same, and whether the result says that the chain is complete, with nothing left to review or verify."""
    text = "\n".join(_strings(response))
    lines = [line.strip() for line in text.split("\n")]
    footers = _footers(lines)
    word, step, total = _step(footers, text)
    gate, criteria, reviewed = _gates(lines, text)
    failed = _FAILED.search(text)
    command = _verification(text, failed.end() if failed else None)
    state: ChainState = {
        "chain_id": _chain_id(footers, text),
        "current_step": step,
        "total_steps": total,
        "pending_gate": gate,
        "gate_criteria": criteria,
        "last_prompt_id": "",
        "pending_shell_verify": command,
        "shell_verify_attempts": 0,
    }
    attempt = (failed and _ATTEMPT.search(text, failed.end())) or _ATTEMPT.search(text)
    review_attempt = _REVIEW_ATTEMPT.search(text) if reviewed else None
    if attempt:
        state["shell_verify_attempts"], state["shell_verify_max"] = int(attempt[1]), int(attempt[2])
    elif review_attempt:
        state["shell_verify_attempts"] = int(review_attempt[1])
    said = step == total if word.lower() == "complete" else not step and any(_ends_chain(line) for line in footers)
    complete = said and not gate and not command
    return (state if step or gate or command else None), complete


def _strings(value: object) -> list[str]:
    """Every text in the result, depth first: of an object with `content` only that, of a text block its `text`."""
    found: list[str] = []
    seen: set[int] = set()  # whatever holds itself is gone through once
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            found.append(item)
        elif isinstance(item, dict | list | tuple) and id(item) not in seen:
            seen.add(id(item))
            if not isinstance(item, dict):
                todo += reversed(item)
            elif item.get("content"):
                todo.append(item["content"])
            elif item.get("type") == "text" and isinstance(item.get("text"), str):
                todo.append(item["text"])
            else:
                todo += reversed(item.values())
    return found


def _footers(lines: list[str]) -> list[str]:
    """The lines that tell where the chain stands, whatever the prompt between says; the last one first."""
    found = []
    below = False
    for line in lines:
        if line:
            is_chain = line.startswith("Chain:")
            if below or is_chain or line[0] in "→✓":
                found.append(line)
            below = is_chain
    return found[::-1]


def _step(footers: list[str], text: str) -> tuple[str, int, int]:
    for place in (*footers, text):
        for found in _STEP.finditer(place):
            step, total = int(found[2]), int(found[3])
            if 0 < step <= total:
                return found[1], step, total
    return "", 0, 0


def _ends_chain(line: str) -> bool:
    return line[0] == "✓" and "Chain" in line and "complete" in line


def _chain_id(footers: list[str], text: str) -> str:
    for place in (*(line for line in footers if line.startswith("Chain:")), text):
        found = _CHAIN.search(place)
        if found:
            return found[0]
    return ""


def _gates(lines: list[str], text: str) -> tuple[str | None, list[str], bool]:
    """The gate that is pending, its criteria, and whether a review is required as the later server says it."""
    inline, criteria = _inline_gates(lines)
    listed = _GATES.search(text)
    required = _REVIEW.search(text)
    if listed:
        return listed[1].strip(), criteria, True
    if not required:
        return inline, criteria, False
    template = _VERDICTS.search(text)
    labels = [label.strip() for label in _VERDICT.findall(template[1])] if template else []
    return ", ".join(filter(None, labels)) or inline or "review", criteria, True


def _inline_gates(lines: list[str]) -> tuple[str | None, list[str]]:
    gate: str | None = None
    criteria: list[str] = []
    inside = False
    for line in lines:
        level = len(line) - len(line.lstrip("#")) if line[:1] == "#" else 0
        rest = line[level:]
        if level in (1, 2) and (not rest or rest[0].isspace()):
            inside = _INLINE_GATES.match(line) is not None
        elif not inside or not line:
            continue
        elif level == 3:
            gate = gate or rest.strip() or None
        elif _is_rule(line):
            inside = False
        elif line[0] in "-*•" and line[:2] != "**" and len(criteria) < _MOST_CRITERIA:
            criteria += filter(None, [line[1:].strip()])
    return gate, criteria


def _is_rule(line: str) -> bool:
    return line[0] in "-*_" and line.count(line[0]) >= 3 and not line.strip(f"{line[0]} \t")


def _verification(text: str, failure: int | None) -> str | None:
    """The command that verifies, from the line that announces it or from the message that it failed."""
    found = _VERIFY.search(text)
    command = _bare(found[1]) if found else ""
    if not command and failure is not None:
        found = _COMMAND.search(text, failure)
        command = _bare(found[1]) if found else ""
    return command or None


def _bare(command: str) -> str:
    """The command without the note on attempts behind it and the backticks around it."""
    command = _NOTE.sub("", command.strip()).rstrip()
    ticks = len(command) - len(command.lstrip("`"))
    inner = command[ticks : len(command) - ticks]
    if ticks and command.endswith("`" * ticks) and "`" * ticks not in inner:
        command = _NOTE.sub("", inner.strip()).rstrip()
    return command
