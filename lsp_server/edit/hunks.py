"""Whose text is whose: what the model changed in a scope, apart from what the user typed.

The account keeps the *base*, which is the scope as it would be had the model never written (the
original and all that the user typed), and *ours*, which leads from the base to what the user
sees. So a revert is the inverse of ours, and hunks are the changes of ours.

Knows nothing of attempts in flight, editors or syntax.
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
    apart,
    line_end,
    line_start,
    parted,
    settled,
)
from lsp_server.edit.rebasing import carried, merged_spans, shrunk, stretched, trimmed
from lsp_server.text.changes import Change, ChangeSet, common_prefix, common_suffix
from lsp_server.text.span import Span

_LINE_ENDS = ("\n", "\r")
_END = 2  # The longest line end, in code points.

Rebase = Callable[[ChangeSet], ChangeSet]

_first, _second = itemgetter(0), itemgetter(1)
_mark_start, _change_start = attrgetter("span.start"), attrgetter("start")


class HunkState(StrEnum):
    """`OPEN`: shown, to be accepted or reverted. `LOCKED`: accepted. `WITHHELD`: not shown."""

    OPEN = "open"
    LOCKED = "locked"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Hunk:
    """One contiguous change that the model made, or would make, to the scope.

    `span` is where it is in what the user sees (code points), `before` what stood there without
    it. For a withheld hunk `span` holds the user's text and `offer` the model's.
    """

    id: str
    span: Span
    before: str
    state: HunkState
    offer: str | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """Remembers which part of the base (or, when locked, of the view) has which id.

    A locked one knows what stood there `before`, and its `reach`: the piece with all that has come
    to its edges since.
    """

    id: str
    span: Span
    before: str = ""
    reach: Span | None = None

    def after(self, changes: ChangeSet) -> "Mark":
        """The same, of a locked hunk, after `changes`."""
        reach = stretched(self.reach or self.span, changes)
        return Mark(self.id, shrunk(self.span, changes), self.before, reach)


@dataclass(frozen=True, slots=True)
class Attribution:
    """The base, our changes to it, and where the user's own text is.

    Invariant: `ours.apply(base) == view`; `typed` and `locked` lie in the view, `offers` are
    against it. `edges` tells how the scope stands in the lines of its document. Immutable, so that
    an undo in the editor can bring an earlier account back.
    """

    base: str
    ours: ChangeSet
    view: str
    typed: tuple[Span, ...] = ()
    locked: tuple[Mark, ...] = ()
    offers: tuple[tuple[str, ChangeSet], ...] = ()
    marks: tuple[Mark, ...] = ()
    results: tuple[tuple[int, ChangeSet], ...] = ()
    next_id: int = 1
    edges: LineEdges = WHOLE_LINES

    @classmethod
    def begin(cls, original: str) -> "Attribution":
        """Nobody has changed anything yet."""
        return cls(original, ChangeSet.identity(len(original)), original)

    # -- what happens --

    def written(self, changes: ChangeSet) -> "Attribution":
        """The model changed what the user sees."""
        ours = trimmed(self.ours.compose(changes), self.base, self.ours)
        return self._moved(changes, changes.apply(self.view), ours=ours)._marked(self.ours)

    def typed_in(self, changes: ChangeSet) -> "Attribution":
        """Somebody else changed what the user sees: that is kept in the base as well."""
        view = changes.apply(self.view)
        new = (Span(start, end) for start, end in changes.after_spans() if start < end)
        typed = merged_spans([*carried(self.typed, changes, shrunk), *new])
        in_base, ours = self._parted_by(changes, view, typed)
        moved = self._moved(changes, view, ours=ours)
        marks = carried([m.span for m in self.marks], in_base, stretched)
        return replace(
            moved,
            base=in_base.apply(self.base),
            typed=typed,
            marks=tuple(Mark(m.id, span) for m, span in zip(self.marks, marks, strict=True)),
            results=tuple(
                (n, after_typing(r, in_base, self.base, self.edges)) for n, r in self.results
            ),
        )._marked()

    def tidied(self) -> "Attribution":
        """The same account with each hunk as small as it can be told."""
        return replace(self, ours=refined(self.ours, self.base))._marked()

    def offered(self, withheld: ChangeSet) -> "Attribution":
        """These changes of the model's (against the view) touch what is the user's."""
        first = self.next_id
        offers = tuple(
            (f"h{first + i}", ChangeSet(withheld.length, (change,)))
            for i, change in enumerate(withheld.changes)
        )
        return replace(self, offers=offers, next_id=first + len(offers))

    def remembering(self, attempt: int) -> "Attribution":
        """Keep the present result under the number of the attempt that made it."""
        others = tuple((n, r) for n, r in self.results if n != attempt)
        return replace(self, results=(*others, (attempt, self.ours)))

    def reframed(
        self, text: Callable[[str], str], span: Callable[[Span], Span], changes: Rebase
    ) -> "Attribution":
        """The account of a scope that was made wider or narrower.

        `text`, `span` and `changes` say how each reads in the new scope.
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

    # -- what the user decides --

    def hunks(self) -> tuple[Hunk, ...]:
        """All hunks, in the order in which they stand in the view."""
        spans = list(self.ours.after_spans())
        found = [
            Hunk(
                mark.id,
                Span(spans[first][0], spans[last][1]),
                mark.span.text(self.base),
                HunkState.OPEN,
            )
            for mark, (first, last) in zip(self.marks, self._groups(), strict=True)
        ]
        found += [Hunk(m.id, m.span, m.before, HunkState.LOCKED) for m in self.locked]
        for id_, offer in self.offers:
            for change in offer.changes:
                span = Span(change.start, change.end)
                text = span.text(self.view)
                found.append(Hunk(id_, span, text, HunkState.WITHHELD, change.text))
        return tuple(sorted(found, key=lambda hunk: (hunk.span, hunk.id)))

    def hunks_within(self, spans: Iterable[Span], changes: ChangeSet) -> tuple[str, ...]:
        """The open hunks where `spans` of the view are now that `changes` have happened to it.

        Who types into a hunk may make two of it.
        """
        moved = [stretched(span, changes) for span in spans]
        return tuple(
            hunk.id
            for hunk in self.hunks()
            if hunk.state is HunkState.OPEN and any(span.contains(hunk.span) for span in moved)
        )

    def locking(self, ids: Iterable[str]) -> "Attribution":
        """Accept these open hunks: from now on they belong to the base."""
        wanted = set(ids)
        part, rest, taken = self._parted(wanted)
        hunks = {hunk.id: hunk for hunk in self.hunks()}
        locked = tuple(Mark(m.id, hunks[m.id].span, hunks[m.id].before) for m in taken)
        base = part.apply(self.base)
        return replace(
            self,
            base=base,
            ours=rest.over(part, first=False),
            locked=(*self.locked, *locked),
            marks=tuple(Mark(m.id, stretched(m.span, part)) for m in self.marks if m not in taken),
            results=tuple((n, _without(r, taken).over(part, first=False)) for n, r in self.results),
        )._marked()

    def reverting(self, ids: Iterable[str] | None = None) -> ChangeSet:
        """What takes these open hunks back, or all (`None`), against the view."""
        if ids is None:
            return self.ours.invert(self.base)
        part, rest, _ = self._parted(set(ids))
        back = part.invert(self.base)
        return back.over(rest.over(part, first=False), first=True)

    def offer(self, id_: str) -> ChangeSet | None:
        """What shows that withheld hunk, against the view; `None` once nothing is left of it."""
        return next((offer for offer_id, offer in self.offers if offer_id == id_), None)

    def without_offers(self, ids: Iterable[str]) -> "Attribution":
        """These withheld hunks have been decided."""
        gone = set(ids)
        return replace(self, offers=tuple(o for o in self.offers if o[0] not in gone))

    def restoring(self, attempt: int) -> ChangeSet:
        """What leads from the view to that attempt's result, the user's typing kept.

        Nothing, where there is no such result any more (an undo went back to before it).
        """
        result = dict(self.results).get(attempt, self.ours)
        # By way of the base, which holds all that the user typed: so none of it is in a change.
        return refined(self.ours.invert(self.base).compose(result), self.view)

    # -- inside --

    def _parted(self, ids: set[str]) -> tuple[ChangeSet, ChangeSet, tuple[Mark, ...]]:
        """Our changes in the hunks `ids`, the others, and the marks of the former."""
        part: list[Change] = []
        rest: list[Change] = []
        taken: list[Mark] = []
        for mark, (first, last) in zip(self.marks, self._groups(), strict=True):
            if mark.id in ids:
                taken.append(mark)
            (part if mark.id in ids else rest).extend(self.ours.changes[first : last + 1])
        size = len(self.base)
        return ChangeSet.of(size, part), ChangeSet.of(size, rest), tuple(taken)

    def _parted_by(
        self, changes: ChangeSet, view: str, typed: Sequence[Span]
    ) -> tuple[ChangeSet, ChangeSet]:
        """What `changes` of the view are in the base, and our changes after them.

        `view` is the text after them, `typed` what of it the user wrote. Worked out only around
        them: the rest of ours moves along.
        """
        if not changes:
            return ChangeSet.identity(len(self.base)), self.ours
        near = self._near(changes)
        here, there = near.changes, near.view
        local = changes.shifted(-there.start, there.length)
        text, base = there.text(self.view), near.base.text(self.base)
        back = here.invert(base)
        local, back, first = settled(local, back, text, self._edges_of(there))
        spared = trimmed(here.compose(back), base)  # The line ends of ours that are theirs now.
        in_base = spared.compose(local.over(back, first=first))
        grown = there.length + local.length_after - local.length
        after = view[there.start : there.start + grown]
        ours = back.over(local, first=not first).invert(after)
        # What they took away may leave a change of ours that puts back what it takes.
        ours = trimmed(ours, in_base.apply(base))
        there = Span(there.start, there.start + grown)
        given, ours = parted(ours, here, after, _within(there, typed))
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
        """How a piece of the view stands in the lines of the document."""
        start, end = piece.start, piece.end
        return LineEdges(
            self.edges.start if start == 0 else self.view[start - 1] in _LINE_ENDS,
            self.edges.end if end == len(self.view) else self.view[end] in _LINE_ENDS,
        )

    def _near(self, changes: ChangeSet) -> "_Near":
        """The part of the account that `changes` of the view touch; there must be some.

        With the lines in which they are, and what is needed to tell that these are lines.
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
        return _Near(first, last, base, view, here)

    def _moved(self, changes: ChangeSet, view: str, *, ours: ChangeSet) -> "Attribution":
        """Carry everything that lies in the view over `changes`."""
        return replace(
            self,
            view=view,
            ours=ours,
            typed=merged_spans(carried(self.typed, changes, shrunk)),
            locked=tuple(mark.after(changes) for mark in self.locked),
            offers=tuple(
                (i, o.over(apart(changes, o, self.view, first=False, edges=self.edges), first=True))
                for i, o in self.offers
                if o
            ),
        )

    def _groups(self, first: int = 0, last: int | None = None) -> list[tuple[int, int]]:
        """First and last index of our changes in each hunk: those with no whole line between.

        Only of the changes from `first` to before `last`, between which hunks must end.
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

    def _marked(self, before: ChangeSet | None = None) -> "Attribution":
        """Give every hunk the id that its place in the base had, or a new one.

        `before` are our changes as the marks know them, of the same base; hunks of which nothing
        has changed then keep their marks.
        """
        row, marks = self.ours.changes, self.marks
        head, tail = 0, len(marks)
        first, last = 0, len(row)
        if before is not None and marks and row:
            # One hunk on either side is looked at again: it may have become one with its neighbour.
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
        for one, other in self._groups(first, last):
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
class _Near:
    """Our changes from index `first` to before `last`, and the texts that they lead between.

    `changes` lead from the piece `base` of the base to the piece `view` of the view.
    """

    first: int
    last: int
    base: Span
    view: Span
    changes: ChangeSet


def _within(piece: Span, spans: Iterable[Span]) -> list[Span]:
    """The parts of the spans of a text that are in a piece of it, as they stand in that."""
    there = (
        Span(max(s.start, piece.start), min(s.end, piece.end)) for s in spans if s.overlaps(piece)
    )
    return [span.shift(-piece.start) for span in there]


def _without(changes: ChangeSet, hunks: Sequence[Mark]) -> ChangeSet:
    """The changes outside of these hunks of the same base.

    Those between two changes of a hunk are in it: an earlier result may have them where the
    present one has none, since what the user typed there parted the two otherwise.
    """
    spans = [mark.span for mark in hunks]
    kept = [
        c for c in changes.changes if not any(c.start <= s.end and s.start <= c.end for s in spans)
    ]
    return ChangeSet.of(changes.length, kept)


def texts_of(spans: Sequence[Span], text: str) -> tuple[str, ...]:
    """The pieces of `text` that `spans` cover."""
    return tuple(span.text(text) for span in spans)
