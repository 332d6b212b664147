"""What agent CLIs call: one module for each of their events."""
