"""Two writers, one text: carries the model's text across what the user does.

The model writes in a private copy. *Theirs* maps that copy to what the user sees. A change of the
model's is carried over *theirs* and shown; a change of the user's is added to *theirs*. So the
model cannot delete or tear what the user typed since the attempt began: it does not know it.

Only what the editor has confirmed is ever in the private copy. What is still to be written is
worked out anew each time from the copy to the text that is aimed at, so an edit that the editor
refused needs no rebasing: it was never there.

Knows nothing of models, editors or syntax.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from lsp_server.edit.accepted_removals import AcceptedRemovals
from lsp_server.edit.diff import refined
from lsp_server.edit.hunks import Mark
from lsp_server.edit.line_joins import WHOLE_LINES, LineEdges, apart, joined, sparing
from lsp_server.edit.rebasing import trimmed
from lsp_server.text.changes import Change, ChangeSet
from lsp_server.text.span import Span

_LINE_ENDS = "\r\n"


@dataclass(frozen=True, slots=True)
class ProtectedSpan:
    """A piece of the private copy that the model may not change in this attempt.

    With `whole_lines` the piece is lines that the user touched: nothing may be joined to them
    either. Without, it is a hunk that the user has accepted.
    """

    span: Span
    whole_lines: bool

    def forbids(self, change: Change, text: str) -> bool:
        """Whether `change`, of `text`, would alter the piece."""
        start, end = self.span.start, self.span.end
        if change.start < end and start < change.end:
            return True
        if start < change.start < end:
            return True
        if not self.whole_lines:
            return False
        joins_before = change.end == start and not _is_edge(_before(change, text))
        joins_behind = change.start == end and not _is_edge(_behind(change, text))
        return joins_before or joins_behind


@dataclass(frozen=True, slots=True)
class ShadowWrite:
    """What the model wants to write next, on both sides of a shadow copy.

    `private` is against the private copy, `shown` the same against what the user sees. `withheld`
    is what was left out of it because it would change what is owned, against the private copy
    *after* `private`. `frontier` is how far the model will then have come in that copy, `theirs`
    what will lead from it to what the user sees.
    """

    private: ChangeSet
    shown: ChangeSet
    withheld: ChangeSet
    frontier: int
    theirs: ChangeSet


@dataclass(frozen=True, slots=True)
class ShadowCopy:
    """The model's private copy and what the user sees.

    Invariant: `theirs.apply(copy) == view`. `frontier` (code points of `copy`) is where the model
    is writing: before it stands the answer, from it on the rest of the original. `edges` tells how
    the scope stands in the lines of its document.
    """

    copy: str
    view: str
    theirs: ChangeSet
    owned: tuple[ProtectedSpan, ...] = ()
    frontier: int = 0
    edges: LineEdges = WHOLE_LINES
    replaced: tuple[AcceptedRemovals, ...] = ()

    @classmethod
    def begin(cls, view: str, locked: Iterable[Mark] = ()) -> "ShadowCopy":
        """An attempt starts from what the user sees; `locked` are the hunks already accepted."""
        return cls(view, view, ChangeSet.identity(len(view))).locking(locked)

    def write(self, wanted: ChangeSet, frontier: int) -> ShadowWrite:
        """What of `wanted` (against the private copy) may be shown, and how it reads there.

        `frontier` is how far the model has come in the text that comes out of `wanted`.
        """
        allowed = (c for change in wanted.changes if (c := self._allowed(change)) is not None)
        private = ChangeSet.of(wanted.length, allowed)
        private, theirs = self._beside_their_lines(private)
        withheld = _left_of(wanted, private, self.copy)
        if withheld:
            after = private.apply(self.copy)
            frontier = withheld.invert(after).map_offset(frontier, after=False)
        # The model's text comes first where the user typed at the very place: what they type
        # there stays in one piece behind the writing position.
        shown = private.over(theirs, first=True)
        return ShadowWrite(private, shown, withheld, frontier, theirs.over(private, first=False))

    def offered(self, withheld: ChangeSet) -> ChangeSet:
        """How changes of the private copy that are not shown would read in what the user sees."""
        theirs = apart(self.theirs, withheld, self.copy, first=False, edges=self.edges)
        return withheld.over(theirs, first=True)

    def landed(self, write: ShadowWrite) -> "ShadowCopy":
        """The editor holds `write.shown`."""
        return replace(
            self,
            copy=write.private.apply(self.copy),
            view=write.shown.apply(self.view),
            theirs=write.theirs,
            owned=tuple(_moved(owned, write.private) for owned in self.owned),
            replaced=tuple(hunk.after(write.private) for hunk in self.replaced),
            frontier=write.frontier,
        )

    def typed(self, changes: ChangeSet, *, undone: bool = False) -> "ShadowCopy":
        """Somebody else changed what the user sees; `undone`: to what it was before.

        Text that an undo has brought back is the model's again where it was, not typed anew.
        """
        touched = [ProtectedSpan(line, whole_lines=True) for line in self._touched(changes)]
        theirs = self.theirs.compose(self._behind_lines(changes))
        return replace(
            self,
            view=changes.apply(self.view),
            theirs=_given_back(theirs, changes, self.copy) if undone else theirs,
            owned=tuple(dict.fromkeys((*self.owned, *touched))),
        )

    def took_back(self, changes: ChangeSet) -> "ShadowCopy":
        """We changed what the user sees for them (took back a hunk); no line becomes theirs."""
        return replace(self, view=changes.apply(self.view), theirs=self.theirs.compose(changes))

    def locking(self, hunks: Iterable[Mark]) -> "ShadowCopy":
        """These hunks in what the user sees are accepted.

        The model must leave them, and must not bring back what they have taken the place of.
        """
        back = self.theirs.invert(self.copy)
        owned, replaced = [], []
        for hunk in hunks:
            span = hunk.span
            start = back.map_offset(span.start, after=True)
            end = back.map_offset(span.end, after=False)
            # The line end in front of a new line may be told to be the new line's.
            rest = self.view[self.shown_at(end) : span.end]
            end += len(rest) * (set(rest) <= set(_LINE_ENDS) and self.copy.startswith(rest, end))
            place = Span(start, max(start, end))
            if not place.empty:
                owned.append(ProtectedSpan(place, whole_lines=False))
            taken = AcceptedRemovals.of(place, hunk.before, self.copy)
            if hunk.reach is not None:
                start = min(start, back.map_offset(hunk.reach.start, after=False))
                end = max(place.end, back.map_offset(hunk.reach.end, after=True))
                taken = replace(taken, span=Span(start, end))
            replaced.append(taken)
        return replace(self, owned=(*self.owned, *owned), replaced=(*self.replaced, *replaced))

    def shown_at(self, offset: int, *, after: bool = False) -> int:
        """Where a place of the private copy is in what the user sees."""
        return self.theirs.map_offset(offset, after=after)

    def their_lines(self, without: Span | None = None) -> tuple[str, ...]:
        """The lines that the user made theirs in this attempt, as the user sees them.

        Leaves out those that `without` (a piece of what the user sees) is in.
        """
        lines = []
        for owned in self.owned:
            if owned.whole_lines:
                start = self.shown_at(owned.span.start)
                line = Span(start, max(start, self.shown_at(owned.span.end, after=True)))
                if without is None or not line.overlaps(without):
                    lines.append(line.text(self.view))
        return tuple(line for line in lines if line)

    def _behind_lines(self, changes: ChangeSet) -> ChangeSet:
        """The same change with new lines put in behind the line above, not before the one below.

        "new" and a line end at a line's start, or a line end and "new" at the end of the line
        above: the text is the same. But the model may rewrite the line below from its first
        character on, and what it writes there must not come before the user's line. Where the
        model is writing just now it must.
        """
        writing = range(self.shown_at(self.frontier), self.shown_at(self.frontier, after=True) + 1)
        moved: list[Change] = []
        for change in changes.changes:
            end = _line_end_at(change.text)
            start = change.start - len(end)
            free = not moved or moved[-1].end < start
            if (
                end
                and free
                and change.start == change.end
                and change.start not in writing
                and _line_end_at(self.view[max(change.start - 2, 0) : change.start]) == end
            ):
                change = Change(start, start, end + change.text[: -len(end)])
            moved.append(change)
        return ChangeSet.of(changes.length, moved)

    def _beside_their_lines(self, private: ChangeSet) -> tuple[ChangeSet, ChangeSet]:
        """What of `private` joins no line that the user opened, and *theirs* to carry it over."""
        theirs = apart(self.theirs, private, self.copy, first=False, edges=self.edges)
        private = sparing(
            theirs, private, self.copy, first=False, edges=self.edges, writing=self.frontier
        )
        while joining := joined(theirs, private, self.copy, first=False, edges=self.edges):
            private = ChangeSet(private.length, tuple(_beside_none(private.changes, joining)))
            theirs = apart(self.theirs, private, self.copy, first=False, edges=self.edges)
        return private, theirs

    def _allowed(self, change: Change) -> Change | None:
        """What of the change alters nothing that is owned."""
        left: Change | None = change
        for hunk in self.replaced:
            left = None if left is None else hunk.allows(left, self.copy)
        if left is None or any(owned.forbids(left, self.copy) for owned in self.owned):
            return None
        return left

    def _touched(self, changes: ChangeSet) -> Iterable[Span]:
        """The lines of the original still to come that `changes` alter, in the private copy."""
        back = self.theirs.invert(self.copy)
        for change in changes.changes:
            ranges = []
            if change.start < change.end:
                # Of two lines that they join both are theirs.
                joins = self._joins_lines(change)
                ranges.append((change.start - joins, change.end + joins))
            start, end = line_around(self.view, change.start)
            lines_of_their_own = (change.start == start and change.text[-1:] in ("\n", "\r")) or (
                change.start == end and change.text[:1] in ("\n", "\r")
            )
            if change.text and not lines_of_their_own:
                ranges.append((start, end))
            for first, last in ranges:
                left = back.map_offset(first, after=True)
                right = back.map_offset(last, after=False)
                if left < right:
                    yield from self._pending_lines(left, right)

    def _joins_lines(self, change: Change) -> bool:
        """Whether a change of what the user sees makes one line of two."""
        gone = self.view[change.start : change.end]
        before, behind = self.view[: change.start][-1:], self.view[change.end : change.end + 1]
        ends = any(end in gone for end in _LINE_ENDS) and not change.text
        return ends and not _is_edge(before) and not _is_edge(behind)

    def _pending_lines(self, start: int, end: int) -> Iterable[Span]:
        """The lines that `[start, end)` touches and that begin at or behind the frontier."""
        place = start
        while place < end:
            line = Span(*line_around(self.copy, place))
            if line.start >= self.frontier and not line.empty and line.start < end:
                yield line
            place = line.end + 1


def _beside_none(changes: Iterable[Change], those: Sequence[Change]) -> Iterator[Change]:
    """The changes that touch none of `those`, of the same text."""
    for change in changes:
        if not any(c.start <= change.end and change.start <= c.end for c in those):
            yield change


def _left_of(wanted: ChangeSet, part: ChangeSet, text: str) -> ChangeSet:
    """What is still wanted of `text` when `part` has happened to it."""
    if part == wanted:
        return ChangeSet.identity(part.length_after)
    return trimmed(part.invert(text).compose(wanted), part.apply(text))


def _given_back(theirs: ChangeSet, undo: ChangeSet, copy: str) -> ChangeSet:
    """The same changes of `copy`, where `undo` brought text back without what it is anyway.

    One that only took text away brought nothing back: what the user typed there is theirs as it
    was, also the blanks and line ends in it that are like the model's.
    """
    places = [(first, last) for first, last in undo.after_spans() if first < last]
    fine: list[Change] = []
    for change, (start, end) in zip(theirs.changes, theirs.after_spans(), strict=True):
        piece = ChangeSet(len(copy), (change,))
        back = any(start <= last and first <= end for first, last in places)
        fine += (refined(piece, copy) if back else piece).changes
    return ChangeSet.of(len(copy), fine)


def _moved(owned: ProtectedSpan, changes: ChangeSet) -> ProtectedSpan:
    start = changes.map_offset(owned.span.start, after=True)
    end = changes.map_offset(owned.span.end, after=False)
    return ProtectedSpan(Span(start, max(start, end)), owned.whole_lines)


def _line_end_at(text: str) -> str:
    """The line end with which `text` ends; "" when it ends otherwise."""
    if text.endswith("\r\n"):
        return "\r\n"
    return text[-1:] if text[-1:] in ("\n", "\r") else ""


def line_around(text: str, place: int) -> tuple[int, int]:
    """The line in which `place` is, without its line end."""
    start = text.rfind("\n", 0, place) + 1
    start = max(text.rfind("\r", start, place) + 1, start)
    end = text.find("\n", place)
    end = len(text) if end < 0 else end
    lone = text.find("\r", place, end)
    return start, end if lone < 0 else lone


def _before(change: Change, text: str) -> str:
    """The character that stands before the end of `change` afterwards; "" at the very start."""
    return change.text[-1:] or text[max(change.start - 1, 0) : change.start]


def _behind(change: Change, text: str) -> str:
    """The character that stands behind the start of `change` afterwards; "" at the very end."""
    return change.text[:1] or text[change.end : change.end + 1]


def _is_edge(character: str) -> bool:
    return character == "" or character in _LINE_ENDS
