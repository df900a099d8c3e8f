"""An index of the original's lines, to find lines of an answer in it.

An anchor is an original line that a line of the answer may be paired with: an equal line or, if no
equal one is near, a similar one. `match_chain` decides which anchors are used.
"""

import re
from bisect import bisect_left
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import Indel

from lsp_server.text.lines import split_lines

# Number of nearest equal lines that are considered. Keeps the cost of an answer line independent of
# the original's length, even if all lines are equal.
_EQUALS = 8
# Number of following original lines that are compared with a line that has no equal one.
_NEAR = 24
# Lines behind each anchor of the previous line that are compared, and for how many anchors that are
# farther away. Without this bound, each line could have more anchors than the one before.
_SUCCESSORS = 2
_FAR = 8
# The least similarity (Indel, 0 to 1) of a line and its modified version.
_SIMILAR = 0.6
# The factor on the similarity of lines that are indented differently.
_REINDENTED = 0.9
# Lines up to this length (code points) are too short to be recognised by similarity.
_SHORT = 3
# Number of lines on either side of an original line that are searched for similar ones.
_NEARBY = 200
# The least similarity (Indel) of a new line to one of the next original lines that it may replace,
# and how many of them are compared. Below it, they share too few words to be worth waiting for.
_RESEMBLING = 0.4
_RESEMBLING_LINES = 2
# Lines with fewer code points of words are not looked up by their words.
_FEW_LETTERS = 5
_PUNCTUATION = re.compile(r"\W+")
# Comparing two lines costs the product of their lengths. Lines beyond this length (code points) are
# compared only for equality: generated and minified code has such lines, code by people doesn't.
LONG_LINE = 2_000


class Anchor(NamedTuple):
    """An original line that a line of the answer may be paired with."""

    line: int  # The number of the original line, from zero.
    score: float  # The evidence that they agree: about a quarter for each code point.
    equal: bool  # Else similar.


class Original:
    """The lines of the original scope, with an index. Immutable but for its caches.

    `contents` are the lines without their line ends, `stripped` those without white space around,
    `ends` the line ends. `starts[i]` is the offset of line i in code points, `starts[count]` the
    length of the text. `ends_within_line` says that the text has no final line end.
    """

    __slots__ = (
        "_by_words",
        "_nearby_similarities",
        "_places",
        "_sorted_lines",
        "contents",
        "count",
        "ends",
        "ends_within_line",
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
        self.ends_within_line = not self.ends or not self.ends[-1]
        self.stripped = [content.strip() for content in self.contents]
        self._nearby_similarities: dict[int, float] = {}
        self._sorted_lines: list[tuple[str, int]] | None = None  # By content; built when needed.
        self._places: dict[str, list[int]] = {}
        for line_number, content in enumerate(self.contents):
            self._places.setdefault(content, []).append(line_number)
        self._by_words: dict[str, list[int]] | None = None  # By words; built when needed.

    def equals(self, content: str, first: int, limit: int = _EQUALS) -> list[int]:
        """The numbers of the next lines equal to `content`, from line `first` on, in order."""
        return _from(self._places.get(content), first, limit)

    def similarity(self, content: str, line: int) -> float:
        """The similarity of `content` to an original line: 0 to 1, and 0 if it is too low."""
        stripped = content.strip()
        other = self.stripped[line]
        if not _comparable(stripped) or not _comparable(other):
            return 0.0
        similarity = Indel.normalized_similarity(stripped, other, score_cutoff=_SIMILAR)
        if similarity and _indentation(content) != _indentation(self.contents[line]):
            similarity *= _REINDENTED
        return similarity if similarity >= _SIMILAR else 0.0

    def nearby_similarity(self, line: int) -> float:
        """The similarity of an original line to the most similar other line nearby: 0 to 1.

        In tests, tables and routes, code repeats itself with small differences. A new line of that
        kind is similar to each of them, so its similarity doesn't tell which one it is.
        """
        known = self._nearby_similarities.get(line)
        if known is None:
            own = self.stripped[line]
            around = [
                other
                for other in self.stripped[max(line - _NEARBY, 0) : line + _NEARBY]
                if other != own and _comparable(other)
            ]
            found = _comparable(own) and process.extractOne(
                own, around, scorer=Indel.normalized_similarity, score_cutoff=_SIMILAR
            )
            known = self._nearby_similarities[line] = found[1] if found else 0.0
        return known

    def resembles(self, content: str, first: int) -> bool:
        """Whether `content` is somewhat similar to one of the next lines, from `first` on."""
        stripped = content.strip()
        if len(stripped) > LONG_LINE:
            return False
        return any(
            len(other) <= LONG_LINE and Indel.normalized_similarity(stripped, other) > _RESEMBLING
            for other in self.stripped[first : first + _RESEMBLING_LINES]
        )

    def begins(self, stripped: str, first: int) -> bool:
        """Whether an original line, from `first` on, begins with `stripped` (blanks ignored)."""
        if self._sorted_lines is None:
            self._sorted_lines = sorted((other, line) for line, other in enumerate(self.stripped))
        at = bisect_left(self._sorted_lines, (stripped, 0))
        for other, line in self._sorted_lines[at : at + _EQUALS]:
            if not other.startswith(stripped):
                return False
            if line >= first:
                return True
        return at + _EQUALS < len(self._sorted_lines)

    @property
    def first_line_flush(self) -> bool:
        """Whether the first line has no indentation, judging by the last line.

        A scope comes without the indentation of its first line. If that line is indented, text that
        is inserted before it too early appears at the wrong column.
        """
        return (
            len(self.stripped) > 1
            and bool(self.contents[-1])
            and not self.contents[-1][0].isspace()
        )

    def begins_like(self, stripped: str, first: int) -> bool:
        """Whether one of the next lines, from `first` on, has a beginning similar to `stripped`."""
        if len(stripped) > LONG_LINE:
            return True
        length = len(stripped)
        return any(
            Indel.normalized_similarity(stripped, other[:length]) >= _SIMILAR
            for other in self.stripped[first : first + _NEAR]
        )

    def anchors(self, content: str, first: int, previous: list[Anchor]) -> list[Anchor]:
        """The anchors of an answer line, from original line `first` on, in order.

        `previous` are the anchors of the answer line before: the lines behind them are compared
        too, however far away.
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
        """The next lines with the same words, such as the same line commented out."""
        if self._by_words is None:
            self._by_words = {}
            for line, other in enumerate(self.stripped):
                if _comparable(other) and (key := _words_key(other)):
                    self._by_words.setdefault(key, []).append(line)
        return _from(self._by_words.get(_words_key(stripped)), first, _EQUALS)

    def _similar(
        self, content: str, stripped: str, first: int, stop: int | None = None
    ) -> list[Anchor]:
        """Anchors for the similar lines of `[first, stop)` (by default line `first`), in order."""
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
    """Up to `limit` of these line numbers, from `first` on."""
    if not places:
        return []
    at = bisect_left(places, first)
    return places[at : at + limit]


def _words_key(stripped: str) -> str:
    """The words of a line without punctuation; "" if there are too few."""
    key = _PUNCTUATION.sub(" ", stripped).strip()
    return key if len(key) >= _FEW_LETTERS else ""


def _weight(length: int) -> float:
    """The score of an equal line with this many code points (stripped)."""
    if length == 0:
        return 1.0
    if length <= 2:
        return 1.8
    return min(12.0, 0.5 + length / 4)


def _comparable(stripped: str) -> bool:
    return _SHORT < len(stripped) <= LONG_LINE


def _indentation(content: str) -> str:
    return content[: len(content) - len(content.lstrip())]
