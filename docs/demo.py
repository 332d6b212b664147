"""What `make demo` shows: a pull-request workflow from its start to its archive, with crashes in the middle.

Real commands in a scratch folder; the argument is the folder that they are installed in.
"""

import json
import os
import random
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BOLD, PLAIN = ("\033[1m", "\033[0m") if sys.stdout.isatty() and not os.environ.get("NO_COLOR") else ("", "")
KILLS = 25


def say(text: str) -> None:
    print(f"\n{BOLD}# {text}{PLAIN}", flush=True)


def show(*words: str, stdin: str | None = None, code: int = 0) -> str:
    """Print the command, run it, print what it prints; the demo ends where it does not end as announced."""
    typed = shlex.join(words)
    print(f"\n$ {typed}" if stdin is None else f"\n$ echo {shlex.quote(stdin)} | {typed}", flush=True)
    done = subprocess.run(words, input=stdin, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    print(done.stdout, end="", flush=True)
    if done.returncode:
        print(f"[exit code {done.returncode}]", flush=True)
    if done.returncode != code:
        sys.exit(f"the demo expected exit code {code} here")
    return done.stdout


def kill_while_writing(state: Path) -> None:
    """Kill `session-set` at random instants of its life, and look at what is left each time."""
    chance = random.Random(8)
    before = after = 0
    started = time.monotonic()
    subprocess.run(["session-get", "workflow:pr"], stdout=subprocess.DEVNULL, check=True)
    life_s = 1.5 * (time.monotonic() - started)  # about what a `set` takes on this machine, and some more
    for attempt in range(KILLS):
        old = state.read_bytes()
        words = ["session-set", "workflow:pr", "git:pr:monitor", json.dumps({"attempt": attempt})]
        with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as victim:
            time.sleep(chance.uniform(0.2, 1) * life_s)
            victim.send_signal(signal.SIGKILL)
        left = subprocess.run(["session-get", "workflow:pr"], capture_output=True, text=True, check=True).stdout
        if left.encode() == old + b"\n":
            before += 1
        elif json.loads(left)["context"]["attempt"] == attempt:
            after += 1
        else:
            sys.exit(f"neither the old nor the new state: {left}")
    print(f"\n  {KILLS} processes killed with SIGKILL somewhere in `{shlex.join(words[:-1])} …`:")
    print(f"  {before} times the old state was there, {after} times the new one, and never anything else.")


def main() -> None:
    os.environ["PATH"] = f"{Path(sys.argv[1]).resolve()}{os.pathsep}{os.environ['PATH']}"
    for name in list(os.environ):
        if name.startswith("WORKFLOW_SESSION_"):
            del os.environ[name]
    with tempfile.TemporaryDirectory(prefix="session-demo-") as folder:
        os.chdir(folder)
        who = ["-c", "user.name=demo", "-c", "user.email=demo@example.org"]
        for words in (
            ["init", "-q", "-b", "main"],
            [*who, "commit", "-q", "--allow-empty", "-m", "x"],
            ["branch", "feat/login"],
        ):
            subprocess.run(["git", *words], check=True)
        state = Path("ia/state/sessions/workflow:pr.json")

        say("An agent starts a workflow, and says at each step where it is.")
        show("session-set", "workflow:pr", "init", "--new")
        show("session-set", "workflow:pr", "git:pr:find", '{"branch": "feat/login"}')
        show("session-set", "workflow:pr", "git:pr:monitor", "-", stdin='{"pr_number": 8}')

        say("Then the terminal is closed, the machine crashes, the process is killed: here, in the middle of a write.")
        kill_while_writing(state)

        say("Or in the middle of something that can't be taken back: it happened, but nobody has heard of it.")
        create = ["session", "run", "workflow:pr", "git:pr:create", "--once", "--"]
        show(*create, "sh", "-c", "echo created >> remote.txt; kill -9 $PPID", code=-signal.SIGKILL)

        say("A new conversation, with no memory of the old one. What was interrupted, and what really happened?")
        show("session-get", "--all")
        show("session", "resume", "workflow:pr", "--text")

        say("It looks before it repeats, and records what it found. From then on, the step is done once.")
        show(*create, "sh", "-c", "grep -q created remote.txt && echo https://example.org/pull/8")
        show(*create, "sh", "-c", "echo twice >> remote.txt", code=3)

        say("Starting over by mistake is refused; so is a step that another agent took meanwhile.")
        show("session-set", "workflow:pr", "init", "--new", code=3)
        show("session-set", "workflow:pr", "git:pr:merge", "--if-step", "git:pr:review", code=3)

        say("It goes on where the work stood.")
        show("session-set", "workflow:pr", "git:pr:merge", '{"ci": "green"}', "--if-step", "git:pr:create")

        say("Done: the record becomes dated markdown, and the session is gone.")
        show("session-save", "workflow:pr", "--notes", "merged after two crashes")
        show("session", "archive", "search", "merged after")
        show("git", "status", "--short", "--untracked-files=all")
        say("Live state stays out of git by itself; the archive is yours to commit.")


if __name__ == "__main__":
    main()
