"""How a diff shows itself in a reply in which code was expected.

By a line that only a diff begins with, or, without any header, by lines of the scope that a minus
stands before. Knows nothing of how a diff is read.
"""

import re

from lsp_server.edit.reply.reply_context import ReplyContext, is_blank

NAMES = frozenset({"diff", "patch", "udiff"})
"""Info strings of fences around a diff."""
BEGINNINGS = (
    "diff --git ",
    "@@ ",
    "@@@",
    "*** Begin Patch",
    "*** Update File: ",
    "<<<<<<< SEARCH",
)
_SEARCH = re.compile(r"(?:<{5,9}|-{5,9})\s*(?:SEARCH|ORIGINAL)\s*$")
_OLD_NAME, _NEW_NAME = "--- ", "+++ "
_SIGNS = ("+", "-")


def begins_search(line: str) -> bool:
    """Whether the line begins a block that says what to search for and what to put there."""
    return _SEARCH.match(line.strip()) is not None


def begins_diff(line: str) -> bool:
    """Whether only a diff begins with such a line."""
    return line.startswith(BEGINNINGS) or line.rstrip() == "@@" or begins_search(line)


class DiffSigns:
    """Lines of a block in; `sure` once it is a diff of the scope, `maybe` while it may be one."""

    def __init__(self, place: ReplyContext, *, announced: bool = False) -> None:
        """`announced`: the fence says that it is one."""
        self._announced = announced
        self._lines = place.stripped_lines
        self._written = frozenset(line.rstrip() for line in place.document_lines)
        self._own = any(line[:1] in _SIGNS for line in self._lines)
        self._old = self._new = self._alike = self._other = 0
        self._last = ""
        self.sure = False

    @property
    def maybe(self) -> bool:
        """Whether lines with a sign have come that may stand for changes."""
        return self._announced or bool(self._old or self._new) or self._last.startswith(_OLD_NAME)

    def may_sign(self, beginning: str) -> bool:
        """Whether a line that begins so may be a change, or begin a diff."""
        return beginning[:1] in _SIGNS and not self._own

    def take(self, line: str) -> None:
        """Count one more line."""
        text = line.strip()
        if is_blank(line):
            return
        if text in self._lines:
            self._alike += 1
        elif self._heads(line):
            self.sure = True
        elif self.may_sign(line):
            self._sign(line)
        else:
            self._other += 1
        self._last = line
        self.sure = self.sure or bool(self._old and self._new)

    def _heads(self, line: str) -> bool:
        """Whether the line, with the one before it, stands only above a diff."""
        if line.startswith(_NEW_NAME) and self._last.startswith(_OLD_NAME):
            return True
        return begins_diff(line)

    def _sign(self, line: str) -> None:
        if line[0] == "-" and line[1:].strip() in self._lines:
            self._old += 1
            self._other += line[1:].rstrip() not in self._written
        elif line[0] == "+":
            self._new += 1
        elif not line.startswith(_OLD_NAME):
            self._other += 1

    def end(self) -> None:
        """The block has ended: one that only takes lines away, or adds some, is a diff too."""
        self._announced, self._last = False, ""
        self.sure = self.sure or bool(self.maybe and self._alike and not self._other)
