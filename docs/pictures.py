"""Draw the pictures of the documentation from the real thing: `make pictures`, or `python docs/pictures.py FOLDER`.

FOLDER holds the installed commands. Each picture is an SVG file in docs/pictures/:
interruption.svg is a recording of real commands; floors.svg is drawn from the imports of the package.
"""

import ast
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from html import escape
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent
PACKAGE = REPOSITORY / "session"
PICTURES = Path(__file__).parent / "pictures"
WIDTH = 100  # columns of the recorded terminal

# The floors of the picture, from the top: what stands there in words. Boxes come from the import contract.
TITLES = {
    "commands": "the words of `session`",
    "get": "commands of their own",
    "hooks": "answers to agent CLIs' events",
    "integrations": "our entries in their settings",
    "arguments": "command lines and answers",
    "context": "what reads several subjects",
    "workflow": "subjects: one system each",
    "host": "git, processes, time, trust",
    "text": "text made safe and short",
    "store": "durable documents",
    "root": "the ground",
}
MERGED = {"output": "arguments", "resume": "context", "errors": "root"}  # floors that share a row of the picture


# The recording ------------------------------------------------------------------------------------------------------


def record(commands: Path) -> str:
    """Return the SVG of a terminal: an interruption, and what the next conversation reads. Runs the real commands."""
    from rich.console import Console
    from rich.text import Text

    home = tempfile.mkdtemp(prefix="session-picture-")
    try:
        lines = list(_scene(commands, Path(home)))
    finally:
        shutil.rmtree(home)
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, legacy_windows=False)
    for line in lines:
        console.print(Text.from_markup(line) if line.startswith("[") else Text(line), soft_wrap=False)
    return console.export_svg(title="session", code_format=_SVG, unique_id="session") + "\n"


def _scene(commands: Path, home: Path) -> Iterator[str]:
    project = home / "project"
    project.mkdir()
    env = {
        "HOME": str(home),
        "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
        "LC_ALL": "C.UTF-8",
        "WORKFLOW_SESSION_OWNER": "first",
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    author = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    date = f"@{int(time.time()) - 2 * 86_400} +0000"  # before the first step, as it would be
    env |= {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
    for words in (["init", "-q", "-b", "feat/login"], [*author, "commit", "-q", "--allow-empty", "-m", "Begin"]):
        subprocess.run(["git", *words], cwd=project, env=env, check=True)

    def run(words: str, *, stdin: str = "", code: int | None = 0) -> str:
        process = subprocess.run(
            ["bash", "-c", words], cwd=project, env=env, input=stdin, capture_output=True, text=True, check=False
        )
        if code is not None and process.returncode != code:
            sys.exit(f"{words}: exit code {process.returncode}: {process.stderr}")
        return process.stdout

    def typed(words: str) -> str:
        return f"[bold green]$[/] [bold]{words.replace('[', chr(92) + '[')}[/]"

    yield "[dim]# Monday: an agent works on a pull request, and records each step[/]"
    for words in (
        "session-set workflow:pr init --new",
        """session-set workflow:pr git:pr:find '{"branch": "feat/login"}'""",
    ):
        run(words)
        yield typed(words)
    yield typed("session run workflow:pr git:pr:create --once -- gh pr create --fill")
    (home / "gh").write_text("#!/bin/sh\nkill -9 $PPID\n")  # the terminal dies while the command runs
    (home / "gh").chmod(0o755)
    run(f"PATH={home}:$PATH; session run workflow:pr git:pr:create --once -- gh pr create --fill", code=None)
    yield "[bold red]Killed[/]   [dim]# the terminal is closed while it runs[/]"
    _make_older(project / "ia/state/sessions/workflow:pr.json", minutes=17 * 60)
    yield ""
    yield "[dim]# Tuesday: a new conversation starts. This is what the agent reads before your first word:[/]"
    payload = {"session_id": "second", "hook_event_name": "SessionStart", "source": "startup", "cwd": str(project)}
    answer = json.loads(run("env -u WORKFLOW_SESSION_OWNER session-hook SessionStart", stdin=json.dumps(payload)))
    for line in answer["hookSpecificOutput"]["additionalContext"].splitlines():
        yield f"[cyan]{line.replace('[', chr(92) + '[')}[/]"


def _make_older(path: Path, *, minutes: int) -> None:
    """Move every time in the session into the past, so that the picture shows an age."""
    from datetime import datetime, timedelta

    def shift(match: re.Match[str]) -> str:
        moment = datetime.fromisoformat(match[0]) - timedelta(minutes=minutes)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    path.write_text(re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", shift, path.read_text()))


# Without the web font that rich's own template loads: a picture asks no network.
_SVG = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img">
<title>session: an interruption, and what the next conversation reads</title>
<style>
.{unique_id}-matrix {{
    font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace;
    font-size: {char_height}px;
    line-height: {line_height}px;
}}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


# The floors ---------------------------------------------------------------------------------------------------------


def floors() -> list[list[str]]:
    """Return the boxes of each floor, from the top: the layers of the import contract in pyproject.toml."""
    contracts = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    rows: list[list[str]] = []
    for layer in next(contract["layers"] for contract in contracts if contract["type"] == "layers"):
        names = re.findall(r"\w+", layer)
        if names == ["__main__"]:
            continue
        if names[0] in MERGED or any(name in MERGED for name in names):
            rows[-1] += names
        else:
            rows.append(names)
    return rows


def imports() -> set[tuple[str, str]]:
    """Return every pair of boxes of which the first imports the second, at its top or inside a function."""
    boxes = {name for row in floors() for name in row}
    pairs = set()
    for path in PACKAGE.rglob("*.py"):
        box = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "session":
                parts = node.module.split(".")
                targets = [parts[1]] if len(parts) > 1 else [alias.name for alias in node.names]
                pairs |= {(box, target) for target in targets if target in boxes and target != box and box in boxes}
    return pairs


def draw_floors() -> str:
    """Return the SVG of the floors: a box for each module or folder of the package, a line for each import."""
    rows, row_height, left, width = floors(), 76, 250, 1080
    place: dict[str, tuple[float, float]] = {}
    boxes, labels = [], []
    for number, names in enumerate(rows):
        top = 20 + number * row_height
        labels.append(f'<text class="title" x="16" y="{top + 25}">{escape(TITLES[names[0]])}</text>')
        step = (width - left - 16) / len(names)
        stagger = number * 211 % 620 if len(names) == 1 else 0  # so that lines between single boxes lie apart
        for at, name in enumerate(names):
            x, box_width = left + at * step + stagger, min(step - 12, 170)
            place[name] = (x + box_width / 2, top)
            is_folder = (PACKAGE / name).is_dir()
            kind = "folder" if is_folder else "module"
            boxes.append(
                f'<rect class="{kind}" x="{x:.0f}" y="{top}" width="{box_width:.0f}" height="40" rx="5"/>'
                f'<text class="name" x="{x + box_width / 2:.0f}" y="{top + 25}">{name}{"/" if is_folder else ""}</text>'
            )
    lines = []
    for source, target in sorted(imports()):
        (x1, y1), (x2, y2) = place[source], place[target]
        if y2 > y1:
            middle = (y1 + 40 + y2) / 2
            lines.append(f'<path d="M{x1:.0f} {y1 + 40} C{x1:.0f} {middle:.0f} {x2:.0f} {middle:.0f} {x2:.0f} {y2}"/>')
    height = 20 + len(rows) * row_height
    return (
        f'<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img">\n'
        "<title>The floors of the package: imports point down only</title>\n"
        "<style>\n"
        "svg { background: #fff; font-family: sans-serif; font-size: 13px; }\n"
        "rect.folder { fill: #dbeafe; stroke: #1d4ed8; } rect.module { fill: #f1f5f9; stroke: #475569; }\n"
        "text.name { text-anchor: middle; fill: #0f172a; } text.title { fill: #334155; font-style: italic; }\n"
        "path { fill: none; stroke: #64748b; stroke-opacity: 0.28; }\n"
        "</style>\n" + "\n".join([*lines, *boxes, *labels]) + "\n</svg>\n"
    )


def main() -> int:
    """Write the pictures; return 0. With `--floors`, write only the floors, which need no installed commands."""
    PICTURES.mkdir(exist_ok=True)
    (PICTURES / "floors.svg").write_text(draw_floors(), encoding="utf-8")
    if sys.argv[1:] != ["--floors"]:
        commands = Path(sys.argv[1] if len(sys.argv) > 1 else REPOSITORY / ".venv/bin").resolve()
        (PICTURES / "interruption.svg").write_text(record(commands), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
