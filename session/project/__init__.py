"""Project state: what is worked on, what is done, what comes next (seed: 000)."""
