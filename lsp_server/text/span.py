"""A range of a text, in code points."""

from dataclasses import dataclass

from lsp_server.errors import ContractError


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range `[start, end)` in code points.

    Invariant: `0 <= start <= end`.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ContractError(f"A span cannot run from {self.start} to {self.end}.")

    @property
    def length(self) -> int:
        """The number of code points."""
        return self.end - self.start

    @property
    def empty(self) -> bool:
        """Whether the span has no characters. It is then a place between two characters."""
        return self.start == self.end

    def contains(self, other: "Span") -> bool:
        """Whether `other` lies within this span; the ends may coincide."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: "Span") -> bool:
        """Whether the two share a character, or one is empty and lies strictly inside the other.

        Spans that only touch don't overlap.
        """
        return self.start < other.end and other.start < self.end

    def shift(self, by: int) -> "Span":
        """The same range, `by` code points further on."""
        return Span(self.start + by, self.end + by)

    def text(self, of: str) -> str:
        """The part of `of` that the span covers."""
        return of[self.start : self.end]
