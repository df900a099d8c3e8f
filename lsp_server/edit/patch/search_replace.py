"""Makes hunks of blocks that say what to search for and what to put in its place.

`<<<<<<< SEARCH`, old lines, `=======`, new lines, `>>>>>>> REPLACE`: a form that some models have
learnt. As a hunk the old lines are removed ones and the new lines added ones.
"""

import re

from lsp_server.edit.reply.diff_detection import begins_search

_MIDDLE = re.compile(r"={5,9}\s*$")
_REPLACE = re.compile(r"(?:>{5,9}|\+{5,9})\s*(?:REPLACE|UPDATED)\s*$")


class SearchReplaceBlocks:
    """Text with such blocks in, text with hunks out, line by line."""

    def __init__(self) -> None:
        self._partial = ""
        self._mark = ""  # What the lines of the block are: "-", "+"; "" outside.

    def push(self, chunk: str) -> str:
        """Take more of the reply; return its complete lines."""
        *lines, self._partial = (self._partial + chunk).split("\n")
        return "".join(self._line(line) for line in lines)

    def finish(self) -> str:
        """The last line, if it has no end."""
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
