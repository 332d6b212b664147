"""Measure the commands as whole processes, compared with `python -c pass` and with the TypeScript scripts on Bun.

python benchmarks/startup.py [-n ROUNDS] [--python PATH] [--bin FOLDER] [--instructions] [--json]
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

# people run this file from any folder: Python must find the modules below
sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import measure
from benchmarks.installation import install
from benchmarks.table import print_measured
from tests.interop.bun import PEER, find_bun

SESSION = """{
  "started_at": "2026-01-29T22:42:48.473Z",
  "steps": [
    "init",
    "git:pr:find",
    "git:pr:monitor"
  ],
  "step": "git:pr:monitor",
  "updated_at": "2026-01-29T22:43:31.337Z",
  "context": {
    "branch": "feat/workflow-start",
    "pr_number": 8,
    "pr_url": "https://github.com/example/project/pull/8"
  }
}"""
GET, SET = ["workflow:pr"], ["workflow:ours", "git:pr:monitor", '{"pr_number":8}']
PAYLOAD: dict[str, object] = {"session_id": "conversation", "hook_event_name": "SessionStart", "source": "startup"}
# Only the guard (block-if-broken.py) reads these keys; the other hooks ignore them.
PAYLOAD |= {"tool_name": "Edit", "tool_input": {"file_path": "src/main.py"}}
SCRIPTS = Path(__file__).parent.parent / "scripts"
PEERS_SET = ["workflow:peer", *SET[1:]]


def commands(folder: Path, bun: str | None) -> dict[str, list[str]]:
    """Return the words of each command to measure, by its name in the table."""
    python = str(folder / "python")
    words = {
        "pass": [python, "-c", "pass"],
        "-m session.get": [python, "-m", "session.get", *GET],
        "-m session.set": [python, "-m", "session.set", *SET],
        "session-get": [str(folder / "session-get"), *GET],
        "session-set": [str(folder / "session-set"), *SET],
        "session-hook": [str(folder / "session-hook"), "SessionStart"],
        "block-if-broken.py": [python, str(SCRIPTS / "block-if-broken.py")],
        "session enter": [str(folder / "session"), "enter", "--json"],
    }
    if bun:
        words["Bun get"] = [bun, str(PEER / "get.ts"), *GET]
        words["Bun set"] = [bun, str(PEER / "set.ts"), *PEERS_SET]
    return words


def main() -> int:
    """Print the table, or with --json everything that was measured; return 0."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("-n", type=int, default=100, metavar="ROUNDS", help="runs of each command (100)")
    parser.add_argument("--python", default=sys.executable, help="the interpreter (this one)")
    parser.add_argument("--bin", help="use python and the installed commands in this folder")
    parser.add_argument("--folder", help="where sessions are written (the system's temporary folder)")
    parser.add_argument("--instructions", action="store_true", help="count instructions instead: perf or valgrind")
    parser.add_argument("--no-bun", action="store_true", help="do not measure the TypeScript scripts")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as temporary:
        top = Path(temporary)
        bin_folder = Path(options.bin).absolute() if options.bin else install(options.python, top / "venv")
        project, home = top / "project", top / "home"
        home.mkdir()
        (project / "ia/state/sessions").mkdir(parents=True)
        for name in (GET[0], SET[0], PEERS_SET[0]):
            (project / f"ia/state/sessions/{name}.json").write_text(SESSION, encoding="utf-8")
        # The hook runs for a conversation in a project where nothing is under way, so it prints nothing.
        quiet, payload = top / "quiet", top / "payload.json"
        (quiet / ".git").mkdir(parents=True)
        # The guard runs in a healthy project, so it allows the edit.
        (quiet / ".claude/progress").mkdir(parents=True)
        (quiet / ".claude/progress/state.json").write_text('{"state": "IMPLEMENT", "health_status": "HEALTHY"}')
        payload.write_text(json.dumps({**PAYLOAD, "cwd": str(quiet)}), encoding="utf-8")
        env = {"PATH": f"{bin_folder}:{os.defpath}", "HOME": str(home), "LANG": "C.UTF-8"}
        env["CLAUDE_ENV_FILE"] = str(top / "claude-env")
        work = commands(bin_folder, None if options.no_bun else find_bun())
        os.chdir(project)
        about = measure.about(str(project))
        rows = count(work, env, str(payload)) if options.instructions else time(work, env, options.n, str(payload))
        os.chdir("/")
    print_measured(about, rows, as_json=options.json)
    return 0


def time(work: dict[str, list[str]], env: dict[str, str], n: int, stdin: str) -> list[dict[str, object]]:
    """Return the rows of the table: median times, and the ratios to `pass` and to the same command on Bun."""
    samples = measure.rounds(work, env, n, stdin=stdin)
    rows = []
    for name, runs in samples.items():
        row: dict[str, object] = {"command": name}
        walls = [sample.wall_s for sample in runs]
        row["ms"] = sorted(walls)[len(walls) // 2] * 1000
        for against in ("pass", f"Bun {name[-3:]}"):
            if against in samples and against != name:
                others = samples[against]
                row[f"wall / {against[:4].strip()}"] = measure.ratio(walls, [o.wall_s for o in others]).__dict__
                row[f"cpu / {against[:4].strip()}"] = measure.ratio(
                    [sample.cpu_s for sample in runs], [o.cpu_s for o in others]
                ).__dict__
        rows.append(row)
    return rows


def count(work: dict[str, list[str]], env: dict[str, str], stdin: str) -> list[dict[str, object]]:
    """Return the rows of the table: million user-space instructions, and the ratio to `pass`.

    Bun is left out, because it cannot run under valgrind.
    """
    rows = []
    base = measure.instructions(work["pass"], env, stdin)
    for name, argv in work.items():
        counted = None if name.startswith("Bun") else measure.instructions(argv, env, stdin)
        if base and counted:
            rows.append({"command": name, "million instructions": counted / 1e6, "/ pass": counted / base})
    return rows


if __name__ == "__main__":
    sys.exit(main())
