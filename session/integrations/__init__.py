"""Agent CLIs: the files that they read, and our entries in them."""
