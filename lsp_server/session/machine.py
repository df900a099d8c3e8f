"""One edit session as a state machine: events in, effects out.

It never sleeps, opens a socket or reads a clock, and does not know what a URI, a grammar or a
setting is. Which event means what in which phase is the table `TRANSITIONS`; every cell is filled
on purpose, and `ARCHITECTURE.md` shows the same table.

What the session wants to write is not sent by it but asked for (`propose`): the desk asks when
the editor is free, so an edit is always made from the newest text of everybody.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum, StrEnum
from typing import Any, assert_never

from lsp_server.edit.hunks import HunkState, texts_of
from lsp_server.errors import ContractError, RequestFailed
from lsp_server.session import events as ev
from lsp_server.session.attempt import Attempt
from lsp_server.session.effects import Answer, CloseStream, Effect, Level, OpenStream, Report
from lsp_server.session.frame import Frame
from lsp_server.session.ledger import Ledger
from lsp_server.session.pen import GateFor, Goal, Pen
from lsp_server.session.request import EditRequest, Keep, Leave, Publish
from lsp_server.text.changes import ChangeSet
from lsp_server.text.span import Span

# A cancel is answered after this time at the latest (milliseconds), whatever the editor does.
CANCEL_BOUND_MS = 2_000.0
# Text held longer than this (milliseconds) and longer than this (tokens) is told about, once.
LONG_HOLD_MS = 1_500.0
LONG_HOLD_TOKENS = 150

CUT_OFF = (
    "The answer broke off before its end, so the rest of your code stays as it was. "
    "Redirect to go on from here."
)
HELD_AT_THE_END = (
    "The rest of the answer does not fit here: the file would not parse, or code around it would "
    "change. It is held back. Show it anyway (midstream.show), redirect, or revert."
)
HELD_LONG = (
    "What the model has sent does not parse yet, so it is held back. "
    "midstream.show shows it anyway."
)


class Phase(StrEnum):
    """Where a session is in its life; see the contract, section 4."""

    STARTING = "starting"
    STREAMING = "streaming"
    SETTLING = "settling"
    REVIEW = "review"
    ENDED = "ended"


class Outcome(StrEnum):
    """How a session ended."""

    ACCEPTED = "accepted"
    REVERTED = "reverted"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Moment:
    """When an event happens and what stands around the scope at that time.

    `now` is in milliseconds; `before` and `after` are a few lines of the document; `line_end`
    gives the one that most lines of it have. `language` is the document's LSP language id.
    """

    now: float
    before: str = ""
    after: str = ""
    line_end: Callable[[], str] = "\n".__str__
    language: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a session wants to write, against the scope's present text."""

    changes: ChangeSet
    frame_at: float | None = None


@dataclass(slots=True)
class _Waiting:
    """A command that is answered when the session has settled, or at `until` (ms)."""

    token: int
    result: Callable[[], Mapping[str, object]]
    until: float | None = None


class Session:
    """One edit from the first instruction to accept or revert.

    Invariant: at most one stream is open and each is closed once; nothing is written after ENDED;
    a command that raises has changed nothing.
    """

    def __init__(self, id_: str, scope: str, publish: Publish, now: float) -> None:
        self.id = id_
        self.phase = Phase.STARTING
        self.outcome: Outcome | None = None
        self.original = scope
        self.publish = publish
        self.pen = Pen(scope, sound=publish is Publish.SYNTAX)
        self.attempts: list[Attempt] = []
        self.endings: dict[int, str] = {}
        self.ledger = Ledger(now)
        self.message: tuple[Level, str] | None = None
        self._goal = Goal.NOTHING
        self._after: Outcome | None = None
        self._ends_when_empty = False
        self._waiting: list[_Waiting] = []
        self._held_since: tuple[float, int] | None = None
        self._told_of_hold = False

    # -- the door --

    def begin(self, request: EditRequest, moment: Moment) -> tuple[Effect, ...]:
        """The first instruction. `request.current` may already differ from the scope's text."""
        self.pen.begin_attempt(request.current)
        return tuple(self._open(request, moment))

    def handle(self, event: ev.Event, moment: Moment) -> tuple[Effect, ...]:
        """Something happened. Raises `RequestFailed` when a command cannot be done now."""
        late = isinstance(event, ev.Started | ev.Delta | ev.Finished | ev.Failed) and (
            event.attempt != self.attempt.number
        )
        cell = TRANSITIONS[self.phase][type(event)]
        if late or cell is Cell.LATE:
            return ()
        if cell is Cell.OVER:
            raise RequestFailed("This edit has ended already; start a new one.")
        if isinstance(cell, Cell):
            raise ContractError(f"{type(event).__name__} cannot happen in {self.phase}.")
        return tuple(cell(self, event, moment))

    def propose(self, gate: GateFor) -> Proposal | None:
        """What the session would write now, if anything. The desk tells later how it went."""
        if self.pen.in_flight is not None or not self.busy:
            return None
        attempt = self.attempt
        changes = self.pen.back(attempt)
        if changes is None:
            match self.phase:
                case Phase.STARTING:
                    changes = self.pen.starting(attempt)
                case Phase.STREAMING:
                    changes = self.pen.starting_over(attempt) or self.pen.answering(attempt, gate)
                case Phase.SETTLING:
                    changes = self.pen.settling(self._goal, attempt, gate)
                case Phase.REVIEW | Phase.ENDED:
                    return None
                case _:
                    assert_never(self.phase)
        if changes is None:
            return None
        attempt.edits += 1
        return Proposal(changes, attempt.frame_at)

    # -- reading it --

    @property
    def attempt(self) -> Attempt:
        """The newest attempt."""
        return self.attempts[-1]

    @property
    def live(self) -> bool:
        """Whether a stream is open."""
        return self.phase in (Phase.STARTING, Phase.STREAMING)

    @property
    def busy(self) -> bool:
        """Whether the session may still write of itself."""
        return self.live or self.phase is Phase.SETTLING

    @property
    def urgent(self) -> bool:
        """Whether the cap on edits does not hold: for the first edit of an attempt and the last."""
        return self.phase is Phase.SETTLING or not self.attempt.edits

    @property
    def wants_ticks(self) -> bool:
        """Whether time alone may change something."""
        return self.live or any(waiting.until is not None for waiting in self._waiting)

    @property
    def remaining(self) -> int:
        """How many hunks the user has still to decide."""
        return sum(h.state is not HunkState.LOCKED for h in self.pen.account.hunks())

    # -- from the model --

    def _started(self, event: ev.Started, moment: Moment) -> list[Effect]:
        self.attempt.model = event.model
        return [Report(self.id)]

    def _delta(self, event: ev.Delta, moment: Moment) -> list[Effect]:
        self.phase = Phase.STREAMING
        since = self.attempt.push(event.text, moment.now, event.read_at)
        self.ledger.token(moment.now, since)
        return [Report(self.id)]

    def _finish(self, event: ev.Finished, moment: Moment) -> list[Effect]:
        attempt = self.attempt
        attempt.finish(event.completed, moment.now)
        if attempt.refusal:
            self.message = (Level.WARNING, attempt.refusal)
        elif event.sentence:
            self.message = (Level.WARNING, event.sentence)
        elif not attempt.proven:
            self.message = (Level.WARNING, CUT_OFF)
        self.endings[attempt.number] = "finished" if attempt.proven else "incomplete"
        return self._settle(Goal.ANSWER)

    def _fail(self, event: ev.Failed, moment: Moment) -> list[Effect]:
        self.attempt.finish(False, moment.now)
        self.endings[self.attempt.number] = "failed"
        self.message = (Level.ERROR, event.sentence)
        return self._settle(Goal.ANSWER)

    # -- from the editor --

    def _landed(self, event: ev.Landed, moment: Moment) -> list[Effect]:
        flight, held = self.pen.landed(self.attempt, moment.now)
        if held is not None:
            self.ledger.held.append(held)
        self.ledger.landed(moment.now, flight.changes.inserted, flight.changes.deleted)
        effects: list[Effect] = [Report(self.id)]
        if self.live and not self.pen.taking_back:
            effects += self._answer_all()
        return effects

    def _refused(self, event: ev.Refused, moment: Moment) -> list[Effect]:
        self.pen.take_flight()
        self.ledger.refused += 1
        self.attempt.retry()
        return []

    def _changed(self, event: ev.ScopeChanged, moment: Moment) -> list[Effect]:
        had_text = bool(self.pen.view)
        found = self.pen.typed(event.changes)
        self.attempt.retry()
        if found is None and had_text and not self.pen.view:
            return self._gone(ev.Gone("The code that was being edited has been deleted."), moment)
        if found is not None and found.takes_back and self.busy and self._goal_is_the_models:
            self.message = (Level.INFO, "The edit was undone, so the model was stopped.")
            return [*self._cut("undone"), *self._settle(Goal.NOTHING)]
        return [Report(self.id)]

    @property
    def _goal_is_the_models(self) -> bool:
        """Whether what is still to be written is the model's text, not what the user asked for."""
        return self.live or self._goal is Goal.ANSWER

    def _gone(self, event: ev.Gone, moment: Moment) -> list[Effect]:
        effects = self._cut("failed")
        self.message = (Level.ERROR, event.sentence)
        return [*effects, *self._end(Outcome.FAILED)]

    def _quiet(self, event: ev.Quiet, moment: Moment) -> list[Effect]:
        """All is written: on to REVIEW, or to the end that was asked for."""
        if self.ledger.cancelled_at is not None:
            self.ledger.cancel = moment.now - self.ledger.cancelled_at
            self.ledger.cancelled_at = None
        if self._goal is Goal.ANSWER and self.message is None and self._holds:
            self.message = (Level.WARNING, HELD_AT_THE_END)
        self.pen.take_stock(self.attempt)
        account = self.pen.account
        nothing_left = not account.ours and not account.locked
        if self._after is None and self._ends_when_empty and nothing_left:
            self._after = Outcome.CANCELLED
        if self._after is not None:
            return self._end(self._after)
        self._ends_when_empty = False
        self.phase = Phase.REVIEW
        return [*self._answer_all(), Report(self.id)]

    def _tick(self, event: ev.Tick, moment: Moment) -> list[Effect]:
        due = [w for w in self._waiting if w.until is not None and w.until <= moment.now]
        self._waiting = [w for w in self._waiting if w not in due]
        effects: list[Effect] = [Answer(w.token, w.result()) for w in due]
        if self.live:
            self.attempt.stall(moment.now)
            if self._holds_long(moment.now):
                effects.append(Report(self.id, Level.INFO, HELD_LONG))
        return effects

    # -- from the user --

    def _redirect(self, event: ev.Redirected, moment: Moment) -> list[Effect]:
        request = self._next_request(event)
        if event.frame is not None:
            request = self._reframe(event.frame, request)
        effects = [*self._cut("redirected"), *self._answer_all()]
        self.pen.begin_attempt(request.current)
        self._after, self._ends_when_empty = None, False
        self.ledger.redirected_at = moment.now
        effects += self._open(request, moment)
        result = {"session": self.id, "attempt": self.attempt.number}
        return [*effects, Answer(event.token, result)]

    def _cancel(self, event: ev.Cancelled, moment: Moment) -> list[Effect]:
        left = {"session": self.id, "left": event.leave.value}
        if self.phase is Phase.REVIEW and event.leave is Leave.VALID:
            return [Answer(event.token, left)]
        effects = self._cut("cancelled")
        self.ledger.cancelled_at = moment.now
        goal = self._goal_of(event.leave)
        until = moment.now + CANCEL_BOUND_MS if goal is Goal.NOTHING else None
        self._waiting.append(_Waiting(event.token, lambda: left, until))
        self._after = Outcome.CANCELLED if event.leave is Leave.ORIGINAL else None
        self._ends_when_empty = True
        return [*effects, *self._settle(goal)]

    def _accept(self, event: ev.Accepted, moment: Moment) -> list[Effect]:
        if event.hunks is not None:
            return self._accept_hunks(event.hunks, event.token)
        self._wait(event.token)
        if self.phase is Phase.REVIEW:
            return self._end(Outcome.ACCEPTED)
        effects = self._cut("accepted")
        self._after = Outcome.ACCEPTED
        return [*effects, *self._settle(self._goal_of(Leave.VALID))]

    def _accept_hunks(self, ids: tuple[str, ...], token: int) -> list[Effect]:
        states = self._states_of(ids)
        self.pen.lock(i for i, state in states.items() if state is HunkState.OPEN)
        offers = tuple(i for i, state in states.items() if state is HunkState.WITHHELD)
        self._wait(token)
        if offers:
            self.pen.showing += offers
            return self._settle(Goal.OFFERS)
        return self._decided(Outcome.ACCEPTED)

    def _revert(self, event: ev.Reverted, moment: Moment) -> list[Effect]:
        if event.hunks is not None:
            return self._revert_hunks(event.hunks, event.token)
        effects = self._cut("reverted")
        self._after = Outcome.REVERTED
        self._wait(event.token)
        return [*effects, *self._settle(Goal.BASE)]

    def _revert_hunks(self, ids: tuple[str, ...], token: int) -> list[Effect]:
        states = self._states_of(ids)
        if locked := [i for i, state in states.items() if state is HunkState.LOCKED]:
            raise RequestFailed(
                f"`hunks`: {locked[0]} has been accepted already; the editor's undo takes it back."
            )
        self.pen.drop_offers(ids)
        self._wait(token)
        self.pen.taking_back += tuple(i for i, s in states.items() if s is HunkState.OPEN)
        if not self.pen.taking_back:
            return self._decided(Outcome.REVERTED)
        if self.phase is not Phase.REVIEW:
            return []
        if self.remaining == len(self.pen.taking_back):
            self._after = Outcome.ACCEPTED if self.pen.account.locked else Outcome.REVERTED
        return self._settle(Goal.NOTHING)

    def _decided(self, outcome: Outcome) -> list[Effect]:
        """Hunks were decided without a write; in review, the last one ends the session."""
        if self.phase is Phase.REVIEW and not self.remaining:
            return self._end(Outcome.ACCEPTED if self.pen.account.locked else outcome)
        return [*self._answer_all(), Report(self.id)]

    def _show(self, event: ev.Shown, moment: Moment) -> list[Effect]:
        self.attempt.by_line()
        self.pen.sound = False
        self._told_of_hold = True
        answer = Answer(event.token, {"session": self.id})
        return [answer, *([Report(self.id)] if self.live else self._settle(Goal.ANSWER))]

    def _restore(self, event: ev.Restored, moment: Moment) -> list[Effect]:
        if event.attempt not in [number for number, _ in self.pen.account.results]:
            raise RequestFailed(
                f"`attempt`: this session has no result of attempt {event.attempt}."
            )
        effects = self._cut("left for an earlier one")
        self.pen.restoring = event.attempt
        result = {"session": self.id, "attempt": event.attempt}
        self._waiting.append(_Waiting(event.token, lambda: result))
        return [*effects, *self._settle(Goal.RESULT)]

    # -- inside --

    def _open(self, request: EditRequest, moment: Moment) -> list[Effect]:
        """A new attempt."""
        number = len(self.attempts) + 1
        self.attempts.append(
            Attempt(
                number,
                request,
                self.publish,
                before=moment.before,
                after=moment.after,
                line_end=moment.line_end(),
                language=moment.language,
            )
        )
        self.pen.sound = self.publish is Publish.SYNTAX
        self.phase = Phase.STARTING
        self.message = None
        self._told_of_hold, self._held_since = False, None
        return [OpenStream(self.id, number, request), Report(self.id)]

    def _cut(self, ending: str) -> list[Effect]:
        """Close the stream that is open, if one is; remember how the attempt ended."""
        self.endings.setdefault(self.attempt.number, ending)
        if not self.live:
            return []
        self.attempt.over = True
        self.pen.account = self.pen.account.remembering(self.attempt.number)
        return [CloseStream(self.id, self.attempt.number)]

    def _settle(self, goal: Goal) -> list[Effect]:
        self.phase = Phase.SETTLING
        self._goal = goal
        return [Report(self.id)]

    def _end(self, outcome: Outcome) -> list[Effect]:
        self.phase, self.outcome = Phase.ENDED, outcome
        return [*self._answer_all(), Report(self.id)]

    def _goal_of(self, leave: Leave) -> Goal:
        match leave:
            case Leave.RAW:
                return Goal.RAW
            case Leave.ORIGINAL:
                return Goal.BASE
            case Leave.VALID:
                return Goal.NOTHING if self.pen.sound else Goal.VALID
            case _:
                assert_never(leave)

    def _wait(self, token: int) -> None:
        def result() -> Mapping[str, object]:
            over = self.phase is Phase.ENDED
            return {"session": self.id, "remaining": 0 if over else self.remaining}

        self._waiting.append(_Waiting(token, result))

    def _answer_all(self) -> list[Effect]:
        waiting, self._waiting = self._waiting, []
        return [Answer(w.token, w.result()) for w in waiting]

    def _states_of(self, ids: Iterable[str]) -> dict[str, HunkState]:
        known = {hunk.id: hunk.state for hunk in self.pen.account.hunks()}
        for id_ in ids:
            if id_ not in known:
                raise RequestFailed(f"`hunks`: there is no hunk {id_} in this session now.")
        return {id_: known[id_] for id_ in ids}

    def _next_request(self, event: ev.Redirected) -> EditRequest:
        pen, last = self.pen, self.attempt
        seen, mirror = pen.view, pen.mirror
        if (flight := pen.in_flight) is not None:  # It counts as landed.
            seen = flight.changes.apply(seen)
            if flight.write is not None:
                mirror = mirror.landed(flight.write)
        if event.without is not None:
            flown = flight.changes if flight is not None else ChangeSet.identity(len(pen.view))
            start = flown.map_offset(event.without.start, after=True)
            end = flown.map_offset(event.without.end, after=False)
            seen = seen[:start] + seen[max(start, end) :]
        kept = event.keep is Keep.LANDED
        return EditRequest(
            instruction=event.instruction,
            original=self.original,
            current=seen if kept else pen.account.base,
            profile=event.profile or last.request.profile,
            earlier=tuple(attempt.request.instruction for attempt in self.attempts),
            cut=mirror.shown_at(mirror.frontier) if kept and not last.proven else None,
            typed=texts_of(pen.account.typed, pen.view),
            settled=texts_of([mark.span for mark in pen.account.locked], pen.view),
            withheld=pen.mirror.their_lines(),
            form=last.request.form,
        )

    def _reframe(self, frame: Frame, request: EditRequest) -> EditRequest:
        """Make the scope wider or narrower; the request then asks for all of it."""
        self.pen.reframe(frame)
        self.original = frame.around(self.original)
        return replace(
            request,
            original=self.original,
            current=frame.around(request.current),
            cut=None if request.cut is None else request.cut + frame.moved(Span(0, 0)).start,
        )

    @property
    def _holds(self) -> bool:
        """Whether text has come that is not shown."""
        return bool(self.attempt.held_text())

    def _holds_long(self, now: float) -> bool:
        """Whether text has been held long enough to say so; true once for an attempt."""
        if self._told_of_hold:
            return False
        shown = self.attempt.shown.answer
        if not self._holds or (self._held_since and self._held_since[1] != shown):
            self._held_since = None
        if self._holds and self._held_since is None:
            self._held_since = (now, shown)
        if self._held_since is None or now - self._held_since[0] <= LONG_HOLD_MS:
            return False
        self._told_of_hold = self.attempt.tokens_since_shown > LONG_HOLD_TOKENS
        return self._told_of_hold


class Cell(Enum):
    """What an event means where it has no handler."""

    LATE = "it comes too late and does nothing"
    OVER = "a command for a session that has ended"
    BUG = "it cannot happen"


Handler = Callable[[Session, Any, Moment], list[Effect]]

_OPEN: dict[type, Handler | Cell] = {
    ev.Landed: Session._landed,
    ev.Refused: Session._refused,
    ev.ScopeChanged: Session._changed,
    ev.Gone: Session._gone,
    ev.Quiet: Cell.LATE,
    ev.Redirected: Session._redirect,
    ev.Cancelled: Session._cancel,
    ev.Accepted: Session._accept,
    ev.Reverted: Session._revert,
    ev.Shown: Session._show,
    ev.Restored: Session._restore,
    ev.Tick: Session._tick,
}
_MODEL_LATE: dict[type, Handler | Cell] = {
    ev.Started: Cell.LATE,
    ev.Delta: Cell.LATE,
    ev.Finished: Cell.LATE,
    ev.Failed: Cell.LATE,
}
_STREAM: dict[type, Handler | Cell] = {
    ev.Started: Session._started,
    ev.Delta: Session._delta,
    ev.Finished: Session._finish,
    ev.Failed: Session._fail,
}

TRANSITIONS: dict[Phase, dict[type, Handler | Cell]] = {
    Phase.STARTING: _STREAM | _OPEN,
    Phase.STREAMING: _STREAM | _OPEN,
    Phase.SETTLING: _MODEL_LATE | _OPEN | {ev.Quiet: Session._quiet},
    Phase.REVIEW: _MODEL_LATE | _OPEN | {ev.Landed: Cell.BUG, ev.Refused: Cell.BUG},
    Phase.ENDED: _MODEL_LATE
    | dict.fromkeys((ev.Landed, ev.Refused, ev.ScopeChanged, ev.Gone, ev.Quiet, ev.Tick), Cell.LATE)
    | dict.fromkeys(
        (ev.Redirected, ev.Cancelled, ev.Accepted, ev.Reverted, ev.Shown, ev.Restored), Cell.OVER
    ),
}
"""What each event means in each phase. Every cell is filled; `tests/session/test_machine.py` sees
to it, and `ARCHITECTURE.md` draws it."""
