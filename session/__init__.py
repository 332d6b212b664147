"""Workflow memory for AI agents that survives crashes, closed terminals and compacted contexts."""

__version__ = "0.1.0"
