"""The answer as it is written into the file: its lines with the line ends of the original.

A line that is paired with an original line gets that line's end, any other the end for new lines.
Each line is settled once, in order, and its characters never change after that. The aligner decides
which lines are paired.
"""

from bisect import bisect_right
from collections.abc import Sequence

from lsp_server.edit.anchors import Original


class AnswerLines:
    """The lines of a growing answer, as received and as written.

    Offsets are code points of the written text. The ends of lines that are not settled are a guess:
    that the line is paired with the next equal original line from line `expected` on.
    """

    __slots__ = ("_ends_at", "_line_end", "_original", "_settled", "_starts", "lines", "partial")

    def __init__(self, original: Original, line_end: str) -> None:
        self._original = original
        self._line_end = line_end
        self.lines: list[str] = []
        """The answer's complete lines, without their ends."""
        self.partial = ""
        """The unfinished line, as far as it was received."""
        self._settled: list[str] = []
        self._starts = [0]  # The offset of each settled line, and of the line behind them.
        self._ends_at: int | None = None  # The line without a line end, once the answer has ended.

    @property
    def settled(self) -> int:
        """The number of settled lines."""
        return len(self._settled)

    @property
    def settled_length(self) -> int:
        """The length of the settled lines with their ends."""
        return self._starts[-1]

    def end(self) -> None:
        """The answer has ended. An unfinished line becomes the last one, without a line end."""
        if self.partial:
            self.lines.append(self.partial)
            self.partial = ""
            self._ends_at = len(self.lines) - 1

    def settle(self, twin: int | None) -> None:
        """Settle the next line: it is paired with original line `twin`, or new (`None`)."""
        text = self.lines[self.settled]
        if self.settled != self._ends_at:
            text += self._end_of(text, twin, self._settled)
        self._settled.append(text)
        self._starts.append(self._starts[-1] + len(text))

    def length(self, expected: int) -> int:
        """The length of everything received."""
        return self._starts[-1] + len(self._unsettled_text(expected))

    def start(self, line: int, expected: int) -> int:
        """The offset of a settled line or of the unfinished one."""
        if line < len(self._starts):
            return self._starts[line]
        return self.length(expected) - len(self.partial)

    def text(self, start: int, end: int, expected: int) -> str:
        """The code points `[start, end)`, without building the full text."""
        settled = self._starts[-1]
        if end > settled:
            head = self.text(start, settled, expected) if start < settled else ""
            return head + self._unsettled_text(expected)[max(start - settled, 0) : end - settled]
        if start >= end:
            return ""
        first = bisect_right(self._starts, start) - 1
        last = bisect_right(self._starts, end - 1) - 1
        base = self._starts[first]
        return "".join(self._settled[first : last + 1])[start - base : end - base]

    def full_text(self, expected: int) -> str:
        """The text of everything received."""
        return "".join(self._settled) + self._unsettled_text(expected)

    def _unsettled_text(self, expected: int) -> str:
        """The lines that are not settled, with the line ends that they will probably get."""
        tail: list[str] = []
        for content in self.lines[self.settled :]:
            twins = self._original.equals(content, expected, 1)
            tail.append(content + self._end_of(content, twins[0] if twins else None, tail))
        return "".join(tail) + self.partial

    def _end_of(self, content: str, twin: int | None, before: Sequence[str]) -> str:
        """The line end for a line; `before` are the written lines above it."""
        end = (self._original.ends[twin] if twin is not None else "") or self._line_end
        if not content and end == "\n" and before and before[-1].endswith("\r"):
            return "\r"  # Directly behind a lone "\r", a "\n" would join with it into one line end.
        return end
