"""Units of text in a language without a grammar: whole lines, read by their indentation.

A line belongs to the nearest line above it that is indented less. Brackets, tags or words tell
which lines of the same indentation belong together (`line_blocks.py`). A string or a comment of
several lines counts as one line.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import partial

from lsp_server.syntax.line_blocks import LineBlock, Sibling, blocks_of, path_to, wraps
from lsp_server.syntax.line_heads import head_of
from lsp_server.syntax.nodes import blank, trim
from lsp_server.text.lines import Text
from lsp_server.text.span import Span

__all__ = ["IndentedLines"]

_TAB = 8
_MOST_LINES = 4_000
"""How many lines are read for one selection. Lines further away belong to nothing."""
_MOST_SIBLINGS = 500
"""How many lines of one indentation are read on either side of a place."""
_MOST_HEADS = 2_000
"""How many lines in all are read for what they open and close; the others are single lines."""
_LONGEST_TEXT = 200
"""The most lines of one string or comment. If it seems longer, its end was misread."""
_WITHIN = 1 << 20
"""The column of a line within a string or comment: deeper than any other line."""
_PAIRS = (
    (re.compile(r'"""'), '"""'),
    (re.compile(r"'''"), "'''"),
    (re.compile(r"^\s*```"), "```"),
    (re.compile(r'@"\s*$'), '"@'),
    (re.compile(r"@'\s*$"), "'@"),
    (re.compile(r"<!\[CDATA\["), "]]>"),
    (re.compile(r"^\s*/\*"), "*/"),
    (re.compile(r"^\s*<!--"), "-->"),
    (re.compile(r"^\s*\(\*"), "*)"),
    (re.compile(r"^\s*\{-"), "-}"),
)
"""What begins and ends a string or comment of several lines."""
_LAST = re.compile(r">{7}(?: |$)|#\s*(?:endif|endregion)\b")
"""The last of those: lines that are indented below it belong to the line above the first."""
_MAY_BEGIN = re.compile(r'"""|\'\'\'|```|/\*|<!--|<!\[|@["\']|\(\*|\{-|<<')
_HERE = re.compile(r"<<[-~]?\s?([\"']?)([A-Za-z_]\w*)\1")
"""The start of a here-document, which ends with a line of that word alone."""
_MARGINAL = re.compile(
    r"#\s*(?:if|ifdef|ifndef|el\w+|endif|pragma|define|undef|region|endregion)\b"
    r"|(?:<{7}|>{7}|\|{7}|={7})(?: |$)"
)
"""Lines that are at the margin in any context."""

LineRange = tuple[int, int]
"""The first and the last line, both included."""


class IndentedLines:
    """A text as a tree of lines. All spans are in code points, without blank ends."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = Text(text)
        self._columns: dict[int, int | None] = {}  # Of the lines read so far; `None`: blank.
        # From a line within a string or comment to the line where it begins, for `_read`.
        self._texts: dict[int, int] = {}
        self._read = (0, 0)
        # By the number of each sibling.
        self._rows: dict[int, tuple[list[int], list[LineBlock]]] = {}
        self._heads = 0

    def selected(self, selection: Span) -> Span:
        """The whole lines that `selection` touches.

        If they hold only some of the lines that open, continue and close a block, the rest of that
        block is included.
        """
        lines = self._range(selection)
        content = self._span(lines)
        if trim(self.text, selection) == content and self._cuts(lines):
            return self._span(self._whole(lines))
        return content

    def statement(self, selection: Span) -> Span:
        """The lines, with everything indented under them and everything they open or close."""
        return self._span(self._whole(self._range(selection)))

    def block(self, selection: Span) -> Span:
        """The surrounding lines of the same or deeper indentation; at the margin, the paragraph."""
        first, last = self._range(selection)
        within = self._within(first, last)
        if within is not None:
            return self._span(within)
        margin = self._margin(first, last)
        while (above := self._next(first, -1, across_blank=margin > 0)) is not None:
            if self._indent(above) < margin:
                break
            first = above
        while (below := self._next(last, 1, across_blank=margin > 0)) is not None:
            if self._indent(below) < margin:
                break
            last = below
        return self._span(self._whole((first, last), known=True))

    def enclosing(self, selection: Span) -> Span | None:
        """The nearest line above with less indentation, with everything under it.

        Or the block of lines at the same column that contains these lines. At the margin, the lines
        themselves if anything is under them. Otherwise None.
        """
        lines = self._whole(self._range(selection))
        around = self._around(lines)
        if around is not None:
            return self._span(around)
        return self._span(lines) if lines[1] > lines[0] else None

    def outermost(self, selection: Span) -> Span | None:
        """The outermost block around `selection`, other than its own lines."""
        found = None
        around = self._around(self._whole(self._range(selection)), outermost=True)
        while around is not None:
            found, around = around, self._around(around, outermost=True)
        return None if found is None else self._span(found)

    def indent_at(self, place: int) -> int:
        """The indentation of the line at `place`, in columns."""
        return self._indent(self.lines.line_of(place))

    # -- lines -------------------------------------------------------------------------------

    def _range(self, selection: Span) -> LineRange:
        """The lines that `selection` touches."""
        last = max(selection.start, selection.end - 1)
        return self.lines.line_of(selection.start), self.lines.line_of(last)

    def _span(self, lines: LineRange) -> Span:
        """The span of some lines without blank ends."""
        start = self.lines.line_span(lines[0]).start
        return trim(self.text, Span(start, self.lines.line_span(lines[1]).end))

    def _line(self, line: int) -> str:
        return self.lines.line_span(line).text(self.text)

    def _indent(self, line: int) -> int:
        """The indentation of a line, in columns."""
        return self._column(line) or 0

    def _column(self, line: int) -> int | None:
        """The same; `None` for a blank line."""
        if line not in self._columns:
            text = self._line(line).lstrip("\ufeff")
            head = text[: len(text) - len(text.lstrip())]
            self._columns[line] = None if blank(text) else len(head.expandtabs(_TAB))
        return self._columns[line]

    def _margin(self, first: int, last: int) -> int:
        """The least indentation of some lines, ignoring blank ones."""
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
        """The nearest line above with less indentation."""
        indent = self._indent(line)
        above = self._next(line, -1)
        while above is not None and (self._indent(above) >= indent or self._is_marginal(above)):
            above = self._next(above, -1)
        return above

    def _is_marginal(self, line: int) -> bool:
        """Whether the line is at the margin in any context."""
        return self._indent(line) == 0 and _MARGINAL.match(self._line(line)) is not None

    # -- blocks ------------------------------------------------------------------------------

    def _whole(self, lines: LineRange, *, known: bool = False) -> LineRange:
        """Some lines with everything under them and everything they open, continue or close.

        With `known`, only as far as lines have been read already.
        """
        start, end = lines
        for edge in dict.fromkeys([lines, (start, start), (end, end)] if known else [lines]):
            found = self._row(*edge, known=known)
            if found is None:
                continue
            row, blocks, *touched = found
            for index in touched:
                block = path_to(blocks, index)[-1]
                start = min(start, row[block.first])
                end = max(end, self._end(row, block.last))
        return start, end

    def _cuts(self, lines: LineRange) -> bool:
        """Whether these lines contain some of a block's own lines, but not all."""
        found = self._row(*lines)
        if found is None:
            return False
        _, blocks, first, last = found
        touched = [path_to(blocks, index)[-1] for index in range(first, last + 1)]
        return any(not first <= index <= last for block in touched for index in block.own)

    def _within(self, first: int, last: int) -> LineRange | None:
        """The lines between two own lines of the block that these lines are in, if any."""
        found = self._row(first, last)
        path = [] if found is None else path_to(found[1], found[2])
        if found is None or len(path) < 2:
            return None
        row, _, above, below = found
        start = max((i for i in path[-2].own if i < above), default=-1)
        end = min((i for i in path[-2].own if i > below), default=path[-2].last + 1)
        return row[start + 1], self._end(row, end - 1)

    def _around(self, lines: LineRange, *, outermost: bool = False) -> LineRange | None:
        """The next larger block that contains these lines, or the last before the margin."""
        found = self._row(*lines)
        if found is not None:
            row, blocks, first, last = found
            path = path_to(blocks, first)
            for block in path if outermost else reversed(path):
                wide = row[block.first], self._end(row, block.last)
                holds = block.first <= first and last <= block.last
                if holds and (wide[0] < lines[0] or wide[1] > lines[1]):
                    return wide
        header = self._header(lines[0])
        return None if header is None else self._whole((header, header))

    def _row(
        self, first: int, last: int, *, known: bool = False
    ) -> tuple[list[int], list[LineBlock], int, int] | None:
        """The lines at the margin of some lines, their blocks, and the first and last of them.

        None for blank lines, and when too many lines have been read.
        """
        self._read_texts(first, last)
        first = self._texts.get(first, first)
        wrapped = max(first - _LONGEST_TEXT, 0)
        while first > wrapped and wraps(self._line(first - 1)):
            first -= 1
        margin = self._margin(first, last)
        start: int | None = first if self._column(first) is not None else self._next(first, 1)
        while start is not None and self._column(start) != margin:
            start = self._next(start, -1 if start <= first else 1)
        if start is None or start > last:
            return None
        if start not in self._rows and (known or self._heads > _MOST_HEADS):
            return None
        row, blocks = self._siblings(start, margin)
        touched = [i for i, line in enumerate(row) if line <= last]
        lowest = max(i for i in touched)
        highest = max((i for i in touched if row[i] <= first), default=0)
        return row, blocks, highest, lowest

    def _siblings(self, line: int, margin: int) -> tuple[list[int], list[LineBlock]]:
        """The lines at `margin` around one of them, up to the first line with less indentation."""
        if line in self._rows:
            return self._rows[line]
        above = [line]
        while len(above) <= _MOST_SIBLINGS and (up := self._passed(above[-1], -1, margin)):
            above.append(up - 1)
        row = above[::-1]
        most = len(row) + _MOST_SIBLINGS
        while len(row) < most and (down := self._passed(row[-1], 1, margin)):
            row.append(down - 1)
        self._heads += len(row)
        read = row, blocks_of(self._described(row))
        for sibling in row:
            self._rows.setdefault(sibling, read)
        return read

    def _passed(self, line: int, step: int, margin: int) -> int:
        """The next line at `margin` up or down, counted from 1; 0 if one with less is first."""
        beside = self._next(line, step)
        while beside is not None:
            column = self._indent(beside)
            if column == margin:
                return beside + 1
            if column < margin and not self._is_marginal(beside):
                return 0
            beside = self._next(beside, step)
        return 0

    def _described(self, row: list[int]) -> Sequence[Sibling]:
        """Describe each of these lines."""
        made = []
        for index, line in enumerate(row):
            end = self._end(row, index)
            gap = line > 0 and self._column(line - 1) is None
            head = head_of(self._line(line))
            net = partial(self._net, line, end)
            made.append(Sibling(head, self._line(end), end > line, gap, net))
        return made

    def _net(self, first: int, last: int) -> int:
        """Opened brackets minus closed brackets, in some lines."""
        return sum(head_of(self._line(line)).balance for line in range(first, last + 1))

    def _end(self, row: list[int], index: int) -> int:
        """The last line under a sibling, or the line itself."""
        line = row[index]
        margin = self._indent(line)
        if margin == 0 and _LAST.match(self._line(line)):
            return line
        while (below := self._next(line, 1)) is not None and self._indent(below) > margin:
            line = below
        return line

    # -- texts of several lines --------------------------------------------------------------

    def _read_texts(self, first: int, last: int) -> None:
        """Find the strings and comments of several lines near some lines; lines in them have no
        column."""
        if self._read[0] <= first and last < self._read[1]:
            return
        line = max(first - _LONGEST_TEXT, 0)
        end = min(last + _LONGEST_TEXT, self.lines.line_count)
        self._read = line, end
        piece = Span(self.lines.line_span(line).start, self.lines.line_span(end - 1).end)
        if _MAY_BEGIN.search(self.text, piece.start, piece.end) is None:
            return
        ends = _Ends(list(map(self._line, range(line, end))), line)
        while line < end:
            below = ends.of(line)
            for within in range(line + 1, (line if below is None else below) + 1):
                self._texts[within] = line
                self._columns[within] = _WITHIN
            line = line + 1 if below is None else below + 1


class _Ends:
    """The ends of the strings and comments that begin in some lines. Reads a line a few times."""

    def __init__(self, lines: Sequence[str], first: int) -> None:
        """`first` is the number of the first line."""
        self._lines = lines
        self._first = first
        self._holding: dict[str, list[int]] = {}  # By closer: the lines that contain it.
        # By word: the lines that contain nothing else.
        self._alone: dict[str, list[int]] | None = None

    def of(self, number: int) -> int | None:
        """The last line of the string or comment that begins in that line; None without one."""
        line = self._lines[number - self._first]
        closer = _left_open(line)
        if closer is not None:
            return self._next(self._with(closer), number)
        here = _HERE.search(line) if "<<" in line else None
        return None if here is None else self._next(self._words().get(here[2], []), number)

    def _next(self, row: list[int], number: int) -> int | None:
        place = bisect_right(row, number)
        return row[place] if place < len(row) and row[place] < number + _LONGEST_TEXT else None

    def _with(self, closer: str) -> list[int]:
        if closer not in self._holding:
            numbered = enumerate(self._lines, self._first)
            self._holding[closer] = [number for number, line in numbered if closer in line]
        return self._holding[closer]

    def _words(self) -> dict[str, list[int]]:
        if self._alone is None:
            self._alone = {}
            for number, line in enumerate(self._lines, self._first):
                self._alone.setdefault(line.strip(), []).append(number)
        return self._alone


def _left_open(line: str) -> str | None:
    """The closer of the string or comment that this line begins and does not end."""
    for opener, closer in _PAIRS:
        found = opener.search(line)
        while found is not None:
            end = line.find(closer, found.end())
            if end < 0:
                return closer
            found = opener.search(line, end + len(closer))
    return None
