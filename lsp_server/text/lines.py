"""An immutable document text with a line index; converts between offsets and positions.

A line ends at "\\n", "\\r\\n" or "\\r" and nowhere else (LSP 3.17, "Text Documents"): form feeds
and U+2028 are ordinary characters. An offset counts code points. A position is a line and a column
in the units of the editor.
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
# Line starts in one chunk. A change of one line copies about as many numbers.
_CHUNK = 256
# Code points whose lines are found together, when one of those lines is needed.
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
    """A position as the editor counts it: zero-based, `character` in the editor's units."""

    line: int
    character: int


def split_lines(text: str) -> list[str]:
    """The lines of `text` with their line ends; joined they give `text`.

    The last line may have no line end. An empty text has no lines.
    """
    if "\r" not in text:
        *complete, rest = text.split("\n")  # Ten times as fast as a pattern.
        return [f"{line}\n" for line in complete] + ([rest] if rest else [])
    lines: list[str] = []
    start = 0
    for end in _LINE_END.finditer(text):
        lines.append(text[start : end.end()])
        start = end.end()
    if start < len(text):
        lines.append(text[start:])
    return lines


def line_end_of(text: str) -> str:
    """The most frequent line end of `text`; "\\n" if it has none."""
    crlf = text.count("\r\n")
    counts = {"\n": text.count("\n") - crlf, "\r\n": crlf, "\r": text.count("\r") - crlf}
    return max(counts, key=lambda end: counts[end])


class Text:
    """The text of a document.

    Immutable. Invariant: `offset(position(o)) == o` for every offset that isn't inside a "\\r\\n".
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
        """The number of lines. A line end at the end of the text begins one more, empty line."""
        return len(self._lines)

    def line_of(self, offset: int) -> int:
        """The zero-based line of `offset`. Raises `ContractError` outside of the text."""
        if not 0 <= offset <= len(self.text):
            raise ContractError(f"Offset {offset} lies outside of {len(self.text)} code points.")
        return self._lines.line_of(offset)

    def line_span(self, line: int, *, with_end: bool = False) -> Span:
        """The range of a line, by default without its line end. Raises `IndexError`."""
        start = self._lines.start_of(line)
        if line + 1 == len(self._lines):
            return Span(start, len(self.text))
        end = self._lines.start_of(line + 1)
        if not with_end:
            end -= 2 if self.text[max(start, end - 2) : end] == "\r\n" else 1
        return Span(start, end)

    def position(self, offset: int, encoding: Encoding) -> Position:
        """The position of `offset` in the editor's units."""
        line = self.line_of(offset)
        return Position(line, encoding.width(self.text[self._lines.start_of(line) : offset]))

    def offset(self, position: Position, encoding: Encoding) -> int:
        """The offset of a position that comes from an editor.

        A position beyond the end of its line means the end of the line, one beyond the last line
        the end of the text (LSP 3.17, `Position`). One inside a character means its start.
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
        """The text after `changes`. Updates the line index instead of rebuilding it."""
        after = Text(changes.apply(self.text))
        if changes and "_lines" in self.__dict__:
            after.__dict__["_lines"] = self._updated_index(changes, after.text)
        return after

    def _updated_index(self, changes: ChangeSet, after: str) -> "_Index":
        """The line starts of `after`, reading only the lines from the first to the last change.

        Reads one more line on either side, because a "\\r" and a "\\n" may have met or parted.
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
    """A part of a text whose lines are counted, but not yet found.

    Keeps the whole text alive for as long as the index exists and this part is unread.
    """

    text: str
    """With "\\n" as the only line end. A "\\r\\n" has become " \\n", which keeps the offsets."""
    start: int
    """Offset of a line start."""
    end: int
    count: int
    """The number of lines."""

    def __len__(self) -> int:
        return self.count

    def read(self) -> list[int]:
        """The line starts, counted from `start`."""
        *lengths, _ = map(len, self.text[self.start : self.end - 1].split("\n"))
        return [start + number for number, start in enumerate(accumulate(lengths, initial=0))]


class _Index:
    """The start of each line, in chunks. Immutable.

    A change rebuilds only the chunks around it. A chunk is read when one of its lines is needed.
    It holds line starts counted from its own base, so its first one is 0. `_firsts` holds the
    number of each chunk's first line.
    """

    __slots__ = ("_bases", "_chunks", "_count", "_firsts")

    def __init__(self, bases: list[int], chunks: "list[list[int] | _Unread]") -> None:
        self._bases = bases
        self._chunks = chunks
        *self._firsts, self._count = accumulate(map(len, chunks), initial=0)

    def __len__(self) -> int:
        return self._count

    def start_of(self, line: int) -> int:
        """The offset of a line start. Raises `IndexError`."""
        if not 0 <= line < self._count:
            raise IndexError(line)
        at = bisect_right(self._firsts, line) - 1
        return self._bases[at] + self._starts(at)[line - self._firsts[at]]

    def line_of(self, offset: int) -> int:
        """The last line that starts at or before the offset."""
        at = bisect_right(self._bases, offset) - 1
        return self._firsts[at] + bisect_right(self._starts(at), offset - self._bases[at]) - 1

    def _starts(self, at: int) -> list[int]:
        chunk = self._chunks[at]
        if isinstance(chunk, _Unread):
            chunk = self._chunks[at] = chunk.read()
        return chunk

    def spliced(self, first: int, last: int, starts: list[int], by: int) -> "_Index":
        """The index with `starts` in place of the lines `[first, last)`; `first` is at least 1.

        The lines from `last` on move by `by` code points.
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
    """The index of `text`.

    Cached for a few texts, because one command needs it more than once for its document. Lines are
    only counted here, which takes a millisecond for a million of them.
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
    """The base of each chunk of these line starts, and the chunks."""
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
