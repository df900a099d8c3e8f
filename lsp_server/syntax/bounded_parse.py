"""Parses that halt, or end, when they have taken long enough.

tree-sitter asks after every hundred steps whether to go on; what it halts then can go on later, at
the same place. Two things escape that question: a grammar's scanner that reads ahead through the
whole text for each token (Python: lines of comments; HTML: comments that nobody closes), and what
tree-sitter does at an error under hundreds of open brackets. So a scanner that reads on and on
after the time is up is told that the text ends, and what nests too deep is not parsed at all.
Knows no clock: whoever is on watch says when. All numbers are bytes.
"""

from collections.abc import Callable

from tree_sitter import Parser, Tree

from lsp_server.errors import TooCostly
from lsp_server.syntax.nesting_depth import Nesting, is_too_deep

__all__ = ["MOST_BYTES", "Parse", "Watch", "parse_within"]

Watch = Callable[[], Callable[[], bool]]
"""Called when a parse begins; what it returns says from then on whether the parse has to end."""

MOST_BYTES = 4_000_000
"""Longer texts are not parsed: a tree takes some 60 times the memory of its text (measured), and
more than 2.5 seconds."""

_SLICE = 4096
"""How much of the text is handed over at a time: what a scanner does between two questions."""
_AHEAD = 32
"""After so many slices between two questions somebody reads ahead."""
_INSIDE = 0x80
"""The upper two bits of a byte of UTF-8 that does not begin a character."""


def parse_within(
    watch: Watch, parser: Parser, nesting: Nesting, source: bytes, old: Tree | None
) -> Tree:
    """Parse `source`, from `old` on when there is one. Raises `TooCostly`."""
    parse = Parse(parser, nesting, source, old)
    over = watch()
    tree = parse.go_on(over, over)
    if tree is None:
        raise TooCostly("The text takes its grammar too long.")
    return tree


class Parse:
    """A parse that can be halted and goes on where it was. It may be halted any number of times."""

    __slots__ = ("_old", "_parser", "_source")

    def __init__(self, parser: Parser, nesting: Nesting, source: bytes, old: Tree | None) -> None:
        """`parser` is from now on this parse's alone. Raises `TooCostly`."""
        if len(source) > MOST_BYTES:
            raise TooCostly("The text is too long to be parsed.")
        if is_too_deep(source, nesting):
            raise TooCostly("The text nests too deep to be parsed.")
        self._parser = parser
        self._source = source
        self._old = old

    def go_on(self, halt: Callable[[], bool], end: Callable[[], bool]) -> Tree | None:
        """Parse on; `None` when `halt` has said so before the text was at its end.

        `halt` is asked where the parse can be halted. Where it has long come to no such place,
        `end` ends it for good: raises `TooCostly`. A parse that was ended is not to go on.
        """
        source = self._source
        ahead, ended, halted = 0, end(), False
        given = range(0)  # Where the last slice lies.

        def read(start: int, _: object) -> bytes:
            nonlocal ahead, ended, given
            ahead += 1
            if ahead > _AHEAD and (ended or end()):
                ended = True
                # Who asks for a place that it has takes it for a cut character, and reads a byte
                # of whatever it gets. So it gets a character; the end comes at the next question.
                again, given = start in given, range(0)
                return b"\0" if again else b""
            given = range(start, _end_of_slice(source, start))
            return source[start : given.stop]

        def ask(*_: object) -> bool:
            nonlocal ahead, halted
            ahead = 0
            halted = halted or ended or halt()
            return halted

        tree = None
        if not ended:
            try:
                if self._old is None:
                    tree = self._parser.parse(read, progress_callback=ask)
                else:
                    tree = self._parser.parse(read, self._old, progress_callback=ask)
            except ValueError:
                if not halted:
                    raise
        if ended:
            raise TooCostly("The text takes its grammar too long.")
        return tree


def _end_of_slice(source: bytes, start: int) -> int:
    """Where the slice from `start` on ends: between two characters, if `source` is UTF-8."""
    full = end = start + _SLICE
    while full - 3 < end < len(source) and source[end] & 0xC0 == _INSIDE:
        end -= 1
    return end
