"""The sessions of one document, and the one edit in flight.

Like a session it has no I/O and one entry point, `handle`. It merges what its sessions want to
write into one edit at a time. It tells the echo of that edit from foreign changes, and passes those
to every session that they concern. To each session, the other sessions are users.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import assert_never

from lsp_server.choices import Publish
from lsp_server.edit.definitions import DefinitionReader, NoDefinitions
from lsp_server.edit.diff import diff
from lsp_server.edit.hunks import Attribution
from lsp_server.edit.line_joins import edges_of
from lsp_server.errors import RequestFailed
from lsp_server.session import events as ev
from lsp_server.session.check_budget import SETTLING_MS, CheckBudget
from lsp_server.session.edit_in_flight import UNREPORTED, EditInFlight
from lsp_server.session.effects import ApplyEdit, Effect, Level, OpenStream, Report
from lsp_server.session.events import Moment
from lsp_server.session.gate_protocol import Gate, GateMaker
from lsp_server.session.import_offers import (
    ImportEdit,
    PlacedLine,
    PlaceLines,
    moved_scope,
    offered,
)
from lsp_server.session.machine import Phase, Session
from lsp_server.session.match_echo import match_echo
from lsp_server.session.partition import ScopeShare, refine, share_of
from lsp_server.session.request import EditRequest
from lsp_server.session.scope_positions import ScopePosition, ScopePositions
from lsp_server.session.scope_resize import ScopeResize
from lsp_server.session.session_view import SessionView, view_of
from lsp_server.session.settle_target import SettleTarget
from lsp_server.text.changes import Change, ChangeSet
from lsp_server.text.lines import Text, line_end_of
from lsp_server.text.span import Span

__all__ = [
    "Begun",
    "DocumentChanged",
    "DocumentClosed",
    "DocumentEdits",
    "EditAnswered",
    "ForSession",
    "GateMaker",
    "Input",
    "NamesMaker",
]

# -- events of a document: a closed union of frozen values --


@dataclass(frozen=True, slots=True)
class Begun:
    """The user starts an edit of `span`.

    With an `attribution` the model is not asked: the session goes on in review where another one
    was lost, and `attribution.view` is what the span holds.
    """

    session: str
    span: Span
    request: EditRequest
    publish: Publish
    attribution: Attribution | None = None


@dataclass(frozen=True, slots=True)
class ForSession:
    """An event of one session, from the model or the user."""

    session: str
    event: ev.ModelEvent | ev.UserEvent


@dataclass(frozen=True, slots=True)
class DocumentChanged:
    """The editor reports changes, each against the text after the one before."""

    version: int
    changes: tuple[ChangeSet, ...]


@dataclass(frozen=True, slots=True)
class EditAnswered:
    """The editor answered `ApplyEdit(edit)`; `reason` is what it says about a refusal."""

    edit: int
    applied: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentClosed:
    """The editor has closed the document."""


Input = Begun | ForSession | DocumentChanged | EditAnswered | DocumentClosed | ev.Tick
"""Every event of a document."""

# More changes than this in one report are composed into one.
MANY_CHANGES = 64
# In a longer document (code points) several imports are placed at once, because placing them one
# after the other takes a parse for each.
MOST_PLACED_IN_STEPS = 50_000
# How much of the document on either side of a scope (code points) an answer may repeat.
AROUND = 800

_BLANKS = " \t"

LevelOf = Callable[[str, int], str]
"""The level of the scope that adds this many lines above a session's scope; "" for none."""
LostIn = Callable[[str, str, str], Sequence[str]]
"""What a scope no longer declares, from its text before, its text now and its indentation."""

NamesMaker = Callable[[str, str, str], DefinitionReader]
"""Makes the reader of a scope's definitions, from the text before it, its own and the one after."""


@dataclass(slots=True)
class _Entry:
    """A session, where its scope is in the document, and its gate while that one is valid."""

    session: Session
    span: Span
    gate: Gate | None = None
    sent: tuple[str, Span] | None = None
    """The document that the model was sent last, and where the scope was in it."""


class DocumentEdits:
    """The edits of one document.

    Invariant: at most one edit is in flight. `text` is the document with everything that the
    editor reported before that edit was sent. Reports that come while it is in flight are kept
    until it has landed or was refused.
    """

    def __init__(
        self,
        text: Text,
        version: int,
        make_gate: GateMaker,
        max_edits_per_second: float = 25.0,
        language: str = "",
        gate_ms: Callable[[], float] = lambda: 0.0,
        make_names: NamesMaker = lambda before, scope, after: NoDefinitions(),
        lost_in: LostIn = lambda before, now, indent: (),
        level_of: LevelOf = lambda session, lines: "",
        imports_in: Callable[[str], Sequence[str]] = lambda text: (),
        place_imports: PlaceLines = lambda document, lines: (),
    ) -> None:
        """`gate_ms` returns how many milliseconds all checks have taken so far. `imports_in`
        returns the import statements in a text."""
        self.text = text
        self.version = version
        self.max_edits_per_second = max_edits_per_second
        self._make_gate = make_gate
        self._lost_in = lost_in
        self._check_budget = CheckBudget(gate_ms)
        self._make_names = make_names
        self._level_of = level_of
        self._language = language
        self._imports_in = imports_in
        self._place_imports = place_imports
        self._places: dict[tuple[str, tuple[str, ...]], Sequence[PlacedLine]] = {}
        """Where lines of imports would go in `_places_in`, or in a text that follows from it."""
        self._places_in: str | None = None
        self._entries: dict[str, _Entry] = {}
        self._edit_in_flight: EditInFlight | None = None
        self._scope_positions = ScopePositions()
        self._edits = 0
        self._not_before = 0.0

    # -- entry point --

    def handle(self, event: Input, now: float) -> tuple[Effect, ...]:
        """Process one event at `now` (ms). Raises `RequestFailed` as sessions do."""
        match event:
            case Begun():
                effects = list(self._begin(event, now))
            case ForSession(session, inner):
                entry = self._entry(session)
                effects = list(self._pass_on(entry, inner, now))
                if isinstance(inner, ev.Redirected | ev.Shown) and inner.resize is not None:
                    entry.span, entry.gate = (
                        inner.resize.span(entry.span),
                        None,
                    )
                    self._scope_positions.clear()  # These are positions of the old scope.
            case DocumentChanged(version, changes):
                self.version = version
                effects = list(self._changed(changes, now))
            case EditAnswered():
                effects = list(self._answered(event, now))
            case DocumentClosed():
                effects = list(self._closed(now))
            case ev.Tick():
                effects = list(self._tick(now))
            case _:
                assert_never(event)
        for effect in effects:
            if isinstance(effect, OpenStream):
                entry = self._entry(effect.session)
                entry.sent = self.text.text, entry.span
        effects += self._write_next(now)
        return tuple(effects)

    # -- queries --

    @property
    def sessions(self) -> tuple[Session, ...]:
        """The sessions that have not ended, in document order."""
        return tuple(entry.session for entry in self._ordered())

    def view(self, session: str) -> SessionView:
        """What clients may see of a session."""
        entry = self._entry(session)
        if entry.session.phase is Phase.ENDED:  # What it wrote is followed no longer.
            return view_of(entry.session, entry.span)
        offers = entry.session.import_offers
        imports = offers.hunks(self.text.text, self._placed(entry))
        return view_of(entry.session, entry.span, imports)

    def find(self, session: str) -> Session:
        """The session with that id. Raises `RequestFailed` if there is none."""
        return self._entry(session).session

    def span_of(self, session: str) -> Span:
        """Where the session's scope is in `text`."""
        return self._entry(session).span

    def at(self, place: Span) -> Session | None:
        """The session whose scope covers the place, or else touches it."""
        touching = None
        for entry in self._ordered():
            if entry.span.overlaps(place) or entry.span == place:
                return entry.session
            if touching is None and entry.span.start <= place.end and place.start <= entry.span.end:
                touching = entry.session
        return touching

    @property
    def writers(self) -> frozenset[str]:
        """The sessions that write something with the edit in flight."""
        return frozenset() if self._edit_in_flight is None else self._edit_in_flight.sessions

    @property
    def wants_ticks(self) -> bool:
        """Whether time alone may change something."""
        return self._edit_in_flight is not None or any(
            s.wants_ticks or s.busy for s in self.sessions
        )

    def paced_for(self, now: float) -> float:
        """How many milliseconds the limit on edits per second still delays the next edit."""
        return max(self._not_before - now, 0.0) if self._edit_in_flight is None else 0.0

    def resize_to(self, session: str, wanted: Span) -> ScopeResize:
        """The resize that makes a session's scope `wanted`.

        Raises `RequestFailed` where that is neither wider nor narrower, or holds another session.
        """
        now = self._entry(session).span
        if not (wanted.contains(now) or now.contains(wanted)):
            raise RequestFailed("The new scope must contain the old one, or lie inside it.")
        for entry in self._ordered():
            if entry.session.id != session and entry.span.overlaps(wanted):
                raise RequestFailed(
                    f"Another edit ({entry.session.id}) is in progress there. Accept or "
                    "revert it first."
                )
        return ScopeResize.between(self.text.text, now, wanted)

    def forget(self, session: str) -> None:
        """Drop the session if it has ended; clients have seen its end."""
        if self._entry(session).session.phase is Phase.ENDED:
            del self._entries[session]

    # -- events of sessions --

    def _begin(self, event: Begun, now: float) -> Iterator[Effect]:
        in_review = []
        for entry in self._ordered():
            if not (entry.span.overlaps(event.span) or entry.span == event.span):
                continue
            if entry.session.busy or entry.session.import_offers.pending:
                raise RequestFailed(
                    f"Session {entry.session.id} is still writing there. Stop or redirect it first."
                )
            in_review.append(entry)
        for entry in in_review:
            yield from self._pass_on(entry, ev.Accepted(token=0), now)
        entry = _Entry(
            Session(event.session, event.span.text(self.text.text), event.publish, now), event.span
        )
        self._entries[event.session] = entry
        moment = self._moment(event.session, entry.span, now)
        if event.attribution is None:
            yield from entry.session.begin(event.request, moment)
        else:
            yield from entry.session.resume(event.request, event.attribution, moment)

    def _pass_on(self, entry: _Entry, event: ev.Event, now: float) -> tuple[Effect, ...]:
        span = entry.span
        if isinstance(event, ev.Redirected | ev.Shown) and event.resize is not None:
            span = event.resize.span(span)
        if isinstance(event, ev.Shown) and event.resize is not None and entry.sent is not None:
            sent_resize = event.resize.as_of(entry.sent, (self.text.text, entry.span))
            event = replace(event, sent_resize=sent_resize)
        return entry.session.handle(event, self._moment(entry.session.id, span, now))

    def _tick(self, now: float) -> Iterator[Effect]:
        for entry in self._ordered():
            yield from self._pass_on(entry, ev.Tick(), now)
        if self._edit_in_flight is not None:
            yield from self._check_overdue(self._edit_in_flight, now)

    # -- events of the editor --

    def _changed(self, changes: tuple[ChangeSet, ...], now: float) -> Iterator[Effect]:
        if self._edit_in_flight is None:
            yield from self._all_foreign(changes, now)
        else:
            self._edit_in_flight.reported.extend(changes)
            yield from self._resolve(self._edit_in_flight, now)

    def _answered(self, event: EditAnswered, now: float) -> Iterator[Effect]:
        if self._edit_in_flight is not None and self._edit_in_flight.answered(
            event.edit, event.applied, event.reason, now
        ):
            yield from self._resolve(self._edit_in_flight, now)

    def _resolve(self, edit_in_flight: EditInFlight, now: float) -> Iterator[Effect]:
        """Decide whether the edit in flight has landed, if enough was reported to tell."""
        match = edit_in_flight.verdict(self.text.text)
        if match is None:
            return
        decided = self._landed if match.landed else self._refused
        yield from decided(edit_in_flight, now)
        yield from self._all_foreign(match.foreign, now)

    def _landed(self, edit_in_flight: EditInFlight, now: float) -> Iterator[Effect]:
        self._edit_in_flight = None
        self._remember_positions()
        self.text = self.text.apply(edit_in_flight.sent.changes)
        entries = self._ordered()
        shift = 0
        for entry in entries:
            part = edit_in_flight.parts.get(entry.session.id)
            entry.span = entry.span.shift(shift)
            entry.session.import_offers.follow(edit_in_flight.sent.changes)
            if part is None:
                entry.gate = None
                continue
            grown = part.length_after - part.length
            entry.span = Span(entry.span.start, entry.span.end + grown)
            shift += grown
        inside = self._move_aside(entries, edit_in_flight.beside)
        for entry in entries:
            if entry.session.id in edit_in_flight.parts:
                alone = len(edit_in_flight.parts) == 1 and not edit_in_flight.beside
                if entry.gate is not None:
                    text = entry.span.text(self.text.text)
                    entry.gate = entry.gate.landed(text) if alone else None
                entry.session.ledger.round_trips.append(now - edit_in_flight.sent_at)
                yield from self._pass_on(entry, ev.Landed(), now)
            if (share := inside.get(entry.session.id)) is not None:
                yield from self._pass_on_share(entry, share, now)
            if entry.session.id == edit_in_flight.imports_of:
                entry.session.import_offers.landed(edit_in_flight.scopes_after)
                yield from self._pass_on(entry, ev.ImportsLanded(), now)

    def _move_aside(self, entries: Sequence[_Entry], beside: ChangeSet) -> dict[str, ScopeShare]:
        """Move the scopes over imports that were written or taken back beside them.

        Returns what changed inside of scopes: nothing, unless a session has begun there since the
        imports were written.
        """
        inside: dict[str, ScopeShare] = {}
        if not beside:
            return inside
        for entry in entries:
            share = share_of(beside, entry.span, takes_start=False)
            reaches = any(
                c.start < entry.span.end and entry.span.start < c.end for c in beside.changes
            )
            entry.gate = None
            entry.span = share.span if reaches else moved_scope(entry.span, beside)
            if reaches:
                inside[entry.session.id] = share
        return inside

    def _pass_on_share(self, entry: _Entry, share: ScopeShare, now: float) -> Iterator[Effect]:
        """Tell a session what somebody else changed in its scope."""
        if share.gone:
            gone = ev.Gone("The code of this edit was deleted, so the edit has ended.")
            yield from self._pass_on(entry, gone, now)
        elif share.inside:
            yield from self._pass_on(entry, ev.ScopeChanged(share.inside), now)

    def _refused(self, edit_in_flight: EditInFlight, now: float) -> Iterator[Effect]:
        self._edit_in_flight = None
        for name in edit_in_flight.parts:
            yield from self._pass_on(self._entry(name), ev.Refused(), now)
        yield from self._imports_refused(edit_in_flight, None, now)

    def _imports_refused(
        self, edit_in_flight: EditInFlight, sentence: str | None, now: float
    ) -> Iterator[Effect]:
        entry = self._entries.get(edit_in_flight.imports_of)
        if entry is not None and entry.session.phase is not Phase.ENDED:
            yield from self._pass_on(entry, ev.ImportsRefused(sentence), now)

    def _check_overdue(self, edit_in_flight: EditInFlight, now: float) -> Iterator[Effect]:
        """Give up an edit that the editor never settles, or report that its report is missing."""
        line = self.text.line_of(edit_in_flight.sent.changes.changes[0].start) + 1
        sessions = [self._entries[n].session for n in edit_in_flight.sessions if n in self._entries]
        ending = all(session.ends_as is not None for session in sessions)
        sentence = edit_in_flight.reason_to_give_up(now, line, ending=ending)
        if not ending and edit_in_flight.report_is_missing(now):
            for session in sessions:
                yield Report(session.id, Level.WARNING, UNREPORTED)
        if sentence is None:
            return
        match = match_echo(self.text.text, edit_in_flight.sent.changes, edit_in_flight.reported)
        self._edit_in_flight = None
        if match is not None and match.landed:  # It was reported, but never answered.
            yield from self._landed(edit_in_flight, now)
        else:
            yield from self._imports_refused(edit_in_flight, sentence, now)
        for name in edit_in_flight.parts:
            yield from self._pass_on(self._entry(name), ev.Gone(sentence), now)
        if match is not None:
            yield from self._all_foreign(match.foreign, now)

    def _all_foreign(self, changes: Sequence[ChangeSet], now: float) -> Iterator[Effect]:
        """Process foreign changes one by one.

        An undo among them is recognised by the text between them. But thousands of changes (a name
        replaced everywhere) are processed as one.
        """
        if len(changes) > MANY_CHANGES:
            changes = (ChangeSet.compose_all(len(self.text), changes),)
        for step in changes:
            yield from self._foreign(step, now)

    def _foreign(self, changes: ChangeSet, now: float) -> Iterator[Effect]:
        """Process one foreign change."""
        changes = refine(changes, self.text.text)
        entries = self._ordered()
        ends: set[int] = set()  # Text typed between two touching scopes belongs to the first.
        shares = []
        for entry in entries:
            takes_start = entry.span.start not in ends
            shares.append(share_of(changes, entry.span, takes_start=takes_start))
            ends.add(entry.span.end)
        after = self.text.apply(changes)
        known = self._scope_positions.find(after.text)
        if known:
            shares = self._at_known_positions(entries, shares, known, after.text)
        self._remember_positions()
        self.text = after
        for entry, part in zip(entries, shares, strict=True):
            entry.gate = None
            entry.span = part.span
            offers = entry.session.import_offers
            offers.follow(changes)
            if (position := known.get(entry.session.id)) is not None:
                offers.written = position.imports
            _set_edges(entry, entries, after.text)
            yield from self._pass_on_share(entry, part, now)
            if not part.inside and (offers.lines or offers.written):
                yield Report(entry.session.id)  # Its offers may have moved.

    def _at_known_positions(
        self,
        entries: list[_Entry],
        shares: list[ScopeShare],
        known: Mapping[str, ScopePosition],
        text: str,
    ) -> list[ScopeShare]:
        """The same shares, corrected where the document has a text again that it had before."""
        if any(entry.session.id not in known for entry in entries):
            return shares
        return [
            part
            if part.span == (was := known[entry.session.id].span) and not part.gone
            else ScopeShare(was, diff(entry.span.text(self.text.text), was.text(text)))
            for entry, part in zip(entries, shares, strict=True)
        ]

    def _remember_positions(self) -> None:
        """Remember where the scopes are, before the document changes."""
        entries = self._ordered()
        if entries:
            self._scope_positions.add(
                self.text.text,
                {
                    entry.session.id: ScopePosition(entry.span, entry.session.import_offers.written)
                    for entry in entries
                },
            )
        else:
            self._scope_positions.clear()

    def _closed(self, now: float) -> Iterator[Effect]:
        self._edit_in_flight = None
        for entry in self._ordered():
            yield from self._pass_on(
                entry, ev.Gone("The document was closed, so the edit has ended."), now
            )

    # -- writing --

    def _write_next(self, now: float) -> Iterator[Effect]:
        """Send what the sessions want to write, if the editor is free."""
        if self._edit_in_flight is not None:
            return
        yield from self._drop_unplaced(now)
        paced = now < self._not_before
        may_check = partial(self._check_budget.may_check, now)
        parts: dict[str, ChangeSet] = {}
        merged: list[Change] = []
        frames: list[float] = []
        for entry in self._ordered():
            session = entry.session
            if paced and not session.urgent:
                continue
            in_time = self._check_budget.until(SETTLING_MS)
            _set_edges(entry, self._entries.values(), self.text.text)
            changes = session.propose(partial(self._gate_for, entry), may_check, in_time)
            if changes is not None:
                parts[session.id] = changes
                merged += changes.shifted(entry.span.start, len(self.text)).changes
                if session.attempt.frame_at is not None:
                    frames.append(session.attempt.frame_at)
            elif session.phase is Phase.SETTLING and not session.import_offers.pending:
                quiet = ev.Quiet(self._lost(entry), bool(self._placed(entry)))
                yield from self._pass_on(entry, quiet, now)
        importer, imports = self._imports_beside(parts)
        if not parts and imports is None:
            return
        self._edits += 1
        scopes = ChangeSet.of(len(self.text), merged)
        beside = ChangeSet.identity(len(self.text)) if imports is None else imports.changes
        together = scopes.compose(beside.over(scopes, first=True))
        sent = ApplyEdit(self._edits, self.version, together, max(frames, default=None))
        self._edit_in_flight = EditInFlight(sent, parts, now, importer, beside, scopes)
        if parts:
            self._not_before = now + 1000.0 / self.max_edits_per_second
        yield sent

    # -- imports --

    def _placed(self, entry: _Entry) -> tuple[PlacedLine, ...]:
        """Where the document would get the imports that the session offers; only those that it
        lacks, and that would be outside of all scopes."""
        lines = entry.session.import_offers.lines
        if not lines or entry.session.phase is Phase.ENDED:
            return ()
        placed = self._places_of(self.text.text, lines)
        return offered(placed, (e.span for e in self._ordered()))

    def _places_of(self, text: str, lines: tuple[str, ...]) -> Sequence[PlacedLine]:
        """Where a text would get these imports; remembered until the document changes."""
        if self._places_in is not self.text.text:
            self._places_in, self._places = self.text.text, {}
        if (text, lines) not in self._places:
            self._places[text, lines] = self._place_imports(text, lines)
        return self._places[text, lines]

    def _drop_unplaced(self, now: float) -> Iterator[Effect]:
        """Forget accepted imports that the document has by now, and written ones that are gone."""
        for entry in self._ordered():
            offers = entry.session.import_offers
            if not offers.pending or offers.in_flight is not None:
                continue
            if self._next_imports(entry) is None:
                yield from self._pass_on(entry, ev.ImportsLanded(), now)

    def _next_imports(self, entry: _Entry) -> ImportEdit | None:
        """The edit that does what the user of a session decided about its imports."""
        text, scopes = self.text.text, [e.span for e in self._ordered()]

        def place_next(changes: ChangeSet, line: str) -> PlacedLine | None:
            found = self._places_of(changes.apply(text), (line,))
            moved = (moved_scope(scope, changes) for scope in scopes)
            return next(iter(offered(found, moved)), None)

        in_steps = place_next if len(text) <= MOST_PLACED_IN_STEPS else None
        return entry.session.import_offers.propose(text, self._placed(entry), in_steps)

    def _imports_beside(self, parts: Mapping[str, ChangeSet]) -> tuple[str, ImportEdit | None]:
        """The next edit of imports and its session, if it can go together with these parts.

        One session at a time: two may have accepted the same import.
        """
        writing = [entry.span for entry in self._ordered() if entry.session.id in parts]
        for entry in self._ordered():
            offers = entry.session.import_offers
            edit = self._next_imports(entry) if offers.pending else None
            if edit is not None and all(edit.goes_with(span) for span in writing):
                offers.sent(edit)
                return entry.session.id, edit
        return "", None

    def _lost(self, entry: _Entry) -> tuple[str, ...]:
        """What the scope declared before the session began, and no longer declares."""
        if entry.session.settle_target is not SettleTarget.ANSWER:
            return ()
        text, span = self.text.text, entry.span
        indent = text[text.rfind("\n", 0, span.start) + 1 : span.start]
        indent = indent if not indent.strip() else ""
        return tuple(self._lost_in(entry.session.original, span.text(text), indent))

    def _gate_for(self, entry: _Entry, instead: str | None) -> Gate:
        """The gate for texts that replace `instead`, or (None) what the scope holds."""
        document = self.text.text
        if instead is not None:
            around = document[: entry.span.start], document[entry.span.end :]
            span = Span(entry.span.start, entry.span.start + len(instead))
            return self._make_gate(instead.join(around), span)
        if entry.gate is None:
            entry.gate = self._make_gate(document, entry.span)
        return entry.gate

    # -- inside --

    def _ordered(self) -> list[_Entry]:
        """The sessions that have not ended, in document order."""
        entries = [s for s in self._entries.values() if s.session.phase is not Phase.ENDED]
        return sorted(
            entries,
            key=lambda entry: (entry.span.start, entry.span.end),
        )

    def _entry(self, session: str) -> _Entry:
        try:
            return self._entries[session]
        except KeyError:
            raise RequestFailed(f"The edit {session} has ended. Start a new one.") from None

    def _moment(self, session: str, span: Span, now: float) -> Moment:
        text = self.text.text
        before = text[max(span.start - AROUND, 0) : span.start]
        after = text[span.end : span.end + AROUND]

        def names(scope: str) -> DefinitionReader:
            return self._make_names(text[: span.start], scope, text[span.end :])

        level, line_end = partial(self._level_of, session), partial(line_end_of, text)
        imports_in = self._imports_in
        return Moment(now, before, after, line_end, self._language, names, level, imports_in)


def _set_edges(entry: _Entry, entries: Iterable[_Entry], text: str) -> None:
    """Tell the session how its scope lies in the lines of `text`.

    What the user typed at the touching edge of a neighbouring scope is protected. Text further
    inside that scope is a line of it away.
    """
    span = entry.span
    others = [other for other in entries if other is not entry]
    edges = replace(
        edges_of(text, span.start, span.end),
        held_start=any(o.span.end == span.start and _ends_typed(o.session) for o in others),
        held_end=any(o.span.start == span.end and _begins_typed(o.session) for o in others),
    )
    entry.session.scope_writer.set_edges(edges)


def _begins_typed(session: Session) -> bool:
    """Whether the scope begins with text of the user, blanks aside."""
    attribution = session.scope_writer.attribution
    first = len(attribution.view) - len(attribution.view.lstrip(_BLANKS))
    return any(span.start <= first and span.end > 0 for span in attribution.typed)


def _ends_typed(session: Session) -> bool:
    """Whether the scope ends with text of the user, blanks aside."""
    attribution = session.scope_writer.attribution
    return any(span.end >= len(attribution.view.rstrip(_BLANKS)) for span in attribution.typed)
