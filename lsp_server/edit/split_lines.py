"""An original line that the answer breaks into several lines.

A formatter or a longer list of arguments turns one line into many, most of whose text stays. So
the answer's lines are laid along what is left of the one line, instead of being written anew while
the one is deleted. Knows one original line and the answer's lines from the break on.
"""

import re

# A line that ends like this goes on behind its end, so an equal beginning is not a shorter line.
_GOES_ON = re.compile(r"([(\[{<=|]|=>)\s*$")
# So many code points, blanks left out, are too little to be known again.
_TELLING = 4
# How many lines in a row may be new before the rest of the original line is given up …
_STRAYS = 2
# … and how many code points of it may be passed by to find a line of the answer again.
_SKIPPED = 24


def breaks(content: str, original: str, offset: int) -> bool:
    """Whether a line of the answer is the original line up to `offset`, and that goes on below."""
    rest = original[offset:].strip()
    return (
        len(rest) > 1 and len(content.strip()) >= _TELLING and _GOES_ON.search(content) is not None
    )


class SplitLine:
    """What is left of one original line, from `offset` (code points within it) on."""

    __slots__ = ("_original", "_strays", "offset")

    def __init__(self, original: str, offset: int) -> None:
        self._original = original
        self._strays = 0
        self.offset = offset
        self._skip_blanks()

    @property
    def finished(self) -> bool:
        """Whether nothing is left of it."""
        return self.offset == len(self._original)

    def take(self, content: str, *, known: bool) -> bool:
        """Whether the answer's next line still belongs to it: found in its rest, or new there.

        `known`: the line stands further on in the original, so it is not new.
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
