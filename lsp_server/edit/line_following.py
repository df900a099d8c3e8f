"""Follows an unfinished line of the answer along the original line that it seems to replace.

The line agrees with the original line at first, then departs from it. Once a later word is found
again in the original line, the text up to that word may be shown, with the rest of the original
line behind it.
"""

from lsp_server.edit.words import is_name, word_end, words

# Code points (without blanks) that must agree before a departure counts as a change of this line
# and not as another line.
_COMMON = 2
# How much of the original line may be skipped at once: this fraction of it, but at most and at
# least this many code points. In a long line of prose, any word occurs again somewhere.
_SKIPPED_PART = 0.4
_SKIPPED_MOST = 16
_SKIPPED_FEW = 12
# Code points that may change in total, for each code point that agreed.
_CHANGED = 1.5
# A name of this length confirms by itself; shorter ones and punctuation occur anywhere.
_TELLING = 2


class LineFollower:
    """Compares one line of the answer with one line of the original, both without line ends.

    The result depends on the characters received, not on how they were split into chunks.
    """

    __slots__ = (
        "_changed",
        "_expected",
        "_limit",
        "_next",
        "_offsets",
        "_pending",
        "_position",
        "_shared",
    )

    def __init__(self, expected: str, limit: int) -> None:
        """`limit`: words behind this many code points of either line are ignored."""
        self._expected = words(expected[:limit])
        self._limit = limit
        self._offsets = [0]
        for word in self._expected:
            self._offsets.append(self._offsets[-1] + len(word))
        self._next = 0  # The index of the original line's first word that was not passed.
        self._position = 0  # Code points of the answer's line that were read.
        self._pending: list[str] = []  # The answer's words since it departed.
        self._shared = 0  # Code points, blanks left out, that agreed before any departure.
        self._changed = 0  # Code points of the original line that were skipped up to here.

    def follow(self, line: str) -> list[tuple[int, int]]:
        """Read on in the answer's line, which is `line` so far; return newly confirmed places.

        A place is a pair of offsets in code points: the answer's line up to the first is the
        original line up to the second, modified. The last word of `line` may still grow, so it is
        left for the next call.
        """
        places: list[tuple[int, int]] = []
        while (end := word_end(line, self._position)) < min(len(line), self._limit):
            twin = self._twin(line[self._position : end])
            self._position = end
            if twin is not None:
                self._next = twin + 1
                self._pending.clear()
                places.append((end, self._offsets[self._next]))
        return places

    def _twin(self, word: str) -> int | None:
        """Read the answer's next word; return the index of the original's word that it confirms."""
        expected = self._expected[self._next] if self._next < len(self._expected) else None
        if word == expected and not self._pending:
            self._next += 1
            self._shared += len(word.strip())
            return None
        self._pending.append(word)
        if self._shared < _COMMON or word.isspace():
            return None
        try:
            twin = self._expected.index(word, self._next)
        except ValueError:
            return None
        skipped = self._offsets[twin] - self._offsets[self._next]
        if skipped > max(_SKIPPED_FEW, min(_SKIPPED_MOST, _SKIPPED_PART * self._offsets[-1])):
            return None
        if skipped and self._changed + skipped > _CHANGED * self._shared:
            return None  # Too little agrees: it is another line, or nearly all of it is new.
        one_for_one = len(self._pending) == 2 and twin == self._next + 1
        if one_for_one or (is_name(word) and len(word) >= _TELLING):
            self._changed += skipped
            self._shared += len(word)
            return twin
        return None
