"""Read a git repository and commit to it, through one runner with a time limit."""
