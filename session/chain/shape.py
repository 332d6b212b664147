"""What is on disk for a conversation's chain."""

from typing import NotRequired, TypedDict


class ChainState(TypedDict):
    """The state of one chain, by the keys of the seed (003). What another program wrote may lack any of them."""

    chain_id: str  # empty where it is not known
    current_step: int  # 0: no step
    total_steps: int
    pending_gate: str | None  # names, separated by commas where there are several
    gate_criteria: list[str]  # at most five
    last_prompt_id: str
    pending_shell_verify: str | None  # the command
    shell_verify_attempts: int  # made so far; of a review without a command, the review's
    shell_verify_max: NotRequired[int]  # where it was said
    shell_verify_told: NotRequired[str]  # the command that was said not to be trusted
