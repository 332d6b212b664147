"""session context: print, save or copy a summary, in markdown, that lets a new chat continue the work.

scripts/context_generator.py runs it by the original script's name.
"""

import sys

from session import notices, output
from session.arguments import asked_for_help, split, usage_error
from session.commands.tables import json_out
from session.context.facts import Facts
from session.context.fit import SECTIONS, Context, fit
from session.context.sources import collect
from session.errors import SessionError
from session.host import clock
from session.project.location import CONTEXT, project_store
from session.store import lock
from session.store.files import FileStore
from session.text.budget import BYTES_PER_TOKEN, tokens
from session.workflow.sessions import owner

_FLAGS = ("--clipboard", "--file", "--detailed", "--json")
_DIGITS = 9


def main(argv: list[str]) -> int:
    """Run `session context`; return the exit code."""
    return output.run(_context, argv)


def _context(argv: list[str]) -> int:
    if asked_for_help("context", argv):
        return 0
    positionals, options = split("context", argv, flags=_FLAGS, options=("--budget",))
    if positionals:
        raise usage_error("context", f"unexpected argument: {positionals[0]}")
    if "--json" in options and len({"--file", "--clipboard"} & set(options)):
        raise usage_error("context", "--json goes with neither --file nor --clipboard")
    budget = _budget(options.get("--budget"))
    store = project_store()
    owner_notices: list[str] = []
    facts = Facts(detailed="--detailed" in options, room=None if budget is None else budget * BYTES_PER_TOKEN)
    collect(store, facts, owner=owner(owner_notices), now_ms=clock.now_ms())
    notices.print_all(owner_notices)
    context = fit(facts.lines, facts.left_out, budget)
    if not context.text:
        output.tell(f"nothing fits into {budget} tokens")
    if "--json" in options:
        json_out(_object(context))
        return 0
    text = context.text.encode("utf-8", "backslashreplace")
    if "--file" in options:
        _save(store, text)
    is_copied = "--clipboard" in options and _copy(text.decode())
    if not is_copied and "--file" not in options:
        output.answer(text)
    return 0


def _budget(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and int(text[:_DIGITS]) > 0):
        raise usage_error("context", f"--budget is not a number of tokens: {text}")
    return int(text[:_DIGITS])


def _save(store: FileStore, text: bytes) -> None:
    with store.transaction(lock.timeout_s()) as tx:
        tx.put(CONTEXT, text)
    notices.print_all(store.notices)
    output.answer(f"Context saved to {store.shown_path(CONTEXT)}\n".encode("utf-8", "surrogateescape"), committed=True)


def _copy(text: str) -> bool:
    """Copy the text to the clipboard; return False, after a line on stderr, if that fails."""
    from session.host import clipboard  # cost: only with --clipboard

    try:
        clipboard.copy(text)
    except SessionError as error:
        output.tell(str(error))
        return False
    output.tell(f"copied to the clipboard: {tokens(text)} tokens or less")
    return True


def _object(context: Context) -> dict[str, object]:
    """Return the context as a JSON object: the whole text, the lines of each section, and the counts left out."""
    sections = {name: [line.text for line in context.lines if line.section == name] for name in SECTIONS}
    return {
        "text": context.text,
        "tokens": tokens(context.text),
        "sections": {name: lines for name, lines in sections.items() if lines},
        "left_out": {name: count for name, count in context.left_out.items() if count},
    }


if __name__ == "__main__":
    output.leave(main(sys.argv[1:]))
