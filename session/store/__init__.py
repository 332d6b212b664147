"""Store documents durably: bytes by (collection, name), without any knowledge of their meaning.

README.md in this folder describes the modules, the files on disk, and the order of a commit.
"""
