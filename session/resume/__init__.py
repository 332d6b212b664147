"""Reports of workflow sessions and their repository, as data and as text. Described in docs/resume.md."""
