"""Units of text in a language without a grammar: whole lines, read by their indentation.

A line belongs to the nearest line above it that is indented less. That is all this module
believes; it knows no syntax but that a line which starts with a closing bracket or with `end`
closes what the line above its block has opened.
"""

import re

from lsp_server.syntax.nodes import blank, trim
from lsp_server.text.lines import Text
from lsp_server.text.span import Span

__all__ = ["IndentedLines"]

_CLOSER = re.compile(r"\s*(?:[)\]}]|end\b|fi\b|done\b|esac\b)", re.IGNORECASE)
_TAB = 8
_MOST_LINES = 4_000
"""So many lines are looked at for one selection; what is further away belongs to nothing."""

LineRange = tuple[int, int]
"""The first and the last line, both counted in."""


class IndentedLines:
    """A text as lines under lines. All spans are in code points, without blank ends."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = Text(text)
        self._columns: dict[int, int | None] = {}  # Of lines that were looked at; `None`: blank.

    def selected(self, selection: Span) -> Span:
        """The whole lines that `selection` touches."""
        return self._span(self._range(selection))

    def statement(self, selection: Span) -> Span:
        """The lines, with all that is indented under them and the line that closes it."""
        return self._span(self._whole(self._range(selection)))

    def block(self, selection: Span) -> Span:
        """The lines around that are indented as much or more; at the margin, the paragraph."""
        first, last = self._range(selection)
        margin = self._margin(first, last)
        while (above := self._next(first, -1, across_blank=margin > 0)) is not None:
            if self._indent(above) < margin:
                break
            first = above
        while (below := self._next(last, 1, across_blank=margin > 0)) is not None:
            if self._indent(below) < margin:
                break
            last = below
        return self._span((first, last))

    def enclosing(self, selection: Span) -> Span | None:
        """The nearest line above that is indented less, with all that is under it.

        At the margin the lines themselves, if anything is under them. Else None.
        """
        first, last = self._whole(self._range(selection))
        header = self._header(first)
        if header is not None:
            return self._span(self._whole((header, header)))
        return self._span((first, last)) if last > first else None

    def outermost(self, selection: Span) -> Span | None:
        """The line at the margin that `selection` is under, with all that is under it."""
        header = None
        above = self._header(self._range(selection)[0])
        while above is not None:
            header = above
            above = self._header(above)
        return None if header is None else self._span(self._whole((header, header)))

    def indent_at(self, place: int) -> int:
        """How far the line of `place` is indented, in columns."""
        return self._indent(self.lines.line_of(place))

    # -- lines -------------------------------------------------------------------------------

    def _range(self, selection: Span) -> LineRange:
        """The lines that `selection` touches."""
        last = max(selection.start, selection.end - 1)
        return self.lines.line_of(selection.start), self.lines.line_of(last)

    def _span(self, lines: LineRange) -> Span:
        """The text of some lines without blank ends."""
        start = self.lines.line_span(lines[0]).start
        return trim(self.text, Span(start, self.lines.line_span(lines[1]).end))

    def _line(self, line: int) -> str:
        return self.lines.line_span(line).text(self.text)

    def _indent(self, line: int) -> int:
        """How far a line is indented, in columns."""
        return self._column(line) or 0

    def _column(self, line: int) -> int | None:
        """The same; `None` for a blank line."""
        if line not in self._columns:
            text = self._line(line).lstrip("\ufeff")
            head = text[: len(text) - len(text.lstrip())]
            self._columns[line] = None if blank(text) else len(head.expandtabs(_TAB))
        return self._columns[line]

    def _margin(self, first: int, last: int) -> int:
        """The least indentation of some lines, blank ones left out."""
        columns = (self._column(i) for i in range(first, min(last, first + _MOST_LINES) + 1))
        return min((column for column in columns if column is not None), default=0)

    def _next(self, line: int, step: int, *, across_blank: bool = True) -> int | None:
        """The next line up (-1) or down (1) that is not blank."""
        line += step
        while 0 <= line < self.lines.line_count:
            if len(self._columns) > _MOST_LINES and line not in self._columns:
                return None
            if self._column(line) is not None:
                return line
            if not across_blank:
                return None
            line += step
        return None

    def _header(self, line: int) -> int | None:
        """The nearest line above that is indented less."""
        indent = self._indent(line)
        above = self._next(line, -1)
        while above is not None and self._indent(above) >= indent:
            above = self._next(above, -1)
        return above

    def _whole(self, lines: LineRange) -> LineRange:
        """Some lines with what they open, if they open something, and what opened them."""
        first, last = lines
        margin = self._margin(first, last)
        while _CLOSER.match(self._line(first)):
            above = self._next(first, -1)
            while above is not None and self._indent(above) > margin:
                above = self._next(above, -1)
            if above is None or self._indent(above) < margin:
                break
            first = above
        while (below := self._next(last, 1)) is not None:
            deeper = self._indent(below) > margin
            closes = self._indent(below) == margin and _CLOSER.match(self._line(below))
            if not deeper and not (closes and (last > first or self._opens(last))):
                break
            last = below
        return first, last

    def _opens(self, line: int) -> bool:
        """Whether a line ends in an opening bracket."""
        return self._line(line).rstrip().endswith(("(", "[", "{"))
