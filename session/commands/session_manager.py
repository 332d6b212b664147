"""session_manager: start and end work sessions, show the project's status, verify its state."""

import sys

from session import output
from session.checkpoints import verify_project
from session.commands import project_help
from session.errors import SessionError, UsageError
from session.host import clock
from session.notices import printed
from session.project import document, screens, status_json, work_session_store
from session.project.initial_state import initial_state
from session.project.location import KEY, project_store
from session.store import lock, paths
from session.text.untrusted import inline, one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from session.store.files import FileStore


def main(argv: list[str]) -> int:
    """Run `session_manager`; return the exit code. Without arguments it prints the usage and the status."""
    return output.run(_manage, argv)


def _manage(argv: list[str]) -> int:
    command, words = (argv[0].lower(), argv[1:]) if argv else ("", [])
    if command in ("--help", "-h") or words in (["--help"], ["-h"]):
        output.answer(project_help.HELP_MANAGER.encode())
        return 0
    if not argv:
        output.answer(project_help.ABOUT_MANAGER.encode())
        return _show_status(project_store(), as_json=False)
    if command not in _COMMANDS:
        message = f"Unknown command: {one_line(argv[0])}\n{project_help.ABOUT_MANAGER}"
        output.answer(message.encode())
        return 1
    return _COMMANDS[command](words)


def _start(words: list[str]) -> int:
    if len(words) != 1:
        raise _usage_error(f"unexpected argument: {words[1]}" if words else "start needs an id")
    paths.check_name(words[0], label="session id")
    store = project_store()
    with printed(store.notices):
        state = work_session_store.start(store, words[0], timeout_s=lock.timeout_s())
    _answer(f"✅ State saved to {store.shown_path(KEY)}\n{screens.start_banner(state)}")
    return 0


def _end(words: list[str]) -> int:
    if words:
        raise _usage_error(f"unexpected argument: {words[0]}")
    store = project_store()
    result = work_session_store.end(store, timeout_s=lock.timeout_s())
    lines = f"✅ State saved to {store.shown_path(KEY)}\n✅ Session log: {inline(result.path)}\n"
    _answer(lines + screens.end_banner(result.log, result.left_out))
    return 0


def _status(words: list[str]) -> int:
    as_json = _wants_json(words)
    store = project_store()
    code = _show_status(store, as_json=as_json)
    work_session_store.note(store, "status")
    return code


def _show_status(store: "FileStore", *, as_json: bool) -> int:
    state = document.read(store)
    try:
        if as_json:
            answer = status_json.summary(state, store.shown_path(KEY))
        else:
            shown_state = initial_state(clock.iso(clock.now_ms())) if state is None else state
            answer = screens.status_box(shown_state).encode()
    except SessionError as error:
        raise document.error_with_path(store, error) from None
    output.answer(answer)
    return 0


def _verify(words: list[str]) -> int:
    as_json = _wants_json(words)
    store = project_store()
    checks = verify_project.checks(store)
    output.answer(status_json.verdict(checks) if as_json else screens.check_results(checks).encode())
    work_session_store.note(store, "verify")
    return int(any(check.reason for check in checks))


_COMMANDS = {"start": _start, "status": _status, "end": _end, "verify": _verify}


def _wants_json(words: list[str]) -> bool:
    for word in words:
        if word != "--json":
            raise _usage_error(f"unexpected argument: {word}")
    return bool(words)


def _answer(text: str) -> None:
    output.answer(text.encode("utf-8", "surrogateescape"), committed=True)


def _usage_error(message: str) -> UsageError:
    return UsageError(message, f"usage: {project_help.MANAGER}")


if __name__ == "__main__":
    output.leave(main(sys.argv[1:]))
