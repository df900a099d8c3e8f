"""The definitions of a scope: the lines of each, and which of them a name means.

Lines are counted from 0 at the scope's first line; ranges are half-open.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, takewhile

from rapidfuzz import fuzz

from lsp_server.edit.definitions.definition_protocol import (
    UNNAMED,
    DefinitionLike,
    DefinitionReader,
)
from lsp_server.edit.reply.reply_context import ReplyContext, indent_of, is_blank

_FUNCTIONS = frozenset({"function", "method"})
_ANNOTATIONS = re.compile(r"(?:@[\w.]+(?:\([^()]*\))?\s+)+")
# How much more similar (of 100) the best match must be than the next, if names don't tell.
_CLEARLY = 5.0
_DIRECTIVE = r"define|undef|include|import|ifdef|ifndef|if|elif|else|endif|pragma|error"
_COMMENT = re.compile(rf"\s*(?:#(?!!?\[|(?:{_DIRECTIVE})\b)|//|/\*|\*|--|<!--|;;|\"\"\")")
_ATTRIBUTE = re.compile(r"\s*(?:@\w|#!?\[|\[\w[^=]*\]\s*$|template\s*<[^{;(]*>\s*$)")


@dataclass(frozen=True, slots=True)
class DefinitionRegion:
    """A definition of the scope and its lines `[start, end)`."""

    start: int
    end: int
    header: int
    """The first line behind the comments, decorators and attributes before it."""
    inner_start: int | None
    """The first line of its first member, if its members are definitions."""
    inner_end: int | None
    definition: DefinitionLike

    @property
    def where(self) -> str:
        """Its dotted name, for messages."""
        return ".".join((*self.definition.path, self.definition.name))

    def holds(self, other: "DefinitionRegion") -> bool:
        """Whether `other` is within this definition."""
        return self is not other and self.start <= other.start and other.end <= self.end


def front_kind(line: str) -> str | None:
    """`comment` or `attribute` for a line that may come before a definition; else `None`."""
    if _COMMENT.match(line):
        return "comment"
    return "attribute" if _ATTRIBUTE.match(line) else None


def front_of(lines: Sequence[str]) -> int:
    """The number of leading lines that come before a definition, with blank ones between."""
    open_comment = False
    for index, line in enumerate(lines):
        if not (open_comment or is_blank(line) or front_kind(line)):
            return index
        opened = line.rfind("/*")
        open_comment = "*/" not in line[max(opened, 0) :] and (opened >= 0 or open_comment)
    return len(lines)


class ScopeRegions:
    """The scope's lines and its definitions."""

    def __init__(self, place: ReplyContext, names: DefinitionReader) -> None:
        self.place = place
        self.lines = place.lines
        self.names = names
        self.regions = self._regions()
        self.headers = frozenset(self.lines[r.header].strip() for r in self.regions if _named(r))
        self.imports = [r for r in self.regions if r.definition.kind == "import"]

    def _regions(self) -> list[DefinitionRegion]:
        text = "\n".join(self.lines)
        starts = [0, *accumulate(len(each) + 1 for each in self.lines)]
        found = (self._region(one, text, starts) for one in self.names.known())
        return [region for region in found if region is not None]

    def _region(
        self, one: DefinitionLike, text: str, starts: Sequence[int]
    ) -> DefinitionRegion | None:
        """The region of a definition; `None` if it shares a line with other code."""

        def line_of(place: int) -> int:
            return min(bisect_right(starts, place) - 1, len(self.lines) - 1)

        first, last = line_of(one.span.start), line_of(max(one.span.end - 1, one.span.start))
        rest = text[one.span.end : starts[last + 1] - 1].strip()
        if text[starts[first] : one.span.start].strip() or (rest and not _COMMENT.match(rest)):
            return None
        header = min(first + front_of(self.lines[first : last + 1]), last)
        inner_start = inner_end = None
        if one.inner is not None and line_of(one.inner.start) > header:
            inner_start = line_of(one.inner.start)
            inner_end = line_of(max(one.inner.end - 1, one.inner.start)) + 1
        return DefinitionRegion(first, last + 1, header, inner_start, inner_end, one)

    def indent(self, line: int) -> str:
        """The indentation in the document of a line of the scope."""
        return self.place.indent if line == 0 else indent_of(self.lines[line])

    def text(self, start: int, end: int) -> str:
        """The lines `[start, end)`, without the indentation of the first one."""
        return "\n".join(self.lines[start:end])[len(indent_of(self.lines[start])) :]

    def candidates(
        self, found: DefinitionLike, within: DefinitionRegion | None, indent: str
    ) -> Sequence[DefinitionRegion]:
        """The definitions of the scope that a definition of the answer may be."""
        same = [
            region
            for region in self.regions
            if region.definition.name == found.name
            and _sort(region.definition.kind) == _sort(found.kind)
            and (within is None or within.holds(region))
        ]
        by_signature = [r for r in same if _bare(r.definition) == _bare(found)]
        same = by_signature or same
        if len(same) > 1:
            column = [r for r in same if self.indent(r.header) == indent and indent]
            same = column or same
        return same

    def likeliest(
        self, candidates: Sequence[DefinitionRegion], text: str
    ) -> DefinitionRegion | None:
        """The candidate whose text is clearly the most similar to `text`, if there is one."""
        ranked = sorted(
            ((fuzz.ratio(_squeezed(self.text(r.header, r.end)), _squeezed(text)), -i)
             for i, r in enumerate(candidates)),
            reverse=True,
        )  # fmt: skip
        if len(ranked) > 1 and ranked[0][0] - ranked[1][0] < _CLEARLY:
            return None
        return candidates[-ranked[0][1]]

    def called(self, name: str) -> Sequence[DefinitionRegion]:
        """The definitions with this name, which may be qualified: `Class.method`."""
        wanted = re.split(r"::|[.#]", name)
        return [
            region
            for region in self.regions
            if _named(region)
            and (region.definition.name == name
                 or [*region.definition.path, region.definition.name][-len(wanted):] == wanted)
        ]  # fmt: skip

    def around(self, region: DefinitionRegion) -> DefinitionRegion | None:
        """The innermost definition around `region`."""
        return next((r for r in reversed(self.regions) if r.holds(region)), None)

    def gap(self, region: DefinitionRegion) -> int:
        """The number of blank lines between `region` and its neighbours; at least 1."""

        def blank(lines: Iterable[str]) -> int:
            return sum(1 for _ in takewhile(is_blank, lines))

        below = blank(self.lines[region.end :])
        above = blank(reversed(self.lines[: region.start]))
        following = self.lines[region.end + below :]
        if not following or indent_of(following[0]) != self.indent(region.header):
            below = 0  # The code below isn't a neighbour.
        return below or above or 1


def _named(region: DefinitionRegion) -> bool:
    return region.definition.kind not in UNNAMED


def _sort(kind: str) -> str:
    return "function" if kind in _FUNCTIONS else kind


def _bare(one: DefinitionLike) -> str:
    return _squeezed(_ANNOTATIONS.sub("", one.signature))


def _squeezed(text: str) -> str:
    return "".join(text.split())
