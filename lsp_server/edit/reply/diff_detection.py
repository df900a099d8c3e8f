"""Detects a diff in a reply that should be code.

A diff shows by a line with which only diffs begin. Without such a header, it shows by lines of the
scope with a minus before them. Knows nothing about how a diff is applied.
"""

import re

from lsp_server.edit.reply.reply_context import ReplyContext, is_blank

DIFF_INFO_STRINGS = frozenset({"diff", "patch", "udiff"})
"""Info strings of fences around a diff."""
DIFF_BEGINNINGS = (
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
    """Whether the line begins a search-and-replace block."""
    return _SEARCH.match(line.strip()) is not None


def begins_diff(line: str) -> bool:
    """Whether only a diff has a line with this beginning."""
    return line.startswith(DIFF_BEGINNINGS) or line.rstrip() == "@@" or begins_search(line)


class DiffSigns:
    """Collects evidence from the lines of a block.

    `sure`: the block is a diff of the scope. `maybe`: it may be one.
    """

    def __init__(self, context: ReplyContext, *, announced: bool = False) -> None:
        """`announced`: the info string of the fence says that the block is a diff."""
        self._announced = announced
        self._lines = context.stripped_lines
        self._written = frozenset(line.rstrip() for line in context.document_lines)
        self._own = any(line[:1] in _SIGNS for line in self._lines)
        self._old = self._new = self._alike = self._other = 0
        self._last = ""
        self.sure = False

    @property
    def maybe(self) -> bool:
        """Whether lines with a sign have come that may be changes."""
        return self._announced or bool(self._old or self._new) or self._last.startswith(_OLD_NAME)

    def may_be_change(self, beginning: str) -> bool:
        """Whether a line with this beginning may be a change, or begin a diff."""
        return beginning[:1] in _SIGNS and not self._own

    def take(self, line: str) -> None:
        """Add one complete line."""
        text = line.strip()
        if is_blank(line):
            return
        if text in self._lines:
            self._alike += 1
        elif self._is_header(line):
            self.sure = True
        elif self.may_be_change(line):
            self._count_change(line)
        else:
            self._other += 1
        self._last = line
        self.sure = self.sure or bool(self._old and self._new)

    def _is_header(self, line: str) -> bool:
        """Whether the line, together with the one before it, can only be the header of a diff."""
        if line.startswith(_NEW_NAME) and self._last.startswith(_OLD_NAME):
            return True
        return begins_diff(line)

    def _count_change(self, line: str) -> None:
        if line[0] == "-" and line[1:].strip() in self._lines:
            self._old += 1
            self._other += line[1:].rstrip() not in self._written
        elif line[0] == "+":
            self._new += 1
        elif not line.startswith(_OLD_NAME):
            self._other += 1

    def end(self) -> None:
        """End the block: one that only removes lines, or only adds some, is a diff, too."""
        self._announced, self._last = False, ""
        self.sure = self.sure or bool(self.maybe and self._alike and not self._other)
