"""The life of an agent through the calls of an agent CLI: the plugin's hooks, and commands in a shell.

The conversation dies in the middle of a side effect. Another one notices, checks, continues, is compacted, and ends it.
"""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jsonschema

from tests.conftest import REPOSITORY
from tests.hooks.claude_code import ANSWERS, PAYLOADS

CREATE = "session run workflow:pr git:pr:create --once -- "
PATH = f"{Path(sys.executable).parent}:/usr/bin:/bin"  # a python3, and nothing of ours


class Conversation:
    """One conversation of an agent CLI that has the plugin, in a folder."""

    def __init__(self, name: str, folder: Path, home: Path) -> None:
        self.name = name
        self.folder = folder
        self.env_file = home / f"{name}.env"
        self.env_file.touch()
        self.env = {"PATH": PATH, "HOME": str(home), "LC_ALL": "C.UTF-8"}

    def hook(self, event: str, **fields: Any) -> str | None:
        """Call every hook that the plugin registers for the event; return the context that they add."""
        payload = {
            "session_id": self.name,
            "transcript_path": "/dev/null",
            "cwd": str(self.folder),
            "hook_event_name": event,
            **fields,
        }
        jsonschema.validate(payload, PAYLOADS[event])
        registered = json.loads((REPOSITORY / "session/plugin/hooks/hooks.json").read_text())["hooks"][event]
        answers = [self._handler(event, handler, payload) for entry in registered for handler in entry["hooks"]]
        said = [answer["hookSpecificOutput"]["additionalContext"] for answer in answers if answer is not None]
        return "\n".join(said) or None

    def _handler(self, event: str, handler: dict[str, Any], payload: dict[str, Any]) -> Any:
        words = [
            word.replace("${CLAUDE_PLUGIN_ROOT}", str(REPOSITORY)) for word in (handler["command"], *handler["args"])
        ]
        env = {**self.env, "CLAUDE_PROJECT_DIR": str(self.folder)}
        if event == "SessionStart":
            env["CLAUDE_ENV_FILE"] = str(self.env_file)
        done = subprocess.run(
            words,
            input=json.dumps(payload),
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=env,
            timeout=handler["timeout"],
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        if not done.stdout:
            return None
        jsonschema.validate(json.loads(done.stdout), ANSWERS[event])
        return json.loads(done.stdout)

    def start(self, source: str = "startup") -> str | None:
        return self.hook("SessionStart", source=source)

    def compact(self) -> str | None:
        assert self.hook("PreCompact", trigger="auto", custom_instructions="") is None
        return self.start("compact")

    def shell(self, command: str, code: int = 0, cwd: Path | None = None) -> str:
        """Return the output of a command that the agent types, in a shell with the variables that the hooks export."""
        done = subprocess.run(
            ["bash", "-c", f'. "{self.env_file}"; {command}; exit $?'],
            capture_output=True,
            text=True,
            cwd=cwd or self.folder,
            env={**self.env, "PATH": f"{REPOSITORY / 'bin'}:{PATH}"},
            timeout=60,
            check=False,
        )
        assert done.returncode == code, (command, done)
        return done.stdout


def repository(folder: Path) -> Path:
    for words in (
        ["init", "-q", "-b", "main"],
        ["-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "--allow-empty", "-m", "x"],
        ["checkout", "-q", "-b", "feat/x"],
    ):
        subprocess.run(["git", *words], cwd=folder, check=True)
    return folder


def live(folder: Path, home: Path, name: str) -> None:
    """Run a workflow from its start to its archive, although the conversation that started it dies."""
    first = Conversation(f"{name}-first", folder, home)
    assert first.start() is None
    first.shell("session-set workflow:pr init --new")
    below = folder / "src"
    below.mkdir()
    first.shell("""session-set workflow:pr git:pr:find '{"branch": "feat/x"}'""", cwd=below)
    effects = folder / "effects.txt"
    # the side effect happens, and everything dies before its result is known
    first.shell(f"{CREATE}sh -c 'echo {name} >> effects.txt; kill -9 $PPID'", code=137)

    second = Conversation(f"{name}-second", folder, home)
    told = second.start()
    assert told is not None
    assert '"git:pr:create" began' in told
    assert "no result recorded" in told
    assert "possibly active elsewhere" in told  # it wrote a moment ago
    [report] = json.loads(second.shell("session resume workflow:pr"))
    assert report["step"] == "git:pr:create"
    assert report["context"] == {"branch": "feat/x"}
    assert any("no result recorded" in line for line in report["mismatches"])
    assert not any("feat/x" in line for line in report["mismatches"])  # the branch is the one it was
    assert effects.read_text() == f"{name}\n"  # checked: it had happened
    second.shell(f"{CREATE}echo https://example.org/{name}/pull/8")
    second.shell(f"{CREATE}sh -c 'echo twice >> effects.txt'", code=3)
    assert effects.read_text() == f"{name}\n"

    assert second.hook("Stop", stop_hook_active=False) is None
    told = second.compact()
    assert told is not None
    assert "mine" in told
    assert "git:pr:create" in told
    assert f"https://example.org/{name}/pull/8" in told
    second.shell("""session-set workflow:pr git:pr:merge '{"pr_number": 8}' --if-step git:pr:create""")
    printed = second.shell("session-save workflow:pr --notes merged")
    assert printed.startswith("Archived to ")
    assert "\n## Notes\nmerged\n" in printed
    assert second.hook("SessionEnd", reason="other") is None
    assert Conversation(f"{name}-third", folder, home).start() is None
    [archived] = json.loads(second.shell("session archive list --json"))
    assert archived["workflow"] == "workflow:pr"


def test_a_life(project: Path, tmp_path: Path) -> None:
    live(repository(project), tmp_path / "home", "one")


def test_two_lives_at_once_in_two_worktrees(project: Path, tmp_path: Path) -> None:
    repository(project)
    other = tmp_path / "other"
    subprocess.run(["git", "worktree", "add", "-q", "-f", str(other), "feat/x"], cwd=project, check=True)
    with ThreadPoolExecutor() as pool:
        lives = [pool.submit(live, folder, tmp_path / "home", folder.name) for folder in (project, other)]
        for each in lives:
            each.result()
    for folder in (project, other):
        assert (folder / "effects.txt").read_text() == f"{folder.name}\n"
        assert len(list((folder / "ia/state/sessions/archives").iterdir())) == 1


def test_whoever_ends_in_an_orderly_way_leaves_an_interrupted_workflow(project: Path, tmp_path: Path) -> None:
    first = Conversation("first", repository(project), tmp_path / "home")
    first.start()
    first.shell("session-set workflow:pr init")
    first.hook("SessionEnd", reason="prompt_input_exit")
    told = Conversation("second", project, tmp_path / "home").start()
    assert told is not None
    assert "interrupted" in told
    assert "possibly active elsewhere" not in told
    told = first.start("resume")
    assert told is not None
    assert "mine" in told


def test_a_subagent_changes_nothing(project: Path, tmp_path: Path) -> None:
    first = Conversation("first", repository(project), tmp_path / "home")
    first.start()
    first.shell("session-set workflow:pr init")
    file = project / "ia/state/sessions/workflow:pr.json"
    before, env = file.read_bytes(), first.env_file.read_bytes()
    assert first.hook("SessionStart", source="startup", agent_id="sub") is None
    assert first.hook("SessionEnd", reason="other", agent_id="sub") is None
    assert (file.read_bytes(), first.env_file.read_bytes()) == (before, env)


def test_the_plugin_needs_no_more_than_a_python(project: Path, tmp_path: Path) -> None:
    """The plugin works without an installation, and without the packages that an installation brings."""
    bare = tmp_path / "bare"
    bare.mkdir()
    python = Path(os.path.realpath(sys.executable))
    (bare / "python3").write_text(f'#!/bin/sh\nexec "{python}" -S "$@"\n')
    (bare / "python3").chmod(0o755)
    only = Conversation("only", project, tmp_path / "home")
    only.env["PATH"] = f"{bare}:/usr/bin:/bin"
    only.start()
    assert "WORKFLOW_SESSION_OWNER=only" in only.env_file.read_text()
