"""`get --all` on many sessions, against the peer on Bun: time and peak memory.

`Bun` is the peer as such scripts are written; `Bun sync` does nothing but list, as fast as Bun can.

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

sys.path.insert(0, str(Path(__file__).parent.parent))  # it is run as a file, from any folder

from benchmarks import measure
from benchmarks.installation import install
from benchmarks.table import print_measured
from tests.interop.bun import PEER, find_bun

SIZES = (10, 1_000, 10_000, 100_000)
SYNC = Path(__file__).parent / "get_sync.ts"
ALL_ROUNDS_UP_TO = 1_000


def session(chance: random.Random) -> str:
    """A session as it is after some steps, in the form in which all of its writers write it."""
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
    """Put `size` sessions into the project."""
    chance = random.Random(size)
    folder = project / "ia/state/sessions"
    folder.mkdir(parents=True)
    for number in range(size):
        (folder / f"workflow:{number:06d}.json").write_text(session(chance), encoding="utf-8")


def check(ours: list[str], theirs: list[str] | None, env: dict[str, str], size: int) -> None:
    """RuntimeError unless both list the same sessions."""
    listed = json.loads(subprocess.run(ours, env=env, capture_output=True, check=True).stdout)
    if len(listed) != size:
        raise RuntimeError(f"{len(listed)} sessions listed of {size}")
    if theirs:
        others = json.loads(subprocess.run(theirs, env=env, capture_output=True, check=True).stdout)
        if listed != sorted(others, key=lambda entry: entry["workflow"]):
            raise RuntimeError("Bun lists something else")


def check_unreadable(ours: list[str], env: dict[str, str], project: Path, size: int) -> dict[str, str]:
    """The command with one more file that is not JSON: named on stderr, exit code 1, the others listed."""
    broken = project / "ia/state/sessions/workflow:000000-broken.json"
    broken.write_text('{"step": ', encoding="utf-8")
    done = subprocess.run(ours, env=env, capture_output=True, check=False)
    said = done.stderr.decode()
    listed = len(json.loads(done.stdout))
    if done.returncode != 1 or listed != size or broken.name not in said or said.count("\n") != 1:
        raise RuntimeError(f"exit code {done.returncode}, {listed} of {size} listed, stderr: {said[:500]}")
    return {"one unreadable": f"exit 1, {listed} listed, 1 line on stderr"}


def measured(
    ours: list[str], theirs: list[str] | None, env: dict[str, str], project: Path, size: int, n: int
) -> dict[str, object]:
    """One row of the table."""
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
    """Print the table, or with --json everything measured."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("-n", type=int, default=30, metavar="ROUNDS", help="runs each up to 1,000 sessions (30)")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="how many sessions")
    parser.add_argument("--python", default=sys.executable, help="the interpreter (this one)")
    parser.add_argument("--bin", help="a folder with python and the installed commands, instead of a fresh one")
    parser.add_argument("--folder", help="where sessions lie (the system's temporary folder)")
    parser.add_argument("--no-bun", action="store_true", help="leave the peer out")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    bun = None if options.no_bun else find_bun()
    rows = []
    with tempfile.TemporaryDirectory(dir=options.folder) as made:
        top = Path(made)
        bin_folder = Path(options.bin).absolute() if options.bin else install(options.python, top / "venv")
        (top / "home").mkdir()
        env = {"PATH": f"{bin_folder}:{os.defpath}", "HOME": str(top / "home"), "LANG": "C.UTF-8"}
        ours = [str(bin_folder / "session-get"), "--all"]
        theirs = [bun, str(PEER / "get.ts"), "--all"] if bun else None
        about = measure.about(made)
        for size in map(int, options.sizes.split(",")):
            project = top / str(size)
            fill(project, size)
            os.chdir(project)
            n = max(5, min(options.n, options.n * ALL_ROUNDS_UP_TO // size))
            rows.append(measured(ours, theirs, env, project, size, n))
        os.chdir("/")
    print_measured(about, rows, as_json=options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
