"""The command session-save: archive a workflow's session as markdown and delete the session."""

import sys

from session import notices, output
from session.arguments import asked_for_help, check_utf8, split, usage_error
from session.errors import SessionError
from session.host.project_store import open_store
from session.store import lock, paths
from session.workflow import archive_save
from session.workflow.archive_render import STATUSES


def main(argv: list[str]) -> int:
    """Run `session-save`: archive the session, print the archive's path and text; return the exit code."""
    return output.run(_save, argv)


def _save(argv: list[str]) -> int:
    if asked_for_help("save", argv):
        return 0
    words, options = split("save", argv, options=("--status",), texts=("--notes",))
    if not words or not words[0]:
        raise usage_error("save")
    if len(words) > 1:
        raise usage_error("save", f"unexpected argument: {words[1]}")
    status = options.get("--status", STATUSES[0])
    if status not in STATUSES:
        raise usage_error("save", f"unknown status: {status}")
    notes = options.get("--notes", "")
    check_utf8("--notes", notes)
    workflow = words[0]
    paths.check_name(workflow)
    timeout_s = lock.timeout_s()
    store = open_store()
    first = archive_save.first_draft(store, workflow, status, notes)
    places = [] if first is None else first.secrets
    for place in places:  # without the lock, to warn before there is an archive
        output.tell(f"warning: {place} looks like a secret, and goes into the archive")
    with notices.printed(store.notices):
        archived = archive_save.save(store, workflow, status, notes, first=first, timeout_s=timeout_s)
    if archived is None:
        raise SessionError(f"No session found for {workflow}")
    for place in archived.secrets:
        if place not in places:  # another command added it meanwhile
            output.tell(f"warning: {place} looks like a secret, and is in the archive")
    answer = f"Archived to {archived.path}\n{archived.markdown}\n".encode("utf-8", "surrogateescape")
    output.answer(answer, committed=True, exact=True)
    return 0


if __name__ == "__main__":
    output.leave(main(sys.argv[1:]))
