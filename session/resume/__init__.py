"""What was interrupted: each session next to the facts of the repository, as data and as text."""
