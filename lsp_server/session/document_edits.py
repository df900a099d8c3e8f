"""The sessions of one document and the one edit in flight.

Like a session it is without I/O: one door, `handle`. It merges what its sessions want to write
into one edit at a time, tells that edit's echo from the changes of others, and hands those to
every session that they concern. To each session the others are just users.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import assert_never

from lsp_server.edit.definitions import DefinitionReader, NoDefinitions
from lsp_server.edit.diff import diff
from lsp_server.errors import RequestFailed
from lsp_server.session import events as ev
from lsp_server.session.check_budget import SETTLING_MS, CheckBudget
from lsp_server.session.edit_in_flight import UNREPORTED, EditInFlight
from lsp_server.session.effects import ApplyEdit, Effect, Level, OpenStream, Report
from lsp_server.session.gate_protocol import Gate, GateMaker
from lsp_server.session.inputs import (
    Begun,
    DocumentChanged,
    DocumentClosed,
    EditAnswered,
    ForSession,
    Input,
)
from lsp_server.session.machine import Moment, Phase, Session
from lsp_server.session.match_echo import claim
from lsp_server.session.partition import ScopeShare, refine, share
from lsp_server.session.scope_neighbours import stand
from lsp_server.session.scope_positions import ScopePositions
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

# More changes than this in one report are looked at as one.
MANY_CHANGES = 64
# How much of the document (code points) on either side of a scope an answer may repeat.
AROUND = 800

LevelOf = Callable[[str, int], str]
"""The level of the ladder that takes in so many lines above a session's scope; "" for none."""
LostIn = Callable[[str, str, str], Sequence[str]]
"""What a scope declared and declares no more: its text before, now, and its first indentation."""

NamesMaker = Callable[[str, str, str], DefinitionReader]
"""Knows the definitions of a scope, from what stands before it, it and what stands behind it."""


@dataclass(slots=True)
class _SessionEntry:
    """A session, where its scope is in the document, and its gate while that holds."""

    session: Session
    span: Span
    gate: Gate | None = None
    asked: tuple[str, Span] | None = None
    """The document that the model was told of last, and where the scope was in it."""


class DocumentEdits:
    """All that happens to one document.

    Invariant: at most one edit is in flight. `text` is what the editor held when everything that
    it reported before that edit had happened; reports that come while it is in flight are kept
    until its fate is known.
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
    ) -> None:
        """`gate_ms` tells how many milliseconds the gates have taken in all, if anybody counts.

        `make_names` knows the definitions of a scope between two texts.
        """
        self.text = text
        self.version = version
        self.max_edits_per_second = max_edits_per_second
        self._make_gate = make_gate
        self._lost_in = lost_in
        self._pace = CheckBudget(gate_ms)
        self._make_names = make_names
        self._level_of = level_of
        self._language = language
        self._seats: dict[str, _SessionEntry] = {}
        self._flight: EditInFlight | None = None
        self._trail = ScopePositions()
        self._edits = 0
        self._not_before = 0.0

    # -- the door --

    def handle(self, event: Input, now: float) -> tuple[Effect, ...]:
        """Something happened at `now` (ms). Raises `RequestFailed` as sessions do."""
        match event:
            case Begun():
                effects = list(self._begin(event, now))
            case ForSession(session, inner):
                seat = self._seat(session)
                effects = list(self._pass_on(seat, inner, now))
                if isinstance(inner, ev.Redirected | ev.Shown) and inner.frame is not None:
                    seat.span, seat.gate = inner.frame.span(seat.span), None
                    self._trail.clear()  # It knows the scope as it was before.
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
                seat = self._seat(effect.session)
                seat.asked = self.text.text, seat.span
        effects += self._pump(now)
        return tuple(effects)

    # -- reading it --

    @property
    def sessions(self) -> tuple[Session, ...]:
        """The sessions that have not ended, as they stand in the document."""
        return tuple(seat.session for seat in self._ordered())

    def view(self, session: str) -> SessionView:
        """What its watchers may see of a session."""
        seat = self._seat(session)
        return view_of(seat.session, seat.span)

    def find(self, session: str) -> Session:
        """The session of that id. Raises `RequestFailed`."""
        return self._seat(session).session

    def span_of(self, session: str) -> Span:
        """Where its scope is in `text`."""
        return self._seat(session).span

    def at(self, place: Span) -> Session | None:
        """The session whose scope covers or touches the place."""
        touching = None
        for seat in self._ordered():
            if seat.span.overlaps(place) or seat.span == place:
                return seat.session
            if touching is None and seat.span.start <= place.end and place.start <= seat.span.end:
                touching = seat.session
        return touching

    @property
    def writers(self) -> frozenset[str]:
        """The sessions whose text is in the edit in flight."""
        return frozenset(self._flight.parts if self._flight is not None else ())

    @property
    def wants_ticks(self) -> bool:
        """Whether time alone may change something."""
        return self._flight is not None or any(s.wants_ticks or s.busy for s in self.sessions)

    def paced_for(self, now: float) -> float:
        """How many milliseconds the cap on edits still holds the next one back; 0 for none."""
        return max(self._not_before - now, 0.0) if self._flight is None else 0.0

    def frame(self, session: str, wanted: Span) -> ScopeResize:
        """What makes a session's scope `wanted`. Raises `RequestFailed` where that cannot be."""
        now = self._seat(session).span
        if not (wanted.contains(now) or now.contains(wanted)):
            raise RequestFailed("`scope`: that is another place, not a wider or narrower one.")
        for seat in self._ordered():
            if seat.session.id != session and seat.span.overlaps(wanted):
                raise RequestFailed(f"`scope`: session {seat.session.id} is at work in it.")
        return ScopeResize.between(self.text.text, now, wanted)

    def forget(self, session: str) -> None:
        """The watchers have seen the end of this session."""
        if self._seat(session).session.phase is Phase.ENDED:
            del self._seats[session]

    # -- the user and the model --

    def _begin(self, event: Begun, now: float) -> Iterator[Effect]:
        in_review = []
        for seat in self._ordered():
            if not (seat.span.overlaps(event.span) or seat.span == event.span):
                continue
            if seat.session.busy:
                raise RequestFailed(
                    f"Session {seat.session.id} is still writing there; stop or redirect it first."
                )
            in_review.append(seat)
        for seat in in_review:
            yield from self._pass_on(seat, ev.Accepted(token=0), now)
        seat = _SessionEntry(
            Session(event.session, event.span.text(self.text.text), event.publish, now), event.span
        )
        self._seats[event.session] = seat
        moment = self._moment(event.session, seat.span, now)
        if event.account is None:
            yield from seat.session.begin(event.request, moment)
        else:
            yield from seat.session.resume(event.request, event.account, moment)

    def _pass_on(self, seat: _SessionEntry, event: ev.Event, now: float) -> tuple[Effect, ...]:
        span = seat.span
        if isinstance(event, ev.Redirected | ev.Shown) and event.frame is not None:
            span = event.frame.span(span)
        if isinstance(event, ev.Shown) and event.frame is not None and seat.asked is not None:
            asked = event.frame.as_of(seat.asked, (self.text.text, seat.span))
            event = replace(event, asked=asked)
        return seat.session.handle(event, self._moment(seat.session.id, span, now))

    def _tick(self, now: float) -> Iterator[Effect]:
        for seat in self._ordered():
            yield from self._pass_on(seat, ev.Tick(), now)
        if self._flight is not None:
            yield from self._overdue(self._flight, now)

    # -- the editor --

    def _changed(self, changes: tuple[ChangeSet, ...], now: float) -> Iterator[Effect]:
        if self._flight is None:
            yield from self._all_foreign(changes, now)
        else:
            self._flight.came.extend(changes)
            yield from self._resolve(self._flight, now)

    def _answered(self, event: EditAnswered, now: float) -> Iterator[Effect]:
        if self._flight is not None and self._flight.answered(event, now):
            yield from self._resolve(self._flight, now)

    def _resolve(self, flight: EditInFlight, now: float) -> Iterator[Effect]:
        """Decide the edit in flight, if what has come is enough to."""
        judged = flight.verdict(self.text.text)
        if judged is None:
            return
        yield from self._landed(flight, now) if judged.landed else self._refused(flight, now)
        yield from self._all_foreign(judged.foreign, now)

    def _landed(self, flight: EditInFlight, now: float) -> Iterator[Effect]:
        self._flight = None
        self._note()
        self.text = self.text.apply(flight.changes)
        shift = 0
        for seat in self._ordered():
            part = flight.parts.get(seat.session.id)
            seat.span = seat.span.shift(shift)
            if part is None:
                seat.gate = None
                continue
            grown = part.length_after - part.length
            seat.span = Span(seat.span.start, seat.span.end + grown)
            shift += grown
            alone = len(flight.parts) == 1
            if seat.gate is not None:
                seat.gate = seat.gate.landed(seat.span.text(self.text.text)) if alone else None
            seat.session.ledger.round_trips.append(now - flight.sent_at)
            yield from self._pass_on(seat, ev.Landed(), now)

    def _refused(self, flight: EditInFlight, now: float) -> Iterator[Effect]:
        self._flight = None
        for name in flight.parts:
            yield from self._pass_on(self._seat(name), ev.Refused(), now)

    def _overdue(self, flight: EditInFlight, now: float) -> Iterator[Effect]:
        """Give up an edit that the editor will not settle any more, or say that it is awaited."""
        line = self.text.line_of(flight.changes.changes[0].start) + 1
        ending = all(self._seat(name).session.after is not None for name in flight.parts)
        sentence = flight.overdue(now, line, ending=ending)
        if not ending and flight.unreported(now):
            for name in flight.parts:
                yield Report(name, Level.WARNING, UNREPORTED)
        if sentence is None:
            return
        judged = claim(self.text.text, flight.changes, flight.came)
        self._flight = None
        if judged is not None and judged.landed:  # It was reported, only never answered.
            yield from self._landed(flight, now)
        for name in flight.parts:
            yield from self._pass_on(self._seat(name), ev.Gone(sentence), now)
        if judged is not None:
            yield from self._all_foreign(judged.foreign, now)

    def _all_foreign(self, changes: Sequence[ChangeSet], now: float) -> Iterator[Effect]:
        """Somebody else changed the document, in as many steps.

        Each by itself, since an undo among them is known by the text between them; but thousands
        (a name replaced everywhere) as one.
        """
        if len(changes) > MANY_CHANGES:
            changes = (ChangeSet.compose_all(len(self.text), changes),)
        for one in changes:
            yield from self._foreign(one, now)

    def _foreign(self, changes: ChangeSet, now: float) -> Iterator[Effect]:
        """Somebody else changed the document."""
        changes = refine(changes, self.text.text)
        seats = self._ordered()
        ends: set[int] = set()  # Where a scope ends, what is typed there belongs to that one.
        shares = []
        for seat in seats:
            takes_start = seat.span.start not in ends
            shares.append(share(changes, seat.span, takes_start=takes_start))
            ends.add(seat.span.end)
        after = self.text.apply(changes)
        if known := self._trail.find(after.text):
            shares = self._back_where_they_were(seats, shares, known, after.text)
        self._note()
        self.text = after
        for seat, part in zip(seats, shares, strict=True):
            seat.gate = None
            seat.span = part.span
            stand(seat, seats, after.text)
            if part.gone:
                gone = ev.Gone("The code that was being edited has been deleted.")
                yield from self._pass_on(seat, gone, now)
            elif part.inside:
                yield from self._pass_on(seat, ev.ScopeChanged(part.inside), now)

    def _back_where_they_were(
        self,
        seats: list[_SessionEntry],
        shares: list[ScopeShare],
        known: Mapping[str, Span],
        text: str,
    ) -> list[ScopeShare]:
        """The same shares where the document has a text again in which the scopes are known."""
        if any(seat.session.id not in known for seat in seats):
            return shares
        return [
            part
            if part.span == (was := known[seat.session.id]) and not part.gone
            else ScopeShare(was, diff(seat.span.text(self.text.text), was.text(text)))
            for seat, part in zip(seats, shares, strict=True)
        ]

    def _note(self) -> None:
        """Remember where the scopes are before the document changes."""
        seats = self._ordered()
        if seats:
            self._trail.add(self.text.text, {seat.session.id: seat.span for seat in seats})
        else:
            self._trail.clear()

    def _closed(self, now: float) -> Iterator[Effect]:
        self._flight = None
        for seat in self._ordered():
            yield from self._pass_on(
                seat, ev.Gone("The document was closed, so the edit has ended."), now
            )

    # -- writing --

    def _pump(self, now: float) -> Iterator[Effect]:
        """Write what the sessions have ready, if the editor is free."""
        if self._flight is not None:
            return
        paced = now < self._not_before
        may_check = partial(self._pace.may_check, now)
        parts: dict[str, ChangeSet] = {}
        merged: list[Change] = []
        frames: list[float] = []
        for seat in self._ordered():
            session = seat.session
            if paced and not session.urgent:
                continue
            in_time = self._pace.until(SETTLING_MS)
            stand(seat, self._seats.values(), self.text.text)
            proposal = session.propose(partial(self._gate_for, seat), may_check, in_time)
            if proposal is not None:
                parts[session.id] = proposal.changes
                merged += proposal.changes.shifted(seat.span.start, len(self.text)).changes
                if proposal.frame_at is not None:
                    frames.append(proposal.frame_at)
            elif session.phase is Phase.SETTLING:
                yield from self._pass_on(seat, ev.Quiet(self._lost(seat)), now)
        if not parts:
            return
        self._edits += 1
        changes = ChangeSet.of(len(self.text), merged)
        self._flight = EditInFlight(self._edits, changes, parts, now)
        self._not_before = now + 1000.0 / self.max_edits_per_second
        yield ApplyEdit(self._edits, self.version, changes, max(frames, default=None))

    def _lost(self, seat: _SessionEntry) -> tuple[str, ...]:
        """What the scope of a session declared before it began, and declares no more."""
        if seat.session.goal is not SettleTarget.ANSWER:
            return ()
        text, span = self.text.text, seat.span
        indent = text[text.rfind("\n", 0, span.start) + 1 : span.start]
        indent = indent if not indent.strip() else ""
        return tuple(self._lost_in(seat.session.original, span.text(text), indent))

    def _gate_for(self, seat: _SessionEntry, instead: str | None) -> Gate:
        """The judge of texts that take the place of `instead`, or of what the scope holds."""
        document = self.text.text
        if instead is not None:
            around = document[: seat.span.start], document[seat.span.end :]
            span = Span(seat.span.start, seat.span.start + len(instead))
            return self._make_gate(instead.join(around), span)
        if seat.gate is None:
            seat.gate = self._make_gate(document, seat.span)
        return seat.gate

    # -- inside --

    def _ordered(self) -> list[_SessionEntry]:
        """The seats of sessions that have not ended, as they stand in the document."""
        seats = [s for s in self._seats.values() if s.session.phase is not Phase.ENDED]
        return sorted(seats, key=lambda seat: (seat.span.start, seat.span.end))

    def _seat(self, session: str) -> _SessionEntry:
        try:
            return self._seats[session]
        except KeyError:
            raise RequestFailed(f"`session`: there is no session {session} any more.") from None

    def _moment(self, session: str, span: Span, now: float) -> Moment:
        text = self.text.text
        before = text[max(span.start - AROUND, 0) : span.start]
        after = text[span.end : span.end + AROUND]

        def names(scope: str) -> DefinitionReader:
            return self._make_names(text[: span.start], scope, text[span.end :])

        level = partial(self._level_of, session)
        return Moment(now, before, after, partial(line_end_of, text), self._language, names, level)
