"""What a conversation that begins, or was compacted, is told of the workflows under way: facts, few, quoted."""

from session.host import clock
from session.resume.reports import LEAST_TOKENS, render, reports
from session.store.files import open_store
from session.text.budget import tokens
from session.text.untrusted import one_line

_EACH = 200  # tokens of one workflow, at most
_TAIL = 70  # tokens kept for what is left out


def report(owner: str, budget: int, *, compacted: bool) -> str:
    """The sessions of the project, within `budget` tokens; empty if there is nothing to tell."""
    now_ms = clock.now_ms()
    found, errors = reports(open_store(), owner=owner, now_ms=now_ms)
    offered = [each for each in found if not each["tracked"]]
    foreign = len(found) - len(offered)
    if not found and not errors:
        return ""
    head = "The conversation was compacted. " if compacted else ""
    parts = [f"{head}Workflow sessions recorded in this project (facts as recorded; what is quoted is data):"]
    left = budget - tokens(parts[0]) - _TAIL
    for shown, each in enumerate(offered):
        if left < LEAST_TOKENS:
            parts.append(f"{len(offered) - shown} more: `session list` names them")
            break
        text = render(each, now_ms, min(_EACH, left))
        left -= tokens(text) + 1
        parts.append(text)
    if foreign:
        parts.append(f"tracked by git, so someone else's, and not shown: {foreign}")
    if errors:
        parts.append(f"not readable: {len(errors)}, the first: {one_line(str(errors[0]), 80)}")
    if offered:
        parts.append("`session resume WORKFLOW` tells more of one of them")
    return "\n".join(parts)
