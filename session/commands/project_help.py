"""What `update_state` and `session_manager` say about themselves (seed: 000). Loaded only to be shown."""

UPDATE = "update_state complete TEXT | next ID TEXT | stats NAME N[/TOTAL] | blocker TEXT | clear-blocker | status"
MANAGER = "session_manager start ID | status | end | verify"

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
The state is CURRENT_STATE.json in the folder that PRISM_ROOT names, else in
ia/state of the project. Every command is all or nothing, also when many run at
once. Times are UTC.

Exit codes: 0 done, 1 wrong input or unusable state, 4 lock not had in time,
5 written, but not confirmed durable or not printed, 130 interrupted.
"""

HELP_UPDATE = f"""\
usage: {UPDATE}

Keep the project's state up to date, durably.

  complete TEXT    note what is done, today; the first next task with that id or
                   text is taken off, an open session notes it, too
  next ID TEXT     what to do next; the phase is the id without its last part
  stats NAME N[/TOTAL]  set a counter; the total that it had is kept
  blocker TEXT     what the work waits for
  clear-blocker    nothing, any more
  status [--json]  phase, focus, blocker, counters; also without a command

examples:
  update_state complete "Extracted materials DB"
  update_state next 1.A.2 "Extract machines"
  update_state stats databases 8/62

{_STATE}"""

HELP_MANAGER = f"""\
usage: {MANAGER}

Open and end work sessions, see the project's state, verify it.

  start ID         open a session; the phase is the id without its last part
  status [--json]  the session and the counters
  end              end the session; its log, with the files that git saw
                   change, goes to SESSION_LOGS
  verify [--json]  check the state, the logs that it names and the newest
                   checkpoint; exit code 1 unless all is well

Each command is noted in SESSION_LOGS/events.jsonl.

examples:
  session_manager start 1.A.5
  session_manager end

{_STATE}"""
