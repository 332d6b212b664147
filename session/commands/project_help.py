"""The help and usage texts of `update_state` and `session_manager`.

`ABOUT_UPDATE` and `ABOUT_MANAGER` are the texts of the original scripts, byte for byte.
"""

UPDATE = "session project complete TEXT | next ID TEXT | stats NAME N[/TOTAL] | blocker TEXT | clear-blocker | status"
MANAGER = "session project start ID | status | end | verify"

ABOUT_UPDATE = """
PRISM State Updater v1.0
Quick updates to CURRENT_STATE.json without loading full file

Usage:
    python update_state.py complete "Task description"
    python update_state.py next "1.A.2" "Extract Materials"
    python update_state.py stats databases 8
    python update_state.py blocker "Waiting for monolith file"
    python update_state.py clear-blocker

"""

ABOUT_MANAGER = """
PRISM Session Manager v1.0
Automates session setup, state tracking, and handoff generation

Usage:
    python session_manager.py start <session_id>    - Start new session
    python session_manager.py status                - Show current status
    python session_manager.py end                   - End session and generate handoff
    python session_manager.py verify                - Run verification checks

"""

_STATE = """\
The state is CURRENT_STATE.json in the folder that the variable PRISM_ROOT names,
else in the project's ia/state folder. A command changes the whole state or
nothing, even if several run at once. Times are UTC.

Exit codes: 0 done, 1 wrong input or unusable state, 4 lock not free in time,
5 written, but not confirmed durable or not printed, 130 interrupted.
"""

HELP_UPDATE = f"""\
usage: {UPDATE}

Keep the project's state up to date.

  complete TEXT    record a finished task under today's date, also in the open
                   work session; remove the first next task with that id or text
  next ID TEXT     set the next task; the phase becomes the ID without its last
                   part: 1.A for 1.A.2
  stats NAME N[/TOTAL]  set a counter; without /TOTAL it keeps its total
  blocker TEXT     record what blocks the work
  clear-blocker    remove the blocker
  status [--json]  show phase, focus, blocker and counters; without a command, too

examples:
  session project complete "Extracted materials DB"
  session project next 1.A.2 "Extract machines"
  session project stats databases 8/62

{_STATE}"""

HELP_MANAGER = f"""\
usage: {MANAGER}

Start and end work sessions, show and verify the project's state.

  start ID         start a work session; the phase becomes the ID without its
                   last part: 1.A for 1.A.5
  status [--json]  show the work session and the counters
  end              end the work session and write its log to SESSION_LOGS, with
                   the files that changed in git since its start
  verify [--json]  check the state, the logs that it names and the newest
                   checkpoint; exit code 1 if a check fails

Each command is recorded in SESSION_LOGS/events.jsonl.

examples:
  session project start 1.A.5
  session project end

{_STATE}"""
