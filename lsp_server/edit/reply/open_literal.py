"""Tells whether code ends within a multi-line literal: a string, a comment, a here-document.

Within one, text that looks like the end of an answer may be part of the literal. Only marks common
to many languages decide, so the result may be wrong: a literal that seems open is a reason to wait
and no proof.
"""

import re
from copy import copy

from lsp_server.edit.reply.reply_context import TEXT_MARKS

_HEREDOC = re.compile(r"<<<?[-~]?\s*[\\\"'`]?([A-Za-z_]\w*)")
# Three or more of them are a fence, or stand for one, and open no literal.
_FENCE_RUN = re.compile(r"`{3,}")
# Quotes that are escaped, or quoted by another kind of quote.
_QUOTED_QUOTE = re.compile(r"""\\.|'"'|`"`|"'"|"`"|'`'""")
_COMMENT_OPENS, _COMMENT_CLOSES = "/*", "*/"


class OpenLiteral:
    """Takes code line by line; `open` tells whether the next line is within a literal."""

    def __init__(self) -> None:
        self._marks = dict.fromkeys((*TEXT_MARKS, "`", '"'), 0)  # 1: an odd number of them has come
        self._comment = False
        self._until = ""  # the text that ends the here-document

    def take(self, line: str) -> None:
        """Add one complete line."""
        if self._until:
            if line.strip().rstrip(";,)") == self._until:
                self._until = ""
            return
        bare = _QUOTED_QUOTE.sub("", _FENCE_RUN.sub("", line))
        for mark in self._marks:
            self._marks[mark] = (self._marks[mark] + bare.count(mark)) % 2
        opens, closes = bare.rfind(_COMMENT_OPENS), bare.rfind(_COMMENT_CLOSES)
        if self._comment:
            self._comment = closes < 0 or opens > closes + 1
        else:
            self._comment = opens > closes and bare.lstrip().startswith(_COMMENT_OPENS)
        if (found := _HEREDOC.search(bare)) is not None:
            self._until = found[1]

    @property
    def open(self) -> bool:
        """Whether a literal has been opened and not closed."""
        return self._comment or bool(self._until) or any(self._marks.values())

    def closed_by(self, lines: list[str]) -> bool:
        """Whether a literal is open and these lines close it."""
        if not self.open:
            return False
        after = copy(self)
        after._marks = dict(self._marks)
        for line in lines:
            after.take(line)
        return not after.open
