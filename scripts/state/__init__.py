"""The name that the original checkpoint script had: `cd scripts && python -m state.checkpoint_system`."""
