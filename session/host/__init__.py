"""The machine around this program: time, the user's folders, other programs, git, the commands that the user trusts."""
