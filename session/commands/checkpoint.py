"""checkpoint_system: checkpoints of the project's state, made, looked at, gone back to (seed: 000)."""

import sys

from session import output
from session.arguments import asked_for_help, check_utf8, split, usage_error
from session.checkpoints import checkpoints, restore
from session.checkpoints import text as checkpoint_text
from session.project.location import project_store
from session.store import codec, lock, paths
from session.store.files import FileStore

_OPTIONS = {  # and flags
    "create": (("--session", "--desc"), ()),
    "list": ((), ("--json",)),
    "show": (("--id",), ("--json",)),
    "diff": (("--id",), ()),
    "restore": (("--id",), ("--all",)),
    "verify": (("--id",), ()),
    "delete": (("--id",), ()),
}
_MANUAL = "Manual checkpoint"


def main(argv: list[str]) -> int:
    """`create | list | show | diff | restore | verify | delete`, with options. Returns the exit code."""
    return output.run(_checkpoint, argv)


def _checkpoint(argv: list[str]) -> int:
    if asked_for_help("checkpoint", argv):
        return 0
    if not argv:
        raise usage_error("checkpoint")
    word, *rest = argv
    if word not in _OPTIONS:
        raise usage_error("checkpoint", f"unknown command: {word}")
    options, flags = _OPTIONS[word]
    words, given = split("checkpoint", rest, options=options, flags=flags)
    if words:
        raise usage_error("checkpoint", f"unexpected argument: {words[0]}")
    for option, text in given.items():
        check_utf8(option, text)
    if "--id" in given:
        paths.check_name(given["--id"], "checkpoint id")
    return _WORDS[word](project_store(), given)


def _create(store: FileStore, given: dict[str, str]) -> int:
    session_id = given.get("--session", "")
    if "--session" in given:
        paths.check_name(session_id, "session id")
    about = given.get("--desc") or _MANUAL
    made = checkpoints.create(store, session_id=session_id, description=about, timeout_s=lock.timeout_s())
    for reason in made.left_out:
        output.tell(reason)
    _answer(f"Created checkpoint: {made.name}", committed=True)
    return 0


def _list(store: FileStore, given: dict[str, str]) -> int:
    found = checkpoints.entries(store)
    if "--json" in given:
        _answer(codec.encode([checkpoint_text.facts(entry) for entry in found]).decode())
    elif found:
        _answer(checkpoint_text.table(found))
    else:
        _answer("No checkpoints: `session_manager verify` says how the project's state is")
    return 0


def _show(store: FileStore, given: dict[str, str]) -> int:
    entry, checkpoint = checkpoints.find(store, checkpoints.entries(store), given.get("--id"))
    if "--json" in given:
        output.answer((store.read((checkpoints.COLLECTION, entry.name)) or b"") + b"\n")
    else:
        _answer(checkpoint_text.full(entry, checkpoint))
    return 0


def _diff(store: FileStore, given: dict[str, str]) -> int:
    entry, checkpoint = checkpoints.find(store, checkpoints.entries(store), given.get("--id"))
    _answer(checkpoint_text.differences(entry.name, *restore.compare(store, checkpoint)))
    return 0


def _restore(store: FileStore, given: dict[str, str]) -> int:
    done = restore.restore(store, given.get("--id"), everything="--all" in given, timeout_s=lock.timeout_s())
    for reason in done.left_alone:
        output.tell(f"left alone: {reason}")
    lines = [f"Restored checkpoint: {done.name}" if done.files else f"Nothing differs from checkpoint {done.name}"]
    lines += [f"  {path} ({was})" for path, was in done.files]
    if done.saved_as:
        lines.append(f"What was replaced is in checkpoint {done.saved_as}")
    _answer("\n".join(lines), committed=bool(done.files))
    return 0


def _verify(store: FileStore, given: dict[str, str]) -> int:
    found = checkpoints.entries(store)
    wanted = given.get("--id")
    if wanted is not None:
        found = [entry for entry in found if entry.name == wanted]
    if not found:
        raise checkpoints.unknown(wanted)
    told = [entry.checkpoint for entry in found if entry.checkpoint is not None]
    for entry in found:
        for problem in entry.problems:
            output.tell(f"{entry.name}: {problem}")
        if entry.checkpoint is not None and entry.checkpoint.unchecked:
            output.tell(f"{entry.name}: {entry.checkpoint.unchecked} files are listed without content: not checked")
    counts = (
        ("OK", sum(one.intact for one in told)),
        ("Changed", sum(len(one.changed) for one in told)),
        ("Missing", sum(len(one.missing) for one in told)),
    )
    _answer("\n".join(f"{about}: {count} files" for about, count in counts))
    return 1 if any(entry.problems for entry in found) else 0


def _delete(store: FileStore, given: dict[str, str]) -> int:
    if "--id" not in given:
        raise usage_error("checkpoint", "delete needs --id")
    checkpoints.delete(store, given["--id"], timeout_s=lock.timeout_s())
    _answer(f"Deleted checkpoint: {given['--id']}", committed=True)
    return 0


def _answer(text: str, *, committed: bool = False) -> None:
    output.answer(f"{text}\n".encode("utf-8", "surrogateescape"), committed=committed)


_WORDS = {
    "create": _create,
    "list": _list,
    "show": _show,
    "diff": _diff,
    "restore": _restore,
    "verify": _verify,
    "delete": _delete,
}


if __name__ == "__main__":
    output.leave(main(sys.argv[1:]))
