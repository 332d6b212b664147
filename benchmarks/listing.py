"""Measure time and peak memory of `get --all` on many sessions, compared with the TypeScript script on Bun.

In the table, `Bun` is the script as it is usually written. `Bun sync` only lists sessions, as fast as Bun can.

python benchmarks/listing.py [-n ROUNDS] [--sizes 10,1000] [--python PATH] [--bin FOLDER] [--json]
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

# people run this file from any folder: Python must find the modules below
sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import measure
from benchmarks.installation import install
from benchmarks.table import print_measured
from tests.interop.bun import PEER, find_bun

SIZES = (10, 1_000, 10_000, 100_000)
SYNC = Path(__file__).parent / "get_sync.ts"
ALL_ROUNDS_UP_TO = 1_000


def session(chance: random.Random) -> str:
    """Return the JSON text of a session after some random steps, as both implementations write it."""
    steps = ["init", "git:pr:find", "git:pr:create", "git:pr:monitor"][: chance.randrange(1, 5)]
    minute = chance.randrange(10, 60)
    state = {
        "started_at": f"2026-01-29T22:{minute}:48.473Z",
        "steps": steps,
        "step": steps[-1],
        "context": {
            "branch": f"feat/workflow-{chance.randrange(10_000)}",
            "pr_number": chance.randrange(10_000),
            "pr_url": f"https://github.com/example/project/pull/{chance.randrange(10_000)}",
            "title": chance.choice(["Add a session", "Ajouter une séance", "セッションを追加"]),
        },
        "updated_at": f"2026-01-29T23:{minute}:31.337Z",
    }
    return json.dumps(state, indent=2, ensure_ascii=False)


def fill(project: Path, size: int) -> None:
    """Write `size` sessions into the project."""
    chance = random.Random(size)
    folder = project / "ia/state/sessions"
    folder.mkdir(parents=True)
    for number in range(size):
        (folder / f"workflow:{number:06d}.json").write_text(session(chance), encoding="utf-8")


def check(ours: list[str], theirs: list[str] | None, env: dict[str, str], size: int) -> None:
    """Raise RuntimeError unless both commands list the same sessions."""
    listed = json.loads(subprocess.run(ours, env=env, capture_output=True, check=True).stdout)
    if len(listed) != size:
        raise RuntimeError(f"{len(listed)} sessions listed of {size}")
    if theirs:
        others = json.loads(subprocess.run(theirs, env=env, capture_output=True, check=True).stdout)
        if listed != sorted(others, key=lambda entry: entry["workflow"]):
            raise RuntimeError("Bun lists something else")


def check_unreadable(ours: list[str], env: dict[str, str], project: Path, size: int) -> dict[str, str]:
    """Add a file that is not JSON and check the command: exit code 1, the file named on stderr, the others listed.

    Return a cell for the table; raise RuntimeError if the command does otherwise.
    """
    broken = project / "ia/state/sessions/workflow:000000-broken.json"
    broken.write_text('{"step": ', encoding="utf-8")
    process = subprocess.run(ours, env=env, capture_output=True, check=False)
    stderr = process.stderr.decode()
    listed = len(json.loads(process.stdout))
    if process.returncode != 1 or listed != size or broken.name not in stderr or stderr.count("\n") != 1:
        raise RuntimeError(f"exit code {process.returncode}, {listed} of {size} listed, stderr: {stderr[:500]}")
    return {"one unreadable": f"exit 1, {listed} listed, 1 line on stderr"}


def measure_size(
    ours: list[str], theirs: list[str] | None, env: dict[str, str], project: Path, size: int, n: int
) -> dict[str, object]:
    """Return the table's row for `size` sessions, measured in `n` rounds."""
    check(ours, theirs, env, size)
    work = {"ours": ours}
    if theirs:
        work |= {"Bun": theirs, "Bun sync": [theirs[0], str(SYNC)]}
    samples = measure.rounds(work, env, n)
    row: dict[str, object] = {"sessions": size, "rounds": n}
    for name, runs in samples.items():
        row[f"{name} ms"] = sorted(sample.wall_s for sample in runs)[n // 2] * 1000
    for other in list(work)[1:]:
        pairs = list(zip(samples["ours"], samples[other], strict=True))
        row[f"wall / {other}"] = measure.ratio([a.wall_s for a, _ in pairs], [b.wall_s for _, b in pairs]).__dict__
        row[f"cpu / {other}"] = measure.ratio([a.cpu_s for a, _ in pairs], [b.cpu_s for _, b in pairs]).__dict__
    peaks = {name: measure.peak_kib(argv, env) for name, argv in work.items()}
    row |= {f"{name} MiB": peaks[name] / 1024 for name in peaks if name != "Bun sync"}
    if theirs:
        row["peak / Bun"] = peaks["ours"] / peaks["Bun"]
    return {**row, **check_unreadable(ours, env, project, size)}


def main() -> int:
    """Print the table, or with --json everything that was measured; return 0."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("-n", type=int, default=30, metavar="ROUNDS", help="runs each up to 1,000 sessions (30)")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="the numbers of sessions")
    parser.add_argument("--python", default=sys.executable, help="the interpreter (this one)")
    parser.add_argument("--bin", help="use python and the installed commands in this folder")
    parser.add_argument("--folder", help="where sessions are written (the system's temporary folder)")
    parser.add_argument("--no-bun", action="store_true", help="do not measure the TypeScript scripts")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    bun = None if options.no_bun else find_bun()
    rows = []
    with tempfile.TemporaryDirectory(dir=options.folder) as temporary:
        top = Path(temporary)
        bin_folder = Path(options.bin).absolute() if options.bin else install(options.python, top / "venv")
        (top / "home").mkdir()
        env = {"PATH": f"{bin_folder}:{os.defpath}", "HOME": str(top / "home"), "LANG": "C.UTF-8"}
        ours = [str(bin_folder / "session-get"), "--all"]
        theirs = [bun, str(PEER / "get.ts"), "--all"] if bun else None
        about = measure.about(temporary)
        for size in map(int, options.sizes.split(",")):
            project = top / str(size)
            fill(project, size)
            os.chdir(project)
            n = max(5, min(options.n, options.n * ALL_ROUNDS_UP_TO // size))
            rows.append(measure_size(ours, theirs, env, project, size, n))
        os.chdir("/")
    print_measured(about, rows, as_json=options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
