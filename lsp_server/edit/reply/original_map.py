"""Finds lines of an answer in the original, unchanged or slightly changed.

Places are line numbers that begin with 0. Knows nothing about placeholders.
"""

from bisect import bisect_left
from collections.abc import Sequence

from rapidfuzz.distance import Indel

from lsp_server.edit.reply.line_filter import LONGEST_HELD
from lsp_server.edit.reply.reply_context import ReplyContext, indent_of, is_blank, names_in

# From this similarity (0 to 1) a line is a changed version of the line expected there; from the
# higher one, it is a changed version of a line anywhere.
_ALIKE = 0.7
SURELY_ALIKE = 0.85
# A match that skips lines needs at most this many lines in a row that agree, itself included.
AGREEING = 3
# The number of line comparisons that one reply may cost, whatever it contains.
_COMPARISONS = 50_000
# If a line occurs at more places than this, only the first ones are distinguished.
_PLACES = 64


class OriginalMap:
    """An index of the original's lines. Places are line numbers that begin with 0."""

    def __init__(self, context: ReplyContext) -> None:
        self.lines = [line.rstrip() for line in context.document_lines]
        self._exact: dict[str, list[int]] = {}
        self._stripped: dict[str, list[int]] = {}
        for index, line in enumerate(self.lines):
            if line:
                self._exact.setdefault(line, []).append(index)
                self._stripped.setdefault(line.strip(), []).append(index)
        self._sorted = sorted(self._exact)
        # For each line number: the first non-blank line from there on, and the last one before it.
        self._next = list(range(len(self.lines) + 2))
        for index in reversed(range(len(self.lines))):
            if not self.lines[index]:
                self._next[index] = self._next[index + 1]
        self._last = [-1] * (len(self.lines) + 1)
        for index, line in enumerate(self.lines):
            self._last[index + 1] = index if line else self._last[index]
        self._comparisons = _COMPARISONS

    def places(self, line: str, start: int) -> list[int]:
        """The places of the line from `start` on: in its own column, else in any column."""
        for index, key in ((self._exact, line.rstrip()), (self._stripped, line.strip())):
            known = index.get(key, [])
            first = bisect_left(known, start)
            if first < len(known):
                return known[first : first + _PLACES]
        return []

    def ends_with(self, cursor: int, previous: str) -> bool:
        """Whether `previous` is the line before `cursor`, perhaps changed, and lines follow it."""
        before = self.preceding(cursor)
        if before < 0 or self.following(cursor - 1) >= len(self.lines):
            return False
        return self.lines[before].strip() == previous.strip() or self.is_changed_version(
            previous, before
        )

    def is_after(self, cursor: int, previous: str) -> bool:
        """Whether the line before `cursor` equals `previous`, including its column."""
        before = self.preceding(cursor)
        return before >= 0 and self.lines[before] == previous

    def holds(self, text: str) -> bool:
        """Whether any line contains the text."""
        return any(text in line for line in self.lines)

    def begins_any(self, beginning: str) -> bool:
        """Whether any line has this beginning, including its column."""
        place = bisect_left(self._sorted, beginning)
        return place < len(self._sorted) and self._sorted[place].startswith(beginning)

    def skips_to_own(self, line: str, cursor: int, fewest: int) -> bool:
        """Whether the original has exactly this line after `fewest` or more lines from `cursor`."""
        place = self._place_of(line, cursor)
        return place is not None and self.count(cursor, place) >= fewest

    def skips_to(self, line: str, cursor: int, fewest: int = 1) -> bool:
        """Whether the original has the line, after at least `fewest` others from `cursor` on.

        The line may be slightly changed.
        """
        if self._place_of(line, cursor) is not None:
            return self.skips_to_own(line, cursor, fewest)
        place = self.surely_changed_from(line, cursor)
        return place is not None and self.count(cursor, place) >= fewest

    def surely_changed_from(self, line: str, cursor: int) -> int | None:
        """The first place from `cursor` on of a line that surely became `line`; None for none."""
        place = self.following(cursor - 1)
        while place < len(self.lines) and not self.exhausted:
            if self.is_changed_version(line, place, SURELY_ALIKE) and self._surely(line, place):
                return place
            place = self.following(place)
        return None

    def first_changed(self, lines: Sequence[str], start: int) -> tuple[int, int] | None:
        """The index of the first line that is a changed one from `start` on, and its place."""
        for index, line in enumerate(lines):
            if is_blank(line):
                continue
            place = self.following(start - 1)
            while place < len(self.lines) and not self.exhausted:
                if self.is_changed_version(line, place, SURELY_ALIKE):
                    return index, place
                place = self.following(place)
        return None

    def _surely(self, line: str, place: int) -> bool:
        """Whether at least two names, or nearly all of the text, are the same."""
        ours, theirs = line.strip(), self.lines[place].strip()
        common = set(names_in(ours)) & set(names_in(theirs))
        return len(common) > 1 or Indel.normalized_similarity(ours, theirs) >= SURELY_ALIKE

    def count(self, start: int, end: int) -> int:
        """The number of non-blank lines from `start` up to, but not including, `end`."""
        return sum(1 for line in self.lines[start:end] if line)

    def is_in_column(self, cursor: int, line: str) -> bool:
        """Whether the line is in the column of the next original line, or no line follows."""
        place = self.following(cursor - 1)
        if place >= len(self.lines):
            return True
        return len(indent_of(line)) == len(indent_of(self.lines[place]))

    def block_end(self, cursor: int, column: int) -> int:
        """The place after the block of lines deeper than `column` that begins at `cursor`."""
        end, place = cursor, self.following(cursor - 1)
        while place < len(self.lines) and len(indent_of(self.lines[place])) > column:
            end, place = place + 1, self.following(place)
        return end

    def following(self, place: int) -> int:
        """The next non-blank line after `place`, or the number of lines."""
        return self._next[place + 1]

    def preceding(self, place: int) -> int:
        """The last non-blank line before `place`, or -1."""
        return self._last[place]

    @property
    def exhausted(self) -> bool:
        """Whether no more comparisons are allowed."""
        return self._comparisons <= 0

    def is_changed_version(self, line: str, place: int, likeness: float = _ALIKE) -> bool:
        """Whether the line is a changed version of the original's line at `place`.

        It must be in the same column, and be similar or share the first name and all other names of
        one of the two.
        """
        theirs = self.lines[place]
        if self.exhausted or max(len(line), len(theirs)) > LONGEST_HELD:
            return False
        self._comparisons -= 1
        if len(indent_of(line)) != len(indent_of(theirs)):
            return False
        names, known = names_in(line), names_in(theirs)
        if names[:1] == known[:1] != [] and (set(names) <= set(known) or set(known) <= set(names)):
            return True
        ours, theirs = line.strip(), theirs.strip()
        return Indel.normalized_similarity(ours, theirs, score_cutoff=likeness) > 0

    def advance(self, cursor: int, seen: list[str], stop: int | None = None) -> int:
        """The first original line that the lines `seen` do not account for, from `cursor` on.

        `seen` has no blank lines. Lines from the index `stop` on only confirm the ones before.
        """
        for index, line in enumerate(seen[:stop]):
            following = self.following(cursor - 1)
            if following >= len(self.lines):
                break
            same = self.lines[following].strip() == line.strip()
            place = following if same else self._place_of(line, cursor)
            if place is not None and self._confirmed(cursor, place, seen, index):
                cursor = place + 1
            elif self.is_changed_version(line, following):
                cursor = following + 1
        return cursor

    def _place_of(self, line: str, cursor: int) -> int | None:
        """The first place of the line from `cursor` on, in its own column."""
        known = self._exact.get(line.rstrip(), [])
        first = bisect_left(known, cursor)
        return known[first] if first < len(known) else None

    def _confirmed(self, cursor: int, place: int, seen: list[str], index: int) -> bool:
        """Whether enough lines agree to skip the lines between `cursor` and `place`."""
        skipped = sum(1 for line in self.lines[cursor : min(place, cursor + 64)] if line)
        needed = min(skipped, AGREEING)
        agreeing = 0
        while agreeing < needed and index < len(seen) and place < len(self.lines):
            if seen[index].strip() != self.lines[place].strip():
                break
            agreeing += 1
            index += 1
            place = self.following(place)
        return agreeing >= needed
