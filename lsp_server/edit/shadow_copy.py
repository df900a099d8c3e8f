"""The model and the user write into one text: rebases the model's changes over the user's.

The model writes into a private copy of the scope. `theirs` holds what the user typed: the changes
from that copy to what the user sees. A change of the model is rebased over `theirs` and shown; a
change of the user is added to `theirs`. The model's copy never contains what the user typed since
the attempt began, so the model can't delete or split it.

The copy holds only what the editor has confirmed. What is still to write is computed each time
from the copy to the wanted text, so a refused edit needs no repair: it was never in the copy.

This module knows no models, editors or syntax.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from lsp_server.edit.accepted_removals import AcceptedRemovals
from lsp_server.edit.diff import diff, refined
from lsp_server.edit.hunks import Mark
from lsp_server.edit.line_joins import (
    WHOLE_LINES,
    LineEdges,
    joined_lines,
    moved_apart,
    sparing_line_ends,
)
from lsp_server.edit.rebasing import trimmed
from lsp_server.text.changes import Change, ChangeSet
from lsp_server.text.span import Span

_LINE_ENDS = "\r\n"


@dataclass(frozen=True, slots=True)
class ProtectedSpan:
    """A part of the model's copy that the model may not change in this attempt.

    Either lines that the user touched (`whole_lines`) or the text of an accepted hunk. To lines,
    nothing may be joined either: text right before or behind them must end or begin with a line
    end. At the edges of a hunk the model may insert.
    """

    span: Span
    """Code points of `ShadowCopy.copy`. Moves with the model's changes."""
    whole_lines: bool

    def forbids(self, change: Change, text: str) -> bool:
        """Whether `change` of `text`, which is the model's copy, would alter the part."""
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
    """What the model writes next. Pass it to `ShadowCopy.landed` once the editor has it."""

    private: ChangeSet
    """The changes of the model's copy."""
    shown: ChangeSet
    """The same changes of what the user sees: the edit to send."""
    withheld: ChangeSet
    """What is left out because it would change protected text. Applies after `private`."""
    frontier: int
    """The frontier after this write, in code points of the model's copy."""
    theirs: ChangeSet
    """`ShadowCopy.theirs` after this write."""


@dataclass(frozen=True, slots=True)
class ShadowCopy:
    """The scope in two versions, as the model knows it and as the user sees it. Immutable.

    Invariant: `theirs.apply(copy) == view`. All offsets are code points. Each method that says
    what happened returns the new value.
    """

    copy: str
    """The scope as the model knows it: the text when the attempt began, with the model's landed
    changes. Nothing that the user typed since is in it."""
    view: str
    """The scope as the user sees it."""
    theirs: ChangeSet
    """What the user did since the attempt began: the changes from `copy` to `view`."""
    protected: tuple[ProtectedSpan, ...] = ()
    """The parts of `copy` that the model may not change."""
    frontier: int = 0
    """Where the model writes in `copy`: before it is the answer, from it on the original."""
    edges: LineEdges = WHOLE_LINES
    """Whether the scope begins and ends at line boundaries of its document."""
    removals: tuple[AcceptedRemovals, ...] = ()
    """What accepted hunks deleted: the model may not bring it back."""

    @classmethod
    def begin(cls, view: str, locked: Iterable[Mark] = ()) -> "ShadowCopy":
        """Begin an attempt with what the user sees; `locked` are the hunks accepted before."""
        return cls(view, view, ChangeSet.identity(len(view))).locking(locked)

    def write(self, wanted: ChangeSet, frontier: int) -> ShadowWrite:
        """What the model may write of `wanted`, which are changes of `copy`.

        `frontier` is how far the answer has come in the text after `wanted`, in code points.
        """
        allowed = (c for change in wanted.changes if (c := self._allowed_part(change)) is not None)
        private = ChangeSet.of(wanted.length, allowed)
        private, theirs = self._beside_their_lines(private)
        withheld = _still_wanted(wanted, private, self.copy)
        if withheld:
            after = private.apply(self.copy)
            frontier = withheld.invert(after).map_offset(frontier, after=False)
        # Where the user typed at the same place, the model's text comes first. So what they type
        # there stays in one piece behind the writing position.
        shown = private.over(theirs, first=True)
        return ShadowWrite(private, shown, withheld, frontier, theirs.over(private, first=False))

    def offered(self, withheld: ChangeSet) -> ChangeSet:
        """Withheld changes of `copy`, as changes of `view`."""
        theirs = moved_apart(self.theirs, withheld, self.copy, first=False, edges=self.edges)
        return withheld.over(theirs, first=True)

    def landed(self, write: ShadowWrite) -> "ShadowCopy":
        """The editor has confirmed `write.shown`."""
        return replace(
            self,
            copy=write.private.apply(self.copy),
            view=write.shown.apply(self.view),
            theirs=write.theirs,
            protected=tuple(
                _carried_over(protected, write.private) for protected in self.protected
            ),
            removals=tuple(hunk.after(write.private) for hunk in self.removals),
            frontier=write.frontier,
        )

    def typed(self, changes: ChangeSet, *, undone: bool = False) -> "ShadowCopy":
        """Somebody other than the model changed `view`; `undone`: it was an undo.

        Text of the model that an undo brings back is the model's again, not typed by the user.
        Lines of the original that the user touched become protected.
        """
        touched = [ProtectedSpan(line, whole_lines=True) for line in self._touched(changes)]
        theirs = self.theirs.compose(self._behind_line_above(changes))
        return replace(
            self,
            view=changes.apply(self.view),
            theirs=_restored_by_undo(theirs, changes, self.copy) if undone else theirs,
            protected=tuple(dict.fromkeys((*self.protected, *touched))),
        )

    def took_back(self, changes: ChangeSet) -> "ShadowCopy":
        """We reverted a hunk for the user: `changes` of `view`. Protects no line."""
        return replace(self, view=changes.apply(self.view), theirs=self.theirs.compose(changes))

    def locking(self, hunks: Iterable[Mark]) -> "ShadowCopy":
        """These hunks of `view` are accepted.

        The model must not change them, nor bring back the text that they replaced.
        """
        back = self.theirs.invert(self.copy)
        protected, removals = [], []
        for hunk in hunks:
            span = hunk.span
            start = back.map_offset(span.start, after=True)
            end = back.map_offset(span.end, after=False)
            # The line end before a new line may count as part of the new line.
            rest = self.view[self.shown_at(end) : span.end]
            end += len(rest) * (set(rest) <= set(_LINE_ENDS) and self.copy.startswith(rest, end))
            place = Span(start, max(start, end))
            if not place.empty:
                protected.append(ProtectedSpan(place, whole_lines=False))
            taken = AcceptedRemovals.of(place, hunk.before, self.copy)
            if hunk.reach is not None:
                start = min(start, back.map_offset(hunk.reach.start, after=False))
                end = max(place.end, back.map_offset(hunk.reach.end, after=True))
                taken = replace(taken, span=Span(start, end))
            removals.append(taken)
        return replace(
            self, protected=(*self.protected, *protected), removals=(*self.removals, *removals)
        )

    def widened(self, known: tuple[str, str], shown: tuple[str, str]) -> "ShadowCopy":
        """The shadow copy of a wider scope; both pairs are the text taken in before and behind it.

        `known` is that text when the model was asked, and goes into the model's copy. `shown` is
        what the user sees there now: the difference counts as typed by the user.
        """
        by = len(known[0])
        copy, view = self.copy.join(known), self.view.join(known)
        wide = replace(
            self,
            copy=copy,
            view=view,
            theirs=self.theirs.shifted(by, len(copy)),
            protected=tuple(
                ProtectedSpan(part.span.shift(by), part.whole_lines) for part in self.protected
            ),
            frontier=0,
        )
        before, behind = diff(known[0], shown[0]), diff(known[1], shown[1])
        behind = behind.shifted(len(view) - len(known[1]), len(view))
        typed: list[Change] = [*before.changes, *behind.changes]
        return wide.typed(ChangeSet.of(len(view), typed)) if typed else wide

    def shown_at(self, offset: int, *, after: bool = False) -> int:
        """The offset in `view` of an offset in `copy`; `after` as in `ChangeSet.map_offset`."""
        return self.theirs.map_offset(offset, after=after)

    def their_lines(self, without: Span | None = None) -> tuple[str, ...]:
        """The lines that the user touched in this attempt, as they read in `view`.

        Leaves out the lines that overlap `without`, a span of `view`.
        """
        lines = []
        for protected in self.protected:
            if protected.whole_lines:
                start = self.shown_at(protected.span.start)
                line = Span(start, max(start, self.shown_at(protected.span.end, after=True)))
                if without is None or not line.overlaps(without):
                    lines.append(line.text(self.view))
        return tuple(line for line in lines if line)

    def _behind_line_above(self, changes: ChangeSet) -> ChangeSet:
        """The same changes of `view`, with new lines inserted at the end of the line above.

        "new\\n" at the start of a line and "\\nnew" at the end of the line above give the same
        text. But the model may rewrite the line below from its first character on, and its text
        must not end up before the user's line. At the position where the model writes now, it must.
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
        """`private` without what would join lines to the user's new lines; and `theirs` for it."""
        theirs = moved_apart(self.theirs, private, self.copy, first=False, edges=self.edges)
        private = sparing_line_ends(
            theirs, private, self.copy, first=False, edges=self.edges, writing=self.frontier
        )
        while joining := joined_lines(theirs, private, self.copy, first=False, edges=self.edges):
            private = ChangeSet(private.length, tuple(_touching_none(private.changes, joining)))
            theirs = moved_apart(self.theirs, private, self.copy, first=False, edges=self.edges)
        return private, theirs

    def _allowed_part(self, change: Change) -> Change | None:
        """The part of a change of `copy` that alters nothing protected; `None` for nothing."""
        left: Change | None = change
        for hunk in self.removals:
            left = None if left is None else hunk.allows(left, self.copy)
        if left is None or any(protected.forbids(left, self.copy) for protected in self.protected):
            return None
        return left

    def _touched(self, changes: ChangeSet) -> Iterable[Span]:
        """The lines of `copy` behind the frontier that `changes` of `view` alter."""
        back = self.theirs.invert(self.copy)
        for change in changes.changes:
            ranges = []
            if change.start < change.end:
                # Whoever joins two lines touches both.
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
        """Whether a change of `view` makes one line of two."""
        gone = self.view[change.start : change.end]
        before, behind = self.view[: change.start][-1:], self.view[change.end : change.end + 1]
        ends = any(end in gone for end in _LINE_ENDS) and not change.text
        return ends and not _is_edge(before) and not _is_edge(behind)

    def _pending_lines(self, start: int, end: int) -> Iterable[Span]:
        """The lines of `copy` that touch `[start, end)` and begin at or behind the frontier."""
        place = start
        while place < end:
            line = Span(*line_around(self.copy, place))
            if line.start >= self.frontier and not line.empty and line.start < end:
                yield line
            place = line.end + 1


def _touching_none(changes: Iterable[Change], others: Sequence[Change]) -> Iterator[Change]:
    """The changes that touch none of `others`, which change the same text."""
    for change in changes:
        if not any(c.start <= change.end and change.start <= c.end for c in others):
            yield change


def _still_wanted(wanted: ChangeSet, part: ChangeSet, text: str) -> ChangeSet:
    """What remains of `wanted`, a change of `text`, after `part`."""
    if part == wanted:
        return ChangeSet.identity(part.length_after)
    return trimmed(part.invert(text).compose(wanted), part.apply(text))


def _restored_by_undo(theirs: ChangeSet, undo: ChangeSet, copy: str) -> ChangeSet:
    """`theirs` made minimal where `undo` inserted text, so text equal to `copy` is the model's.

    An undo that only deleted brought nothing back: then what the user typed stays theirs as it is,
    with the blanks and line ends in it that happen to equal the model's.
    """
    places = [(first, last) for first, last in undo.after_spans() if first < last]
    fine: list[Change] = []
    for change, (start, end) in zip(theirs.changes, theirs.after_spans(), strict=True):
        piece = ChangeSet(len(copy), (change,))
        back = any(start <= last and first <= end for first, last in places)
        fine += (refined(piece, copy) if back else piece).changes
    return ChangeSet.of(len(copy), fine)


def _carried_over(protected: ProtectedSpan, changes: ChangeSet) -> ProtectedSpan:
    start = changes.map_offset(protected.span.start, after=True)
    end = changes.map_offset(protected.span.end, after=False)
    return ProtectedSpan(Span(start, max(start, end)), protected.whole_lines)


def _line_end_at(text: str) -> str:
    """The line end at the end of `text`; "" if it ends otherwise."""
    if text.endswith("\r\n"):
        return "\r\n"
    return text[-1:] if text[-1:] in ("\n", "\r") else ""


def line_around(text: str, place: int) -> tuple[int, int]:
    """The `[start, end)` of the line around the offset `place`, without its line end."""
    start = text.rfind("\n", 0, place) + 1
    start = max(text.rfind("\r", start, place) + 1, start)
    end = text.find("\n", place)
    end = len(text) if end < 0 else end
    lone = text.find("\r", place, end)
    return start, end if lone < 0 else lone


def _before(change: Change, text: str) -> str:
    """The last character before the end of `change`, after it; "" at the start of the text."""
    return change.text[-1:] or text[max(change.start - 1, 0) : change.start]


def _behind(change: Change, text: str) -> str:
    """The first character from the start of `change` on, after it; "" at the end of the text."""
    return change.text[:1] or text[change.end : change.end + 1]


def _is_edge(character: str) -> bool:
    return character == "" or character in _LINE_ENDS
