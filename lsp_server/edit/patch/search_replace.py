"""Turns search/replace blocks into hunks.

Some models write `<<<<<<< SEARCH`, old lines, `=======`, new lines, `>>>>>>> REPLACE`. In the hunk,
the old lines are removed and the new lines added.
"""

import re

from lsp_server.edit.reply.diff_detection import begins_search

_MIDDLE = re.compile(r"={5,9}\s*$")
_REPLACE = re.compile(r"(?:>{5,9}|\+{5,9})\s*(?:REPLACE|UPDATED)\s*$")


class SearchReplaceBlocks:
    """Converts text with such blocks to text with hunks, line by line."""

    def __init__(self) -> None:
        self._partial = ""
        self._mark = ""  # The marker for the block's lines: "-" or "+"; "" outside of a block.

    def push(self, chunk: str) -> str:
        """Take more of the reply; return the lines that are complete, converted."""
        *lines, self._partial = (self._partial + chunk).split("\n")
        return "".join(self._line(line) for line in lines)

    def finish(self) -> str:
        """The reply has ended; return its last line, if that has no line end."""
        line, self._partial = self._partial, ""
        return self._line(line).removesuffix("\n") if line else ""

    def _line(self, line: str) -> str:
        bare = line.rstrip("\r")
        if begins_search(bare):
            self._mark = "-"
            return "@@\n"
        if self._mark == "-" and _MIDDLE.match(bare):
            self._mark = "+"
            return ""
        if self._mark and _REPLACE.match(bare.strip()):
            self._mark = ""
            return ""
        return f"{self._mark}{line}\n"
