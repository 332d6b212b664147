"""The sections, fields and types of SESSION_STATE.md. The template, sync and audit all use these tables."""

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

# The words in a first message that decide its type. The type with most words wins; after a tie, the first in TYPES.
TYPE_WORDS = {
    "build": frozenset({"implement", "code", "script", "create", "develop", "build", "fix", "refactor"}),
    "research": frozenset({"research", "analyze", "learn", "study", "investigate", "explore", "find"}),
    "discussion": frozenset({"discuss", "think", "brainstorm", "consider", "talk", "conversation"}),
    "planning": frozenset({"plan", "strategy", "decide", "organize", "roadmap", "design", "architect"}),
}
# Openings of a message that say nothing about its subject; the focus leaves them out.
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
SHORTEST_CUT = 60  # a focus that is too long is cut at its last space, but only if this many characters stay


class Section(NamedTuple):
    """A section of a new document, with its fields, items or text. The template replaces names in braces.

    `required` says that a complete document has the section. `required_fields` names the fields that a complete
    document has in it. `recommended` says that audit mentions the section if it is missing. `parts` are subsections.
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
WITH_FIELDS = (METADATA, PROGRESS)  # sync takes an object of fields for these sections
IN_FRONTMATTER = ("status", "type", "mode")  # the frontmatter has these fields too
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
# For each type of conversation: one more section. Audit accepts an empty one, but reports placeholders in it.
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
    """The keys of an artifact that sync gets as an object, with a default for each missing key."""

    name: str = "Unknown"
    classification: str = "temporary"
    path: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.classification}, {self.path})"
