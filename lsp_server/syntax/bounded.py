"""Parses that end when they have taken long enough.

tree-sitter asks after every hundred steps whether to go on. Two things escape that question: a
grammar's scanner that reads ahead through the whole text for each token (Python: lines of comments;
HTML: comments that nobody closes), and what tree-sitter does at an error under hundreds of open
brackets. So a scanner that reads on and on after the time is up is told that the text ends, and
what nests too deep is not parsed at all. Knows no clock: whoever is on watch says when. All numbers
are bytes.
"""

from collections.abc import Callable

from tree_sitter import Parser, Tree

from lsp_server.errors import TooCostly
from lsp_server.syntax.depth import is_too_deep

__all__ = ["Watch", "parse_within"]

Watch = Callable[[], Callable[[], bool]]
"""Called when a parse begins; what it returns says from then on whether the parse has to end."""

_SLICE = 4096
"""How much of the text is handed over at a time: what a scanner does between two questions."""
_AHEAD = 32
"""After so many slices between two questions somebody reads ahead."""
_INSIDE = 0x80
"""The upper two bits of a byte of UTF-8 that does not begin a character."""


def parse_within(
    watch: Watch, parser: Parser, grammar: str, source: bytes, old: Tree | None
) -> Tree:
    """Parse `source`, from `old` on when there is one. Raises `TooCostly`.

    `grammar` is the Python package of the parser's grammar.
    """
    if is_too_deep(source, grammar):
        raise TooCostly("The text nests too deep to be parsed.")
    over = watch()
    ahead, stopped = 0, over()
    given = range(0)  # Where the last slice lies.

    def read(start: int, _: object) -> bytes:
        nonlocal ahead, stopped, given
        ahead += 1
        if ahead > _AHEAD and (stopped or over()):
            stopped = True
            # Who asks for a place that it has takes it for a cut character, and reads a byte of
            # whatever it gets. So it gets a character; the end comes at the next question.
            again, given = start in given, range(0)
            return b"\0" if again else b""
        given = range(start, _end_of_slice(source, start))
        return source[start : given.stop]

    def ask(*_: object) -> bool:
        nonlocal ahead, stopped
        ahead = 0
        stopped = stopped or over()
        return stopped

    if not stopped:
        try:
            if old is None:
                tree = parser.parse(read, progress_callback=ask)
            else:
                tree = parser.parse(read, old, progress_callback=ask)
        except ValueError:
            if not stopped:
                raise
        else:
            if not stopped:
                return tree
    raise TooCostly("The text takes its grammar too long.")


def _end_of_slice(source: bytes, start: int) -> int:
    """Where the slice from `start` on ends: between two characters, if `source` is UTF-8."""
    full = end = start + _SLICE
    while full - 3 < end < len(source) and source[end] & 0xC0 == _INSIDE:
        end -= 1
    return end
