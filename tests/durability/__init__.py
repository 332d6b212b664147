"""Tests of the promise of durability for every command that writes. Described in docs/durability.md."""
