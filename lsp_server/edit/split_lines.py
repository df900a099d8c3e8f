"""One original line that the answer splits into several lines.

A formatter or a longer list of arguments turns one line into many and keeps most of the text. So
the answer's lines are matched with the rest of the one line, instead of being inserted while the
one line is deleted.
"""

import re

# A line with such an end goes on in the next line: it isn't a shortened original line.
_GOES_ON = re.compile(r"([(\[{<=|]|=>)\s*$")
# Pieces with fewer code points (stripped) are too short to be recognised.
_TELLING = 4
# Lines in a row that may be new before the rest of the original line is given up …
_STRAYS = 2
# … and code points of it that may be skipped to find a line of the answer.
_SKIPPED = 24


def begins_split(content: str, original: str, offset: int) -> bool:
    """Whether `content` is `original` up to `offset`, and the rest follows in later lines."""
    rest = original[offset:].strip()
    return (
        len(rest) > 1 and len(content.strip()) >= _TELLING and _GOES_ON.search(content) is not None
    )


class SplitLine:
    """The rest of one original line, from `offset` on (code points within the line)."""

    __slots__ = ("_original", "_strays", "offset")

    def __init__(self, original: str, offset: int) -> None:
        self._original = original
        self._strays = 0
        self.offset = offset
        self._skip_blanks()

    @property
    def finished(self) -> bool:
        """Whether nothing is left of the line."""
        return self.offset == len(self._original)

    def take(self, content: str, *, known: bool) -> bool:
        """Whether the answer's next line belongs to the line: found in its rest, or new within it.

        `known`: the answer's line also occurs later in the original, so it isn't new.
        """
        piece = content.strip()
        for found in (piece, piece.removesuffix(",")):
            if not found:
                break
            at = self._original.find(found, self.offset)
            near = at == self.offset or (
                len(found) >= _TELLING and self.offset < at <= self.offset + _SKIPPED
            )
            if near:
                self.offset = at + len(found)
                self._skip_blanks()
                self._strays = 0
                return True
        self._strays += 1
        return not known and self._strays <= _STRAYS and len(piece) >= _TELLING

    def _skip_blanks(self) -> None:
        rest = self._original[self.offset :]
        self.offset += len(rest) - len(rest.lstrip())
