"""The context for a new chat: facts from every system, fitted into a budget."""
