"""Shows a changed text as rows: the current lines and the deleted ones.

Pure: two texts in, rows out. Knows nothing of terminals and colours.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from itertools import pairwise

from lsp_server.edit.diff import diff, equal_lines
from lsp_server.guard.invisible_filter import visible_lines
from lsp_server.text.lines import split_lines

TAB = 4
"""Columns between tab stops."""


class RowKind(Enum):
    """Whether a line is in the old text, in the new text, or in both."""

    SAME = " "
    INSERTED = "+"
    DELETED = "-"
    LEFT_OUT = "…"


@dataclass(frozen=True, slots=True)
class DiffRow:
    """One line. `number` is its number in the new text, from 1; `None` for a deleted line.

    `pieces` are its text in order, each with whether it is inserted (or deleted). `end` is where
    the line ends in the new text (code points, without the line end).
    """

    kind: RowKind
    number: int | None
    pieces: tuple[tuple[str, bool], ...]
    end: int

    @property
    def text(self) -> str:
        """The complete line."""
        return "".join(text for text, _ in self.pieces)


@lru_cache(maxsize=4)  # Between two edits only the figures around the rows change.
def rows_of(before: str, after: str, first_line: int) -> tuple[DiffRow, ...]:
    """All lines of both texts. `first_line` is the number of the first line of `after`."""
    return tuple(_rows(before, after, first_line))


def shortened(rows: Sequence[DiffRow], around: int) -> Iterator[DiffRow]:
    """Only the changed lines with `around` lines before and after. Each gap becomes one row."""
    changed = [i for i, row in enumerate(rows) if row.kind is not RowKind.SAME]
    near = {n for i in changed for n in range(i - around, i + around + 1)}
    left_out = 0
    for index, row in enumerate(rows):
        if index in near:
            if left_out:
                yield _gap(left_out, row)
            left_out = 0
            yield row
        else:
            left_out += 1
    if left_out and changed:
        yield _gap(left_out, rows[-1])


def _gap(count: int, row: DiffRow) -> DiffRow:
    words = "1 line" if count == 1 else f"{count} lines"
    return DiffRow(RowKind.LEFT_OUT, None, ((f"{words} as before", False),), row.end)


def _rows(before: str, after: str, first_line: int) -> Iterator[DiffRow]:
    old, new = split_lines(before), split_lines(after)
    changes = diff(before, after)
    deleted = [_whole_words(before, c.start, c.end) for c in changes.changes]
    inserted = [_whole_words(after, start, end) for start, end in changes.after_spans()]
    old_at = new_at = 0
    old_offset = new_offset = 0
    bare_old, bare_new = ([line.rstrip("\r\n") for line in lines] for lines in (old, new))
    for o, n in [*equal_lines(bare_old, bare_new), (len(old), len(new))]:
        for line in old[old_at:o]:
            yield DiffRow(RowKind.DELETED, None, _pieces(line, old_offset, deleted), new_offset)
            old_offset += len(line)
        for index in range(new_at, n):
            line = new[index]
            end = new_offset + len(line.rstrip("\r\n"))
            pieces = _pieces(line, new_offset, inserted)
            yield DiffRow(RowKind.INSERTED, first_line + index, pieces, end)
            new_offset += len(line)
        if n < len(new):
            line = new[n]
            end = new_offset + len(line.rstrip("\r\n"))
            yield DiffRow(RowKind.SAME, first_line + n, ((_shown(line), False),), end)
            new_offset += len(line)
            old_offset += len(old[o])
        old_at, new_at = o + 1, n + 1


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """Extend a change to complete words. Half a word is hard to read."""
    if start == end:
        return start, end
    while start and _in_word(text[start - 1]) and _in_word(text[start]):
        start -= 1
    while end < len(text) and _in_word(text[end - 1]) and _in_word(text[end]):
        end += 1
    return start, end


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _pieces(
    line: str, offset: int, marks: Sequence[tuple[int, int]]
) -> tuple[tuple[str, bool], ...]:
    """A line split where marked text starts and ends. Tabs are expanded over the complete line."""
    # Make the complete line visible first: a cut could split correct spelling. The length stays.
    shown = visible_lines(line.rstrip("\r\n"))
    length = len(shown)
    cuts = {0, length}
    for start, end in marks:
        if start < offset + length and end > offset:
            cuts |= {max(start - offset, 0), min(end - offset, length)}
    pieces: list[tuple[str, bool]] = []
    column = 0
    places = sorted(cuts)
    for start, end in pairwise(places):
        marked = any(s <= offset + start and offset + end <= e for s, e in marks)
        text, column = _expanded(shown[start:end], column)
        pieces.append((text, marked))
    return tuple(pieces)


def _shown(line: str) -> str:
    return _expanded(visible_lines(line.rstrip("\r\n")), 0)[0]


def _expanded(text: str, column: int) -> tuple[str, int]:
    """Expand the tabs of a piece that starts at `column`. Also returns the column where it ends."""
    if "\t" not in text:
        return text, column + len(text)
    out = ""
    for character in text:
        width = TAB - (column + len(out)) % TAB
        out += " " * width if character == "\t" else character
    return out, column + len(out)
