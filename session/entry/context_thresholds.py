"""How full a model's context is, and what to do about it. Pure (seed: 001).

The thresholds are exact: what is to be compared is a decimal, not a float.
"""

import re
from decimal import Decimal
from typing import NamedTuple

from session.errors import UsageError

# What is used is strictly more than that: what to remove
ACTIONS = (("0.95", "emergency"), ("0.90", "full"), ("0.85", "summarize"), ("0.80", "remove_raw"))
# strictly more than that: what to do in time
ADVICE = (("0.70", "pre_compress"), ("0.50", "checkpoint"))
# at least that: how whoever comes back goes on
RESUMPTIONS = (("0.80", "fresh_with_summary"), ("0.60", "compress_and_continue"))
NONE = "none"
CONTINUE = "continue"

_NUMBER = re.compile(r"\+?(\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})(%?)", re.ASCII)


class Use(NamedTuple):
    """A use of the context, 1 being all of it: what to do now, what to do in time if anything, how to resume."""

    usage: Decimal
    action: str
    advice: str | None
    resumption: str


def parse(text: str) -> Decimal:
    """The use that `0.86` or `86%` names. UsageError for anything else."""
    number = _NUMBER.fullmatch(text.strip())
    if number is None:
        raise UsageError(f"not a part of the context, such as 0.86 or 86%: {text[:100]}" if text else "no usage given")
    return Decimal(number[1]) / (100 if number[2] else 1)


def judge(usage: Decimal) -> Use:
    """What that use of the context asks for."""
    action = next((word for limit, word in ACTIONS if usage > Decimal(limit)), NONE)
    advice = next((word for limit, word in ADVICE if usage > Decimal(limit)), None)
    resumption = next((word for limit, word in RESUMPTIONS if usage >= Decimal(limit)), CONTINUE)
    return Use(usage, action, advice, resumption)
