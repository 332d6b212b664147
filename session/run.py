"""The command `session run`: enter a step of a workflow, run a command there, record how it ended."""

import sys

from session import notices, output
from session.arguments import asked_for_help, check_utf8, split, usage_error
from session.errors import Unconfirmed
from session.host import clock
from session.host.project_store import open_store
from session.host.relay import CannotRun, Relay
from session.store import lock, paths
from session.workflow import run_history, run_record, sessions
from session.workflow.state import parse_context


def main(argv: list[str]) -> int:
    """Run `session run`: run the command at the step; return its exit code, or ours if it did not run."""
    return output.run(_run, argv)


def _run(argv: list[str]) -> int:
    if asked_for_help("run", argv):
        return 0
    workflow, step, options, command = _words(argv)
    context = parse_context(options.get("--context", ""))
    timeout_s = lock.timeout_s()
    store = open_store()
    with notices.printed(store.notices):
        owner = sessions.owner(store.notices)
        begun = run_record.begin(
            store, workflow, step, context, command, timeout_s=timeout_s, owner=owner, once="--once" in options
        )
    for warning in begun.warnings:
        output.tell(f"warning: {workflow}: {warning}")
    if begun.unknown is not None and "--once" in options:
        output.tell(run_history.line(begun.unknown, clock.now_ms()))
    with Relay() as relay:
        try:
            code = relay.run(command)
        except CannotRun as error:
            output.tell(str(error))
            code = error.code
        for name, reason in relay.errors():
            output.tell(f"cannot write to {name}: {reason.strerror}")
        end, whole = relay.output()
        try:
            text = run_history.output_text(end, whole=whole)
            run_record.finish(store, workflow, step, begun.began_at, code, text, timeout_s=timeout_s, owner=owner)
        except Unconfirmed as error:
            output.tell(f"the result of {step} (exit {code}) is recorded, but {error}")
        except Exception as error:  # no error may change the exit code, which is the command's
            # without the hint, which comes too late after a run
            why = getattr(error, "message", "") or f"{type(error).__name__}: {error}"
            output.tell(f"the result of {step} (exit {code}) is not recorded: {why}")
    return code


def _words(argv: list[str]) -> tuple[str, str, dict[str, str], list[str]]:
    """Return the workflow, the step, the options and the command. UsageError if the words are wrong."""
    if "--" not in argv:
        raise usage_error("run", "what to run is missing: it comes after --" if argv else "")
    end = argv.index("--")
    words, options = split("run", argv[:end], flags=("--once",), options=("--context",))
    command = argv[end + 1 :]
    if len(words) < 2:
        raise usage_error("run", "a step is missing" if words else "a workflow and a step are missing")
    if len(words) > 2:
        raise usage_error("run", f"unexpected argument: {words[2]}")
    if not command or not command[0]:
        raise usage_error("run", "what to run is empty" if command else "what to run is missing: it comes after --")
    if not words[1]:
        raise usage_error("run", "step is empty")
    if options.get("--context") == "-":
        raise usage_error("run", "stdin is the command's: --context can't be read from there")
    check_utf8("step", words[1])
    check_utf8("the context", options.get("--context", ""))
    paths.check_name(words[0])
    return words[0], words[1], options, command


if __name__ == "__main__":
    output.leave(main(sys.argv[1:]))
