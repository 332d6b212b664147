"""Write every launcher in this folder from the texts below: `python scripts/_launchers.py`.

Each launcher is one file that works alone, because pip, uv and people copy or link single files. So the shared text is
here, and `tests/test_launchers.py` checks that the files equal it.
"""

import sys
from pathlib import Path

FOLDER = Path(__file__).parent

_HERE = """\
here=$0
case $here in */*) ;; *) here=./$here ;; esac
[ -L "$here" ] && here=$(readlink -f "$here")
"""
_PYTHON = """\
here=${here%/*}
python=$here/python3
[ -x "$python" ] || python=python3
"""
_OLD = (
    "old='sys.version_info < (3, 11) and "
    'sys.exit("session needs Python 3.11 or later; python3 is " + sys.version.split()[0])\'\n'
)
_ABSENT = (
    'absent=\'from importlib.util import find_spec; find_spec("session") or '
    'sys.exit("session is not installed for this python3 (in a checkout of it: pip install .)")\'\n'
)
_LIBRARIES = 'for lib in "$here"/../lib/python3*/site-packages "$here/.."; do\n'
_INSTALLED = 'exec "$python" -c "import sys; $old; sys.path[:] = filter(None, sys.path); $absent; $run" "$@"\n'

_HOT = f"""\
#!/bin/sh
# Start Python without `site` and without the garbage collector: that saves a third of the start-up time.
# Look for the package beside this file. If it is not there, start Python with `site`, which finds the installed one.
{_HERE}{_PYTHON}{_OLD}{_ABSENT}run='{{run}}'
{_LIBRARIES}    if [ -f "$lib/session/{{word}}.py" ]; then
        exec "$python" -I -S -c "import gc, sys; gc.disable(); $old; sys.path.append(sys.argv.pop(1)); $run" "$lib" "$@"
    fi
done
{_INSTALLED}"""

_FIRST = (
    'first=\'sys.path.insert(([path.endswith("-packages") for path in sys.path] + [True]).index(True), '
    "sys.argv.pop(1))'\n"
)
_WITH_SITE = f"""\
#!/bin/sh
# Put the package beside this file before installed packages. `site` finds what the package needs.
{_HERE}{{before}}{_FIRST}{_OLD}{_ABSENT}run='{{run}}'
{_LIBRARIES}    if [ -f "$lib/session/{{file}}.py" ]; then
        exec "$python" -I -c "import sys; $old; $first; $run" "$lib" "$@"
    fi
done
{_INSTALLED}"""
_OWN_COMMANDS = """\
here=${here%/*}
# These words have a command of their own, which starts faster.
case ${1-} in get | set | reset | save | hook)
    command=$here/session-$1
    if [ -x "$command" ]; then
        shift
        exec "$command" "$@"
    fi
    ;;
esac
python=$here/python3
[ -x "$python" ] || python=python3
"""

_HOOK = f"""\
#!/bin/sh
# Start Python without `site` and without the garbage collector. The exit code of an event is 0, also if this file or
# Python is broken: an agent CLI stops its work for others. Only a person who types an option, or nothing, sees them.
# The trap is the first command, and a comment ends its line: so it works even if all lines end with CRLF.
trap 'case ${{1-}} in -*) ;; ?*) exit 0 ;; *) [ -t 0 ] || exit 0 ;; esac' EXIT #
{_HERE}{_PYTHON}command -v "$python" >/dev/null || {{ echo "session-hook: no python3 on the PATH" >&2; exit 0; }}
old='sys.version_info < (3, 11) and sys.exit(print("session needs Python 3.11 or later; python3 is", \
sys.version.split()[0], file=sys.stderr))'
run='
try:
    from session import _preload
    _preload.load("hook")
    from session import hook, output
except Exception as error:
    sys.exit(print("session-hook:", error, file=sys.stderr))
output.leave(hook.main(sys.argv[1:]))'
# Not `exec`: the exit code of a file that is no program for this machine would be that of the shell which reads it.
{_LIBRARIES}    if [ -f "$lib/session/hook.py" ]; then
        "$python" -I -S -c "import gc, sys; gc.disable(); $old; sys.path.append(sys.argv.pop(1))$run" "$lib" "$@"
        exit
    fi
done
"$python" -c "import sys; $old; sys.path[:] = filter(None, sys.path)$run" "$@"
"""

_ALIAS = f"""\
#!/bin/sh
# Run `session {{words}}` under the name that the entry protocol's skills use.
{_HERE}exec "${{{{here%/*}}}}/session" {{words}} "$@"
"""

_SCRIPT = '''\
"""{about}"""

import sys
from os.path import dirname, isfile, join, realpath

if sys.version_info < (3, 11):
    sys.exit("session needs Python 3.11 or later; this one is " + sys.version.split()[0])
root = {root}
if isfile(join(root, "session", "commands", "{module}.py")):
    sys.path.insert(0, root)
try:
    from session import output
except ModuleNotFoundError:
    sys.exit("session is not installed for this python (in a checkout of it: pip install .)")
from session.commands import {module}

output.leave({module}.main(sys.argv[1:]))
'''

_GUARD = '''\
#!/usr/bin/env python3
"""Refuse edits of source files while the project is broken: a PreToolUse hook that never fails itself."""

import sys
from os.path import dirname, isfile, join, realpath

root = dirname(dirname(realpath(__file__)))
if isfile(join(root, "session", "hooks", "block_if_broken.py")):
    sys.path.insert(0, root)
try:
    from session import output
    from session.hooks import block_if_broken
except Exception as error:  # an old Python, or no installation: let the agent go on
    sys.stderr.write(f"block-if-broken: {error}\\n")
    sys.exit(0)
output.leave(block_if_broken.main(sys.argv[1:]))
'''

# for each file name: the words after `session` that the launcher runs
_ALIASES = {
    "check-context": "metrics context",
    "check-state": "transition --show",
    "get-current-feature": "feature next",
    "session-entry.sh": "enter",
    "transition-state": "transition",
    "validate-transition": "transition --validate",
}
# for each file name: the module in session/commands, and the docstring of the script
_SCRIPTS = {
    "context_generator.py": ("context", "Print what a new chat needs: `python context_generator.py --clipboard`."),
    "session_manager.py": ("session_manager", "Start and end work sessions: `python session_manager.py start ID`."),
    "session_state_manager.py": (
        "session_state_manager",
        "Edit a conversation's SESSION_STATE.md: `python session_state_manager.py init --convo-id X`.",
    ),
    "state/checkpoint_system.py": (
        "checkpoint",
        "Make and restore checkpoints: `cd scripts && python -m state.checkpoint_system create`.",
    ),
    "update_state.py": ("update_state", "Update the project's state: `python update_state.py complete 'a task'`."),
}


def texts() -> dict[str, str]:
    """Return the text of every launcher by its file name below this folder."""
    files = {"session-hook": _HOOK, "block-if-broken.py": _GUARD}
    for word in ("get", "set", "reset"):
        preload = "" if word == "get" else f'from session import _preload; _preload.load("{word}"); '
        run = f"{preload}from session import {word}, output; output.leave({word}.main(sys.argv[1:]))"
        files[f"session-{word}"] = _fill(_HOT, word=word, run=run)
    run = "from session import save, output; output.leave(save.main(sys.argv[1:]))"
    files["session-save"] = _fill(_WITH_SITE, before=_PYTHON, file="save", run=run)
    run = "from session import output; from session.commands import words; output.leave(words.main(sys.argv[1:]))"
    files["session"] = _fill(_WITH_SITE, before=_OWN_COMMANDS, file="commands/words", run=run)
    for name, words in _ALIASES.items():
        files[name] = _ALIAS.format(words=words)
    for name, (module, about) in _SCRIPTS.items():
        root = "realpath(__file__)"
        for _ in range(2 + name.count("/")):
            root = f"dirname({root})"
        files[name] = _fill(_SCRIPT, module=module, about=about, root=root)
    return files


def _fill(text: str, **values: str) -> str:
    """Return the text with each `{name}` replaced by its value."""
    # Not str.format: the texts contain braces of shell and Python.
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def main() -> int:
    """Write every launcher, and make those with a `#!` line executable; return 0."""
    for name, text in texts().items():
        path = FOLDER / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755 if text.startswith("#!") else 0o644)
    return 0


if __name__ == "__main__":
    sys.exit(main())
