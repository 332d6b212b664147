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
    sys.stderr.write(f"block-if-broken: {error}\n")
    sys.exit(0)
output.leave(block_if_broken.main(sys.argv[1:]))
