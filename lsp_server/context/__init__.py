"""Finds what an edit needs to see beyond its file."""
