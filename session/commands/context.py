"""context_generator: what a new chat needs to go on, as markdown (seed: 000)."""

import sys

from session import output
from session.arguments import asked_for_help, split, usage_error
from session.context.facts import Facts
from session.context.fit import SECTIONS, Context, fit
from session.context.sources import collect
from session.errors import SessionError
from session.host import clock
from session.project.location import CONTEXT, project_store
from session.store import codec, lock
from session.store.files import FileStore
from session.text.budget import BYTES_PER_TOKEN, tokens
from session.workflow.sessions import owner

_FLAGS = ("--clipboard", "--file", "--detailed", "--json")
_DIGITS = 9


def main(argv: list[str]) -> int:
    """`[--clipboard] [--file] [--detailed] [--budget N] [--json]`. Returns the exit code."""
    return output.run(_context, argv)


def _context(argv: list[str]) -> int:
    if asked_for_help("context", argv):
        return 0
    words, given = split("context", argv, flags=_FLAGS, options=("--budget",))
    if words:
        raise usage_error("context", f"unexpected argument: {words[0]}")
    if "--json" in given and len({"--file", "--clipboard"} & set(given)):
        raise usage_error("context", "--json goes with neither --file nor --clipboard")
    budget = _budget(given.get("--budget"))
    store = project_store()
    notices: list[str] = []
    facts = Facts(detailed="--detailed" in given, room=None if budget is None else budget * BYTES_PER_TOKEN)
    collect(store, facts, owner=owner(notices), now_ms=clock.now_ms())
    for notice in notices:
        output.tell(notice)
    context = fit(facts.lines, facts.left_out, budget)
    if not context.text:
        output.tell(f"nothing fits into {budget} tokens")
    if "--json" in given:
        output.answer(codec.encode(_object(context)) + b"\n")
        return 0
    text = context.text.encode("utf-8", "backslashreplace")
    if "--file" in given:
        _save(store, text)
    copied = "--clipboard" in given and _copy(text.decode())
    if not copied and "--file" not in given:
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
    for notice in store.notices:
        output.tell(notice)
    output.answer(f"Context saved to {store.shown_path(CONTEXT)}\n".encode("utf-8", "surrogateescape"), committed=True)


def _copy(text: str) -> bool:
    from session.host import clipboard  # cost: for those who ask for it

    try:
        clipboard.copy(text)
    except SessionError as error:
        output.tell(str(error))
        return False
    output.tell(f"copied to the clipboard: {tokens(text)} tokens or less")
    return True


def _object(context: Context) -> dict[str, object]:
    """The context as an object of JSON: the lines by section, what is left out of them, and the whole."""
    sections = {name: [line.text for line in context.lines if line.section == name] for name in SECTIONS}
    return {
        "text": context.text,
        "tokens": tokens(context.text),
        "sections": {name: lines for name, lines in sections.items() if lines},
        "left_out": {name: count for name, count in context.left_out.items() if count},
    }


if __name__ == "__main__":
    output.leave(main(sys.argv[1:]))
