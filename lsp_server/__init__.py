"""Midstream: a language server for edits that can be redirected while they stream."""

__version__ = "0.2.0"
