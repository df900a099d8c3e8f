"""Finds the place of a hunk in the scope: by its lines, and by its number only between equals.

The code must contain all old lines of the hunk (context and removed lines), in order. `MatchGrade`
says how well they match. There must be exactly one place with the best grade, or the header's
number must choose one. A lost marker and shifted columns count alike. Everything else is a
`Misfit`: a place is never guessed.

Lines are compared in the document's columns: the scope's first line is completed with the text
before it. Some lines above and below the scope are searched too, because models quote them as
context. Changes to those are refused.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum

from lsp_server.edit.patch.hunk_columns import KEEP, ColumnRule, find_rule
from lsp_server.edit.patch.patch_hunk import HunkHeader, LineMarker, PatchHunk, PatchLine
from lsp_server.edit.reply.reply_context import ReplyContext

# Lines above and below the scope that may be quoted as context.
_NEIGHBOURS = 12
# A header's number chooses a place at most this many lines away.
_FEW = 3
# Places that are compared for one hunk, in a scope that repeats itself.
_MOST_PLACES = 500


class MatchGrade(IntEnum):
    """How well a hunk's old lines match, best first."""

    EXACT = 0
    UNMARKED = 1  # Some context lines lack the blank before them.
    TRAILING = 2  # Equal except for trailing white space.
    INDENTED = 3  # Equal except for indentation, by one rule for all lines.


class Misfit(Enum):
    """Why a hunk is left out. The values are shown to the user."""

    NOWHERE = "its lines aren't in the code"
    PASSED = "it belongs before an earlier change"
    SEVERAL = (
        "its lines are in the code more than once, and its line number fits none of the places"
    )
    OUTSIDE = "it changes lines outside the scope"
    NO_CONTEXT = "it has no line of the code, and its line number leads nowhere"
    PLACEHOLDER = "it has a placeholder instead of code"


@dataclass(frozen=True, slots=True)
class Spot:
    """A place for a hunk."""

    start: int
    """The index in `HunkLocator.lines` of the hunk's first old line."""
    rule: ColumnRule = KEEP
    """Converts the indentation of added lines."""


@dataclass(frozen=True, slots=True)
class _Fit:
    spot: Spot
    grade: MatchGrade


class HunkLocator:
    """The scope's lines with their neighbours, and an index of them.

    `lines[top:bottom]` are the scope's lines, in the document's columns.
    """

    def __init__(self, place: ReplyContext) -> None:
        above, _, line_start = place.before.rpartition("\n")
        line_rest, newline, below = place.after.partition("\n")
        has_above = "\n" in place.before
        self.scope = place.original.split("\n")
        self.indent = place.indent
        self.lead = line_start or place.indent
        """The text before the scope on its first line."""
        self.rest = line_rest
        """The text behind the scope on its last line."""
        self.above = above.split("\n")[-_NEIGHBOURS:] if has_above else []
        scope_lines = [*self.scope]
        scope_lines[0] = self.lead + scope_lines[0]
        scope_lines[-1] += line_rest
        self.lines = [
            *self.above,
            *scope_lines,
            *(below.split("\n")[:_NEIGHBOURS] if newline else []),
        ]
        self.top = len(self.above)
        self.bottom = self.top + len(self.scope)
        self._forms: dict[int, tuple[str, ...]] = {}
        self._add_forms(self.top, (self.scope[0], self.indent + self.scope[0]))
        self._add_forms(self.bottom - 1, (self.scope[-1],))
        self._stripped = [line.strip() for line in self.lines]
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        for index, line in enumerate(self._stripped):
            for form in {line, *map(str.strip, self._forms.get(index, ()))}:
                self._places[form].append(index)
        self.known = frozenset(line for line in self._places if line)
        """The lines, stripped, without blank ones."""

    def _add_forms(self, index: int, forms: tuple[str, ...]) -> None:
        """Add other forms in which the line may be quoted."""
        others = {form for form in forms if form != self.lines[index]}
        if others:
            self._forms[index] = (*self._forms.get(index, ()), *sorted(others))

    def find(
        self, hunk: PatchHunk, floor: int, written: Sequence[str], drift: int | None
    ) -> Spot | Misfit:
        """The place of `hunk`, or why it has none.

        `floor`: the index of the first line behind all earlier changes; lines before it can't
        change any more. `written`: the new lines that replace those before `floor`. `drift`: how
        many lines below its number the last hunk was found; `None` if unknown.
        """
        if not hunk.old:
            return self._by_number(hunk.header, floor, drift)
        places = self._candidates(hunk.old)
        claimed = self._claimed(hunk.header)
        if len(places) > _MOST_PLACES:
            if claimed is None:
                return Misfit.SEVERAL
            places = sorted(places, key=lambda p: abs(p - claimed))[:_MOST_PLACES]
        fits = [fit for p in places if (fit := self._fit(hunk.old, self.lines, p, 0))]
        inside = [fit for fit in fits if self._inside(hunk, fit.spot)]
        free = [fit for fit in inside if fit.spot.start + hunk.lead >= floor]
        if not free:
            found = self._fits_written(hunk, floor, written)
            inside = free = [fit for fit in found if self._inside(hunk, fit.spot)] or inside
        if not free:
            return Misfit.OUTSIDE if fits else Misfit.NOWHERE
        best = min(fit.grade for fit in free)
        if best is MatchGrade.UNMARKED:  # The missing blank may be an extra one at another place.
            best = MatchGrade.INDENTED
        spots = [fit.spot for fit in inside if fit.grade <= best]
        return self._choose(hunk, spots, floor, drift)

    # -- matching --------------------------------------------------------------------------

    def _candidates(self, old: Sequence[PatchLine]) -> list[int]:
        """The places where the stripped old lines match."""
        wanted = [line.text.strip() for line in old]
        if any(line and line not in self._places for line in wanted):
            return []
        rarest = min(
            range(len(wanted)),
            key=lambda i: len(self._places[wanted[i]]) if wanted[i] else len(self.lines),
        )
        last = len(self.lines) - len(wanted)
        starts = (index - rarest for index in self._places.get(wanted[rarest], ()))
        return [start for start in starts if 0 <= start <= last and self._stands(wanted, start)]

    def _stands(self, wanted: list[str], start: int) -> bool:
        window = self._stripped[start : start + len(wanted)]
        if window == wanted:
            return True
        for index, forms in self._forms.items():
            offset = index - start
            if 0 <= offset < len(wanted) and wanted[offset] in map(str.strip, forms):
                window[offset] = wanted[offset]
        return window == wanted

    def _fit(
        self, old: Sequence[PatchLine], lines: Sequence[str], start: int, offset: int
    ) -> _Fit | None:
        """How the old lines match `lines` from `start` on; `lines[offset + i]` is our line i."""
        grade = MatchGrade.EXACT
        pairs: dict[LineMarker, list[tuple[str, str]]] = {
            LineMarker.KEPT: [],
            LineMarker.REMOVED: [],
        }
        edges: list[tuple[PatchLine, Sequence[str]]] = []
        for index, line in enumerate(old, start):
            forms = (lines[index], *self._forms.get(index - offset, ()))
            found = _grade(line, forms)
            if found is None:
                return None
            grade = max(grade, found)
            if len(forms) == 1:
                pairs[line.kind].append((line.text, lines[index]))
            elif found is MatchGrade.INDENTED or line.text.rstrip() == lines[index].rstrip():
                edges.append((line, forms))
        if grade is not MatchGrade.INDENTED:
            return _Fit(Spot(start), grade)
        rule = _rule_of(pairs, edges)
        return None if rule is None else _Fit(Spot(start, rule), grade)

    def _fits_written(self, hunk: PatchHunk, floor: int, written: Sequence[str]) -> Iterator[_Fit]:
        """Places where the context before the first change matches the new text."""
        tail = [*self.above, *written[-hunk.lead :]][-hunk.lead :] if hunk.lead else []
        lines = [*tail, *self.lines[floor : floor + len(hunk.old)]]
        for start in range(len(tail)):
            if start + hunk.lead < len(tail) or start + len(hunk.old) > len(lines):
                continue
            fit = self._fit(hunk.old, lines, start, len(tail) - floor)
            if fit is not None:
                yield _Fit(Spot(start - len(tail) + floor, fit.spot.rule), fit.grade)

    def _inside(self, hunk: PatchHunk, spot: Spot) -> bool:
        first, last = spot.start + hunk.lead, spot.start + hunk.reach
        return self.top <= first and last <= self.bottom

    # -- choosing ----------------------------------------------------------------------------

    def _claimed(self, header: HunkHeader) -> int | None:
        return None if header.start is None else self.top + max(header.start - 1, 0)

    def _choose(
        self, hunk: PatchHunk, spots: list[Spot], floor: int, drift: int | None
    ) -> Spot | Misfit:
        """The place that the header's number chooses, or the only one."""
        claimed = self._claimed(hunk.header)
        named: dict[int, Spot] = {}
        if claimed is not None:
            picks = [_nearest(spots, claimed + shift) for shift in {0, drift or 0}]
            named = {spot.start: spot for spot in picks if spot is not None}
        free = [spot for spot in spots if spot.start + hunk.lead >= floor]
        if not free:
            return Misfit.PASSED
        if len(named) == 1:
            spot = named.popitem()[1]
            return spot if spot in free else Misfit.PASSED
        if hunk.blank_only and not named:
            return Misfit.NO_CONTEXT
        if len(free) == 1 and not named:
            return free[0]
        if claimed is None:
            return self._under_heading(free, hunk.header.heading) or Misfit.SEVERAL
        return Misfit.SEVERAL

    def _under_heading(self, spots: list[Spot], heading: str) -> Spot | None:
        """The first place behind the only line that begins with the heading."""
        places = [i for i, x in enumerate(self._stripped) if heading and x.startswith(heading)]
        if len(places) != 1:
            return None
        below = [spot for spot in spots if spot.start >= places[0]]
        return min(below, key=lambda spot: spot.start, default=None)

    def _by_number(self, header: HunkHeader, floor: int, drift: int | None) -> Spot | Misfit:
        """The place of a hunk without old lines, by its number, if earlier numbers were right."""
        if header.start is None or drift:
            return Misfit.NO_CONTEXT
        # "-5,0" means behind line 5; any other count means at line 5.
        start = self.top + header.start - (header.old_count != 0 and header.start > 0)
        if start < floor:
            return Misfit.PASSED
        return Spot(start) if start <= self.bottom else Misfit.NO_CONTEXT


def _rule_of(
    pairs: dict[LineMarker, list[tuple[str, str]]], edges: Sequence[tuple[PatchLine, Sequence[str]]]
) -> ColumnRule | None:
    """The rule that turns the received lines into those of the code, if there is one.

    `edges` are lines that may be quoted in several forms. They count only if they agree with the
    other lines, or if there are no other lines.
    """
    everything = [*pairs[LineMarker.KEPT], *pairs[LineMarker.REMOVED]]
    if any(came.strip() for came, _ in everything):
        rule = find_rule(everything)
        if rule is not None and all(
            any(rule.fits([(line.text, form)]) for form in forms) for line, forms in edges
        ):
            return rule
    for line, forms in edges:
        pairs[line.kind].append((line.text, forms[0]))
    kept, removed = find_rule(pairs[LineMarker.KEPT]), find_rule(pairs[LineMarker.REMOVED])
    if kept is None or removed is None:
        return None
    # Removed and added lines share their columns, whatever the context lines do.
    return removed if any(came.strip() for came, _ in pairs[LineMarker.REMOVED]) else kept


def _grade(line: PatchLine, forms: Sequence[str]) -> MatchGrade | None:
    """How well one old line matches one of `forms`."""
    if line.text in forms:
        return MatchGrade.EXACT
    texts = [line.text]
    if line.kind is LineMarker.KEPT and line.marked:
        # The marker may be missing, and the blank part of the indentation.
        texts.append(line.raw)
        if line.raw in forms:
            return MatchGrade.UNMARKED
    if any(text.rstrip() == form.rstrip() for text in texts for form in forms):
        return MatchGrade.TRAILING
    if any(line.text.strip() == form.strip() for form in forms):
        return MatchGrade.INDENTED
    return None


def _nearest(spots: list[Spot], claimed: int) -> Spot | None:
    """The place nearest to a number, if it is near enough and no other is as near."""
    distance = min(abs(spot.start - claimed) for spot in spots)
    nearest = [spot for spot in spots if abs(spot.start - claimed) == distance]
    return nearest[0] if distance <= _FEW and len(nearest) == 1 else None
