"""Checkpoints of a project: create, list, compare, restore and verify. Described in docs/checkpoints.md."""
