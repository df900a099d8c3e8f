"""Where a growing answer and its original meet."""

from dataclasses import dataclass

__all__ = ["Candidate"]


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
