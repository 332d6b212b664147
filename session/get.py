"""The command session-get: print a workflow's session, or all sessions."""

import sys

from session import _quick_get, output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from session.errors import SessionError
    from session.store.files import FileStore

_PIECE_BYTES = 1 << 15


def main(argv: list[str]) -> int:
    """Run `session-get`: print one session as JSON, or all of them as an array; return the exit code."""
    return output.run(_get, argv)


def _get(argv: list[str]) -> int:
    plain = _quick_get.session(argv[0]) if len(argv) == 1 else None
    if plain is None:
        return _get_anything(argv)
    output.answer(plain + b"\n", exact=True)
    return 0


def _get_anything(argv: list[str]) -> int:
    """Answer a `get` that `_quick_get` did not answer; return the exit code."""
    # cost: nearly every call has its answer before it needs any of these
    from session.arguments import asked_for_help, usage_error
    from session.host.project_store import open_store
    from session.store import paths
    from session.workflow.state import COLLECTION, read, text

    if asked_for_help("get", argv):
        return 0
    is_all = argv[:1] == ["--all"]
    if argv[:1] == ["--"]:
        argv = argv[1:]
    elif argv and argv[0][:1] == "-" and not is_all:
        raise usage_error("get", f"unknown option: {argv[0]}")
    if not argv or not argv[0]:
        raise usage_error("get")
    if len(argv) > 1:
        output.tell(f"ignored after {argv[0]}: {' '.join(argv[1:])}")
    if is_all:
        store = open_store()
        code = _all(store)
    else:
        paths.check_name(argv[0])
        store, code = open_store(), 0
        path = store.shown_path((COLLECTION, argv[0]))
        output.answer(text(read(store, argv[0]), path) + b"\n", exact=True)
    for notice in store.notices:
        output.tell(notice)
    return code


def _all(store: "FileStore") -> int:
    import gc  # cost: only for all sessions, like the next import

    from session.workflow.json_array import entries

    collecting = gc.isenabled()
    gc.disable()  # states hold no reference cycles: the collector would find nothing, and take a third of the time
    try:
        return _print_all(entries(store))
    finally:
        if collecting:
            gc.enable()


def _print_all(entries: "Iterator[tuple[bytes | None, SessionError | None]]") -> int:
    """Print the entries as one array, and each error on stderr; return 1 if there is an error, else 0."""
    code = 0
    lead = b"[\n  "
    ready = bytearray()
    for text, error in entries:
        if text is None:
            output.tell(str(error))
            code = 1
            continue
        ready += lead + text
        lead = b",\n  "
        if len(ready) > _PIECE_BYTES:
            output.answer(bytes(ready), exact=True)
            ready.clear()
    ready += b"[]\n" if lead == b"[\n  " else b"\n]\n"
    output.answer(bytes(ready), exact=True)
    return code


if __name__ == "__main__":
    output.leave(main(sys.argv[1:]))
