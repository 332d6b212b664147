"""Installation into agent CLIs: the settings and skills files that they read, and our entries in them."""
