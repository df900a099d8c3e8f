"""Which files of the workspace an import statement means, for each family of languages."""
