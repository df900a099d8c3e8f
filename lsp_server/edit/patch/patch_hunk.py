"""One hunk of a unified diff, as models write them.

A header is only a hint: its numbers and counts are often wrong, and often it has none. What the
body says counts. `checked` writes the header anew from the body and lets `unidiff` read the whole,
which must find the same lines; it is the second opinion on our own reading.

Knows nothing of the code that the hunk is for.
"""

import re
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from itertools import dropwhile

from unidiff.errors import UnidiffParseError
from unidiff.patch import PatchSet

from lsp_server.edit.reply.reply_context import BLANKS

_NUMBERS = re.compile(r"-(\d{1,9})(?:\s*,\s*(\d{1,9}))?(?:\s+\+\d{1,9}(?:\s*,\s*(\d{1,9}))?)?\s*")
_NO_NEWLINE = "\\ No newline"
# What a hunk before a closing fence has for the next hunk's line: no header can say so much.
NONE_FOLLOWS = 10**9


class LineMarker(Enum):
    """What a line of a hunk says; the values are its markers."""

    KEPT = " "
    REMOVED = "-"
    ADDED = "+"


@dataclass(frozen=True, slots=True)
class PatchLine:
    """A line of a hunk. `text` is without its marker, `raw` as it came."""

    kind: LineMarker
    text: str
    raw: str

    @property
    def marked(self) -> bool:
        """Whether it came with a marker; context lines often come without their blank."""
        return self.raw[:1] == self.kind.value


@dataclass(frozen=True, slots=True)
class HunkHeader:
    """What stands between the `@@`: `start` counts lines from 1; `None` is what is not said."""

    start: int | None = None
    old_count: int | None = None
    new_count: int | None = None
    heading: str = ""
    """The line after which the hunk is said to stand, such as `def f():`; no white space around."""


@dataclass(frozen=True)
class PatchHunk:
    """A complete hunk. Its `old` lines are those that the code must hold, in this order."""

    header: HunkHeader
    lines: tuple[PatchLine, ...]
    next_start: int | None = None
    """Where the hunk behind it says that it begins; `NONE_FOLLOWS` before a closing fence."""

    @cached_property
    def old(self) -> tuple[PatchLine, ...]:
        """The context and what is removed."""
        return tuple(line for line in self.lines if line.kind is not LineMarker.ADDED)

    @cached_property
    def weak(self) -> bool:
        """Whether its old lines are blank, which says nothing about where it belongs."""
        return not any(line.text.strip() for line in self.old)

    @cached_property
    def changes(self) -> bool:
        """Whether it removes or adds anything."""
        return any(line.kind is not LineMarker.KEPT for line in self.lines)

    @cached_property
    def lead(self) -> int:
        """How many lines of context come before its first change."""
        return next((i for i, line in enumerate(self.lines) if line.kind is not LineMarker.KEPT), 0)

    @cached_property
    def reach(self) -> int:
        """How many old lines come before the end of its last change."""
        tail = next(
            (i for i, x in enumerate(reversed(self.lines)) if x.kind is not LineMarker.KEPT), 0
        )
        return len(self.old) - tail

    def with_lines(self, lines: tuple[PatchLine, ...]) -> "PatchHunk":
        """The same header over other lines."""
        return replace(self, lines=lines)

    def trimmed(self) -> "PatchHunk":
        """Without empty lines at its edges: they may be context or mere spacing."""
        lines = tuple(dropwhile(_is_spacing, self.lines))
        lines = tuple(dropwhile(_is_spacing, reversed(lines)))[::-1]
        return self.with_lines(lines)


def _is_spacing(line: PatchLine) -> bool:
    return not line.raw


def read_header(line: str) -> HunkHeader | None:
    """The header that `line` is: `@@`, then white space or nothing, and anything or nothing."""
    if not line.startswith("@@") or line[2:3] not in ("", " ", "\t", "-"):
        return None
    said = line.strip("@" + BLANKS)
    numbers = _NUMBERS.match(said)
    if numbers is None:
        return HunkHeader(heading=said if any(map(str.isalnum, said)) else "")
    start, old_count, new_count = (None if n is None else int(n) for n in numbers.groups())
    return HunkHeader(start, old_count, new_count, said[numbers.end() :].strip("@" + BLANKS))


def read_line(raw: str) -> PatchLine | None:
    """A line of a hunk's body; `None` for the note that a file has no final line end."""
    if raw.startswith(_NO_NEWLINE):
        return None
    for kind in LineMarker:
        if raw[:1] == kind.value:
            return PatchLine(kind, raw[1:], raw)
    return PatchLine(LineMarker.KEPT, raw, raw)


def checked(hunk: PatchHunk) -> bool:
    """Whether `unidiff` reads the hunk, with its header put right, as it is read here."""
    old, new = len(hunk.old), sum(line.kind is not LineMarker.REMOVED for line in hunk.lines)
    body = "".join(f"{line.kind.value}{line.text}\n" for line in hunk.lines)
    try:
        patch = PatchSet(f"--- a\n+++ b\n@@ -1,{old} +1,{new} @@\n{body}")
    except UnidiffParseError:
        return False
    read = [(line.line_type, line.value) for file in patch for part in file for line in part]
    return read == [(line.kind.value, f"{line.text}\n") for line in hunk.lines]
