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
# `next_start` of a hunk before a closing fence: larger than any number in a header.
NONE_FOLLOWS = 10**9


class LineMarker(Enum):
    """The kinds of lines in a hunk. The values are the markers of the format."""

    KEPT = " "
    REMOVED = "-"
    ADDED = "+"


_MARKERS = frozenset(kind.value for kind in LineMarker)


@dataclass(frozen=True, slots=True)
class PatchLine:
    """A line of a hunk: `text` is without the marker, `raw` as received."""

    kind: LineMarker
    text: str
    raw: str

    @property
    def marked(self) -> bool:
        """Whether it has a marker. Context lines often lack the blank."""
        return self.raw[:1] == self.kind.value


@dataclass(frozen=True, slots=True)
class HunkHeader:
    """The data of a hunk's `@@` line; `None` for numbers that it doesn't give."""

    start: int | None = None
    """The first old line, counted from 1."""
    old_count: int | None = None
    new_count: int | None = None
    heading: str = ""
    """A line above the hunk, such as `def f():`, without white space around."""


@dataclass(frozen=True)
class PatchHunk:
    """A complete hunk. The code must contain its `old` lines, in this order."""

    header: HunkHeader
    lines: tuple[PatchLine, ...]
    next_start: int | None = None
    """`start` of the next hunk's header; `NONE_FOLLOWS` before a closing fence; `None`: unknown."""

    @cached_property
    def old(self) -> tuple[PatchLine, ...]:
        """The context lines and the removed lines."""
        return tuple(line for line in self.lines if line.kind is not LineMarker.ADDED)

    @cached_property
    def blank_only(self) -> bool:
        """Whether all old lines are blank, so they don't tell where the hunk belongs."""
        return not any(line.text.strip() for line in self.old)

    @cached_property
    def changes(self) -> bool:
        """Whether the hunk removes or adds any line."""
        return any(line.kind is not LineMarker.KEPT for line in self.lines)

    @cached_property
    def lead(self) -> int:
        """The number of context lines before the first change."""
        return next((i for i, line in enumerate(self.lines) if line.kind is not LineMarker.KEPT), 0)

    @cached_property
    def reach(self) -> int:
        """The number of old lines up to the end of the last change."""
        tail = next(
            (i for i, x in enumerate(reversed(self.lines)) if x.kind is not LineMarker.KEPT), 0
        )
        return len(self.old) - tail

    def with_lines(self, lines: tuple[PatchLine, ...]) -> "PatchHunk":
        """The same hunk with other lines."""
        return replace(self, lines=lines)

    def trimmed(self) -> "PatchHunk":
        """The hunk without empty lines at its edges, which may be context or only spacing."""
        lines = tuple(dropwhile(_is_spacing, self.lines))
        lines = tuple(dropwhile(_is_spacing, reversed(lines)))[::-1]
        return self.with_lines(lines)


def _is_spacing(line: PatchLine) -> bool:
    return not line.raw


def read_header(line: str) -> HunkHeader | None:
    """The header, if `line` is one: `@@`, then white space or `-`, then anything; or only `@@`."""
    if not line.startswith("@@") or line[2:3] not in ("", " ", "\t", "-"):
        return None
    content = line.strip("@" + BLANKS)
    numbers = _NUMBERS.match(content)
    if numbers is None:
        return HunkHeader(heading=content if any(map(str.isalnum, content)) else "")
    start, old_count, new_count = (None if n is None else int(n) for n in numbers.groups())
    return HunkHeader(start, old_count, new_count, content[numbers.end() :].strip("@" + BLANKS))


def read_line(raw: str) -> PatchLine | None:
    """A line of a hunk's body; `None` for the note "No newline at end of file"."""
    if raw.startswith(_NO_NEWLINE):
        return None
    for kind in LineMarker:
        if raw[:1] == kind.value:
            return PatchLine(kind, raw[1:], raw)
    return PatchLine(LineMarker.KEPT, raw, raw)


def read_hunk(header_line: str, body: Sequence[str], next_start: int | None) -> PatchHunk:
    """The hunk with this header line and body, as received; no line contains a "\\n".

    `header_line` is "" for a hunk without one. Never raises.
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
