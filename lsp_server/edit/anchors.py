"""The original, made ready so that lines of an answer are found again in it.

An anchor is a place of the original that a line of the answer may be: an equal line, or, where
none is near, a similar one. Which of them are believed is not decided here but in `chain`.
"""

import re
from bisect import bisect_left
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import Indel

from lsp_server.text.lines import split_lines

# How many of the nearest equal lines are looked at: keeps the cost of a line of the answer
# independent of the original's length, also where all lines are alike.
_EQUALS = 8
# How many of the following original lines are compared with a line that has no equal.
_NEAR = 24
# How far behind the last line's anchors its successor is looked for, and behind how many of them
# that lie farther away: where all lines are alike, each would otherwise have more than the last.
_SUCCESSORS = 2
_FAR = 8
# The least similarity (Indel, 0 to 1) of two lines that may be one line, modified.
_SIMILAR = 0.6
# A line that is otherwise indented is a little less similar than its words say.
_REINDENTED = 0.9
# Lines up to this length say too little to be recognised by similarity; in code points.
_SHORT = 3
# How many lines on either side of an original line are looked at for its kin.
_KIN = 200
# How similar (Indel) a new line is at least to the next original lines that it may replace, and how
# many of them are compared. Below, a group of both would share too few words to be worth a wait.
_RESEMBLING = 0.4
_RESEMBLING_LINES = 2
# Lines with fewer letters and digits are not looked up by their words.
_FEW_LETTERS = 5
_PUNCTUATION = re.compile(r"\W+")
# Comparing two lines costs the product of their lengths; beyond this length (code points) lines
# are compared only for equality. Generated and minified code has such lines, people do not.
LONG_LINE = 2_000


class Anchor(NamedTuple):
    """A place at which a line of the answer may stand in the original."""

    line: int  # The number of the original line, from zero.
    score: float  # How much it says that they agree: about a quarter for each code point.
    equal: bool  # Otherwise similar.


class Original:
    """The lines of the original scope and an index of them. Immutable.

    `contents` are the lines without, `ends` their line ends; `starts[i]` is the offset (code
    points) of line i, `starts[count]` the length of the text.
    """

    __slots__ = (
        "_kin",
        "_places",
        "_sorted",
        "_spoken",
        "contents",
        "count",
        "ends",
        "open_end",
        "starts",
        "stripped",
        "text",
    )

    def __init__(self, text: str) -> None:
        self.text = text
        self.contents: list[str] = []
        self.ends: list[str] = []
        self.starts = [0]
        for line in split_lines(text):
            content = line.rstrip("\r\n")
            self.contents.append(content)
            self.ends.append(line[len(content) :])
            self.starts.append(self.starts[-1] + len(line))
        self.count = len(self.contents)
        # Whether the text ends without a line end, as a scope does that ends within a line.
        self.open_end = not self.ends or not self.ends[-1]
        self.stripped = [content.strip() for content in self.contents]
        self._kin: dict[int, float] = {}
        self._sorted: list[tuple[str, int]] | None = None  # By what they say; made when needed.
        self._places: dict[str, list[int]] = {}
        for line_number, content in enumerate(self.contents):
            self._places.setdefault(content, []).append(line_number)
        self._spoken: dict[str, list[int]] | None = None  # By their words; made when needed.

    def equals(self, content: str, first: int, limit: int = _EQUALS) -> list[int]:
        """The numbers of the next lines from `first` on that are `content`, nearest first."""
        return _from(self._places.get(content), first, limit)

    def similarity(self, content: str, line: int) -> float:
        """How similar `content` is to the original line: 0 to 1, and 0 below what counts."""
        stripped = content.strip()
        other = self.stripped[line]
        if not _comparable(stripped) or not _comparable(other):
            return 0.0
        similarity = Indel.normalized_similarity(stripped, other, score_cutoff=_SIMILAR)
        if similarity and _indentation(content) != _indentation(self.contents[line]):
            similarity *= _REINDENTED
        return similarity if similarity >= _SIMILAR else 0.0

    def kin(self, line: int) -> float:
        """How similar the most similar other line around is to an original line: 0 to 1.

        Where code repeats itself with small differences, in tests, tables and routes, a new line
        of that sort is similar to each of them, which says nothing about which one it is.
        """
        known = self._kin.get(line)
        if known is None:
            own = self.stripped[line]
            around = [
                other
                for other in self.stripped[max(line - _KIN, 0) : line + _KIN]
                if other != own and _comparable(other)
            ]
            found = _comparable(own) and process.extractOne(
                own, around, scorer=Indel.normalized_similarity, score_cutoff=_SIMILAR
            )
            known = self._kin[line] = found[1] if found else 0.0
        return known

    def resembles(self, content: str, first: int) -> bool:
        """Whether `content` shares much with one of the next original lines, from `first` on."""
        stripped = content.strip()
        if len(stripped) > LONG_LINE:
            return False
        return any(
            len(other) <= LONG_LINE and Indel.normalized_similarity(stripped, other) > _RESEMBLING
            for other in self.stripped[first : first + _RESEMBLING_LINES]
        )

    def begins(self, stripped: str, first: int) -> bool:
        """Whether an original line, from `first` on, begins so; blanks around are left out."""
        if self._sorted is None:
            self._sorted = sorted((other, line) for line, other in enumerate(self.stripped))
        at = bisect_left(self._sorted, (stripped, 0))
        for other, line in self._sorted[at : at + _EQUALS]:
            if not other.startswith(stripped):
                return False
            if line >= first:
                return True
        return at + _EQUALS < len(self._sorted)

    @property
    def flush(self) -> bool:
        """Whether its lines begin where its first one does, as far as can be told from its last.

        A scope is given without the indentation of its first line: what is put in front of that
        line before it is known to be right would stand where that line should.
        """
        return (
            len(self.stripped) > 1
            and bool(self.contents[-1])
            and not self.contents[-1][0].isspace()
        )

    def begins_like(self, stripped: str, first: int) -> bool:
        """Whether one of the next original lines, from `first` on, begins much like that."""
        if len(stripped) > LONG_LINE:
            return True
        length = len(stripped)
        return any(
            Indel.normalized_similarity(stripped, other[:length]) >= _SIMILAR
            for other in self.stripped[first : first + _NEAR]
        )

    def anchors(self, content: str, first: int, previous: list[Anchor]) -> list[Anchor]:
        """Where a line of the answer may stand, from original line `first` on, in order.

        `previous` are the anchors of the answer's line before: what follows them is looked at
        too, however far away it is.
        """
        equals = self.equals(content, first)
        stripped = content.strip()
        if equals:
            score = _weight(len(stripped))
            return [Anchor(line, score, True) for line in equals]
        if not _comparable(stripped):
            return []
        if same_words := self._with_words_of(stripped, first):
            return [
                anchor for line in same_words for anchor in self._similar(content, stripped, line)
            ]
        near = first + _NEAR
        anchors = self._similar(content, stripped, first, min(near, self.count))
        behind = [anchor.line + 1 for anchor in previous if anchor.line + _SUCCESSORS >= near]
        for line in behind[:_FAR]:
            start, stop = max(line, near), min(line + _SUCCESSORS, self.count)
            if start < stop:
                anchors += self._similar(content, stripped, start, stop)
                near = stop
        return anchors

    def _with_words_of(self, stripped: str, first: int) -> list[int]:
        """The next lines that differ from a line in blanks and punctuation only: a comment mark."""
        if self._spoken is None:
            self._spoken = {}
            for line, other in enumerate(self.stripped):
                if _comparable(other) and (key := _spoken(other)):
                    self._spoken.setdefault(key, []).append(line)
        return _from(self._spoken.get(_spoken(stripped)), first, _EQUALS)

    def _similar(
        self, content: str, stripped: str, first: int, stop: int | None = None
    ) -> list[Anchor]:
        """The lines of `[first, stop)`, or line `first`, that are like `content`, in order."""
        stop = first + 1 if stop is None else stop
        choices = {
            line: self.stripped[line]
            for line in range(first, stop)
            if _comparable(self.stripped[line])
        }
        found = process.extract(
            stripped,
            choices,
            scorer=Indel.normalized_similarity,
            score_cutoff=_SIMILAR,
            limit=None,
        )
        most = min(12.0, 2.0 + len(stripped) / 6)
        anchors: list[Anchor] = []
        for _, similarity, line in found:
            if _indentation(content) != _indentation(self.contents[line]):
                similarity *= _REINDENTED
            if similarity >= _SIMILAR:
                anchors.append(Anchor(line, (similarity - 0.36) * most, False))
        return sorted(anchors)


def _from(places: list[int] | None, first: int, limit: int) -> list[int]:
    """The next of these line numbers, from `first` on."""
    if not places:
        return []
    at = bisect_left(places, first)
    return places[at : at + limit]


def _spoken(stripped: str) -> str:
    """The words of a line without what stands between them; nothing when they are few."""
    key = _PUNCTUATION.sub(" ", stripped).strip()
    return key if len(key) >= _FEW_LETTERS else ""


def _weight(length: int) -> float:
    """What an equal line of that many code points (without surrounding blanks) says."""
    if length == 0:
        return 1.0
    if length <= 2:
        return 1.8
    return min(12.0, 0.5 + length / 4)


def _comparable(stripped: str) -> bool:
    return _SHORT < len(stripped) <= LONG_LINE


def _indentation(content: str) -> str:
    return content[: len(content) - len(content.lstrip())]
