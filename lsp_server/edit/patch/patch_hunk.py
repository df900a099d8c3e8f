"""One hunk of a unified diff, as models write them.

`read_hunk` lets `unidiff` read the hunk first. A hunk that follows the format is read by the
format: its counts say which lines belong to it, so blank lines behind them are spacing and not
context. Most hunks that models write break a rule: the counts are wrong or missing, or context
lines lack their marker. `unidiff` refuses those. Then the lenient reader takes every line, and the
header is only a hint.

This module doesn't know the code that the hunk is for.
"""

import re
from collections.abc import Sequence
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


_MARKERS = frozenset(kind.value for kind in LineMarker)


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


def read_hunk(header_line: str, body: Sequence[str], next_start: int | None) -> PatchHunk:
    """The hunk with this header and these lines, as they came; no line holds a "\\n".

    `header_line` is "" for a hunk that has none. Never raises.
    """
    strict = _read_strictly(header_line, body, next_start) if header_line else None
    if strict is not None:
        return strict
    lines = (read_line(raw) for raw in body)
    return PatchHunk(
        read_header(header_line) or HunkHeader(),
        tuple(line for line in lines if line is not None),
        next_start,
    )


def _read_strictly(
    header_line: str, body: Sequence[str], next_start: int | None
) -> PatchHunk | None:
    """The hunk as `unidiff` reads it; `None` if that refuses it or leaves a line out."""
    try:
        files = PatchSet("\n".join(["--- a", "+++ b", header_line, *body, ""]))
    except (UnidiffParseError, ValueError):  # ValueError: a number with thousands of digits.
        return None
    hunks = [hunk for file in files for hunk in file]
    if len(hunks) != 1 or len(hunks[0]) != len(body):
        return None
    hunk, lines = hunks[0], []
    for parsed, raw in zip(hunk, body, strict=True):
        if parsed.line_type in _MARKERS:
            text = parsed.value.removesuffix("\n")
            lines.append(PatchLine(LineMarker(parsed.line_type), text, raw))
        elif raw and not raw.startswith(_NO_NEWLINE):
            return None  # `unidiff` takes any line that begins with a backslash for the note.
    header = HunkHeader(
        hunk.source_start,
        hunk.source_length,
        hunk.target_length,
        hunk.section_header.strip(BLANKS),
    )
    return PatchHunk(header, tuple(lines), next_start)
