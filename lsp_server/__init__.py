"""Midstream: a language server for edits that you can redirect while they stream."""

__version__ = "0.2.0"
