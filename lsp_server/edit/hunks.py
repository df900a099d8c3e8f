"""Which text of a scope the model changed and which the user typed; and the hunks that follow.

An attribution holds two texts and the changes between them. The *base* is the scope as it would be
if the model had never written: the original with everything that the user typed. *Ours* are the
model's changes, from the base to what the user sees. So a revert is the inverse of ours, and the
hunks are the changes of ours. What the model writes is added to ours. What the user types is added
to the base, and ours is rebased over it.

This module knows no editors or syntax, and no attempts that still run.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from operator import attrgetter, itemgetter

from lsp_server.edit.diff import refined
from lsp_server.edit.line_joins import (
    WHOLE_LINES,
    LineEdges,
    after_typing,
    line_end,
    line_start,
    moved_apart,
    settle_typing,
    split_off_blanks,
)
from lsp_server.edit.rebasing import carried, merged_spans, shrunk, stretched, trimmed
from lsp_server.text.changes import Change, ChangeSet, common_prefix, common_suffix
from lsp_server.text.span import Span

_LINE_ENDS = ("\n", "\r")
_END = 2  # The longest line end in code points.

Rebase = Callable[[ChangeSet], ChangeSet]

_first, _second = itemgetter(0), itemgetter(1)
_mark_start, _change_start = attrgetter("span.start"), attrgetter("start")


class HunkState(StrEnum):
    """`OPEN`: shown, to be accepted or reverted. `LOCKED`: accepted. `WITHHELD`: not shown, because
    the user changed the same lines. `OFFERED`: not shown, because it is outside of the scope."""

    OPEN = "open"
    LOCKED = "locked"
    WITHHELD = "withheld"
    OFFERED = "offered"


@dataclass(frozen=True, slots=True)
class Hunk:
    """One contiguous change that the model made to the scope, or would make."""

    id: str
    """Unique in the session; stays the same while the hunk exists."""
    span: Span
    """Code points of what the user sees. Of a withheld hunk: the user's text."""
    before: str
    """The text that the hunk replaces, as it would read without it."""
    state: HunkState
    offer: str | None = None
    """Of a withheld hunk: the text that the model would write in `span`."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Keeps the id of a hunk with its range."""

    id: str
    span: Span
    """Of an open hunk: code points of the base. Of a locked one: of the view."""
    before: str = ""
    """Of a locked hunk: the text that it replaced."""
    reach: Span | None = None
    """Of a locked hunk: its span with all text that was inserted at its edges since."""

    def after(self, changes: ChangeSet) -> "Mark":
        """The mark of a locked hunk after `changes` of the view."""
        reach = stretched(self.reach or self.span, changes)
        return Mark(self.id, shrunk(self.span, changes), self.before, reach)


@dataclass(frozen=True, slots=True)
class Attribution:
    """Which text of a scope is the model's and which the user's. Immutable.

    Invariant: `ours.apply(base) == view`. All offsets are code points. Each method that says what
    happened returns the new value, so an undo in the editor can bring an earlier one back.
    """

    base: str
    """The scope without the model's open changes: the original, with what the user typed and what
    they accepted."""
    ours: ChangeSet
    """The model's open changes, from `base` to `view`."""
    view: str
    """The scope as the user sees it."""
    typed: tuple[Span, ...] = ()
    """What the user typed, as spans of `view`: sorted, not empty, not touching."""
    locked: tuple[Mark, ...] = ()
    """The accepted hunks, as spans of `view`."""
    offers: tuple[tuple[str, ChangeSet], ...] = ()
    """The withheld hunks: the id of each, and the change of `view` that would show it."""
    marks: tuple[Mark, ...] = ()
    """The open hunks, as spans of `base`, in order: one for each group of changes of `ours`."""
    results: tuple[tuple[int, ChangeSet], ...] = ()
    """Results of attempts: the attempt's number, and the changes of `base` that make its result."""
    next_id: int = 1
    """The number in the id of the next new hunk."""
    edges: LineEdges = WHOLE_LINES
    """Whether the scope begins and ends at line boundaries of its document."""

    @classmethod
    def begin(cls, original: str) -> "Attribution":
        """The attribution of an unchanged scope."""
        return cls(original, ChangeSet.identity(len(original)), original)

    # -- what happened --

    def written(self, changes: ChangeSet) -> "Attribution":
        """The model changed `view`."""
        ours = trimmed(self.ours.compose(changes), self.base, self.ours)
        return self._carried_over(changes, changes.apply(self.view), ours=ours)._with_marks(
            self.ours
        )

    def typed_in(self, changes: ChangeSet) -> "Attribution":
        """Somebody other than the model changed `view`: the base gets the same change."""
        view = changes.apply(self.view)
        new = (Span(start, end) for start, end in changes.after_spans() if start < end)
        typed = merged_spans([*carried(self.typed, changes, shrunk), *new])
        in_base, ours = self._split_typing(changes, view, typed)
        moved = self._carried_over(changes, view, ours=ours)
        marks = carried([m.span for m in self.marks], in_base, stretched)
        return replace(
            moved,
            base=in_base.apply(self.base),
            typed=typed,
            marks=tuple(Mark(m.id, span) for m, span in zip(self.marks, marks, strict=True)),
            results=tuple(
                (n, after_typing(r, in_base, self.base, self.edges)) for n, r in self.results
            ),
        )._with_marks()

    def tidied(self) -> "Attribution":
        """The same attribution with minimal hunks."""
        return replace(self, ours=refined(self.ours, self.base))._with_marks()

    def offered(self, withheld: ChangeSet) -> "Attribution":
        """Add withheld hunks: changes of `view` that would change what the user wrote."""
        first = self.next_id
        offers = tuple(
            (f"h{first + i}", ChangeSet(withheld.length, (change,)))
            for i, change in enumerate(withheld.changes)
        )
        return replace(self, offers=offers, next_id=first + len(offers))

    def remembering(self, attempt: int) -> "Attribution":
        """Keep the present result as that of the attempt with this number."""
        others = tuple((n, r) for n, r in self.results if n != attempt)
        return replace(self, results=(*others, (attempt, self.ours)))

    def reframed(
        self, text: Callable[[str], str], span: Callable[[Span], Span], changes: Rebase
    ) -> "Attribution":
        """The attribution of the scope after it became wider or narrower.

        The three functions convert a text, a span and a change set to the new scope.
        """
        return replace(
            self,
            base=text(self.base),
            ours=changes(self.ours),
            view=text(self.view),
            typed=tuple(span(typed) for typed in self.typed),
            locked=tuple(Mark(m.id, span(m.span), m.before) for m in self.locked),
            offers=tuple((id_, changes(offer)) for id_, offer in self.offers),
            marks=tuple(Mark(m.id, span(m.span)) for m in self.marks),
            results=tuple((number, changes(result)) for number, result in self.results),
        )

    # -- hunks, and what the user decides --

    def hunks(self) -> tuple[Hunk, ...]:
        """All hunks, in the order of their spans."""
        spans = list(self.ours.after_spans())
        found = [
            Hunk(
                mark.id,
                Span(spans[first][0], spans[last][1]),
                mark.span.text(self.base),
                HunkState.OPEN,
            )
            for mark, (first, last) in zip(self.marks, self._hunk_groups(), strict=True)
        ]
        found += [Hunk(m.id, m.span, m.before, HunkState.LOCKED) for m in self.locked]
        for id_, offer in self.offers:
            for change in offer.changes:
                span = Span(change.start, change.end)
                text = span.text(self.view)
                found.append(Hunk(id_, span, text, HunkState.WITHHELD, change.text))
        return tuple(sorted(found, key=lambda hunk: (hunk.span, hunk.id)))

    def hunks_within(self, spans: Iterable[Span], changes: ChangeSet) -> tuple[str, ...]:
        """The ids of the open hunks within `spans`, which are spans of `view` before `changes`.

        Typing in a hunk may split it, so there may be more hunks than spans.
        """
        moved = [stretched(span, changes) for span in spans]
        return tuple(
            hunk.id
            for hunk in self.hunks()
            if hunk.state is HunkState.OPEN and any(span.contains(hunk.span) for span in moved)
        )

    def locking(self, ids: Iterable[str]) -> "Attribution":
        """Accept these open hunks: their changes move from `ours` to `base`."""
        wanted = set(ids)
        part, rest, taken = self._split_by_id(wanted)
        hunks = {hunk.id: hunk for hunk in self.hunks()}
        locked = tuple(Mark(m.id, hunks[m.id].span, hunks[m.id].before) for m in taken)
        base = part.apply(self.base)
        return replace(
            self,
            base=base,
            ours=rest.over(part, first=False),
            locked=(*self.locked, *locked),
            marks=tuple(Mark(m.id, stretched(m.span, part)) for m in self.marks if m not in taken),
            results=tuple(
                (n, _outside_hunks(r, taken).over(part, first=False)) for n, r in self.results
            ),
        )._with_marks()

    def reverting(self, ids: Iterable[str] | None = None) -> ChangeSet:
        """The changes of `view` that revert these open hunks, or all of them (`None`)."""
        if ids is None:
            return self.ours.invert(self.base)
        part, rest, _ = self._split_by_id(set(ids))
        back = part.invert(self.base)
        return back.over(rest.over(part, first=False), first=True)

    def offer(self, id_: str) -> ChangeSet | None:
        """The change of `view` that shows this withheld hunk; `None` if there is no such hunk."""
        return next((offer for offer_id, offer in self.offers if offer_id == id_), None)

    def without_offers(self, ids: Iterable[str]) -> "Attribution":
        """Drop these withheld hunks: they are decided."""
        gone = set(ids)
        return replace(self, offers=tuple(o for o in self.offers if o[0] not in gone))

    def restoring(self, attempt: int) -> ChangeSet:
        """The changes from `view` to the result of this attempt, keeping what the user typed.

        Empty if that result is gone because an undo went back to before it.
        """
        result = dict(self.results).get(attempt, self.ours)
        # Through the base, which has everything that the user typed: no change contains any of it.
        return refined(self.ours.invert(self.base).compose(result), self.view)

    # -- internals --

    def _split_by_id(self, ids: set[str]) -> tuple[ChangeSet, ChangeSet, tuple[Mark, ...]]:
        """Our changes in the hunks `ids`, our other changes, and the marks of those hunks."""
        part: list[Change] = []
        rest: list[Change] = []
        taken: list[Mark] = []
        for mark, (first, last) in zip(self.marks, self._hunk_groups(), strict=True):
            if mark.id in ids:
                taken.append(mark)
            (part if mark.id in ids else rest).extend(self.ours.changes[first : last + 1])
        size = len(self.base)
        return ChangeSet.of(size, part), ChangeSet.of(size, rest), tuple(taken)

    def _split_typing(
        self, changes: ChangeSet, view: str, typed: Sequence[Span]
    ) -> tuple[ChangeSet, ChangeSet]:
        """The changes of the base that `changes` of the view amount to, and `ours` after them.

        `view` is the text after them, and `typed` what the user typed in it. Rebases only the
        changes of `ours` nearby; the others move by an offset.
        """
        if not changes:
            return ChangeSet.identity(len(self.base)), self.ours
        near = self._region_near(changes)
        here, there = near.changes, near.view
        local = changes.shifted(-there.start, there.length)
        text, base = there.text(self.view), near.base.text(self.base)
        back = here.invert(base)
        local, back, first = settle_typing(local, back, text, self._edges_of(there))
        spared = trimmed(here.compose(back), base)  # Our line ends that are the user's now.
        in_base = spared.compose(local.over(back, first=first))
        grown = there.length + local.length_after - local.length
        after = view[there.start : there.start + grown]
        ours = back.over(local, first=not first).invert(after)
        # What the user deleted may leave a change of ours that inserts what it deletes.
        ours = trimmed(ours, in_base.apply(base))
        there = Span(there.start, there.start + grown)
        given, ours = split_off_blanks(ours, here, after, _within(there, typed))
        in_base = in_base.compose(given)
        by = in_base.length_after - in_base.length
        size, row = len(self.base), self.ours.changes
        moved = (
            *row[: near.first],
            *ours.shifted(near.base.start, size + by).changes,
            *ChangeSet(size, row[near.last :]).shifted(by, size + by).changes,
        )
        return in_base.shifted(near.base.start, size), ChangeSet.of(size + by, moved)

    def _edges_of(self, piece: Span) -> LineEdges:
        """Whether a span of the view begins and ends at line boundaries of the document."""
        start, end = piece.start, piece.end
        return LineEdges(
            self.edges.start if start == 0 else self.view[start - 1] in _LINE_ENDS,
            self.edges.end if end == len(self.view) else self.view[end] in _LINE_ENDS,
        )

    def _region_near(self, changes: ChangeSet) -> "_NearbyRegion":
        """The region that `changes` of the view touch, grown to lines with line ends.

        `changes` are not empty.
        """
        row = self.ours.changes
        spans = list(self.ours.after_spans())
        start = max(line_start(self.view, changes.changes[0].start) - _END, 0)
        end = min(line_end(self.view, changes.changes[-1].end) + _END, len(self.view))
        first = bisect_left(spans, start, key=_second)
        last = max(bisect_right(spans, end, key=_first), first)
        shift = spans[first - 1][1] - row[first - 1].end if first else 0
        later = spans[last - 1][1] - row[last - 1].end if last else 0
        start, end = start - shift, end - later
        if first < last:
            start, end = min(start, row[first].start), max(end, row[last - 1].end)
        base = Span(max(start - 1, 0), min(end + 1, len(self.base)))
        view = Span(base.start + shift, base.end + later)
        here = ChangeSet(len(self.base), row[first:last]).shifted(-base.start, base.length)
        return _NearbyRegion(first, last, base, view, here)

    def _carried_over(self, changes: ChangeSet, view: str, *, ours: ChangeSet) -> "Attribution":
        """Rebase all that refers to `view` over `changes` of it; `view` is the text after."""
        return replace(
            self,
            view=view,
            ours=ours,
            typed=merged_spans(carried(self.typed, changes, shrunk)),
            locked=tuple(mark.after(changes) for mark in self.locked),
            offers=tuple(
                (
                    i,
                    o.over(
                        moved_apart(changes, o, self.view, first=False, edges=self.edges),
                        first=True,
                    ),
                )
                for i, o in self.offers
                if o
            ),
        )

    def _hunk_groups(self, first: int = 0, last: int | None = None) -> list[tuple[int, int]]:
        """First and last index in `ours` of each hunk: no whole line between its changes.

        Looks only at the changes `[first, last)`, where hunks must begin and end.
        """
        groups: list[tuple[int, int]] = []
        row = self.ours.changes
        for index in range(first, len(row) if last is None else last):
            if groups and not self._line_between(row[index - 1], row[index]):
                groups[-1] = (groups[-1][0], index)
            else:
                groups.append((index, index))
        return groups

    def _line_between(self, one: Change, other: Change) -> bool:
        between = self.base[one.end : other.start].replace("\r\n", "\n").replace("\r", "\n")
        at_line_start = one.end == 0 or self.base[one.end - 1] in _LINE_ENDS
        return between.count("\n") >= (1 if at_line_start else 2)

    def _with_marks(self, before: ChangeSet | None = None) -> "Attribution":
        """Give each hunk the id of the mark at its place in the base, or else a new id.

        `before` is `ours` as of the present marks, with the same base. With it, hunks that are
        equal in both keep their marks without being compared.
        """
        row, marks = self.ours.changes, self.marks
        head, tail = 0, len(marks)
        first, last = 0, len(row)
        if before is not None and marks and row:
            # An equal hunk on either side is compared again: it may have merged with a neighbour.
            known = common_prefix(before.changes, row)
            if known:
                head = bisect_right(marks, row[known - 1].start, key=_mark_start) - 1
                first = bisect_left(row, marks[head].span.start, key=_change_start)
            known = common_suffix(before.changes, row, min(len(row), len(before.changes)) - first)
            if known:
                tail = bisect_right(marks, row[-known].start, key=_mark_start)
                last = bisect_right(row, marks[tail - 1].span.end, key=_change_start)
        left = list(marks[head:tail])
        found: list[Mark] = []
        next_id = self.next_id
        for one, other in self._hunk_groups(first, last):
            span = Span(row[one].start, row[other].end)
            mark = next(
                (m for m in left if m.span.start <= span.end and span.start <= m.span.end), None
            )
            if mark is None:
                found.append(Mark(f"h{next_id}", span))
                next_id += 1
            else:
                left.remove(mark)
                found.append(mark if mark.span == span else Mark(mark.id, span))
        return replace(self, marks=(*marks[:head], *found, *marks[tail:]), next_id=next_id)


@dataclass(frozen=True, slots=True)
class _NearbyRegion:
    """Our changes `[first, last)`, by index, and the parts of both texts around them."""

    first: int
    last: int
    base: Span
    """The region in the base."""
    view: Span
    """The region in the view."""
    changes: ChangeSet
    """Our changes, from the text of `base` to the text of `view`; offsets begin at the region."""


def _within(piece: Span, spans: Iterable[Span]) -> list[Span]:
    """The parts of `spans` within `piece`, as offsets in that piece."""
    there = (
        Span(max(s.start, piece.start), min(s.end, piece.end)) for s in spans if s.overlaps(piece)
    )
    return [span.shift(-piece.start) for span in there]


def _outside_hunks(changes: ChangeSet, hunks: Sequence[Mark]) -> ChangeSet:
    """The changes outside of these hunks; both refer to the same base.

    A change between two changes of a hunk counts as inside: an earlier result may have one there
    where the present one has none, if the user's typing split the changes in another way.
    """
    spans = [mark.span for mark in hunks]
    kept = [
        c for c in changes.changes if not any(c.start <= s.end and s.start <= c.end for s in spans)
    ]
    return ChangeSet.of(changes.length, kept)


def texts_of(spans: Sequence[Span], text: str) -> tuple[str, ...]:
    """The parts of `text` that `spans` cover."""
    return tuple(span.text(text) for span in spans)
