"""Context for a new chat: facts about the project, its workflows and its repository, fitted into a token budget."""
