"""The umbrella command `session`: one module for each word that is not a door."""
