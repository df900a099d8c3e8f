"""Choices of the user that both the settings and a session know: when text is shown, and what a
stop leaves.

The values are the words of the settings and of the protocol.
"""

from enum import StrEnum

__all__ = ["Leave", "Publish"]


class Publish(StrEnum):
    """When streamed text is shown in the editor."""

    SYNTAX = "syntax"
    """In versions that parse no worse than the text before."""
    LINE = "line"
    """At the end of each line of the answer."""
    TOKEN = "token"
    """As it comes."""


class Leave(StrEnum):
    """What a stop leaves in the scope."""

    VALID = "valid"
    """What was shown."""
    RAW = "raw"
    """Everything that came, followed by the rest of the original."""
    ORIGINAL = "original"
    """The text before the session, with what the user typed."""
