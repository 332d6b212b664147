"""The modules that a hot command may import. Its cost is nearly all start-up, so each module is allowed by name."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

# Run a command as a launcher would, and report the modules that are loaded afterwards.
HARNESS = """
import sys
sys.path.append(sys.argv.pop(1))
name, seen, *argv = sys.argv[1:]
if name != "nothing":
    main = __import__("session." + name, fromlist=["main"]).main
    code = main(argv)
with open(seen, "w", encoding="utf-8") as file:
    file.write("\\n".join(sorted(sys.modules)))
if name != "nothing":
    sys.exit(code)
"""

# The package's own modules, and these of the standard library: `_json` to read, `errno` and `time` built in,
# `fcntl` to lock.
GROUND = frozenset(
    {
        *("session", "session.arguments", "session.errors", "session.output", "session._posix"),
        *("session.store", "session.store.codec", "session.store.files", "session.store.paths", "session.root"),
        *("session.store.disk", "session.workflow", "session.workflow.sessions", "session.workflow.state"),
        "session.host",
        *("_json", "_stat", "errno"),
    }
)
READS = GROUND | {"session.get", "session._quick_get", "session.host.project_store"}
WRITES = GROUND | {
    *("session.host", "session.host.clock", "session.store.lock", "session.store.transaction"),
    *("fcntl", "time"),
}
ALLOWED = {
    "get": READS,
    "all": READS | {"session.workflow.json_array", "gc"},
    "set": WRITES | {"session.set"},
    "reset": WRITES | {"session.reset"},
    "hook": GROUND | {"session.hook", "session.hooks", "session.hooks.payload", "session.hooks.glance"},
}
PLACE = {"session.chain", "session.chain.location", "session.host", "session.host.user_folders"}
ALLOWED["hook start"] = ALLOWED["hook"] | PLACE | {"session.hooks.session_start", "session.hooks.env_file"}
ALLOWED["hook prompt"] = ALLOWED["hook"] | PLACE | {"session.hooks.user_prompt_submit"}
ALLOWED["hook tool"] = ALLOWED["hook"] | {
    *("session.hooks.pre_tool_use", "session.hooks.post_tool_use", "session.entry", "session.entry.guard"),
    "session.host.project_store",
}
ALLOWED["hook stop"] = ALLOWED["hook"] | PLACE | {"session.hooks.stop", "session.hooks.unfinished"}
ALLOWED["hook end"] = ALLOWED["hook"] | {"session.hooks.session_end"}
ALLOWED["hook else"] = ALLOWED["hook"] | {"session.hooks.unfinished"}
LIKE_A_LAUNCHER = ("-I", "-S")  # so that nothing else imports `os`, which the allow-lists do not have
FIRST = {"session.store.repair"}  # nobody has held the lock yet
BEYOND_ASCII = frozenset({"unicodedata", "session.store.name_rules"})
COMMANDS = {
    "get one": ("get", ["get", "workflow:pr"]),
    "get none": ("get", ["get", "workflow:other"]),
    "get all": ("all", ["get", "--all"]),
    "set create": ("set", ["set", "workflow:new", "init", '{"pr_number": 8}']),
    "set create exclusively": ("set", ["set", "workflow:new", "init", "--new"]),
    "set update": ("set", ["set", "workflow:pr", "git:pr:find", '{"pr_number": 8}']),
    "set update at a step": ("set", ["set", "workflow:pr", "git:pr:find", "--if-step=init"]),
    "set update with a context on stdin": ("set", ["set", "workflow:pr", "git:pr:find", "-"]),
    "reset": ("reset", ["reset", "workflow:pr"]),
    "reset none": ("reset", ["reset", "workflow:other"]),
}
HOOKS = {
    "SessionStart": "hook start",
    "UserPromptSubmit": "hook prompt",
    "PreToolUse": "hook tool",
    "PostToolUse": "hook tool",
    "PreCompact": "hook else",
    "Stop": "hook stop",
    "SessionEnd": "hook end",
}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the allow-list is that of POSIX")


def loaded(
    project: Path,
    *words: str,
    flags: Sequence[str] = ("-P",),
    stdin: bytes = b'{"pr_number": 8, "session_id": "me", "tool_name": "Bash", "tool_input": {}}',
) -> set[str]:
    """Return the modules that are loaded after a command has run; the command `nothing` runs none."""
    seen = project.parent / "modules.txt"
    done = subprocess.run(
        [sys.executable, *flags, "-c", HARNESS, str(REPOSITORY), words[0], str(seen), *words[1:]],
        cwd=project,
        env={**os.environ, "CLAUDE_ENV_FILE": str(project.parent / "claude-env")},
        input=stdin,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return set(seen.read_text(encoding="utf-8").split("\n"))


@pytest.fixture
def session_under_way(sessions: Path) -> None:
    """Write a session that the TypeScript scripts began, and the lock file that a first `set` leaves."""
    state = '{\n  "started_at": "2026-01-29T22:42:48.473Z",\n  "steps": [\n    "init"\n  ],\n  "step": "init"\n}'
    (sessions / "workflow:pr.json").write_text(state, encoding="utf-8")
    (sessions.parent / ".lock").write_text(f"{0:>10}\n", encoding="utf-8")


@pytest.mark.usefixtures("session_under_way")
@pytest.mark.parametrize("flags", [("-P",), LIKE_A_LAUNCHER], ids=["module", "launcher"])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_loads_no_more_than_this(project: Path, name: str, flags: Sequence[str]) -> None:
    kind, words = COMMANDS[name]
    added = loaded(project, *words, flags=flags) - loaded(project, "nothing", flags=flags)
    assert added <= ALLOWED[kind], sorted(added - ALLOWED[kind])


@pytest.mark.parametrize("flags", [("-P",), LIKE_A_LAUNCHER], ids=["module", "launcher"])
@pytest.mark.parametrize("event", HOOKS)
def test_a_hook_with_nothing_to_do_loads_no_more_than_this(project: Path, event: str, flags: Sequence[str]) -> None:
    added = loaded(project, "hook", event, flags=flags) - loaded(project, "nothing", flags=flags)
    assert added <= ALLOWED[HOOKS[event]], sorted(added - ALLOWED[HOOKS[event]])


def test_the_first_command_of_a_project_loads_no_more(project: Path) -> None:
    added = loaded(project, "set", "workflow:pr", "init") - loaded(project, "nothing")
    assert added <= ALLOWED["set"] | FIRST, sorted(added - ALLOWED["set"])


@pytest.mark.usefixtures("session_under_way")
def test_names_beyond_ascii_load_their_tables(project: Path) -> None:
    for kind, words in (("get", ["get", "flux:é"]), ("set", ["set", "flux:é", "init"]), ("reset", ["reset", "flux:é"])):
        added = loaded(project, *words) - loaded(project, "nothing")
        assert "unicodedata" in added
        assert added - BEYOND_ASCII <= ALLOWED[kind], sorted(added - BEYOND_ASCII - ALLOWED[kind])


@pytest.mark.usefixtures("session_under_way")
def test_the_harness_sees_what_is_loaded(project: Path) -> None:
    """The harness sees the command's own module, and it sees that `save`, which is not hot, loads more."""
    nothing = loaded(project, "nothing")
    assert "session.get" in loaded(project, "get", "workflow:pr") - nothing
    assert "session.workflow.archive_render" in loaded(project, "save", "workflow:pr") - nothing


def test_the_guard_loads_no_more_than_this_while_the_project_is_healthy(project: Path) -> None:
    state = project / ".claude" / "progress" / "state.json"
    state.parent.mkdir(parents=True)
    state.write_text('{"state": "IMPLEMENT", "health_status": "HEALTHY"}')
    payload = b'{"tool_name": "Edit", "tool_input": {"file_path": "src/a.py"}}'
    ours = {
        "session.entry",
        "session.entry.guard",
        "session.hooks",
        "session.hooks.payload",
        "session.hooks.block_if_broken",
    }
    for flags in (("-P",), LIKE_A_LAUNCHER):
        added = loaded(project, "hooks.block_if_broken", flags=flags, stdin=payload) - loaded(
            project, "nothing", flags=flags
        )
        allowed = GROUND | ours | {"session.host.project_store"}
        assert added <= allowed, sorted(added - allowed)
