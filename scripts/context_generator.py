"""Print what a new chat needs: `python context_generator.py --clipboard`."""

import sys
from os.path import dirname, isfile, join, realpath

if sys.version_info < (3, 11):
    sys.exit("session needs Python 3.11 or later; this one is " + sys.version.split()[0])
root = dirname(dirname(realpath(__file__)))
if isfile(join(root, "session", "commands", "context.py")):
    sys.path.insert(0, root)
try:
    from session import output
except ModuleNotFoundError:
    sys.exit("session is not installed for this python (in a checkout of it: pip install .)")
from session.commands import context

output.leave(context.main(sys.argv[1:]))
