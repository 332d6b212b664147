"""Durable bytes by (collection, name); knows nothing of what they mean."""
