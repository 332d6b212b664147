"""Checkpoints of a project: made, listed, compared, restored, verified."""
