"""The names that the scripts of the project's state had: `python -m state.checkpoint_system` (seed: 000)."""
