"""The mutants that each method must catch. If a method misses one of them, the method does not work."""

from collections.abc import Collection
from dataclasses import dataclass

from . import crash, disks, errors, faults, lab, replay, storm
from .cases import Case, Method, Outcome, Unavailable, shuffled
from .commands import BY_NAME

METHODS = {
    method.name: method
    for method in (
        crash.METHOD,
        replay.REPLAY,
        replay.KILLED,
        disks.METHOD,
        errors.METHOD,
        faults.METHOD,
        storm.METHOD,
    )
}

# mutant: method, command, and optionally a word in the names of the cases that can detect it.
# Each of these combinations must catch the mutant.
MUST_CATCH: dict[str, tuple[tuple[str, ...], ...]] = {
    "no-file-sync": (("replay", "set-update"), ("replay", "save"), ("power", "set-update")),
    "no-folder-sync": (("replay", "set-create"), ("replay", "reset"), ("power", "set-update")),
    "no-lock": (("fault", "set-update", "lock-is-held"), ("storm", "set-and-save")),
    "in-place": (("crash", "set-update"), ("replay", "set-update")),
    "delete-before-archive": (("crash", "save"), ("replay", "save")),
    "archive-without-journal": (("crash", "save"), ("replay", "save")),
    "applied-before-commit": (("crash", "save"), ("replay", "save-name-taken")),
    "application-not-synced": (("replay", "save"), ("replay", "set-after-killed-save")),
    "journal-removal-not-synced": (("replay", "save"), ("replay", "reset-after-rewrite")),
    "journal-not-synced": (("replay", "save"),),
    "replayed-over-newer": (("crash", "set-after-rewrite"), ("replay", "set-after-rewrite")),
    "journal-ignored": (("crash", "set-after-killed-save"), ("replay", "save-after-killed-save")),
    "nothing-made-good": (("killed-replay", "set-create"), ("killed-replay", "save")),
    "fsync-error-ignored": (("error", "set-update", "fsync"), ("error", "save", "fsync")),
    "unlocked-when-locking-fails": (("error", "set-update", "flock"), ("error", "reset", "flock")),
    "lock-taken-after-deadline": (("fault", "set-update", "lock-is-held"), ("fault", "save", "holder-is-stopped")),
    "links-followed": (("fault", "set-update", "session-is-a-link"), ("fault", "save", "journal-is-a-link")),
    "run-before-intent": (("crash", "run-update"), ("crash", "run-create"), ("replay", "run-update")),
    "result-before-end": (("crash", "run-update"),),
    "prepare-skipped": (("fault", "save", "folder-is-read-only"),),
    "lock-in-the-root": (("storm", "shared-places"),),
    "second-lock-waited-for": (("storm", "shared-places"),),
    "journal-of-another-place-applied": (("fault", "set-update", "journal-of-another-place"),),
    "restore-not-finished": (("crash", "checkpoint-restore-both"), ("replay", "checkpoint-restore-both")),
    "acknowledged-early": (("crash", "set-update"), ("crash", "save"), ("replay", "reset")),
}


@dataclass(frozen=True)
class Hunt:
    """One mutant, and a method with a command that must catch it."""

    mutant: str
    method: str
    command: str
    point: str = ""  # a word in the names of the cases that can detect it

    def __str__(self) -> str:
        return f"{self.mutant} by {self.method}/{self.command}"


HUNTS = [Hunt(mutant, *pair) for mutant, pairs in MUST_CATCH.items() for pair in pairs]


def one_each(lacking: Collection[str]) -> list[Hunt]:
    """Return, for each mutant, the first hunt whose method works on this machine."""
    first: dict[str, Hunt] = {}
    for quarry in HUNTS:
        if quarry.method not in lacking:
            first.setdefault(quarry.mutant, quarry)
    return list(first.values())


def hunt(quarry: Hunt, size: str) -> Outcome:
    """Run cases until one is violated. If none is, return a violation: the mutant survives."""
    method = METHODS[quarry.method]
    _check_fit(quarry)
    nobody = Case(quarry.method, quarry.command, "*", quarry.mutant)
    tried = 0
    lacking = None
    for case in _cases(method, quarry, size):
        try:
            if method.check(case).violations:
                return Outcome(case, tried + 1)
            tried += 1
        except Unavailable as reason:
            lacking = reason
    if lacking and not tried and not lacking.fails:
        return Outcome(nobody, 0, skipped=str(lacking))
    return Outcome(nobody, tried, [f"survives {tried} cases" + (f" ({lacking})" if lacking else "")])


def _check_fit(quarry: Hunt) -> None:
    """Raise AssertionError if the mutant fails without any disturbance: catching it would prove nothing."""
    row = BY_NAME.get(quarry.command, BY_NAME["set-update"])
    with lab.copy_of(row.template()) as project:
        ended = lab.run_command(project, *row.argv, mutant=quarry.mutant)
    if ended.code or b"bug in workflow-session" in ended.err:
        raise AssertionError(f"{quarry.mutant} no longer fits the product: {ended}")


def _cases(method: Method, quarry: Hunt, size: str) -> list[Case]:
    if method.name == "storm":  # a storm finds a mutant only with luck, so try three
        return [Case("storm", quarry.command, f"small:{number}", quarry.mutant) for number in range(3)]
    # All points, in random order: the mutant must be caught, and the first violation ends the hunt.
    found = method.cases(quarry.command, quarry.mutant, "full" if size == "full" else "hunt")
    return shuffled([case for case in found if quarry.point in case.point], str(quarry))
