"""The commands of `session`, a module for each. `words.py` finds the module that a command line names."""
