"""session install claude, session uninstall claude: unusual settings, links, crashes, concurrent changes, and undo."""

import contextlib
import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from platformdirs import user_data_path

from session.commands import install as installation
from session.errors import Conflict, SessionError
from session.integrations import file_changes, install_plan
from session.integrations.install_record import digest
from session.store import lock
from session.store.files import Folder
from tests.conftest import REPOSITORY, Ended, Run, needs_root

Words = Callable[..., Ended]
HOOK = str(REPOSITORY / "scripts" / "session-hook")
EVENTS = ["SessionStart", "UserPromptSubmit", "PreToolUse", "PostToolUse", "PreCompact", "Stop", "SessionEnd"]
SKILLS = sorted(path.name for path in (REPOSITORY / "session/plugin/skills").iterdir())

pytestmark = pytest.mark.skipif(bool(os.environ.get("SESSION_COMMANDS")), reason="names the checkout's own paths")


@pytest.fixture(autouse=True)
def no_claude(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("CLAUDE"):
            monkeypatch.delenv(name)


@pytest.fixture
def home() -> Path:
    return Path(os.environ["HOME"])


@pytest.fixture
def config(home: Path) -> Path:
    """An existing `.claude` folder in the home folder."""
    folder = home / ".claude"
    folder.mkdir()
    return folder


@pytest.fixture
def install(run: Run) -> Words:
    return lambda *args, **rest: run("session", "install", "claude", *args, **rest)


@pytest.fixture
def uninstall(run: Run) -> Words:
    return lambda *args, **rest: run("session", "uninstall", "claude", *args, **rest)


def tree(folder: Path) -> dict[str, Any]:
    """Return everything below `folder` but our own `.local`: files with bytes and mode, links with target."""
    entries: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if name.startswith(".local"):
            continue
        if path.is_symlink():
            entries[name] = str(path.readlink())
        elif path.is_file():
            entries[name] = (path.read_bytes(), stat.S_IMODE(path.stat().st_mode))
        else:
            entries[name] = path.is_dir()
    return entries


def check(done: Ended, code: int = 0) -> str:
    """Return stdout of a command that succeeded silently on stderr, or the one error line of a command that failed."""
    assert done.code == code, done
    said, other = (done.stdout, done.stderr) if not code else (done.stderr, done.stdout)
    assert other == ""
    assert not code or said.count("\n") == 1
    return said


def calls(settings: Path) -> dict[str, list[Any]]:
    """Return the command that our handlers call, and its arguments, by event."""
    handlers: dict[str, list[Any]] = {}
    for event, groups in json.loads(settings.read_text("utf-8-sig"))["hooks"].items():
        for group in groups:
            for handler in group["hooks"]:
                if handler.get("args", [])[2:] and handler["args"][2].endswith("session-hook"):
                    assert (handler["command"], handler["args"][0]) == ("/bin/sh", "-c")
                    handlers.setdefault(event, []).append(handler["args"][2:])
    return handlers


OURS = {event: [[HOOK, event]] for event in EVENTS}


def test_into_an_empty_home(home: Path, install: Words, uninstall: Words) -> None:
    settings = home / ".claude" / "settings.json"
    said = check(install())
    assert said == (
        f"{settings}: {', '.join(EVENTS)} call {HOOK}\n"
        f"{home}/.claude/skills: {', '.join(SKILLS)}\n"
        "Claude Code reads them when it starts: conversations that already run continue without them\n"
    )
    assert calls(settings) == OURS
    assert settings.read_text() == json.dumps(json.loads(settings.read_text()), indent=2) + "\n"
    assert os.access(HOOK, os.X_OK)
    assert stat.S_IMODE(settings.stat().st_mode) == 0o600
    for name in SKILLS:
        text = (home / ".claude" / "skills" / name / "SKILL.md").read_text()
        assert "${" not in text
        assert text.startswith(f"---\nname: {name}\n")
    assert f"are in `{REPOSITORY}/scripts/`" in (home / ".claude/skills/session/SKILL.md").read_text()

    before = {path: path.stat() for path in home.rglob("*") if path.name != ".lock"}
    assert check(install()) == f"{settings}: installed already, nothing to change\n"
    for path, status in before.items():
        assert (path.stat().st_ino, path.stat().st_mtime_ns) == (status.st_ino, status.st_mtime_ns), path

    said = check(uninstall())
    assert said == f"{settings}: removed\n{home}/.claude/skills: {', '.join(SKILLS)} removed\n"
    assert tree(home) == {}
    assert check(uninstall()) == f"{settings}: nothing of ours, nothing to change\n"
    assert [path.name for path in user_data_path("workflow-session").iterdir()] == [".lock"]


SETTINGS = {
    "plain": b'{\n  "model": "opus"\n}\n',
    "empty object": b"{}",
    "spaces in empty things": b'{ "hooks" : { "Stop" : [ \t ] , "PreCompact":[]\n} }',
    "empty hooks": b'{"hooks": {}}',
    "minified": b'{"model":"opus","hooks":{"Stop":[{"hooks":[{"type":"command","command":"x"}]}]}}',
    "line breaks of Windows, tabs": b'{\r\n\t"model": "opus",\r\n\t"hooks": {\r\n\t\t"Stop": []\r\n\t}\r\n}\r\n',
    "byte order mark": b'\xef\xbb\xbf{\n    "a": 1\n}',
    "no final line break": b'{\n "a": 1\n}',
    "many final line breaks": b'{\n "a": 1\n}\n\n\r\n ',
    "leading space": b'\n\n  {"a": 1}',
    "numbers beyond any type": b'{"a": 1.0, "b": 1e400, "c": 123456789012345678901234567890, "d": -0, "e": 1E+05}',
    "escapes": '{"\\u0061\\/": "\\ud800\\n\\u00e9 é \u2028 \U0001f600 \x7f", "": ""}'.encode(),
    "duplicate keys of others": b'{"a": 1, "a": {"hooks": 3}, "a": 2}',
    "hooks of others": b"""{
  "hooks": {
    "SessionStart": [{"matcher": "startup", "hooks": [{"type": "command", "command": "echo", "timeout": 1}]}],
    "Stop": [
      {"hooks": [ ]}, null, {"hooks": {}}, [[]], "session-hook"
    ],
    "PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "command", "command": "x/session-hooks"}]}]
  },
  "permissions": {"allow": ["Bash(session:*)"]}
}
""",
    "depth": b'{"deep":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "length": b'{"long": "' + b'\\"{[]}' * 500_000 + b'"}',
}


@pytest.mark.parametrize("body", SETTINGS.values(), ids=SETTINGS)
def test_settings_stay_but_for_our_entries(config: Path, install: Words, uninstall: Words, body: bytes) -> None:
    settings = config / "settings.json"
    settings.write_bytes(body)
    settings.chmod(0o644)
    before = tree(config)
    check(install())
    after = settings.read_bytes()
    assert after != body
    assert stat.S_IMODE(settings.stat().st_mode) == 0o644
    # all old bytes are still there, in their order, around our entries
    rest = iter(after)
    assert all(byte in rest for byte in body.replace(b" ", b"").replace(b"\t", b"").replace(b"\r\n", b"\n"))
    check(install())
    assert settings.read_bytes() == after
    check(uninstall())
    assert tree(config) == before


NOT_SETTINGS = {
    "empty": b"",
    "truncated": b'{"hooks": {',
    "comments": b'{\n  // mine\n  "a": 1\n}',
    "final comma": b'{"a": 1,}',
    "NaN": b'{"a": NaN}',
    "array": b"[]",
    "null": b"null",
    "hooks: array": b'{"hooks": []}',
    "hooks: null": b'{"hooks": null}',
    "event: object": b'{"hooks": {"Stop": {}}}',
    "event: null": b'{"a": 1, "hooks": {"SessionEnd": null}}',
    "hooks twice": b'{"hooks": {}, "a": 1, "hooks": {}}',
    "event twice": b'{"hooks": {"Stop": [], "Stop": []}}',
    "not UTF-8": b'{"a": "\xff"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "NUL": b"\0" * 4096,
    "too large": b'{"a": "' + b"x" * (16 << 20) + b'"}',
    "too large with ours": b'{"a": "' + b"x" * ((16 << 20) - 9) + b'"}',
}


@pytest.mark.parametrize("body", NOT_SETTINGS.values(), ids=NOT_SETTINGS)
def test_settings_that_are_refused(home: Path, config: Path, install: Words, body: bytes) -> None:
    (config / "settings.json").write_bytes(body)
    before = tree(home)
    said = check(install(), 1)
    assert said.startswith(str(config / "settings.json"))
    assert tree(home) == before


def test_what_is_no_file_is_refused(home: Path, config: Path, install: Words, uninstall: Words) -> None:
    settings = config / "settings.json"
    for make in (settings.mkdir, lambda: os.mkfifo(settings), lambda: settings.symlink_to("nowhere")):
        make()
        before = tree(home)
        for words in (install, uninstall):
            assert check(words(), 1).startswith(f"{settings} is "), settings
            assert tree(home) == before
        settings.rmdir() if settings.is_dir() else settings.unlink()
    settings.symlink_to(settings)
    assert "leads nowhere" in check(install(), 1)
    settings.unlink()
    shutil.rmtree(config)
    config.write_text("a file")
    before = tree(home)
    assert check(install(), 1) == f"cannot read {settings}: not a directory\n"
    assert tree(home) == before


def test_through_links(home: Path, project: Path, install: Words, uninstall: Words) -> None:
    """Some people keep their settings in a repository and link to them."""
    dotfiles = home / "dotfiles"
    (dotfiles / "claude").mkdir(parents=True)
    (dotfiles / "settings.json").write_text('{"a": 1}\n')
    (dotfiles / "claude" / "settings.json").symlink_to("../settings.json")
    (home / ".claude").symlink_to("dotfiles/claude")
    before = tree(home)
    said = check(install())
    assert said.startswith(f"{dotfiles}/settings.json: ")
    assert calls(dotfiles / "settings.json") == OURS
    assert (home / ".claude").is_symlink()
    assert (home / ".claude" / "settings.json").is_symlink()
    assert (dotfiles / "claude" / "skills" / "session" / "SKILL.md").is_file()
    assert "installed already" in check(install())
    check(uninstall())
    assert tree(home) == before


def test_an_earlier_entry_is_brought_up_to_date(config: Path, install: Words, uninstall: Words) -> None:
    settings = config / "settings.json"
    check(install())
    installed = settings.read_bytes()
    older = installed.replace(HOOK.encode(), b"/old/place/session-hook").replace(b'"timeout": 3', b'"timeout": 5')
    settings.write_bytes(older)
    check(install())
    assert settings.read_bytes() == installed.replace(b'"timeout": 3', b'"timeout": 5')
    check(uninstall())
    assert not settings.exists()


def test_uninstalled_after_others_changed_the_settings(config: Path, install: Words, uninstall: Words) -> None:
    settings = config / "settings.json"
    settings.write_text('{"hooks": {"Stop": []}, "a": 1}')
    check(install())
    settings.write_text(settings.read_text().replace('"a": 1', '"a": 2'))
    check(uninstall())
    assert settings.read_text() == '{"hooks": {"Stop": []}, "a": 2}'


def test_settings_that_only_others_spelling_changed(config: Path, install: Words, uninstall: Words) -> None:
    """We created the file, and Claude Code reformatted it: it holds only our entries."""
    settings = config / "settings.json"
    check(install())
    settings.write_text(json.dumps(json.loads(settings.read_text()), indent=4))
    check(uninstall())
    assert tree(config) == {}


def test_settings_that_were_empty_stay(config: Path, install: Words, uninstall: Words) -> None:
    settings = config / "settings.json"
    settings.write_text("{}")
    check(install())
    settings.write_text(json.dumps(json.loads(settings.read_text()), indent=4))
    check(uninstall())
    assert settings.read_text() == "{}"


def test_uninstalled_without_a_record(home: Path, config: Path, install: Words, uninstall: Words) -> None:
    """For example, the settings were copied from another machine."""
    settings = config / "settings.json"
    settings.write_text('{\n  "a": 1\n}\n')
    before = tree(home)
    check(install())
    shutil.rmtree(user_data_path("workflow-session"))
    check(uninstall())
    assert tree(home) == before | {".claude/skills": True}  # without a record, nobody knows that we created that folder


def test_a_record_that_is_not_ours(home: Path, install: Words, uninstall: Words) -> None:
    record = user_data_path("workflow-session") / "installed.json"
    record.parent.mkdir(parents=True)
    entry = {"sha256": "", "undo": [], "absent": False, "made": None, "skills": {}, "folders": []}
    odd: list[tuple[str, Any]] = [
        ("sha256", "\ud800"),
        *(("undo", [edit]) for edit in (1, None, [], [1, 2], [1, 2, 3], [1, 2, "", ""], [True, 2, ""], "abc")),
        *(("undo", [edit]) for edit in ([-1, 2, ""], [2, 1, ""], [0, 1.5, ""], [0, 1, "\udc80"], {"a": 1})),
        *(("made", value) for value in ([1], [None], "hooks", {})),
        *(("skills", value) for value in ({"/x": 1}, {"x": ""}, {"/x\0": ""}, {"/\ud800": ""}, [])),
        *(("folders", value) for value in ([True], [None], ["x"], ["/x\0"], ["/\ud800"], [["/x"]], {})),
    ]
    bodies = [json.dumps({"/x": {**entry, name: value}}) for name, value in odd]
    bodies += [json.dumps({path: entry}) for path in ("x", "/x\0", "/\ud800")]
    bodies += [json.dumps({"/x": {key: value for key, value in entry.items() if key != name}}) for name in entry]
    for body in ("", "[]", "1", '{"/x": 1}', '{"/x": {}}', '{"/x": {"sha256": "", "undo": 1}}', *bodies):
        record.write_text(body)
        for words in (install, uninstall):
            said = check(words(), 1)
            assert said == f"{record} is not a record of installations; nothing changed (move it away)\n"
    assert tree(home) == {}


def test_a_record_that_leads_nowhere(home: Path, config: Path, install: Words, uninstall: Words) -> None:
    settings = config / "settings.json"
    settings.write_text("{}")
    check(install())
    record = user_data_path("workflow-session") / "installed.json"
    entries = json.loads(record.read_text())
    entries[str(settings)]["undo"] = [[0, 10**30, "{half"]]
    record.write_text(json.dumps(entries))
    before = tree(home)
    for words in (install, uninstall):
        said = check(words(), 1)
        assert said == f"{record} does not lead back to valid settings; nothing changed (move it away)\n"
    assert tree(home) == before


@needs_root
def test_root_keeps_the_users_files_the_users(home: Path, config: Path, install: Words, uninstall: Words) -> None:
    """As with `sudo`, which may leave $HOME as it is."""
    (config / "settings.json").write_text("{}")
    for path in (home, *home.rglob("*")):
        os.chown(path, 65534, 65533)
    (config / "settings.json").chmod(0o640)

    def owners() -> set[tuple[int, int]]:
        return {(path.stat().st_uid, path.stat().st_gid) for path in (home, *home.rglob("*"))}

    check(install())
    assert owners() == {(65534, 65533)}
    assert stat.S_IMODE((config / "settings.json").stat().st_mode) == 0o640
    check(uninstall())
    assert owners() == {(65534, 65533)}


@needs_root
@pytest.mark.parametrize("options", ["size=48k", "size=100k,nr_inodes=14", "size=100k,nr_inodes=8"])
def test_on_a_full_disk(home: Path, config: Path, install: Words, uninstall: Words, options: str) -> None:
    """Nothing is left half done: what was changed before the disk was full is taken back."""
    if subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", config], check=False).returncode:
        pytest.skip("mount is not allowed here")
    try:
        (config / "settings.json").write_text('{"a": 1}')
        if "inodes" not in options:
            with (config / "filler").open("wb") as filler, contextlib.suppress(OSError):
                filler.write(b"x" * 28_672)
        before = tree(home)
        said = check(install(), 1)
        assert re.fullmatch(r"cannot write \S+: no space left on device; nothing changed\n", said), said
        assert tree(home) == before
        assert [path.name for path in user_data_path("workflow-session").iterdir()] == [".lock"]
        subprocess.run(["mount", "-o", "remount,size=1M,nr_inodes=100", config], check=True)
        check(install())
        check(uninstall())
        assert tree(home) == before
    finally:
        subprocess.run(["umount", config], check=True)


def test_what_cannot_be_taken_back_is_told(home: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
    apply, count = file_changes.apply, 0

    def fail(change: file_changes.Change) -> None:
        nonlocal count
        count += 1
        if count > 2:
            raise SessionError(f"cannot write {change.path}: no")
        apply(change)

    monkeypatch.setattr(file_changes, "apply", fail)
    assert installation.main(["claude"]) == 1
    record = user_data_path("workflow-session") / "installed.json"
    settings = home / ".claude" / "settings.json"
    assert capfd.readouterr().err == (
        f"cannot write {home}/.claude/skills/session/SKILL.md: no; changed so far: {record}, {settings} "
        "(mend that; then, to finish: session install claude)\n"
    )
    monkeypatch.undo()


def test_the_record_keeps_no_settings(config: Path, install: Words) -> None:
    (config / "settings.json").write_text('{\n  "env": {"TOKEN": "s3cret"},\n  "hooks": {"Stop": []}\n}\n')
    check(install())
    record = user_data_path("workflow-session") / "installed.json"
    assert "s3cret" not in record.read_text()
    assert stat.S_IMODE(record.stat().st_mode) == 0o600


def test_skills_of_others_stay(config: Path, install: Words, uninstall: Words) -> None:
    theirs = config / "skills" / "session" / "SKILL.md"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("mine")
    before = tree(config)
    done = install()
    assert done.code == 0
    assert done.stderr == f"{theirs} is not ours, and is left as it is (to have ours, move it away)\n"
    assert theirs.read_text() == "mine"
    assert (config / "skills" / "workflow" / "SKILL.md").is_file()
    check(uninstall())
    assert tree(config) == before


def test_skills_that_changed_since(config: Path, install: Words, uninstall: Words) -> None:
    """A skill that an earlier version installed is replaced; a skill that the user has edited is not."""
    check(install())
    skill = config / "skills" / "workflow" / "SKILL.md"
    current = skill.read_bytes()
    record = user_data_path("workflow-session") / "installed.json"
    entries = json.loads(record.read_text())
    skill.write_bytes(b"of an earlier version")
    gone = config / "skills" / "workflow-gone" / "SKILL.md"
    gone.parent.mkdir()
    gone.write_bytes(b"of an earlier version")
    for path in (skill, gone):
        entries[str(config / "settings.json")]["skills"][str(path)] = digest(path.read_bytes())
    record.write_text(json.dumps(entries))
    check(install())
    assert skill.read_bytes() == current
    assert not gone.parent.exists()
    assert str(gone) not in record.read_text()

    skill.write_bytes(current + b"my own line\n")
    assert "is not ours, and is left as it is" in install().stderr
    done = uninstall()
    assert done.stderr == f"{skill} was changed since we wrote it, and is left as it is\n"
    assert [path for path in tree(config) if path.endswith(".md")] == ["skills/workflow/SKILL.md"]


def test_another_folder_of_settings(home: Path, install: Words, uninstall: Words) -> None:
    env = {"CLAUDE_CONFIG_DIR": str(home / "else where")}
    check(install(env=env))
    assert calls(home / "else where" / "settings.json") == OURS
    assert not (home / ".claude").exists()
    check(install())
    check(uninstall(env=env))
    assert not (home / "else where").exists()
    assert calls(home / ".claude" / "settings.json") == OURS


def test_for_a_project(home: Path, project: Path, install: Words, uninstall: Words) -> None:
    (project / "ia" / "state").mkdir(parents=True)
    below = project / "below"
    below.mkdir()
    done = install("--project", cwd=below)
    assert done.code == 0
    assert done.stderr == "warning: session-hook is not on the PATH, where the hooks look for it\n"
    assert calls(project / ".claude" / "settings.json") == {event: [["session-hook", event]] for event in EVENTS}
    for path in (project / ".claude").rglob("*"):
        assert path.is_dir() or str(REPOSITORY) not in path.read_text(), path
    skill = (project / ".claude" / "skills" / "session" / "SKILL.md").read_text()
    assert "come with the package: `pip install .` in a checkout" in skill
    assert tree(home) == {}

    env = {"PATH": f"{REPOSITORY / 'scripts'}:{os.environ['PATH']}"}
    assert "installed already" in check(install("--project", cwd=below, env=env))
    assert "has our hooks, too" in install().stderr
    assert "has our hooks, too" in install("--project", env=env).stderr
    assert "has our hooks, too" not in install(cwd=home, env=env).stderr
    check(uninstall("--user"))
    check(uninstall("--project"))
    assert tree(project) == {"below": True, "ia": True, "ia/state": True}


def test_dry_run_is_a_patch_and_changes_nothing(home: Path, config: Path, install: Words, uninstall: Words) -> None:
    (config / "settings.json").write_bytes('{\r\n  "a": "é\u2028\x0c"\r\n}'.encode().replace(b"\x0c", b""))

    def apply(patch: bytes) -> None:
        words = ["git", "apply", "--unsafe-paths", "--whitespace=nowarn", "--directory=/", "-"]
        subprocess.run(words, input=patch, cwd="/", check=True, env={**os.environ, "GIT_DIR": str(home / "none")})

    before = tree(home)
    patch = install("--dry-run")
    assert (patch.code, patch.stderr) == (0, "")
    assert tree(home) == before
    assert not (home / ".local").exists()
    check(install())
    after = tree(home)
    back = uninstall("--dry-run")
    assert tree(home) == after
    check(uninstall())
    assert tree(home) == before

    apply(patch.out)
    assert {name: entry[0] for name, entry in tree(home).items() if isinstance(entry, tuple)} == {
        name: entry[0] for name, entry in after.items() if isinstance(entry, tuple)
    }
    apply(back.out)
    assert {name for name, entry in tree(home).items() if isinstance(entry, tuple)} == {".claude/settings.json"}
    assert (config / "settings.json").read_bytes() == before[".claude/settings.json"][0]
    assert check(uninstall("--dry-run")) == "nothing would change\n"


def test_settings_that_change_meanwhile_are_left_alone(config: Path) -> None:
    settings = config / "settings.json"
    for before, after in ((b"{}", b'{"a": 1}'), (b"{}", None), (None, b"{}")):
        settings.unlink(missing_ok=True)
        if before is not None:
            settings.write_bytes(before)
        planned = install_plan.install(False)
        settings.unlink(missing_ok=True)
        if after is not None:
            settings.write_bytes(after)
        with pytest.raises(Conflict, match="was changed meanwhile, and is left as it is"):
            file_changes.apply(planned.changes[0])
        assert (settings.read_bytes() if settings.exists() else None) == after


def test_one_at_a_time(home: Path, install: Words) -> None:
    folder = user_data_path("workflow-session")
    folder.mkdir(parents=True)
    opened = Folder.at(str(folder), "")
    held = lock.Lock(opened, 1)
    try:
        done = install(env={"WORKFLOW_SESSION_LOCK_TIMEOUT_S": "0"})
    finally:
        held.release(clean=True)
        opened.close()
    assert f"process {os.getpid()} holds the lock" in check(done, 4)
    assert tree(home) == {}


def test_many_at_once(config: Path, uninstall: Words) -> None:
    (config / "settings.json").write_text('{"a": 1}')
    before = tree(config)
    words = [sys.executable, "-P", "-m", "session", "install", "claude"]
    running = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    said = [process.communicate()[0] for process in running]
    assert [process.returncode for process in running] == [0] * 6
    assert sum("installed already" in each for each in said) == 5
    assert calls(config / "settings.json") == OURS
    check(uninstall())
    assert tree(config) == before


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        (0, "cannot write .*installed.json: file too large"),
        (1, "cannot write .*/installed.json: f.*"),
        (20, "cannot write .*/settings.json: f.*"),
    ],
)
def test_where_files_can_not_grow(home: Path, config: Path, install: Words, limit: int, said: str) -> None:
    (config / "settings.json").write_text(f'{{"a": "{"x" * 20_000}"}}')
    before = tree(home)
    words = f"ulimit -f {limit}; exec {sys.executable} -P -m session install claude"
    done = subprocess.run(["sh", "-c", words], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(f"{said}; nothing changed\n", done.stderr), done
    assert tree(home) == before
    check(install())
    assert calls(config / "settings.json") == OURS


def test_skills_that_can_not_be_written(config: Path, install: Words) -> None:
    (config / "skills").write_text("a file")
    done = install()
    assert (done.code, done.stdout) == (1, "")
    assert done.stderr == f"cannot read {config}/skills/session/SKILL.md: not a directory\n"
    assert not (config / "settings.json").exists()


@pytest.mark.parametrize("call", ["renameat", "mkdirat", "unlinkat", "rmdir"])
def test_killed_at_any_moment(home: Path, config: Path, call: str) -> None:
    """After a kill, the settings are the old or the new ones, and running the command again completes the work."""
    if shutil.which("strace") is None:
        assert not os.environ.get("CI"), "strace is missing"
        pytest.skip("strace is missing: apt-get install strace")
    settings = config / "settings.json"
    settings.write_text('{"a": 1, "hooks": {"Stop": [ ]}}')
    before = tree(home)
    old = settings.read_bytes()
    assert installation.main(["claude"]) == 0
    new = settings.read_bytes()
    assert installation.uninstall(["claude"]) == 0

    def cut(word: str, number: int) -> bool:
        inject = ["-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={number}"]
        words = ["strace", "-f", "-qq", "-o", os.devnull, *inject, "--", sys.executable, "-P", "-m", "session"]
        done = subprocess.run([*words, word, "claude"], capture_output=True, check=False)
        assert done.returncode in (0, -9), done
        assert settings.read_bytes() in (old, new)
        return done.returncode != 0

    number, killed = 0, True
    while killed:
        number += 1
        killed = cut("install", number)
        assert installation.main(["claude"]) == 0
        assert settings.read_bytes() == new
        killed = cut("uninstall", number) or killed
        assert installation.uninstall(["claude"]) == 0
        assert tree(home) == before
    assert number > 3


def test_doubts_are_told(config: Path, install: Words) -> None:
    (config / "settings.json").write_text('{"disableAllHooks": true}')
    done = install()
    assert (done.code, done.stderr) == (
        0,
        f"warning: {config}/settings.json: disableAllHooks is set, so no hook works\n",
    )


def test_nobody_listens(config: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        words = [sys.executable, "-P", "-m", "session", "install", "claude"]
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 5
    assert done.stderr.startswith("done and durable, but cannot write the answer")
    assert calls(config / "settings.json") == OURS


def test_the_copy_of_the_plugin_is_not_installed_from(home: Path, tmp_path: Path) -> None:
    """The plugin's folder changes with every update."""
    plugin = tmp_path / "plugins" / "cache" / "session" / "0.1.0"
    shutil.copytree(REPOSITORY / "session", plugin / "session", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(REPOSITORY / "scripts", plugin / "scripts")
    env = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(home)}
    for words, code in ((["install", "claude"], 1), (["uninstall", "claude"], 0)):
        done = subprocess.run(
            [plugin / "scripts" / "session", *words], env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done
    assert tree(home) == {}


@pytest.mark.parametrize(
    "words", [[], ["codex"], ["claude", "--user", "--project"], ["claude", "x"], ["claude", "--dry"]]
)
def test_words_that_are_wrong(run: Run, home: Path, words: list[str]) -> None:
    for word in ("install", "uninstall"):
        assert "usage: session" in check(run("session", word, *words), 1)
    assert tree(home) == {}
