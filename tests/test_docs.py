"""The documentation: links lead to files, named commands exist, and commands read the examples of file formats."""

import importlib
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from session.commands.words import WORDS
from tests.conftest import REPOSITORY, Run

DOCS = sorted((REPOSITORY / "docs").glob("*.md"))
PAGES = [REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md", *DOCS]
FORMATS = [page for page in DOCS if page.name.startswith("formats")]
MOST_LINES = 150

_FENCE = re.compile(r"(?ms)^( *)```(\w*)[^\n]*\n(.*?)^\1```$")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_EXAMPLE = re.compile(r"(?ms)^Example \(`([^`]+)`\)(?:(?!^```).)*?^```\w+\n(.*?)^```$")


def named(page: Path) -> str:
    return str(page.relative_to(REPOSITORY))


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def prose_of(page: Path) -> str:
    """Return the page without its fenced blocks."""
    return _FENCE.sub("", text_of(page))


def anchors_of(page: Path) -> set[str]:
    """Return the anchors that GitHub gives to the page's headings."""
    anchors: set[str] = set()
    count: Counter[str] = Counter()
    for heading in re.findall(r"(?m)^#{1,6} +(.+?) *$", prose_of(page)):
        shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        anchor = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
        anchors.add(f"{anchor}-{count[anchor]}" if count[anchor] else anchor)
        count[anchor] += 1
    return anchors


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_relative_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    for link in _LINK.findall(prose_of(page)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors_of(target), link


def test_the_index_lists_every_page_once() -> None:
    index = REPOSITORY / "docs" / "README.md"
    listed = [link for link in _LINK.findall(text_of(index)) if link.endswith(".md") and "/" not in link]
    assert sorted(listed) == [page.name for page in DOCS if page != index]


def test_the_list_of_formats_is_complete() -> None:
    links = set(_LINK.findall(text_of(REPOSITORY / "docs" / "formats.md")))
    assert {page.name for page in FORMATS} - {"formats.md"} <= links


@pytest.mark.parametrize("page", DOCS, ids=named)
def test_no_page_is_too_long(page: Path) -> None:
    assert len(text_of(page).splitlines()) <= MOST_LINES


@pytest.mark.parametrize("page", FORMATS, ids=named)
def test_every_json_block_of_the_formats_parses(page: Path) -> None:
    for _, kind, block in _FENCE.findall(text_of(page)):
        if kind == "json":
            json.loads(block)
        elif kind == "jsonl":
            assert [json.loads(line) for line in block.splitlines()]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_named_module_imports(page: Path) -> None:
    text = text_of(page)
    for name in re.findall(r"(?s)python\S* (?:-P )?-m\s+(session[\w.]*)", text):
        importlib.import_module(name if "." in name else f"{name}.__main__")
    for name, imported in re.findall(r"(?m)^\+?from (session[\w.]*) import (.+)$", text):
        module = importlib.import_module(name)
        for attribute in imported.split(","):
            assert hasattr(module, attribute.strip()), (name, attribute)


@pytest.mark.parametrize("page", DOCS, ids=named)
def test_every_named_command_and_path_exists(page: Path) -> None:
    text = text_of(page)
    makefile = text_of(REPOSITORY / "Makefile")
    for word in re.findall(r"(?:`|^\$ |^ {4})session ([a-z]\w*)", text, re.MULTILINE):
        assert word in WORDS or word == "help", word
    for target in re.findall(r"(?:`|^ +)make ([a-z]\w*)", text, re.MULTILINE):
        assert re.search(rf"(?m)^{target}:", makefile), target
    for path in re.findall(r"\b((?:session|tests|scripts|benchmarks)/[\w./-]*\w)", text):
        if "/session/" not in path and path != "tests/smoke" and "tests/test_login" not in path:
            assert (REPOSITORY / path).exists() or path == "scripts/dev-server.sh", path


def test_commands_read_the_examples_of_the_formats(run: Run, project: Path) -> None:
    """Every example is put where its page says; the commands then find nothing wrong with it."""
    examples = {path: body for page in FORMATS for path, body in _EXAMPLE.findall(text_of(page))}
    assert len(examples) >= 14
    for path, body in examples.items():
        file = project / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(body, encoding="utf-8")
    for line, answer in {
        "show workflow:pr --json": '"git:pr:create"',
        "resume --text": "https://example.org/pull/8",
        "archive list --json": '"completed"',
        "project status --json": '"1.A.5"',
        "project verify --json": '"passed": true',
        "checkpoint verify": "OK: 1 files\nChanged: 0 files\nMissing: 0 files\n",
        "checkpoint list --json": "before the migration",
        "transition --show": "TEST",
        "feature show F-1": "grep -q x src/login.py",
        "metrics --all --json": "52000",
        "recover log": "hook-rejection",
        "doc get --convo-id con_42 --field Focus": "Fix the login",
    }.items():
        ended = run("session", *line.split())
        assert (ended.code, ended.stderr) == (0, ""), (line, ended.stdout)
        assert answer in ended.stdout, (line, ended.stdout)
    prompt = json.dumps({"hook_event_name": "UserPromptSubmit", "session_id": "con_42", "cwd": str(project)})
    ended = run("hook", "UserPromptSubmit", stdin=prompt.encode(), env={"MCP_WORKSPACE": str(project)})
    assert (ended.code, ended.stderr) == (0, "")
    assert "npm test" in ended.stdout
