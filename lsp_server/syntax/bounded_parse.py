"""Parses that can be halted, and that end when they have taken long enough.

tree-sitter asks after every hundred steps whether to continue; a parse that it halts can continue
later at the same place. Two things escape that question: a scanner that reads the whole text ahead
for each token (Python: lines of comments; HTML: comments without an end), and an error under
hundreds of open brackets. So a scanner that keeps reading after the time is up gets the end of the
text, and a text that nests too deep is not parsed at all. This module has no clock: the `Watch`
says when. All numbers are bytes.
"""

from collections.abc import Callable

from tree_sitter import Parser, Tree

from lsp_server.errors import TooCostly
from lsp_server.syntax.nesting_depth import Nesting, is_too_deep

__all__ = ["MOST_BYTES", "Parse", "Watch", "parse_within"]

Watch = Callable[[], Callable[[], bool]]
"""Called when a parse begins; what it returns says from then on whether the parse has to end."""

MOST_BYTES = 4_000_000
"""Longer texts are not parsed: a tree takes some 60 times the memory of its text, and the parse
more than 2.5 seconds (measured)."""

_SLICE = 4096
"""How many bytes a scanner gets at a time."""
_AHEAD = 32
"""After this many slices without a question, a scanner is reading ahead."""
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
        """Continue the parse. Returns `None` if `halt` stopped it before the end of the text.

        `halt` is asked wherever the parse can be halted. If no such place comes for long, `end`
        ends the parse for good: raises `TooCostly`. An ended parse must not continue.
        """
        source = self._source
        ahead, ended, halted = 0, end(), False
        given = range(0)  # Where the last slice lies.

        def read(start: int, _: object) -> bytes:
            nonlocal ahead, ended, given
            ahead += 1
            if ahead > _AHEAD and (ended or end()):
                ended = True
                # A scanner that asks for a place it already has takes it for a cut character and
                # reads a byte of any reply. So it gets a character now and the end when it asks
                # again.
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
