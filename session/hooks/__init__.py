"""Answers to the events of agent CLIs: one module for each event. Described in docs/formats.md."""
