"""The original lines that a growing answer passed without repeating them.

If the aligner took a new line for a modified original line, that original line may still come: then
the answer's next lines are found just before the place where it was expected to go on. Without this
memory each of them would be paired with the line behind its own, and one new item would rewrite a
whole list. Lines of the original are known by their numbers, from zero.
"""

from bisect import bisect_left
from collections.abc import Sequence

# Lines up to this length (code points, stripped) occur anywhere and identify nothing.
_TELLING = 6


class PassedLines:
    """The original lines that were passed or modified, and which of them the answer repeats."""

    __slots__ = ("_contents", "_lines", "_next", "_places")

    def __init__(self, contents: Sequence[str]) -> None:
        """`contents` are the original's lines without their ends."""
        self._contents = contents
        self._places: dict[str, list[int]] = {}  # The longer ones, by content.
        self._lines: list[int] = []  # All of them, in order.
        self._next: int | None = None  # The passed line that would follow the last repeated one.

    def add(self, line: int) -> None:
        """Add an original line that was passed or modified. Call it in the order of the lines."""
        self._lines.append(line)
        content = self._contents[line]
        if len(content.strip()) > _TELLING:
            self._places.setdefault(content, []).append(line)

    def repeats(self, content: str, expected: int) -> int | None:
        """The passed line that this line of the answer repeats, if any.

        `expected` is the original line where the answer is expected to go on.
        """
        along = self._next
        if along is not None and along < expected and self._contents[along] == content:
            return along
        places = self._places.get(content)
        return places[-1] if places else None

    def goes_on(self, line: int | None) -> bool:
        """Whether `line` is the passed line right behind the one that was repeated last."""
        return line is not None and line == self._next

    def follow(self, line: int | None) -> None:
        """The answer repeated passed line `line`, or none."""
        self._next = line + 1 if line is not None else None

    def begins(self, head: str, first: int) -> bool:
        """Whether a passed line, from original line `first` on, begins with `head`."""
        at = bisect_left(self._lines, first)
        return any(self._contents[line].startswith(head) for line in self._lines[at:])
