"""audit: the parts that a document lacks by the schema, with their lines."""

import json
import shlex
from pathlib import Path

import pytest
from hypothesis import given

from session.conversation.audit import BY_HAND, EMPTY, FIELD, ITEM, MISSING, Audit
from session.conversation.document import Document
from session.conversation.schema import SECTIONS, TYPES
from session.conversation.template import template
from tests.conversation.conftest import GOLD, Call, lay
from tests.conversation.texts import DOCUMENTS

FULL = (
    "## Metadata\n- **Focus:** F\n- **Objective:** O\n\n## Progress\n- **Overall:** 1%\n- **Current Phase:** P\n\n"
    "## Covered\n- c\n\n"
)


def findings(text: str) -> list[tuple[str, str, int | None]]:
    return [finding[:3] for finding in Audit(Document(text)).findings]


def test_complete() -> None:
    for text in (GOLD, FULL, GOLD.replace("\n", "\r\n"), "\ufeff" + GOLD):
        audit = Audit(Document(text))
        assert audit.complete, audit.findings
    assert Audit(Document(GOLD)).recommended == []
    assert Audit(Document(FULL)).recommended[0] == "Topics"
    assert "Tests" in Audit(Document(f"---\ntype: Build\n---\n{FULL}")).recommended


@pytest.mark.parametrize("type_", TYPES)
def test_what_a_conversation_begins_with(type_: str) -> None:
    audit = Audit(Document(template("c", type_, "now")))
    assert audit.names(FIELD) == ["Focus", "Objective", "Next Actions"]
    assert audit.names(ITEM)[:4] == ["Topics", "Key Insights", "Decisions Made", "Open Questions"]
    assert len(audit.names(ITEM)) == 4 + {"build": 2, "research": 4}.get(type_, 0)
    assert (audit.names(EMPTY), audit.names(MISSING), audit.recommended) == ([], [], [])


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ("## N\n- tbd\n  - TBD nested\n1. TBD\n", [(ITEM, "N", 13), (ITEM, "N", 14), (ITEM, "N", 15)]),
        ("## N\nTBD\n", [(ITEM, "N", 13)]),
        ("## N\nsaid before\nTBD is what it was\n", []),
        ("## N\n- [ ] TBD\n- not TBD\n", [(ITEM, "N", 13)]),
        ("## N\n- **A:**\n- **B:** \n", [(FIELD, "A", 13), (FIELD, "B", 14)]),
        ("## N\n- **A:**\n  - below\n", []),
        ("## N\n```\n- TBD\n- **A:** TBD\n```\n", []),
        ("## N\n<!--\n- TBD\n-->\nx\n", []),
        ("## N\n```\n- TBD\n", [(ITEM, "N", 14)]),
        ("## N\n", [(EMPTY, "N", 12)]),
        ("## N\n*a hint*\n_another_\n---\n- \n<!-- x -->\n", [(EMPTY, "N", 12)]),
        ("## N\n**bold**\n", []),
        ("## N\n* item\n", []),
        ("## N\n### A\n- x\n### B\n", [(EMPTY, "B", 15)]),
        ("## N\n### A\n### B\n# C\n", [(EMPTY, "N", 12), (EMPTY, "A", 13), (EMPTY, "B", 14)]),
        ("## Build-Specific\n### A\n### B\n- TBD\n## N\n", [(ITEM, "B", 15), (EMPTY, "N", 16)]),
        ("## research-specific\n- TBD\n", [(ITEM, "research-specific", 13)]),
        ("## Research-Specific\n", []),
    ],
)
def test_findings(more: str, found: list[tuple[str, str, int | None]]) -> None:
    assert findings(FULL + more) == found


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["Metadata.Focus", "Metadata.Objective", "Progress.Overall", "Progress.Current Phase", "Covered"]),
        (FULL.replace("Objective", "Aim"), ["Metadata.Objective"]),
        (FULL.replace("## Covered\n", "## Done\n"), ["Covered"]),
        (FULL.replace("## Metadata", "```\n## Metadata\n```\n## Data"), ["Metadata.Focus", "Metadata.Objective"]),
        (FULL.replace("Focus", "FOCUS").replace("Covered", "covered"), []),
    ],
)
def test_missing(text: str, names: list[str]) -> None:
    assert Audit(Document(text)).names(MISSING) == names


def test_the_schema_is_what_is_required() -> None:
    required = [f"{section.name}.{name}" for section in SECTIONS for name in section.required_fields]
    required += [section.name for section in SECTIONS if section.required]
    assert Audit(Document("x")).names(MISSING) == required


@given(DOCUMENTS)
def test_any_document_has_findings_in_its_lines(text: str) -> None:
    document = Document(text)
    for finding in Audit(document).findings:
        assert finding.line is None or 1 <= finding.line <= len(document.lines)
        assert finding.do.startswith(("update --field ", "sync --json '")) or finding.do == BY_HAND


def test_answers(base: Path, call: Call) -> None:
    lay(base, FULL.replace("O\n", "tbd\n") + "## N\n- TBD\n## M\n")
    words = ("audit", "--convo-id", "c")
    short = (
        "⚠ SESSION_STATE has 2 TBD placeholders\n  Fields with TBD: Objective\n  Bare '- TBD' entries: 1\n"
        "  Empty sections: M\n"
    )
    assert call(*words, script=True).stdout == short
    ended = call(*words)
    assert (ended.code, ended.stderr) == (1, "")
    assert ended.stdout == short + (
        "\n  line 3: Objective: field not filled in: session doc update --convo-id c --field Objective --value TEXT\n"
        '  line 13: N: item not filled in: session doc sync --convo-id c --json \'{"N":["TEXT"]}\'\n'
        '  line 14: M: empty section: session doc sync --convo-id c --json \'{"M":["TEXT"]}\'\n'
    )
    ended = call(*words, "--format", "json")
    told = json.loads(ended.stdout)
    assert ended.code == 1
    assert told["conversation_id"] == "c"
    assert told["path"] == str(base / "c/SESSION_STATE.md")
    assert (told["complete"], told["tbd_count"], told["tbd_fields"], told["bare_tbd_count"]) == (
        False,
        2,
        ["Objective"],
        1,
    )
    assert (told["empty_sections"], told["missing"]) == (["M"], [])
    assert [finding["line"] for finding in told["findings"]] == [3, 13, 14]
    lay(base, FULL)
    assert json.loads(call(*words, "--format", "json").stdout)["complete"] is True


@pytest.mark.parametrize(
    ("text", "do"),
    [
        (FULL + "## N\n- **Focus:** TBD\n", [BY_HAND]),  # update would change the one in Metadata
        (FULL + "## Progress\n- **Focus:** TBD\n", ['sync --json \'{"Progress":{"Focus":"TEXT"}}\'']),
        (FULL + "## N\n- **A:** TBD\n## N\n- **A:** x\n", ["update --field A --value TEXT"]),
        (FULL + "## N\n- **A**B:** TBD\n- **a\x1bb:** TBD\n", [BY_HAND]),
        (FULL + "## N\nx\n### P\n### n\n- TBD\n", ['sync --json \'{"P":["TEXT"]}\'', BY_HAND]),
        (FULL + "# Top\n- TBD\n## \n- TBD\n", [BY_HAND, BY_HAND]),
        (FULL.replace("- **Focus", "- TBD\n- **Focus"), [BY_HAND]),
        (FULL + "## metadata\n", ['sync --json \'{"metadata":{"Focus":"TEXT"}}\'']),
        (FULL + "## Progress\n*hint*\n", ['sync --json \'{"Progress":{"Overall":"TEXT"}}\'']),
    ],
)
def test_what_it_says_to_do_changes_that_very_place(text: str, do: list[str]) -> None:
    assert [finding.do for finding in Audit(Document(text)).findings] == do


def test_what_it_says_to_do_can_be_done(base: Path, call: Call) -> None:
    """A shell runs the commands until no finding is left; names are quoted."""
    lay(base, FULL.replace("## Covered\n- c\n", '## it\'s "so"\n- TBD\n') + "- **Who's:** TBD\n## M\n")
    for _ in range(5):
        found = json.loads(call("audit", "--convo-id", "c", "--format", "json").stdout)["findings"]
        if not found:
            return
        command, *words = shlex.split(found[0]["do"])
        assert call(command, "--convo-id", "c", *words).code == 0
    raise AssertionError(found)
