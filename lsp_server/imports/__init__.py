"""Import statements: what they import, which files they mean, and where a new one belongs."""
