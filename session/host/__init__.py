"""What the machine tells us: so far, the time."""
