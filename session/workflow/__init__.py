"""Workflow sessions, one document for each active workflow, and their archives. Described in docs/formats.md."""
