"""The project's state: work sessions, finished and next tasks, counters, blocker. Described in docs/formats.md."""
