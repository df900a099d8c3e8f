"""The original lines that a growing answer has left behind without repeating them.

Where a new line was taken for an original one, modified, that one comes yet: the answer's next
lines then stand in the original just before the place where it is expected to go on. Without this
memory each of them would be taken for the line behind its own, and a whole list be rewritten for
one item more. Knows lines of the original by their numbers.
"""

from bisect import bisect_left
from collections.abc import Sequence

# Shorter lines (code points, blanks left out) are found anywhere and say nothing by themselves.
_TELLING = 6


class PassedLines:
    """Which lines of the original were passed by or modified, and how the answer repeats them."""

    __slots__ = ("_contents", "_lines", "_next", "_places")

    def __init__(self, contents: Sequence[str]) -> None:
        """`contents` are the original's lines without their ends."""
        self._contents = contents
        self._places: dict[str, list[int]] = {}  # The telling ones, by what they say.
        self._lines: list[int] = []  # All of them, in order.
        self._next: int | None = None  # Along which of them the answer goes just now.

    def add(self, line: int) -> None:
        """An original line was passed by or is modified; they come in order."""
        self._lines.append(line)
        content = self._contents[line]
        if len(content.strip()) > _TELLING:
            self._places.setdefault(content, []).append(line)

    def repeats(self, content: str, expected: int) -> int | None:
        """Which passed line this line of the answer repeats, if any.

        `expected` is the original line with which the answer would go on.
        """
        along = self._next
        if along is not None and along < expected and self._contents[along] == content:
            return along
        places = self._places.get(content)
        return places[-1] if places else None

    def goes_on(self, line: int | None) -> bool:
        """Whether that is the passed line behind the one which the answer repeated last."""
        return line is not None and line == self._next

    def follow(self, line: int | None) -> None:
        """The answer's line was that passed one, or none of them."""
        self._next = line + 1 if line is not None else None

    def begins(self, head: str, first: int) -> bool:
        """Whether a passed line, from original line `first` on, begins like that."""
        at = bisect_left(self._lines, first)
        return any(self._contents[line].startswith(head) for line in self._lines[at:])
