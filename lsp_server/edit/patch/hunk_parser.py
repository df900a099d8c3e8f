"""Finds the hunks in a reply: which of its lines are a diff, and where each hunk ends.

OUTSIDE  chat, or code that is no diff; nothing is taken from it
           a fence -> BLOCK; a `@@` line or the names of two files -> BARE
BLOCK    in a fenced block; its closing fence -> OUTSIDE
BARE     a diff without a fence, up to the end of the reply or a fence

*A hunk* ends at the next `@@`, at the names of the next file, at the fence and at the end of a
completed reply; only then is it given. In a block it may also begin without any `@@`.

*Names of files.* `--- a` and `+++ b` inside a hunk are names only if a `@@` follows and the counts
of the hunk's header do not say that they still belong to it, or the code lacks such a line: a
removed SQL comment looks the same.

*Fences.* Content has a marker before it, so a closing fence is known by its column. Where the
scope itself holds such a line, it may be context that has lost its blank: then it is believed only
if no more of the diff comes.

*Several blocks.* Some models give each hunk a block of its own, so a closed block does not end the
reading; it is proof of the end all the same, unless another is open when the reply ends.
"""

import re
from collections.abc import Collection

from lsp_server.edit.patch.patch_hunk import (
    NONE_FOLLOWS,
    HunkHeader,
    LineMarker,
    PatchHunk,
    read_header,
    read_hunk,
    read_line,
)
from lsp_server.edit.reply.fence import CLOSING_SLACK, Fence, read_fence
from lsp_server.edit.reply.reasoning import Reasoning
from lsp_server.edit.reply.reply_context import BLANKS, indent_of, is_blank

_DIFF_NAMES = ("diff", "patch", "udiff")
# Lines between the hunks of a diff: of git, of older tools, and of the `*** Begin Patch` form.
_BETWEEN = re.compile(
    r"diff --git |Index: |={60,}$|\*\*\* (?:Begin Patch|End Patch|End of File|Update File: )"
)
# The same, but such as a line of code could be: taken only while no hunk is open.
_BETWEEN_ONLY = re.compile(
    r"---(?: |$)|\+\+\+(?: |$)|index [0-9a-f]+\.\.|(?:old|new|deleted file|new file) mode \d"
    r"|similarity index |rename (?:from|to) "
)
_OLD_NAME, _NEW_NAME = "--- ", "+++ "


class HunkParser:
    """Clean text of a reply in, complete hunks out, in the order of the reply.

    Law: the hunks do not depend on how the reply was cut into chunks. Never raises.
    """

    def __init__(self, known: Collection[str]) -> None:
        """`known`: the lines of the scope and around it, without white space at their ends."""
        self._known = known
        self._known_fences = any(read_fence(line) is not None for line in known)
        self._partial: list[str] = []  # The line that has no end yet.
        self._fence: Fence | None = None
        self._bare = False  # In a diff without a fence.
        self._thoughts = Reasoning()
        self._paused: list[str] = []  # A fence that may be the closing one, and what follows it.
        self._header: HunkHeader | None = None  # Of the hunk that is open.
        self._header_line = ""  # The same as it came; "" for a hunk without one.
        self._body: list[str] = []  # The open hunk's lines as they came.
        self._names: list[str] = []  # Lines that may be the names of the next file.
        self._hunks: list[PatchHunk] = []
        self._chat: list[str] = []
        self._said = 0  # code points outside of blocks since the last line of one
        self._holds_diff = False  # The block that is open has a diff in it, or nothing.
        self.headless = False
        """Whether a block may be a diff without any header, whatever language it names."""
        self.closed = False
        """Whether a block with a diff, or an empty one, has been closed."""
        self.found = False
        """Whether any part of the reply is a diff."""
        self.other = False
        """Whether a block holds something else than a diff."""

    @property
    def open(self) -> bool:
        """Whether a fence is open."""
        return self._fence is not None and not self._paused

    @property
    def chat(self) -> str:
        """What the reply says outside of blocks, without blank lines around it."""
        return "\n".join(self._chat).strip("\n" + BLANKS)

    @property
    def said(self) -> int:
        """How many code points of text have come since the last line of a diff or a block."""
        inside = self._fence is not None or self._bare
        return self._said + (0 if inside else sum(map(len, self._partial)))

    def push(self, text: str) -> list[PatchHunk]:
        """Take more of the reply, with "\\n" as line ends; return the hunks that it completes."""
        first, *others = text.split("\n")
        self._partial.append(first)
        for piece in others:
            line, self._partial = "".join(self._partial), [piece]
            self._line(line)
        return self._taken()

    def finish(self, completed: bool) -> list[PatchHunk]:
        """No more will come. A hunk that was cut is left out: its rest may be missing."""
        if not completed:
            self._paused = []
            return self._taken()
        if last := "".join(self._partial):
            self._line(last)
        if self._paused:
            self._paused = []
            self._close_block()
        self._end_hunk()
        return self._taken()

    # -- lines, by state ---------------------------------------------------------------------

    def _line(self, line: str) -> None:
        if self._fence is not None:
            self._line_in_block(line, self._fence)
        elif self._bare:
            self._line_in_bare(line)
        else:
            self._line_outside(line)

    def _line_outside(self, line: str) -> None:
        if self._thoughts.hold(line):
            return
        if (fence := read_fence(line)) is not None:
            self._fence, self._holds_diff = fence, True
        elif read_header(line) is not None or _BETWEEN.match(line) is not None:
            self._bare = True
            self._content(line)
        elif self._chat[-1:] and self._chat[-1].startswith(_OLD_NAME) and line[:4] == _NEW_NAME:
            self._chat.pop()
            self._bare = True
        else:
            self._chat.append(line)
            self._said += len(line) + 1

    def _line_in_bare(self, line: str) -> None:
        fence = read_fence(line)
        if fence is None or indent_of(line) or line.strip() in self._known:
            self._content(line)
            return
        self._end_hunk()
        self._bare = False
        if fence.info:
            self._fence, self._holds_diff = fence, True
        else:
            self.closed = True  # The opening one was forgotten.

    def _line_in_block(self, line: str, fence: Fence) -> None:
        inner = _without_indent(line, fence.indent)
        if self._paused:
            self._line_in_pause(line, inner, fence)
        elif not self._closes(inner, fence):
            self._content(inner)
        elif inner.strip() in self._known:
            self._paused = [inner]
        else:
            self._close_block()

    def _line_in_pause(self, line: str, inner: str, fence: Fence) -> None:
        """After a fence that may be context: does the diff go on?"""
        opens = read_fence(inner)
        if opens is not None and opens.info and not indent_of(inner):
            self._paused = []
            self._close_block()
            self._line_outside(line)
            return
        goes_on = inner[:1] in ("+", "-") or read_header(inner) or self._closes(inner, fence)
        if not goes_on:
            self._paused.append(inner)
            return
        paused, self._paused = self._paused, []
        for content in paused:
            self._content(content)
        self._line_in_block(line, fence)

    def _closes(self, line: str, fence: Fence) -> bool:
        """Whether a line of a block may be the fence that closes it."""
        found = read_fence(line)
        if found is None or found.info or found.mark != fence.mark or found.length < fence.length:
            return False
        return found.indent == 0 or (found.indent <= CLOSING_SLACK and not self._known_fences)

    def _close_block(self) -> None:
        self._end_hunk(NONE_FOLLOWS)
        self._fence = None
        self.closed = self.closed or self._holds_diff

    # -- the diff ----------------------------------------------------------------------------

    def _content(self, line: str) -> None:
        """A line of a diff, or of a block that may be one."""
        header = read_header(line)
        if header is not None:
            if len(self._names) == 2 and not self._names_belong():
                self._names = []
            self._end_hunk(header.start)
            self._begin(header, line)
            return
        if self._names:
            if len(self._names) == 1 and line.startswith(_NEW_NAME):
                self._names.append(line)
                return
            self._add_names()
        if self._header is None:
            self._line_between(line)
        elif line.startswith(_OLD_NAME):
            self._names = [line]
        elif _BETWEEN.match(line) is not None and line.strip() not in self._known:
            self._end_hunk()
        else:
            self._add(line)

    def _line_between(self, line: str) -> None:
        """A line while no hunk is open: it may begin one without a header."""
        if is_blank(line) or _BETWEEN.match(line) or _BETWEEN_ONLY.match(line):
            return
        info = self._fence.info.lower() if self._fence and not self.headless else "diff"
        changes = line[:1] in ("+", "-") and (not info or info in _DIFF_NAMES)
        context = self._fence is not None and info in _DIFF_NAMES and line.strip() in self._known
        if changes or context:
            self._begin(HunkHeader(), "")
            self._add(line)
        elif self._fence is not None:
            self._holds_diff = False
            self.other = True
            self._said = 0
        else:
            self._chat.append(line)
            self._said += len(line) + 1

    def _begin(self, header: HunkHeader, header_line: str) -> None:
        self._header, self._header_line = header, header_line
        self.found = self._holds_diff = True

    def _add(self, raw: str) -> None:
        self._said = 0
        self._body.append(raw)

    def _add_names(self) -> None:
        """What looked like the names of files are lines of the hunk."""
        names, self._names = self._names, []
        for line in names:
            self._add(line)

    def _names_belong(self) -> bool:
        """Whether the open hunk's last two lines are not names of files: its counts say so, and the
        code has the line that the first would remove."""
        if self._names[0][1:].strip() not in self._known:
            return False
        header = self._header or HunkHeader()
        lines = [line for raw in self._body if (line := read_line(raw)) is not None]
        old = sum(line.kind is not LineMarker.ADDED for line in lines)
        new = sum(line.kind is not LineMarker.REMOVED for line in lines)
        return (header.old_count, header.new_count) == (old + 1, new + 1)

    def _end_hunk(self, next_start: int | None = None) -> None:
        """The hunk that is open, if one is, is complete."""
        self._add_names()
        if self._header is not None and self._body:
            hunk = read_hunk(self._header_line, self._body, next_start)
            if hunk.lines:
                self._hunks.append(hunk)
        self._header, self._header_line, self._body = None, "", []

    def _taken(self) -> list[PatchHunk]:
        hunks, self._hunks = self._hunks, []
        return hunks


def _without_indent(line: str, width: int) -> str:
    """`line` without as many blanks as its block's fence has before it, as far as it has them."""
    return line[min(width, len(line) - len(line.lstrip(" "))) :]
