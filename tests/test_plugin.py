"""The plugin in Claude Code: the CLI's validators, hooks on a bare Python, and each command line of the skills."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

import pytest

import session
from session import hook
from session.commands.words import WORDS
from tests.conftest import REPOSITORY, command

PLUGIN = REPOSITORY / "session" / "plugin"
SKILLS = sorted(path.name for path in (PLUGIN / "skills").iterdir())
LAUNCHERS = sorted(path.name for path in (REPOSITORY / "scripts").glob("session*") if not path.suffix)
SCRIPTS = sorted(path.name for path in (REPOSITORY / "scripts").iterdir() if path.is_file())
LARGEST_SKILL_BYTES = 4000
TOKEN = "${CLAUDE_PLUGIN_ROOT}"

pytestmark = pytest.mark.skipif(
    bool(os.environ.get("SESSION_COMMANDS")), reason="the plugin is the checkout, not an installation"
)


def missing(how_to_install: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(how_to_install)
    pytest.skip(how_to_install)


@pytest.fixture(scope="module")
def claude_code() -> str:
    """Return the path of Claude Code's program, used only for `plugin validate`."""
    named = os.environ.get("CLAUDE_CODE")
    found = sorted(REPOSITORY.glob(".node/node_modules/@anthropic-ai/claude-code-*/claude"))
    if not named and not found:
        missing("Claude Code is missing: run tests/interop/install_claude.sh, or set $CLAUDE_CODE to the program")
    return named or str(found[0])


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the repository as users get it, in a folder whose name has a space."""
    copy = tmp_path_factory.mktemp("a plugin")
    words = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(words, cwd=REPOSITORY, capture_output=True, check=True).stdout
    for name in sorted(filter(None, os.fsdecode(listed).split("\0"))):
        source, target = REPOSITORY / name, copy / name
        if source.is_symlink() or source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target, follow_symlinks=False)
    return copy


def validate(program: str, folder: Path, home: Path) -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        [program, "plugin", "validate", str(folder), "--strict", "--json"],
        env={"PATH": "/usr/bin:/bin", "HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, json.loads(done.stdout)


def test_claude_code_accepts_it(claude_code: str, plugin: Path, tmp_path: Path) -> None:
    code, report = validate(claude_code, plugin, tmp_path)
    assert code == 0, report
    provided = report["provides"]
    assert [entry["event"] for entry in provided["hooks"]] == list(hook.EVENTS)
    assert sorted(provided["skills"]) == [f"session:{name}" for name in SKILLS]
    assert provided["bin"] == SCRIPTS
    code, report = validate(claude_code, plugin / "session" / "plugin" / "skills", tmp_path)
    assert code == 0, report


def test_claude_code_would_not_accept_anything(claude_code: str, plugin: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(plugin, broken, symlinks=True)
    hooks = broken / "session" / "plugin" / "hooks" / "hooks.json"
    hooks.write_text(hooks.read_text().replace('"PreCompact": [', '"PreCompaction": ['))
    assert validate(claude_code, broken, tmp_path)[0] == 1
    skill = broken / "session" / "plugin" / "skills" / "session" / "SKILL.md"
    skill.write_text(re.sub(r"(?m)^description: .*\n", "", skill.read_text()))
    assert validate(claude_code, skill.parent.parent, tmp_path)[0] == 1


@pytest.mark.parametrize("name", SKILLS)
def test_skills_meet_the_standard(plugin: Path, name: str) -> None:
    beside = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    program = shutil.which("agentskills", path=beside)
    if program is None:
        missing("agentskills is missing: pip install skills-ref==0.1.1")
    folder = plugin / "session" / "plugin" / "skills" / name
    done = subprocess.run([program, "validate", folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    text = (folder / "SKILL.md").read_text(encoding="utf-8")
    assert len(text.encode()) <= LARGEST_SKILL_BYTES
    assert re.fullmatch(r"---\nname: (\S+)\ndescription: [^\n]+\n---\n.*", text, re.DOTALL), (
        "other keys, or another order"
    )
    # this is put in for, where a variable with a default would not be
    assert re.findall(r"\$\{?CLAUDE\w*[^`\s]*", text) in ([], [f"{TOKEN}/scripts/"])


def test_manifests() -> None:
    manifest = json.loads((REPOSITORY / ".claude-plugin" / "plugin.json").read_text())
    assert manifest["name"] == "session"
    assert manifest["version"] == session.__version__
    assert (REPOSITORY / manifest["skills"]).resolve() == PLUGIN / "skills"
    assert (REPOSITORY / manifest["hooks"]).resolve() == PLUGIN / "hooks" / "hooks.json"
    market = json.loads((REPOSITORY / ".claude-plugin" / "marketplace.json").read_text())
    assert [(entry["name"], entry["source"]) for entry in market["plugins"]] == [("session", "./")]
    # what Claude Code puts on the PATH
    assert (REPOSITORY / "bin").readlink() == Path("scripts")
    document = (REPOSITORY / "docs" / "claude-code.md").read_text()
    assert f"claude plugin install session@{market['name']}\n" in document


def test_hooks_run_without_any_installation(plugin: Path, tmp_path: Path, project: Path) -> None:
    """Hooks run on a python3 without installed packages, in an empty environment."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3").symlink_to(Path(sys.base_prefix) / "bin" / "python3")
    env = {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin", "HOME": str(tmp_path), "CLAUDE_PLUGIN_ROOT": str(plugin)}
    (project / "ia" / "state" / "sessions").mkdir(parents=True)
    state = '{"started_at": "2026-01-29T22:42:48.473Z", "steps": ["init"], "step": "git:pr:find"}'
    (project / "ia" / "state" / "sessions" / "workflow:pr.json").write_text(state)
    hooks = json.loads((plugin / "session" / "plugin" / "hooks" / "hooks.json").read_text())["hooks"]
    assert list(hooks) == list(hook.EVENTS)
    for event, [group] in hooks.items():
        [handler] = group["hooks"]
        assert handler["args"][-1] == event
        payload = {"session_id": "one", "hook_event_name": event, "source": "startup", "cwd": str(project)}
        done = subprocess.run(
            [word.replace(TOKEN, str(plugin)) for word in (handler["command"], *handler["args"])],
            input=json.dumps(payload),
            env=env,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), (event, done)
        assert ("git:pr:find" in done.stdout) == (event == "SessionStart"), done.stdout


GH = """\
#!/bin/sh
case "$1 $2" in
    "pr view") echo '{"number": 8, "url": "https://example.org/pull/8"}' ;;
    "pr list") echo '[]' ;;
    "pr create") echo 'https://example.org/pull/8' ;;
    "pr checks" | "pr merge") ;;
    *) echo "not a command of gh that is used here: $*" >&2; exit 1 ;;
esac
"""


@pytest.fixture
def shell(project: Path, tmp_path: Path) -> dict[str, str]:
    """Return an environment with our commands, a fake gh, and a branch of a real repository with a remote."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "gh").write_text(GH)
    for launcher in LAUNCHERS:
        words = command(launcher.removeprefix("session-"))
        (folder / launcher).write_text(f'#!/bin/sh\nexec {shlex.join(map(os.fsdecode, words))} "$@"\n')
    for path in folder.iterdir():
        path.chmod(0o755)
    for words in (
        "init --quiet --bare ../remote.git",
        "init --quiet -b feat/login",
        "remote add origin ../remote.git",
        "-c user.name=a -c user.email=a@b commit --quiet --allow-empty -m first",
    ):
        subprocess.run(["git", *words.split()], cwd=project, check=True)
    return {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}


def blocks(text: str) -> list[str]:
    return [re.sub("(?m)^   ", "", block) for block in re.findall(r"(?ms)^ *```sh\n(.*?)^ *```$", text)]


def typed(name: str) -> list[str]:
    """Return the command lines of a skill, in order."""
    text = (PLUGIN / "skills" / name / "SKILL.md").read_text(encoding="utf-8")
    return [line for block in blocks(text) for line in block.splitlines() if line]


def run_line(line: str, shell: dict[str, str], project: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", line], cwd=project, env=shell, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("name", SKILLS)
def test_what_skills_say_works(name: str, shell: dict[str, str], project: Path) -> None:
    """Each line of a skill works, in order. For the workflow skills, each line starts with a session that fits it."""
    lines = typed(name)
    assert lines
    for line in lines:
        if name in ("workflow-start", "workflow-end"):
            words = shlex.split(line)
            run_line("session-reset workflow:pr", shell, project)
            if "--new" not in words:
                at = words[words.index("--if-step") + 1] if "--if-step" in words else "init"
                run_line(f"session-set workflow:pr {at}", shell, project)
        done = run_line(line, shell, project)
        assert done.returncode == 0, (line, done.stdout, done.stderr)
        assert "warning" not in done.stderr, (line, done.stderr)


def test_the_worked_example_leaves_a_record(shell: dict[str, str], project: Path) -> None:
    for line in typed("workflow-pr"):
        run_line(line, shell, project)
    assert list((project / "ia" / "state" / "sessions").glob("*.json")) == []
    [archive] = (project / "ia" / "state" / "sessions" / "archives").glob("*-workflow-pr-feat-login.md")
    text = archive.read_text()
    assert "- url: https://example.org/pull/8\n" in text
    steps = re.findall(r"(?m)^\d+\. (\S+)", text)
    assert steps == ["init", "git:pr:find", "git:branch:push", "git:pr:create", "git:pr:monitor", "git:pr:merge"]


@pytest.mark.parametrize(
    "path", [*(f"session/plugin/skills/{name}/SKILL.md" for name in SKILLS), "docs/claude-code.md"]
)
def test_what_is_named_exists(path: str) -> None:
    text = (REPOSITORY / path).read_text()
    for name in re.findall(r"\bsession-(\w+)\b", text):
        assert {f"session-{name}", f"session-{name}.sh"} & {*LAUNCHERS, *SCRIPTS, *SKILLS}, name
    for word in re.findall(r"(?:`|^\$? *)session (\w+)", text, re.MULTILINE):
        assert word in WORDS, word
    for name in re.findall(r"`(workflow(?:-\w+)?)`", text):
        assert name in SKILLS, name
    for event in re.findall(r"\b(?:Pre|Post|Session|Sub)[A-Z]\w+", text):
        assert event in hook.EVENTS, event
