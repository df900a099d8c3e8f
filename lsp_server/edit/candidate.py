"""Where a growing answer and its original meet, and which of these places are offered."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Candidate", "Publish"]


class Publish(StrEnum):
    """Which states are offered: the values of the setting `publish`."""

    SYNTAX = "syntax"  # Decided ones, for a gate to choose from.
    LINE = "line"  # One for each complete line of the answer.
    TOKEN = "token"  # One for everything that came.


@dataclass(frozen=True, slots=True, order=True)
class Candidate:
    """A state: the output up to `answer`, then the original from `original` on (code points).

    `inside` says that it lies within a line, which is worth showing only when everything before it
    is shown too. `tail` is the line end that stands behind a new line which is still being written,
    so that the original goes on below it.
    """

    answer: int
    original: int
    inside: bool = False
    tail: str = ""
