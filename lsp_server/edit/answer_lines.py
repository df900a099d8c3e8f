"""The answer as it will stand in the file: its lines with the line ends of the original.

A line that is one of the original's keeps that line's end; any other gets the end that new lines
have. The bytes of a line are settled once, in order, and never change after that. Which line is
which is decided elsewhere.
"""

from bisect import bisect_right
from collections.abc import Sequence

from lsp_server.edit.anchors import Original


class AnswerLines:
    """The lines of a growing answer, as they come and as they are written.

    Places are offsets in code points. Behind the settled lines the line ends are a guess: that a
    line is the next equal one from original line `expected` on.
    """

    __slots__ = ("_ends_at", "_line_end", "_original", "_settled", "_starts", "lines", "partial")

    def __init__(self, original: Original, line_end: str) -> None:
        self._original = original
        self._line_end = line_end
        self.lines: list[str] = []
        """The answer's complete lines, without their ends."""
        self.partial = ""
        """What has come of the next line."""
        self._settled: list[str] = []
        self._starts = [0]  # The offset of each settled line; the last is their length.
        self._ends_at: int | None = None  # The line that has no end, once that is known.

    @property
    def settled(self) -> int:
        """How many lines are settled."""
        return len(self._settled)

    @property
    def settled_length(self) -> int:
        """How long they are, with their ends."""
        return self._starts[-1]

    def end(self) -> None:
        """No more will come: the last line has no end, unless it is empty."""
        if self.partial:
            self.lines.append(self.partial)
            self.partial = ""
            self._ends_at = len(self.lines) - 1

    def settle(self, twin: int | None) -> None:
        """Fix the bytes of the next line: it is original line `twin`, or a new one."""
        text = self.lines[self.settled]
        if self.settled != self._ends_at:
            text += self._end_of(text, twin, self._settled)
        self._settled.append(text)
        self._starts.append(self._starts[-1] + len(text))

    def length(self, expected: int) -> int:
        """How long all is that has come."""
        return self._starts[-1] + len(self._tail(expected))

    def start(self, line: int, expected: int) -> int:
        """Where a line of the answer starts: a settled one, or the unfinished one."""
        if line < len(self._starts):
            return self._starts[line]
        return self.length(expected) - len(self.partial)

    def text(self, start: int, end: int, expected: int) -> str:
        """What stands in `[start, end)`, without building all of it."""
        settled = self._starts[-1]
        if end > settled:
            head = self.text(start, settled, expected) if start < settled else ""
            return head + self._tail(expected)[max(start - settled, 0) : end - settled]
        if start >= end:
            return ""
        first = bisect_right(self._starts, start) - 1
        last = bisect_right(self._starts, end - 1) - 1
        base = self._starts[first]
        return "".join(self._settled[first : last + 1])[start - base : end - base]

    def whole(self, expected: int) -> str:
        """All that has come."""
        return "".join(self._settled) + self._tail(expected)

    def _tail(self, expected: int) -> str:
        """What has come and is not settled, with the line ends that it will probably have."""
        tail: list[str] = []
        for content in self.lines[self.settled :]:
            twins = self._original.equals(content, expected, 1)
            tail.append(content + self._end_of(content, twins[0] if twins else None, tail))
        return "".join(tail) + self.partial

    def _end_of(self, content: str, twin: int | None, before: Sequence[str]) -> str:
        """The line end of a line of the answer; `before` are the lines above it with theirs."""
        end = (self._original.ends[twin] if twin is not None else "") or self._line_end
        if not content and end == "\n" and before and before[-1].endswith("\r"):
            return "\r"  # Behind a lone "\r", a "\n" would make one line end of two.
        return end
