"""The entry protocol: is the project healthy, which feature is next, what comes after (seed: 001)."""
