"""Edit a conversation's SESSION_STATE.md: `python session_state_manager.py init --convo-id X`."""

import sys
from os.path import dirname, isfile, join, realpath

if sys.version_info < (3, 11):
    sys.exit("session needs Python 3.11 or later; this one is " + sys.version.split()[0])
root = dirname(dirname(realpath(__file__)))
if isfile(join(root, "session", "commands", "session_state_manager.py")):
    sys.path.insert(0, root)
try:
    from session import output
except ModuleNotFoundError:
    sys.exit("session is not installed for this python (in a checkout of it: pip install .)")
from session.commands import session_state_manager

output.leave(session_state_manager.main(sys.argv[1:]))
