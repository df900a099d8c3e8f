"""The imports that a session's answers need outside of its scope: offered, accepted, taken back.

An offer is an import line with an id. Its place is not stored: it follows from the document as it
is now (`PlaceLines`), so an offer moves with what is typed above it, and is gone while the document
imports the same. An accepted import stays the session's until that ends: what would take it back is
carried across every change of the document.

Offsets are code points of the document. Knows no grammar, phases or commands.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from lsp_server.edit.hunks import HunkState
from lsp_server.session.partition import refine
from lsp_server.text.changes import Change, ChangeSet
from lsp_server.text.span import Span

__all__ = [
    "AcceptedImport",
    "ImportEdit",
    "ImportHunk",
    "ImportOffers",
    "PlaceLines",
    "PlacedLine",
]

MOST_OFFERS = 40
"""The most import lines that a session offers. The time that placing them takes grows faster than
their number: 100 took 5 s, in which the server answers nothing."""

_LINE_ENDS = ("\n", "\r")


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """An import line that the document lacks, and the changes that would add it: at least one,
    sorted and apart."""

    line: str
    changes: tuple[Change, ...]

    @property
    def span(self) -> Span:
        """From the first to the last place that would change."""
        return Span(self.changes[0].start, self.changes[-1].end)


PlaceLines = Callable[[str, Sequence[str]], Sequence[PlacedLine]]
"""Where a document would get these import lines; only those that it lacks."""

PlaceNext = Callable[[ChangeSet, str], PlacedLine | None]
"""Where a line would go in the document after the changes; `None` if it has no place there."""


@dataclass(frozen=True, slots=True)
class ImportHunk:
    """An import as clients see it. `OFFERED`: not written. `OPEN`: written."""

    id: str
    line: str
    """The import as a statement of its own."""
    span: Span
    """In the document; empty where an offer only inserts."""
    before: str
    """The text that it replaces, or has replaced."""
    state: HunkState
    offer: str | None = None
    """Of an offer: the text that would be written in `span`."""


@dataclass(frozen=True, slots=True)
class AcceptedImport:
    """An import that the user accepted and the document has; `undo` takes it back.

    `starts_line` and `ends_line`: whether its text began and ended with a line of the document.
    """

    id: str
    line: str
    undo: ChangeSet
    starts_line: bool
    ends_line: bool

    def depends_on(self, other: "AcceptedImport") -> bool:
        """Whether its text stands within the text of another import, or shares an edge with it.

        It was placed behind the other: merged into its statement, or with blank lines that only one
        of the two has.
        """
        if self.id == other.id or not (self.undo and other.undo):
            return False
        mine, theirs = _span_of(self.undo), _span_of(other.undo)
        if theirs.contains(mine) and not mine.contains(theirs):
            return True
        whole = all(len(one.undo.changes) == 1 for one in (self, other))
        return whole and (mine.end == theirs.start or theirs.end == mine.start)


@dataclass(frozen=True, slots=True)
class ImportEdit:
    """Changes of the document outside of all scopes.

    `writes` are the imports that it writes, against the text after `changes`; `takes_back` the ids
    of those that it removes.
    """

    changes: ChangeSet
    writes: tuple[AcceptedImport, ...] = ()
    takes_back: tuple[str, ...] = ()

    @property
    def replaced(self) -> tuple[Span, ...]:
        """The places that it changes, in the text before."""
        return tuple(Span(change.start, change.end) for change in self.changes.changes)

    def goes_with(self, scope: Span) -> bool:
        """Whether it can be sent together with changes of this scope.

        It may be inside of the scope, if that became wider since. And what is inserted at the end
        of the scope has no order with what the scope gets there.
        """
        return not any(
            _reaches_into(c, scope) or (c.start == c.end == scope.end and not scope.empty)
            for c in self.changes.changes
        )


class ImportOffers:
    """What one session offers, has written, and still has to write or take back.

    Invariant: each `undo` applies to the present text of the document. `DocumentEdits` tells it of
    every change.
    """

    def __init__(self) -> None:
        self.lines: tuple[str, ...] = ()
        """The lines that are offered while the document lacks them, in the order of the answers."""
        self.written: tuple[AcceptedImport, ...] = ()
        self.to_write: tuple[str, ...] = ()
        """The ids of offers that the user accepted, not written yet."""
        self.taking_back: tuple[str, ...] = ()
        """The ids of written imports that the user does not want, still in the document."""
        self.in_flight: ImportEdit | None = None
        self._ids: dict[str, str] = {}
        self._kept: tuple[str, ...] = ()  # From earlier attempts.
        self._dismissed: frozenset[str] = frozenset()  # Of the present attempt.
        self._of_attempt: dict[int, tuple[str, ...]] = {}

    @property
    def pending(self) -> bool:
        """Whether the user has decided something that the document does not show yet."""
        return bool(self.to_write or self.taking_back or self.in_flight is not None)

    # -- what the answers need --

    def begin_attempt(self, *, keep: bool) -> None:
        """A new attempt begins. `keep`: what was offered stays and is joined with what it needs."""
        self._kept = self.lines = self.lines if keep else ()
        self._dismissed = frozenset()

    def collect(self, attempt: int, lines: Iterable[str]) -> None:
        """The answer of this attempt has ended, and needs these imports."""
        wanted = dict.fromkeys((*self._kept, *lines))
        self.lines = tuple(x for x in wanted if x not in self._dismissed)[:MOST_OFFERS]
        self._of_attempt[attempt] = self.lines
        for line in self.lines:
            self._ids.setdefault(line, f"i{len(self._ids) + 1}")

    def restore(self, attempt: int) -> None:
        """The user goes back to the result of this attempt: offer what that one needed."""
        self._kept = self.lines = self._of_attempt.get(attempt, ())

    # -- what the user decides --

    def states(self) -> dict[str, HunkState]:
        """The ids of all imports and their states, wherever the document has a place for them."""
        offered = {self._ids[line]: HunkState.OFFERED for line in self.lines}
        return offered | {one.id: HunkState.OPEN for one in self.written}

    def had(self, id_: str) -> bool:
        """Whether this is the id of an import that has been offered."""
        return id_ in self._ids.values()

    def accept(self, ids: Iterable[str]) -> None:
        """Write these offers; those that are written already stay."""
        wanted, known = dict.fromkeys(ids), {one.id for one in self.written}
        self.taking_back = tuple(i for i in self.taking_back if i not in wanted)
        new = (i for i in wanted if i not in known)
        self.to_write = tuple(dict.fromkeys((*self.to_write, *new)))

    def accept_all(self) -> None:
        """Write everything that is offered."""
        self.accept([self._ids[line] for line in self.lines])

    def revert(self, ids: Iterable[str]) -> None:
        """Take back those of these imports that are written, and do not offer the others."""
        unwanted = set(ids)
        dismissed = {line for line in self.lines if self._ids[line] in unwanted}
        self._dismissed |= dismissed
        self._kept = tuple(line for line in self._kept if line not in dismissed)
        self.lines = tuple(line for line in self.lines if line not in dismissed)
        self.to_write = tuple(i for i in self.to_write if i not in unwanted)
        back = [one for one in (*self.written, *self._flying) if one.id in unwanted]
        others = [one for one in self.written if any(one.depends_on(other) for other in back)]
        # What was placed by the text of another one is written anew without it.
        again = [one.id for one in others if one.id not in unwanted]
        gone = [one.id for one in (*back, *others)]
        self.taking_back = tuple(dict.fromkeys((*self.taking_back, *gone)))
        self.to_write = tuple(dict.fromkeys((*self.to_write, *again)))

    def revert_all(self) -> None:
        """Take back what is written, and offer nothing."""
        self.revert([*self._ids.values()])

    def give_up(self) -> None:
        """Drop what the user decided and the document does not show."""
        self.to_write = self.taking_back = ()
        self.in_flight = None

    # -- what the document shows --

    def hunks(self, document: str, placed: Sequence[PlacedLine]) -> tuple[ImportHunk, ...]:
        """All imports, those that are written first. `placed` are the offers' places."""
        found = [_written_hunk(document, one) for one in self.written]
        written = {one.id for one in self.written}
        for one in placed:
            id_, before = self._ids[one.line], one.span.text(document)
            if id_ not in written:
                text = _local(one.changes, one.span).apply(before)
                found.append(ImportHunk(id_, one.line, one.span, before, HunkState.OFFERED, text))
        return tuple(found)

    def propose(
        self, document: str, placed: Sequence[PlacedLine], place_next: PlaceNext | None = None
    ) -> ImportEdit | None:
        """The edit that does what the user decided; `landed` or `refused` follows.

        None if nothing is left to do. An offer without a place is not written. With `place_next`
        each line is placed behind the ones before it, so that they share blank lines; else each by
        itself.
        """
        if self.in_flight is not None:
            return None
        known = {one.id for one in self.written}
        self.taking_back = tuple(i for i in self.taking_back if i in known)
        places = {self._ids[one.line]: one for one in placed}
        self.to_write = tuple(
            i for i in self.to_write if i in self.taking_back or (i in places and i not in known)
        )
        back = [one for one in self.written if one.id in self.taking_back]
        edit = ImportEdit(keeping_typed_lines(back, document), (), self.taking_back)
        lines = {id_: line for line, id_ in self._ids.items()}
        for id_ in self.to_write:
            added = self._placed_behind(edit, document, places.get(id_), lines[id_], place_next)
            if added:
                edit = _extended(edit, added, document, id_, lines[id_])
        if edit.changes:
            return edit
        self.written = tuple(one for one in self.written if one.id not in self.taking_back)
        self.to_write = self.taking_back = ()
        return None

    def _placed_behind(
        self,
        edit: ImportEdit,
        document: str,
        place: PlacedLine | None,
        line: str,
        place_next: PlaceNext | None,
    ) -> ChangeSet | None:
        """The changes of the document after `edit` that add the line; `None`: not now."""
        if edit.changes and place_next is not None:
            place = place_next(edit.changes, line)
            after = edit.changes.apply(document)
            return None if place is None else refine(ChangeSet.of(len(after), place.changes), after)
        if place is None or any(place.span.overlaps(one) for one in edit.replaced):
            return None  # It is placed anew once the others have landed.
        changes = refine(ChangeSet.of(len(document), place.changes), document)
        return changes.over(edit.changes, first=False)

    def sent(self, edit: ImportEdit) -> None:
        """The editor is asked for this edit."""
        self.in_flight = edit

    def landed(self, others: ChangeSet) -> None:
        """The edit in flight has landed; `others` came with it, against the text after it."""
        edit, self.in_flight = self.in_flight, None
        if edit is None:
            return
        new = [replace(w, undo=w.undo.over(others, first=True)) for w in edit.writes]
        self.written = (*(w for w in self.written if w.id not in edit.takes_back), *new)
        ids = {one.id for one in new}
        self.to_write = tuple(i for i in self.to_write if i not in ids)
        self.taking_back = tuple(i for i in self.taking_back if i not in edit.takes_back)

    def refused(self) -> None:
        """The editor refused the edit in flight; it is proposed again."""
        self.in_flight = None

    def follow(self, changes: ChangeSet) -> None:
        """The document has changed, not through the edit in flight."""
        moved = (replace(one, undo=one.undo.over(changes, first=True)) for one in self.written)
        self.written = tuple(one for one in moved if one.undo)

    @property
    def _flying(self) -> tuple[AcceptedImport, ...]:
        return () if self.in_flight is None else self.in_flight.writes


def _extended(edit: ImportEdit, added: ChangeSet, document: str, id_: str, line: str) -> ImportEdit:
    """The edit followed by `added`, which applies to the text after it and writes this import."""
    undo = added.invert(edit.changes.apply(document))
    writes = tuple(replace(w, undo=w.undo.over(added, first=True)) for w in edit.writes)
    together = edit.changes.compose(added)
    after = together.apply(document)
    span = _span_of(undo)
    starts, ends = _starts_line(after, span.start), _ends_line(after, span.end)
    new = AcceptedImport(id_, line, undo, starts, ends)
    return ImportEdit(together, (*writes, new), edit.takes_back)


def _starts_line(text: str, offset: int) -> bool:
    return not offset or text[offset - 1] in _LINE_ENDS


def _ends_line(text: str, offset: int) -> bool:
    return offset == len(text) or text[offset] in _LINE_ENDS


def _written_hunk(document: str, one: AcceptedImport) -> ImportHunk:
    span = _span_of(one.undo)
    before = _local(one.undo.changes, span).apply(span.text(document))
    return ImportHunk(one.id, one.line, span, before, HunkState.OPEN)


def _span_of(changes: ChangeSet) -> Span:
    return Span(changes.changes[0].start, changes.changes[-1].end)


def _local(changes: Sequence[Change], span: Span) -> ChangeSet:
    """The changes of a text as changes of its piece `span`."""
    moved = (Change(c.start - span.start, c.end - span.start, c.text) for c in changes)
    return ChangeSet.of(span.length, moved)


def keeping_typed_lines(written: Sequence[AcceptedImport], document: str) -> ChangeSet:
    """The changes that take these imports back, but for line ends that what the user typed needs.

    Text that was typed into the line of an import stays, and would be joined with another line.
    """
    together = ChangeSet.identity(len(document))
    for one in written:
        together = together.compose(one.undo.over(together, first=False))
    started = any(one.starts_line for one in written)
    ended = any(one.ends_line for one in written)
    kept: list[Change] = []
    for change in together.changes:
        start, end = change.start, change.end
        if not change.text and start < end:
            torn_before = started and not _starts_line(document, start)
            torn_after = ended and not _ends_line(document, end)
            if torn_before and document[end - 1] in _LINE_ENDS:
                end = _before_line_end(document, start, end)
            elif torn_after and document[start] in _LINE_ENDS:
                start = min(_after_line_end(document, start), end)
        kept.append(Change(start, end, change.text))
    return ChangeSet.of(len(document), kept)


def _before_line_end(text: str, start: int, end: int) -> int:
    """`end` without the line end that the text has in front of it."""
    return max(end - (2 if text[max(end - 2, start) : end] == "\r\n" else 1), start)


def _after_line_end(text: str, start: int) -> int:
    """`start` behind the line end that the text has there."""
    return start + (2 if text[start : start + 2] == "\r\n" else 1)


def offered(placed: Iterable[PlacedLine], scopes: Iterable[Span]) -> tuple[PlacedLine, ...]:
    """Those whose places are outside of all scopes; their edges count as outside."""
    spans = list(scopes)
    return tuple(
        one for one in placed if not any(_reaches_into(c, s) for c in one.changes for s in spans)
    )


def _reaches_into(change: Change, scope: Span) -> bool:
    return change.start < scope.end and scope.start < change.end


def moved_scope(scope: Span, changes: ChangeSet) -> Span:
    """Where a scope is after changes outside of it; text at its edges stays outside."""
    start = changes.map_offset(scope.start, after=True)
    return Span(start, max(start, changes.map_offset(scope.end, after=False)))
