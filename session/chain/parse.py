"""Parse a result of the tool `prompt_engine`: the chain's step, gate and verification. No I/O; never raises.

The time is proportional to the result's length, whatever it holds: possessive quantifiers (`*+`) never backtrack, and
no pattern begins with a quantifier that matches white space or letters. `benchmarks/parsing.py` measures that.
"""

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.chain.api import ChainState

_COUNT = r"(\d{1,6})(?!\d)"
# "Step 1/2", but not inside a longer word, and not a date such as 1/2/2026. Underscores of markdown may precede it.
_STEP = re.compile(
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
    """Return the state that the result describes, or None if it names no step, gate or verification."""
    return read(response)[0]


def read(response: object) -> "tuple[ChainState | None, bool]":
    """Return the state that the result describes, or None, and True if the result says that the chain is complete.

    A chain is not complete while a gate or a verification is pending.
    """
    text = "\n".join(_strings(response))
    lines = [line.strip() for line in text.split("\n")]
    footers = _footers(lines)
    word, step, total = _step(footers, text)
    gate, criteria, has_review = _gates(lines, text)
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
    review_attempt = _REVIEW_ATTEMPT.search(text) if has_review else None
    if attempt:
        state["shell_verify_attempts"], state["shell_verify_max"] = int(attempt[1]), int(attempt[2])
    elif review_attempt:
        state["shell_verify_attempts"] = int(review_attempt[1])
    is_last = step == total if word.lower() == "complete" else not step and any(map(_says_complete, footers))
    is_complete = is_last and not gate and not command
    return (state if step or gate or command else None), is_complete


def _strings(value: object) -> list[str]:
    """Return every string in the result, depth first.

    Of an object with `content`, only the content counts. Of a text block, only its `text` counts.
    """
    strings: list[str] = []
    seen: set[int] = set()  # a list that contains itself would loop for ever
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            strings.append(item)
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
    return strings


def _footers(lines: list[str]) -> list[str]:
    """Return the server's own lines about the chain's position, the last one first.

    These are `Chain: …`, the line below it, and lines that begin with `→` or `✓`. Other lines may be text of a prompt.
    """
    footers = []
    is_below_chain = False
    for line in lines:
        if line:
            is_chain = line.startswith("Chain:")
            if is_below_chain or is_chain or line[0] in "→✓":
                footers.append(line)
            is_below_chain = is_chain
    return footers[::-1]


def _step(footers: list[str], text: str) -> tuple[str, int, int]:
    """Return the word before the step, the step and the number of steps; `("", 0, 0)` if there is no step."""
    for place in (*footers, text):
        for match in _STEP.finditer(place):
            step, total = int(match[2]), int(match[3])
            if 0 < step <= total:
                return match[1], step, total
    return "", 0, 0


def _says_complete(line: str) -> bool:
    return line[0] == "✓" and "Chain" in line and "complete" in line


def _chain_id(footers: list[str], text: str) -> str:
    for place in (*(line for line in footers if line.startswith("Chain:")), text):
        match = _CHAIN.search(place)
        if match:
            return match[0]
    return ""


def _gates(lines: list[str], text: str) -> tuple[str | None, list[str], bool]:
    """Return the pending gate or None, its criteria, and True if the text has a review notice of newer servers."""
    inline, criteria = _inline_gates(lines)
    gate_list = _GATES.search(text)
    review = _REVIEW.search(text)
    if gate_list:
        return gate_list[1].strip(), criteria, True
    if not review:
        return inline, criteria, False
    template = _VERDICTS.search(text)
    labels = [label.strip() for label in _VERDICT.findall(template[1])] if template else []
    return ", ".join(filter(None, labels)) or inline or "review", criteria, True


def _inline_gates(lines: list[str]) -> tuple[str | None, list[str]]:
    """Return the first gate in the section `## Inline Gates`, or None, and the list items in that section."""
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
    """Return the verification's command, from its own line or the failure message that begins at `failure`; or None."""
    match = _VERIFY.search(text)
    command = _bare(match[1]) if match else ""
    if not command and failure is not None:
        match = _COMMAND.search(text, failure)
        command = _bare(match[1]) if match else ""
    return command or None


def _bare(command: str) -> str:
    """Return the command without backticks around it and without `(Attempt 2/5)` after it."""
    command = _NOTE.sub("", command.strip()).rstrip()
    ticks = len(command) - len(command.lstrip("`"))
    inner = command[ticks : len(command) - ticks]
    if ticks and command.endswith("`" * ticks) and "`" * ticks not in inner:
        command = _NOTE.sub("", inner.strip()).rstrip()
    return command
