"""The states of a scope that can be shown while an answer grows."""

from dataclasses import dataclass

__all__ = ["Candidate"]


@dataclass(frozen=True, slots=True, order=True)
class Candidate:
    """A state of the scope that can be shown: the answer so far, then the rest of the original.

    The text is `output[:answer] + tail + original[original:]`, where `output` is the answer in the
    original's line ends (`Aligner.output`). Both numbers are offsets in code points, and neither
    decreases from one candidate of an aligner to the next. `Candidate(0, 0)` is the original.
    """

    answer: int
    """How much of the output is shown."""
    original: int
    """Where the shown rest of the original begins."""
    inside: bool = False
    """Whether the state ends within a line. Show it only if everything before it is shown."""
    tail: str = ""
    """The line end behind a new line that is still being written, so the original follows below."""
