"""Git: what a repository contains and reports, asked through one runner with a time limit."""
