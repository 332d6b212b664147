"""Show a pull-request workflow from its start to its archive, with crashes in the middle; `make demo` runs this.

The commands are real and run in a scratch folder. The argument is the folder that they are installed in.
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


def print_heading(text: str) -> None:
    """Print a line that explains what follows."""
    print(f"\n{BOLD}# {text}{PLAIN}", flush=True)


def run_and_print(*words: str, stdin: str | None = None, code: int = 0) -> str:
    """Print the command, run it, print and return its output; end the demo if its exit code is not `code`."""
    command = shlex.join(words)
    print(f"\n$ {command}" if stdin is None else f"\n$ echo {shlex.quote(stdin)} | {command}", flush=True)
    result = subprocess.run(
        words, input=stdin, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    print(result.stdout, end="", flush=True)
    if result.returncode:
        print(f"[exit code {result.returncode}]", flush=True)
    if result.returncode != code:
        sys.exit(f"the demo expected exit code {code} here")
    return result.stdout


def kill_while_writing(state: Path) -> None:
    """Kill `session-set` at random instants, and check each time that the old or the new state is there."""
    generator = random.Random(8)
    old_count = new_count = 0
    started = time.monotonic()
    subprocess.run(["session-get", "workflow:pr"], stdout=subprocess.DEVNULL, check=True)
    # a write takes a little longer than a read: the kills are spread over its whole life
    write_s = 1.5 * (time.monotonic() - started)
    for attempt in range(KILLS):
        old = state.read_bytes()
        words = ["session-set", "workflow:pr", "git:pr:monitor", json.dumps({"attempt": attempt})]
        with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            time.sleep(generator.uniform(0.2, 1) * write_s)
            process.send_signal(signal.SIGKILL)
        output = subprocess.run(["session-get", "workflow:pr"], capture_output=True, text=True, check=True).stdout
        if output.encode() == old + b"\n":
            old_count += 1
        elif json.loads(output)["context"]["attempt"] == attempt:
            new_count += 1
        else:
            sys.exit(f"neither the old nor the new state: {output}")
    print(f"\n  {KILLS} processes killed with SIGKILL somewhere during `{shlex.join(words[:-1])} …`:")
    print(f"  {old_count} times the old state was there, {new_count} times the new one, and never anything else.")


def main() -> None:
    """Run the demo; exit with an error at the first command that does not end as expected."""
    os.environ["PATH"] = f"{Path(sys.argv[1]).resolve()}{os.pathsep}{os.environ['PATH']}"
    for name in list(os.environ):
        if name.startswith("WORKFLOW_SESSION_"):
            del os.environ[name]
    with tempfile.TemporaryDirectory(prefix="session-demo-") as folder:
        os.chdir(folder)
        identity = ["-c", "user.name=demo", "-c", "user.email=demo@example.org"]
        for words in (
            ["init", "-q", "-b", "main"],
            [*identity, "commit", "-q", "--allow-empty", "-m", "x"],
            ["branch", "feat/login"],
        ):
            subprocess.run(["git", *words], check=True)
        state = Path("ia/state/sessions/workflow:pr.json")

        print_heading("An agent starts a workflow, and records at each step where it is.")
        run_and_print("session-set", "workflow:pr", "init", "--new")
        run_and_print("session-set", "workflow:pr", "git:pr:find", '{"branch": "feat/login"}')
        run_and_print("session-set", "workflow:pr", "git:pr:monitor", "-", stdin='{"pr_number": 8}')

        print_heading("Then the terminal closes, the machine crashes, or the process is killed: here, while it writes.")
        kill_while_writing(state)

        print_heading(
            "Or in the middle of an action that can't be undone: it happened, but nobody recorded its result."
        )
        create = ["session", "run", "workflow:pr", "git:pr:create", "--once", "--"]
        run_and_print(*create, "sh", "-c", "echo created >> remote.txt; kill -9 $PPID", code=-signal.SIGKILL)

        print_heading("A new conversation remembers nothing. It asks what was interrupted, and what really happened.")
        run_and_print("session-get", "--all")
        run_and_print("session", "resume", "workflow:pr", "--text")

        print_heading(
            "It checks before it repeats the action, and records the result. From now on --once refuses the step."
        )
        run_and_print(*create, "sh", "-c", "grep -q created remote.txt && echo https://example.org/pull/8")
        run_and_print(*create, "sh", "-c", "echo twice >> remote.txt", code=3)

        print_heading("To start over by mistake is refused. So is a step that the workflow is no longer at.")
        run_and_print("session-set", "workflow:pr", "init", "--new", code=3)
        run_and_print("session-set", "workflow:pr", "git:pr:merge", "--if-step", "git:pr:review", code=3)

        print_heading("The agent continues from the step where the work stood.")
        run_and_print("session-set", "workflow:pr", "git:pr:merge", '{"ci": "green"}', "--if-step", "git:pr:create")

        print_heading("At the end the session becomes dated markdown, the archive, and the session itself is deleted.")
        run_and_print("session-save", "workflow:pr", "--notes", "merged after two crashes")
        run_and_print("session", "archive", "search", "merged after")
        run_and_print("git", "status", "--short", "--untracked-files=all")
        print_heading("Git ignores live state without any setting of yours; the archive is yours to commit.")


if __name__ == "__main__":
    main()
