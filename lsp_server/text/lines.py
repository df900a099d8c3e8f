"""An immutable document text with an index of its lines, and where a place in it is.

A line ends at "\\n", "\\r\\n" or "\\r" and nowhere else (LSP 3.17, "Text Documents"); form feeds
and U+2028 are ordinary characters. Converting between offsets (code points) and positions (line
and column in the units that an editor counts) happens here.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from enum import Enum
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise
from typing import NamedTuple

from lsp_server.errors import ContractError
from lsp_server.text.changes import ChangeSet
from lsp_server.text.span import Span

_LINE_END = re.compile(r"\r\n|\n|\r")
# About so many line starts are kept together; a change of one line copies about as many numbers.
_CHUNK = 256
# Lines that start within so many code points are found together, when one of them is asked for.
_BLOCK = 8192


class Encoding(Enum):
    """The units in which an editor counts the columns of a line."""

    UTF8 = "utf-8"
    UTF16 = "utf-16"
    UTF32 = "utf-32"

    def width(self, text: str) -> int:
        """How many units `text` takes: bytes, UTF-16 code units or code points."""
        if self is Encoding.UTF32 or text.isascii():
            return len(text)
        if self is Encoding.UTF16:
            return len(text) + sum(character > "\uffff" for character in text)
        return len(text.encode("utf-8", "surrogatepass"))


class Position(NamedTuple):
    """A place as an editor names it: both numbers from zero, `character` in the editor's units."""

    line: int
    character: int


def split_lines(text: str) -> list[str]:
    """The lines of `text` with their ends; joined they are `text` again.

    The last one may have no end; an empty text has no lines.
    """
    if "\r" not in text:
        *whole, rest = text.split("\n")  # A tenth of the time of a pattern.
        return [f"{line}\n" for line in whole] + ([rest] if rest else [])
    lines: list[str] = []
    start = 0
    for end in _LINE_END.finditer(text):
        lines.append(text[start : end.end()])
        start = end.end()
    if start < len(text):
        lines.append(text[start:])
    return lines


def line_end_of(text: str) -> str:
    """The line end that most lines of `text` have; "\\n" when it has none."""
    crlf = text.count("\r\n")
    counts = {"\n": text.count("\n") - crlf, "\r\n": crlf, "\r": text.count("\r") - crlf}
    return max(counts, key=lambda end: counts[end])


class Text:
    """The text of a document.

    Invariant: immutable; `offset(position(o)) == o` for every offset that does not lie inside a
    "\\r\\n".
    """

    __slots__ = ("__dict__", "text")

    def __init__(self, text: str) -> None:
        self.text = text

    def __len__(self) -> int:
        return len(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Text({len(self.text)} code points)"

    @cached_property
    def _lines(self) -> "_Index":
        """Where each line starts."""
        return _index_of(self.text)

    @property
    def line_count(self) -> int:
        """How many lines there are; a line end at the very end begins one more, empty line."""
        return len(self._lines)

    def line_of(self, offset: int) -> int:
        """The line, from zero, in which the place `offset` is."""
        if not 0 <= offset <= len(self.text):
            raise ContractError(f"Offset {offset} lies outside of {len(self.text)} code points.")
        return self._lines.line_of(offset)

    def line_span(self, line: int, *, with_end: bool = False) -> Span:
        """The range of a line, by default without its line end."""
        start = self._lines.start_of(line)
        if line + 1 == len(self._lines):
            return Span(start, len(self.text))
        end = self._lines.start_of(line + 1)
        if not with_end:
            end -= 2 if self.text[max(start, end - 2) : end] == "\r\n" else 1
        return Span(start, end)

    def position(self, offset: int, encoding: Encoding) -> Position:
        """Where `offset` is, as an editor says it."""
        line = self.line_of(offset)
        return Position(line, encoding.width(self.text[self._lines.start_of(line) : offset]))

    def offset(self, position: Position, encoding: Encoding) -> int:
        """The offset of a place that an editor names.

        A place beyond the end of its line is the end of that line, one beyond the last line the
        end of the text (LSP 3.17, `Position`); one inside a character is the start of it.
        """
        if position.line >= len(self._lines):
            return len(self.text)
        if position.line < 0 or position.character <= 0:
            return self._lines.start_of(max(position.line, 0))
        span = self.line_span(position.line)
        if encoding is Encoding.UTF32:
            return min(span.start + position.character, span.end)
        line = span.text(self.text)
        if line.isascii():
            return min(span.start + position.character, span.end)
        return span.start + _column(line, position.character, encoding)

    def apply(self, changes: ChangeSet) -> "Text":
        """The text after `changes`; the index is mended instead of made anew."""
        after = Text(changes.apply(self.text))
        if changes and "_lines" in self.__dict__:
            after.__dict__["_lines"] = self._mended(changes, after.text)
        return after

    def _mended(self, changes: ChangeSet, after: str) -> "_Index":
        """The line starts of `after`: only the lines from the first to the last change are read.

        One line more on either side, because a "\\r" and a "\\n" may have come together or apart.
        """
        lines = self._lines
        first = max(lines.line_of(changes.changes[0].start) - 1, 0)
        last = lines.line_of(changes.changes[-1].end) + 2
        by = len(after) - len(self.text)
        end = lines.start_of(last) + by if last < len(lines) else len(after)
        found = _LINE_END.finditer(after, lines.start_of(first), end)
        return lines.spliced(first + 1, last + 1, [line_end.end() for line_end in found], by)


@dataclass(frozen=True, slots=True)
class _Unread:
    """A piece of a text whose lines are counted and not found yet.

    It holds the text, which lines that were never asked for keep for as long as there is the index.
    """

    text: str
    """With "\n" as the only line end; each "\r\n" is a blank and one."""
    start: int
    """Where a line starts."""
    end: int
    count: int

    def __len__(self) -> int:
        return self.count

    def read(self) -> list[int]:
        """Where its lines start, counted from `start`."""
        *lengths, _ = map(len, self.text[self.start : self.end - 1].split("\n"))
        return [start + number for number, start in enumerate(accumulate(lengths, initial=0))]


class _Index:
    """Where each line starts, in chunks: of a change only the chunks around it are made anew, and a
    chunk is read when a line in it is asked for.

    Each chunk holds starts counted from its own base, the first of which is 0; `_firsts` is the
    number of each one's first line. Never changes.
    """

    __slots__ = ("_bases", "_chunks", "_count", "_firsts")

    def __init__(self, bases: list[int], chunks: "list[list[int] | _Unread]") -> None:
        self._bases = bases
        self._chunks = chunks
        *self._firsts, self._count = accumulate(map(len, chunks), initial=0)

    def __len__(self) -> int:
        return self._count

    def start_of(self, line: int) -> int:
        """The offset at which a line starts. Raises `IndexError`."""
        if not 0 <= line < self._count:
            raise IndexError(line)
        at = bisect_right(self._firsts, line) - 1
        return self._bases[at] + self._starts(at)[line - self._firsts[at]]

    def line_of(self, offset: int) -> int:
        """The line that starts at the offset, or the last one that starts before it."""
        at = bisect_right(self._bases, offset) - 1
        return self._firsts[at] + bisect_right(self._starts(at), offset - self._bases[at]) - 1

    def _starts(self, at: int) -> list[int]:
        chunk = self._chunks[at]
        if isinstance(chunk, _Unread):
            chunk = self._chunks[at] = chunk.read()
        return chunk

    def spliced(self, first: int, last: int, starts: list[int], by: int) -> "_Index":
        """With other `starts` in place of the lines from `first` to before `last`.

        All lines from `last` on start `by` code points further on. `first` is at least 1.
        """
        last = min(last, self._count)
        left = bisect_right(self._firsts, first - 1) - 1
        right = bisect_right(self._firsts, last - 1) - 1
        head = self._starts(left)[: first - self._firsts[left]]
        tail = self._starts(right)[last - self._firsts[right] :]
        base, move = self._bases[left], self._bases[right] + by
        middle = [*(base + s for s in head), *starts, *(move + s for s in tail)]
        bases, chunks = _in_chunks(middle)
        later = [base + by for base in self._bases[right + 1 :]]
        return _Index(
            [*self._bases[:left], *bases, *later],
            [*self._chunks[:left], *chunks, *self._chunks[right + 1 :]],
        )


@lru_cache(maxsize=4)
def _index_of(text: str) -> _Index:
    """Where each line of `text` starts.

    Kept for a few texts: one command asks for that of its document more than once. Here the lines
    are only counted, which takes a millisecond for a million of them.
    """
    if "\r" in text:
        text = text.replace("\r\n", " \n").replace("\r", "\n")
    bases: list[int] = []
    chunks: list[list[int] | _Unread] = []
    base = 0
    while base >= 0:
        end = base + _BLOCK
        chunks.append(_Unread(text, base, end, 1 + text.count("\n", base, end - 1)))
        bases.append(base)
        base = text.find("\n", end - 1) + 1 or -1
    return _Index(bases, chunks)


def _in_chunks(starts: list[int]) -> tuple[list[int], list[list[int]]]:
    """The chunks of a row of line starts, and where each begins."""
    count = max(len(starts) // _CHUNK, 1)
    edges = [len(starts) * number // count for number in range(count + 1)]
    pieces = [starts[start:end] for start, end in pairwise(edges)]
    return [piece[0] for piece in pieces], [[s - piece[0] for s in piece] for piece in pieces]


def _column(line: str, units: int, encoding: Encoding) -> int:
    """How many code points of `line` fit into its first `units` units of `encoding`."""
    low, high = 0, min(units, len(line))
    while low < high:
        middle = (low + high + 1) // 2
        if encoding.width(line[:middle]) <= units:
            low = middle
        else:
            high = middle - 1
    return low
