"""Workflow sessions: one document for each workflow under way, dated markdown once it ended."""
