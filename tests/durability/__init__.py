"""The promise of durability, proved for every writing command: see docs/durability.md."""
