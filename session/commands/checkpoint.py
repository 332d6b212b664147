"""session checkpoint: create, list, show, compare, restore, verify and delete checkpoints of the project's state.

Described in docs/checkpoints.md. scripts/state/checkpoint_system.py runs it by the original script's name.
"""

import sys

from session import output
from session.arguments import asked_for_help, check_utf8, split, usage_error
from session.checkpoints import checkpoints, restore
from session.checkpoints import text as checkpoint_text
from session.project.location import project_store
from session.store import lock, paths
from session.store.files import FileStore
from session.text.bulk_json import encode_rows

_OPTIONS = {  # for each command: its options that take a value, and its flags
    "create": (("--session", "--desc"), ()),
    "list": ((), ("--json",)),
    "show": (("--id",), ("--json",)),
    "diff": (("--id",), ()),
    "restore": (("--id",), ("--all",)),
    "verify": (("--id",), ()),
    "delete": (("--id",), ()),
}
_MANUAL = "Manual checkpoint"  # the description of a checkpoint that is created without --desc


def main(argv: list[str]) -> int:
    """Run `session checkpoint`; return the exit code."""
    return output.run(_checkpoint, argv)


def _checkpoint(argv: list[str]) -> int:
    if asked_for_help("checkpoint", argv):
        return 0
    if not argv:
        raise usage_error("checkpoint")
    command, *rest = argv
    if command not in _OPTIONS:
        raise usage_error("checkpoint", f"unknown command: {command}")
    with_value, flags = _OPTIONS[command]
    positionals, options = split("checkpoint", rest, options=with_value, flags=flags)
    if positionals:
        raise usage_error("checkpoint", f"unexpected argument: {positionals[0]}")
    for option, text in options.items():
        check_utf8(option, text)
    if "--id" in options:
        paths.check_name(options["--id"], "checkpoint id")
    return _COMMANDS[command](project_store(), options)


def _create(store: FileStore, options: dict[str, str]) -> int:
    session_id = options.get("--session", "")
    if "--session" in options:
        paths.check_name(session_id, "session id")
    description = options.get("--desc") or _MANUAL
    result = checkpoints.create(store, session_id=session_id, description=description, timeout_s=lock.timeout_s())
    for reason in result.left_out:
        output.tell(reason)
    _answer(f"Created checkpoint: {result.name}", committed=True)
    return 0


def _list(store: FileStore, options: dict[str, str]) -> int:
    entries = checkpoints.entries(store)
    if "--json" in options:
        output.answer(encode_rows([checkpoint_text.facts(entry) for entry in entries]) + b"\n")
    elif entries:
        _answer(checkpoint_text.table(entries))
    else:
        _answer("No checkpoints: session checkpoint create makes one")
    return 0


def _show(store: FileStore, options: dict[str, str]) -> int:
    entry, checkpoint = checkpoints.find(store, checkpoints.entries(store), options.get("--id"))
    if "--json" in options:
        output.answer((store.read((checkpoints.COLLECTION, entry.name)) or b"") + b"\n")
    else:
        _answer(checkpoint_text.full(entry, checkpoint))
    return 0


def _diff(store: FileStore, options: dict[str, str]) -> int:
    entry, checkpoint = checkpoints.find(store, checkpoints.entries(store), options.get("--id"))
    _answer(checkpoint_text.differences(entry.name, *restore.compare(store, checkpoint)))
    return 0


def _restore(store: FileStore, options: dict[str, str]) -> int:
    result = restore.restore(store, options.get("--id"), everything="--all" in options, timeout_s=lock.timeout_s())
    for reason in result.left_alone:
        output.tell(f"left alone: {reason}")
    lines = [
        f"Restored checkpoint: {result.name}" if result.files else f"Nothing differs from checkpoint {result.name}"
    ]
    lines += [f"  {path} ({change})" for path, change in result.files]
    if result.saved_as:
        lines.append(f"What was replaced is in checkpoint {result.saved_as}")
    _answer("\n".join(lines), committed=bool(result.files))
    return 0


def _verify(store: FileStore, options: dict[str, str]) -> int:
    entries = checkpoints.entries(store)
    name = options.get("--id")
    if name is not None:
        entries = [entry for entry in entries if entry.name == name]
    if not entries:
        raise checkpoints.unknown(name)
    readable = [entry.checkpoint for entry in entries if entry.checkpoint is not None]
    for entry in entries:
        for problem in entry.problems:
            output.tell(f"{entry.name}: {problem}")
        if entry.checkpoint is not None and entry.checkpoint.unchecked:
            output.tell(f"{entry.name}: {entry.checkpoint.unchecked} files are listed without content: not checked")
    counts = (
        ("OK", sum(checkpoint.intact for checkpoint in readable)),
        ("Changed", sum(len(checkpoint.changed) for checkpoint in readable)),
        ("Missing", sum(len(checkpoint.missing) for checkpoint in readable)),
    )
    _answer("\n".join(f"{label}: {count} files" for label, count in counts))
    return 1 if any(entry.problems for entry in entries) else 0


def _delete(store: FileStore, options: dict[str, str]) -> int:
    if "--id" not in options:
        raise usage_error("checkpoint", "delete needs --id")
    checkpoints.delete(store, options["--id"], timeout_s=lock.timeout_s())
    _answer(f"Deleted checkpoint: {options['--id']}", committed=True)
    return 0


def _answer(text: str, *, committed: bool = False) -> None:
    output.answer(f"{text}\n".encode("utf-8", "surrogateescape"), committed=committed)


_COMMANDS = {
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
