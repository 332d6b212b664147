"""What a SESSION_STATE.md consists of: the one place that template, sync and audit read it from (seed: 004)."""

from typing import NamedTuple

PLACEHOLDER = "TBD"
FILE = "SESSION_STATE.md"

TYPES = ("build", "research", "discussion", "planning", "debug", "onboarding")
DEFAULT_TYPE = "discussion"
ALIASES = {
    "action": "planning",
    "strategy": "planning",
    "code": "build",
    "coding": "build",
    "implement": "build",
    "chat": "discussion",
    "talk": "discussion",
}
DEFAULT_MODE = "general"

# The words of a first message that tell its type; of types with equally many, the first one counts.
TELLING = {
    "build": frozenset({"implement", "code", "script", "create", "develop", "build", "fix", "refactor"}),
    "research": frozenset({"research", "analyze", "learn", "study", "investigate", "explore", "find"}),
    "discussion": frozenset({"discuss", "think", "brainstorm", "consider", "talk", "conversation"}),
    "planning": frozenset({"plan", "strategy", "decide", "organize", "roadmap", "design", "architect"}),
}
# How a message may begin before it comes to the point.
OPENINGS = (
    "i want to",
    "i need to",
    "please",
    "can you",
    "help me",
    "let's",
    "we need to",
    "i'd like to",
    "could you",
)
LONGEST_FOCUS = 120
SHORTEST_CUT = 60  # a focus that is too long ends at a space after this many characters, if there is one


class Section(NamedTuple):
    """A section as it begins: fields by name, items, or text; `{…}` is filled in.

    `required`: it must be there and be filled in; of one with fields, those that are listed. `recommended`: as far as
    it is relevant.
    """

    name: str
    fields: tuple[tuple[str, str], ...] = ()
    items: tuple[str, ...] = ()
    text: str = ""
    hint: str = ""
    parts: tuple["Section", ...] = ()
    required: bool = False
    required_fields: tuple[str, ...] = ()
    recommended: bool = False


METADATA, PROGRESS, ARTIFACTS = "Metadata", "Progress", "Artifacts"
WITH_FIELDS = (METADATA, PROGRESS)  # that sync takes an object for
IN_FRONTMATTER = ("status", "type", "mode")  # fields that the frontmatter repeats
UPDATED = "last_updated"

_TBD = (PLACEHOLDER,)
SECTIONS = (
    Section(
        METADATA,
        fields=(
            ("Type", "{Type}"),
            ("Mode", "{mode}"),
            ("Focus", "{focus}"),
            ("Objective", "{objective}"),
            ("Status", "active"),
        ),
        required_fields=("Focus", "Objective"),
    ),
    Section(
        PROGRESS,
        fields=(("Overall", "0%"), ("Current Phase", "initialization"), ("Next Actions", PLACEHOLDER)),
        required_fields=("Overall", "Current Phase"),
    ),
    Section("Covered", items=("Session initialized",), required=True),
    Section("Topics", items=_TBD, recommended=True),
    Section("Key Insights", items=_TBD, recommended=True),
    Section("Decisions Made", items=_TBD, recommended=True),
    Section("Open Questions", items=_TBD, recommended=True),
    Section(
        ARTIFACTS,
        hint="*Files created during this conversation*",
        items=("SESSION_STATE.md (permanent, conversation workspace)",),
        recommended=True,
    ),
    Section("Tags", text="#{type} #initialization"),
)
# What conversations of a type have besides. These sections may be empty, their placeholders count.
SPECIFIC = {
    "build": Section(
        "Build-Specific",
        parts=(
            Section("Architectural Decisions", items=_TBD, recommended=True),
            Section("Files Modified", items=_TBD, recommended=True),
            Section(
                "Tests",
                items=("[ ] Unit tests written", "[ ] Tests passing", "[ ] Edge cases covered"),
                recommended=True,
            ),
            Section(
                "Quality Checks",
                items=(
                    "[ ] Error handling implemented",
                    "[ ] Documentation complete",
                    "[ ] No false completion (P15)",
                ),
                recommended=True,
            ),
        ),
    ),
    "research": Section(
        "Research-Specific",
        parts=tuple(
            Section(name, items=_TBD, recommended=True)
            for name in ("Research Questions", "Sources Consulted", "Findings", "Knowledge Gaps")
        ),
    ),
}
HINTS = {section.name: section.hint for section in SECTIONS if section.hint}
MAY_BE_EMPTY = frozenset(section.name.casefold() for section in SPECIFIC.values())


class Artifact(NamedTuple):
    """What sync takes for an artifact, besides text, and what it is where that says nothing."""

    name: str = "Unknown"
    classification: str = "temporary"
    path: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.classification}, {self.path})"
