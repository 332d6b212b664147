"""What the machine tells us: the time, other programs, the repository."""
