"""Finds the hunks in a reply: which lines are a diff, and where each hunk ends.

The parser is in one of three states:

OUTSIDE  prose, or code that is not a diff; skipped
           a fence -> BLOCK; a `@@` line or two lines with file names -> BARE
BLOCK    in a fenced block; its closing fence -> OUTSIDE
BARE     a diff without a fence, up to a fence or the end of the reply

*Hunks.* A hunk ends at the next `@@`, at the names of the next file, at the fence or at the end of
a completed reply, and is returned only then. In a block, a hunk may begin without a `@@`.

*File names.* `--- a` and `+++ b` inside a hunk are file names only if a `@@` follows, and if either
the counts of the hunk's header don't include them or the code has no such line: a removed SQL
comment looks the same.

*Fences.* Lines of a diff have a marker, so the column tells a closing fence. If the scope has such
a line itself, it may be a context line without its blank. Then it counts as a closing fence only if
the diff doesn't go on behind it.

*Several blocks.* Some models write a block for each hunk, so parsing goes on behind a closed block.
A closed block still proves the end of the reply, unless another is open when the reply ends.
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
# Lines between hunks as git and older tools write them, and those of the `*** Begin Patch` format.
_BETWEEN = re.compile(
    r"diff --git |Index: |={60,}$|\*\*\* (?:Begin Patch|End Patch|End of File|Update File: )"
)
# More of them, which could also be lines of code: recognised only while no hunk is open.
_BETWEEN_ONLY = re.compile(
    r"---(?: |$)|\+\+\+(?: |$)|index [0-9a-f]+\.\.|(?:old|new|deleted file|new file) mode \d"
    r"|similarity index |rename (?:from|to) "
)
_OLD_NAME, _NEW_NAME = "--- ", "+++ "


class HunkParser:
    """Takes the cleaned text of a reply; returns complete hunks, in order. Never raises.

    Invariant: the hunks don't depend on how the reply was split into chunks.
    """

    def __init__(self, known: Collection[str]) -> None:
        """`known`: the lines of the scope and around it, stripped."""
        self._known = known
        self._known_fences = any(read_fence(line) is not None for line in known)
        self._partial: list[str] = []  # The pieces of the unfinished line.
        self._fence: Fence | None = None
        self._bare = False  # In state BARE.
        self._thoughts = Reasoning()
        self._paused: list[str] = []  # A fence that may close the block, and the lines behind.
        self._header: HunkHeader | None = None  # Of the open hunk.
        self._header_line = ""  # The same as received; "" for a hunk without header.
        self._body: list[str] = []  # The open hunk's lines as received.
        self._names: list[str] = []  # Lines that may name the next file.
        self._hunks: list[PatchHunk] = []
        self._chat: list[str] = []
        self._chat_length = 0  # Code points of prose since the last block.
        self._holds_diff = False  # Whether the open block has a diff in it, or nothing.
        self.headless = False
        """Whether a block may be a diff without any header, whatever language its fence names."""
        self.closed = False
        """Whether a block with a diff, or an empty one, was closed."""
        self.found = False
        """Whether a diff was found."""
        self.other = False
        """Whether a block holds something other than a diff."""

    @property
    def open(self) -> bool:
        """Whether a block is open."""
        return self._fence is not None and not self._paused

    @property
    def chat(self) -> str:
        """The prose outside of blocks, without blank lines around it."""
        return "\n".join(self._chat).strip("\n" + BLANKS)

    @property
    def chat_length(self) -> int:
        """Code points of prose received since the last line of a diff or block."""
        inside = self._fence is not None or self._bare
        return self._chat_length + (0 if inside else sum(map(len, self._partial)))

    def push(self, text: str) -> list[PatchHunk]:
        """Take more of the reply, with "\\n" as line end; return the hunks that it completes."""
        first, *others = text.split("\n")
        self._partial.append(first)
        for piece in others:
            line, self._partial = "".join(self._partial), [piece]
            self._read_line(line)
        return self._take_hunks()

    def finish(self, completed: bool) -> list[PatchHunk]:
        """The reply ended; return the last hunks. Drops an unfinished one unless `completed`."""
        if not completed:
            self._paused = []
            return self._take_hunks()
        if last := "".join(self._partial):
            self._read_line(last)
        if self._paused:
            self._paused = []
            self._close_block()
        self._end_hunk()
        return self._take_hunks()

    # -- lines, by state ---------------------------------------------------------------------

    def _read_line(self, line: str) -> None:
        if self._fence is not None:
            self._line_in_block(line, self._fence)
        elif self._bare:
            self._line_in_bare(line)
        else:
            self._line_outside(line)

    def _line_outside(self, line: str) -> None:
        if self._thoughts.is_reasoning_line(line):
            return
        if (fence := read_fence(line)) is not None:
            self._fence, self._holds_diff = fence, True
        elif read_header(line) is not None or _BETWEEN.match(line) is not None:
            self._bare = True
            self._diff_line(line)
        elif self._chat[-1:] and self._chat[-1].startswith(_OLD_NAME) and line[:4] == _NEW_NAME:
            self._chat.pop()
            self._bare = True
        else:
            self._chat.append(line)
            self._chat_length += len(line) + 1

    def _line_in_bare(self, line: str) -> None:
        fence = read_fence(line)
        if fence is None or indent_of(line) or line.strip() in self._known:
            self._diff_line(line)
            return
        self._end_hunk()
        self._bare = False
        if fence.info:
            self._fence, self._holds_diff = fence, True
        else:
            self.closed = True  # The opening fence is missing.

    def _line_in_block(self, line: str, fence: Fence) -> None:
        inner = _without_indent(line, fence.indent)
        if self._paused:
            self._line_in_pause(line, inner, fence)
        elif not self._closes(inner, fence):
            self._diff_line(inner)
        elif inner.strip() in self._known:
            self._paused = [inner]
        else:
            self._close_block()

    def _line_in_pause(self, line: str, inner: str, fence: Fence) -> None:
        """A line behind a fence that may be context: find out whether the diff goes on."""
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
            self._diff_line(content)
        self._line_in_block(line, fence)

    def _closes(self, line: str, fence: Fence) -> bool:
        """Whether a line of a block may be its closing fence."""
        found = read_fence(line)
        if found is None or found.info or found.mark != fence.mark or found.length < fence.length:
            return False
        return found.indent == 0 or (found.indent <= CLOSING_SLACK and not self._known_fences)

    def _close_block(self) -> None:
        self._end_hunk(NONE_FOLLOWS)
        self._fence = None
        self.closed = self.closed or self._holds_diff

    # -- the diff ----------------------------------------------------------------------------

    def _diff_line(self, line: str) -> None:
        """Read a line of a diff, or of a block that may be one."""
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
        """Read a line while no hunk is open; it may begin one without a header."""
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
            self._chat_length = 0
        else:
            self._chat.append(line)
            self._chat_length += len(line) + 1

    def _begin(self, header: HunkHeader, header_line: str) -> None:
        self._header, self._header_line = header, header_line
        self.found = self._holds_diff = True

    def _add(self, raw: str) -> None:
        self._chat_length = 0
        self._body.append(raw)

    def _add_names(self) -> None:
        """The lines that looked like file names are lines of the hunk."""
        names, self._names = self._names, []
        for line in names:
            self._add(line)

    def _names_belong(self) -> bool:
        """Whether the two lines with names are lines of the open hunk.

        They are if its counts include them and the code has the line that the first would remove.
        """
        if self._names[0][1:].strip() not in self._known:
            return False
        header = self._header or HunkHeader()
        lines = [line for raw in self._body if (line := read_line(raw)) is not None]
        old = sum(line.kind is not LineMarker.ADDED for line in lines)
        new = sum(line.kind is not LineMarker.REMOVED for line in lines)
        return (header.old_count, header.new_count) == (old + 1, new + 1)

    def _end_hunk(self, next_start: int | None = None) -> None:
        """Complete the open hunk, if there is one."""
        self._add_names()
        if self._header is not None and self._body:
            hunk = read_hunk(self._header_line, self._body, next_start)
            if hunk.lines:
                self._hunks.append(hunk)
        self._header, self._header_line, self._body = None, "", []

    def _take_hunks(self) -> list[PatchHunk]:
        hunks, self._hunks = self._hunks, []
        return hunks


def _without_indent(line: str, width: int) -> str:
    """`line` without up to `width` blanks, the indentation of its block's fence."""
    return line[min(width, len(line) - len(line.lstrip(" "))) :]
