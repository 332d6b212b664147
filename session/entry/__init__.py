"""The entry protocol: project health, features, states, handoff and recovery. Described in docs/formats.md."""
