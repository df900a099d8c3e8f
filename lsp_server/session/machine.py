"""One edit session as a state machine: events in, effects out.

It never sleeps, opens a socket or reads a clock, and knows no URI, grammar or setting. The table
`TRANSITIONS` says what each event means in each phase; `ARCHITECTURE.md` shows the same table.

A session does not send its edits. `DocumentEdits` calls `propose` when the editor is free, so every
edit is made from the newest text.

The module is long because the state machine is one thing: a handler for each event, and the table.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, StrEnum
from typing import Any, assert_never

from lsp_server.choices import Leave, Publish
from lsp_server.edit.hunks import Attribution, HunkState
from lsp_server.edit.reply import Doubt
from lsp_server.errors import ContractError, RequestFailed
from lsp_server.session import events as ev
from lsp_server.session.answer_messages import (
    CUT_OFF,
    DOUBTS,
    HELD_AT_THE_END,
    HELD_LONG,
    NO_CODE,
    NOT_WHOLE,
    ONLY_SELECTED,
    RESUMED,
    SAME,
    STUCK,
    WITHHELD,
    gone,
    left_out,
    needs,
    repeated,
    stands_for,
    stays,
    unchecked,
    wider,
)
from lsp_server.session.attempt import Attempt
from lsp_server.session.check_budget import MayCheck, always
from lsp_server.session.effects import Answer, CloseStream, Effect, Level, OpenStream, Report
from lsp_server.session.events import Moment
from lsp_server.session.import_offers import ImportOffers
from lsp_server.session.ledger import Ledger
from lsp_server.session.next_request import next_request
from lsp_server.session.request import EditRequest, Keep, form_for
from lsp_server.session.runaway import SENTENCES
from lsp_server.session.scope_resize import ScopeResize
from lsp_server.session.scope_widening import read_wider
from lsp_server.session.scope_writer import GateFor, ScopeWriter
from lsp_server.session.settle_target import SettleTarget
from lsp_server.text.changes import ChangeSet
from lsp_server.wording import REDIRECT

__all__ = [
    "CANCEL_BOUND_MS",
    "MOST_UNREQUESTED_EDITS",
    "TRANSITIONS",
    "Cell",
    "Handler",
    "Phase",
    "Session",
    "SessionOutcome",
]

# A stop is answered after this time at the latest (milliseconds), whatever the editor does.
CANCEL_BOUND_MS = 2_000.0
# Held text is reported once, after this time (milliseconds) and this many tokens.
LONG_HOLD_MS = 1_500.0
LONG_HOLD_TOKENS = 150
# At most this many edits land in a row while neither the model nor the user asks for more. A
# session needs a few; the bound ends a loop in the user's file, whatever its cause.
MOST_UNREQUESTED_EDITS = 50

_WORDS = re.compile(r"\w+")


class Phase(StrEnum):
    """Where a session is in its life; see `docs/protocol.md`."""

    STARTING = "starting"
    STREAMING = "streaming"
    SETTLING = "settling"
    REVIEW = "review"
    ENDED = "ended"


class SessionOutcome(StrEnum):
    """How a session ended."""

    ACCEPTED = "accepted"
    REVERTED = "reverted"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(slots=True)
class WaitingCommand:
    """A command that is answered once the session has settled, or at `until` (ms)."""

    token: int
    result: Callable[[], Mapping[str, object]]
    until: float | None = None


class Session:
    """One edit from the first instruction to accept or revert.

    Invariants: at most one stream is open, and each is closed once. Nothing is written after
    ENDED. A command that raises has changed nothing.

    `settle_target` is what a settling session still has to write, `ends_as` how it ends then (None:
    it goes to review). With `ends_when_empty` it ends if no model text has landed, with
    `ends_when_decided` once no hunk is open.
    """

    def __init__(self, id_: str, scope: str, publish: Publish, now: float) -> None:
        self.id = id_
        self.phase = Phase.STARTING
        self.outcome: SessionOutcome | None = None
        self.original = scope
        self.publish = publish
        self.scope_writer = ScopeWriter(scope, only_sound=publish is Publish.SYNTAX)
        self.import_offers = ImportOffers()
        self.attempts: list[Attempt] = []
        self.endings: dict[int, str] = {}
        self.ledger = Ledger(now)
        self.message: tuple[Level, str] | None = None
        self.settle_target = SettleTarget.NOTHING
        self.ends_as: SessionOutcome | None = None
        self.ends_when_empty = self.ends_when_decided = False
        self.leave = Leave.VALID
        self.waiting: list[WaitingCommand] = []
        self.held_since: tuple[float, int] | None = None
        self.hold_reported = False
        self.unrequested_edits = 0
        """Edits that landed since the model sent more or the user gave a command."""

    # -- queries --

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
        """Whether the session may still write without a new command."""
        return self.live or self.phase is Phase.SETTLING

    @property
    def urgent(self) -> bool:
        """Whether the limit on edits per second does not apply: for the first edit of an attempt,
        and while it settles."""
        return self.phase is Phase.SETTLING or not self.attempt.edits

    @property
    def wants_ticks(self) -> bool:
        """Whether time alone may change something."""
        return self.live or any(waiting.until is not None for waiting in self.waiting)

    @property
    def remaining(self) -> int:
        """How many hunks of the scope the user has not decided."""
        return sum(h.state is not HunkState.LOCKED for h in self.scope_writer.attribution.hunks())

    # -- entry points --

    def begin(self, request: EditRequest, moment: Moment) -> tuple[Effect, ...]:
        """Start the first attempt. `request.current` may already differ from the scope's text."""
        self.scope_writer.begin_attempt(request.current)
        return tuple(self._open_attempt(request, moment))

    def resume(
        self, request: EditRequest, attribution: Attribution, moment: Moment
    ) -> tuple[Effect, ...]:
        """Go on in review where a session was lost; `attribution` says whose text is whose."""
        self.original = request.original
        self.scope_writer.adopt(attribution)
        self._open_attempt(request, moment)
        self._close_stream("failed", moment)
        self.message = (Level.INFO, RESUMED)
        self.phase = Phase.REVIEW
        return (Report(self.id),)

    def handle(self, event: ev.Event, moment: Moment) -> tuple[Effect, ...]:
        """Process one event. Raises `RequestFailed` for a command that cannot be done now."""
        late = isinstance(event, ev.Started | ev.Delta | ev.Finished | ev.Failed) and (
            event.attempt != self.attempt.number
        )
        cell = TRANSITIONS[self.phase][type(event)]
        if late or cell is Cell.LATE:
            return ()
        if cell is Cell.OVER:
            raise RequestFailed("This edit has ended. Start a new one.")
        if isinstance(cell, Cell):
            raise ContractError(f"{type(event).__name__} cannot happen in {self.phase}.")
        effects = tuple(cell(self, event, moment))
        if not isinstance(event, _UNREQUESTED):
            self.unrequested_edits = 0
        return effects

    def propose(
        self, gate: GateFor, may_check: MayCheck = always, in_time: MayCheck = always
    ) -> ChangeSet | None:
        """The changes that the session would write to its scope now, if any.

        `Landed` or `Refused` follows. `may_check` bounds checks that can wait, `in_time` those made
        while settling.
        """
        if self.scope_writer.in_flight is not None or not self.busy or self._stuck:
            return None
        attempt = self.attempt
        changes = self.scope_writer.revert_hunks(attempt) or self.scope_writer.show_offers(attempt)
        if changes is None:
            match self.phase:
                case Phase.STARTING:
                    changes = self.scope_writer.write_start(attempt)
                case Phase.STREAMING:
                    changes = self.scope_writer.write_start_of_empty_answer(
                        attempt
                    ) or self.scope_writer.write_answer(attempt, gate, may_check)
                case Phase.SETTLING:
                    changes = self.scope_writer.write_settle_target(
                        self.settle_target, attempt, gate, in_time
                    )
                case Phase.REVIEW | Phase.ENDED:
                    return None
                case _:
                    assert_never(self.phase)
        if changes is None:
            return None
        attempt.edits += 1
        return changes

    # -- from the model --

    def _started(self, event: ev.Started, moment: Moment) -> list[Effect]:
        self.ledger.answered(event.attempt, event.model, event.service_tier, event.queue_ms)
        self.ledger.reading, self.ledger.loading = event.reading, event.loading
        return [Report(self.id)]

    def _delta(self, event: ev.Delta, moment: Moment) -> list[Effect]:
        self.phase = Phase.STREAMING
        since = self.attempt.push(event.text, moment.now, event.read_at)
        self.ledger.token(moment.now, since)
        if self.attempt.spent:
            # Only prose follows: waiting for it costs time and money and brings nothing.
            self._end_answer(True, moment)
            ending = "finished" if self.attempt.proven else "incomplete"
            return [*self._close_stream(ending, moment), *self._settle(SettleTarget.ANSWER)]
        if (excess := self.attempt.excess) is None:
            return [Report(self.id)]
        self.attempt.finish(False, moment.now)
        self.message = (Level.WARNING, SENTENCES[excess])
        return [*self._close_stream("incomplete", moment), *self._settle(SettleTarget.ANSWER)]

    def _finish(self, event: ev.Finished, moment: Moment) -> list[Effect]:
        attempt = self.attempt
        self._end_answer(event.completed, moment, event.sentence)
        self.endings[attempt.number] = "finished" if attempt.proven else "incomplete"
        self._collect_imports(moment)
        return self._settle(SettleTarget.ANSWER)

    def _end_answer(self, completed: bool, moment: Moment, sentence: str | None = None) -> None:
        """Finish the answer, and set the message for one that is not as it should be."""
        attempt = self.attempt
        attempt.finish(completed, moment.now)
        if attempt.realigned:
            self.scope_writer.follow_realignment(attempt)
        if attempt.refusal:
            self.message = (Level.WARNING, attempt.refusal)
        elif sentence:
            self.message = (Level.WARNING, sentence)
        elif attempt.doubt is Doubt.WIDER:
            pass  # The message is set once the session has settled.
        elif not attempt.proven:
            self.message = (Level.WARNING, self._why_unproven(completed))
        elif attempt.guessed:
            self.message = (Level.WARNING, stands_for(attempt.guessed))
        elif attempt.only_selected:
            self.message = (Level.INFO, ONLY_SELECTED)
        elif attempt.staying:
            self.message = (Level.INFO, stays(attempt.staying))
        elif attempt.removed_imports and not attempt.request.imports:
            self.message = (Level.WARNING, needs(attempt.removed_imports))

    def _why_unproven(self, completed: bool) -> str:
        """Why the answer is not proven. `completed`: the model itself ended it."""
        if not completed:
            return CUT_OFF
        if self.attempt.doubt is not None:
            return DOUBTS[self.attempt.doubt]
        return NOT_WHOLE if self.attempt.answer.strip() else NO_CODE

    def _fail(self, event: ev.Failed, moment: Moment) -> list[Effect]:
        self.attempt.finish(False, moment.now)
        self.endings[self.attempt.number] = "failed"
        self._collect_imports(moment)
        self.message = (Level.ERROR, event.sentence)
        return self._settle(SettleTarget.ANSWER)

    # -- from the editor --

    def _landed(self, event: ev.Landed, moment: Moment) -> list[Effect]:
        edit, held = self.scope_writer.landed(self.attempt, moment.now)
        if held is not None:
            self.ledger.held.append(held)
        self.unrequested_edits = 0 if edit.offer is not None else self.unrequested_edits + 1
        self.ledger.landed(moment.now, edit.changes.inserted, edit.changes.deleted)
        if edit.settle_target is self.settle_target and self.phase is Phase.SETTLING:
            self.settle_target = SettleTarget.NOTHING
        effects: list[Effect] = [Report(self.id)]
        if self.live and not self.scope_writer.taking_back and not self.import_offers.pending:
            effects += self._answer_all()
        return effects

    def _refused(self, event: ev.Refused, moment: Moment) -> list[Effect]:
        self.scope_writer.take_in_flight()
        self.ledger.refused += 1
        self.attempt.retry()
        return []

    def _changed(self, event: ev.ScopeChanged, moment: Moment) -> list[Effect]:
        had_text = bool(self.scope_writer.view)
        found = self.scope_writer.typed(event.changes)
        self.attempt.retry()
        if found is None and had_text and not self.scope_writer.view:
            return self._gone(
                ev.Gone("The code of this edit was deleted, so the edit has ended."), moment
            )
        if found is not None and found.takes_back and self.busy and self._still_writes_answer:
            self.message = (Level.INFO, "You undid the edit, so the model was stopped.")
            return [*self._close_stream("undone", moment), *self._settle(SettleTarget.NOTHING)]
        return [Report(self.id)]

    @property
    def _still_writes_answer(self) -> bool:
        """Whether the next write comes from the answer, not from a command of the user."""
        return self.live or self.settle_target is SettleTarget.ANSWER

    def _gone(self, event: ev.Gone, moment: Moment) -> list[Effect]:
        effects = self._close_stream("failed", moment)
        self.message = (Level.ERROR, event.sentence)
        return [*effects, *self._end(SessionOutcome.FAILED)]

    def _imports_landed(self, event: ev.ImportsLanded, moment: Moment) -> list[Effect]:
        """What the user decided about imports is written. A settling session answers when quiet."""
        self.ledger.imports = len(self.import_offers.written)
        if self.phase is Phase.SETTLING or self.scope_writer.taking_back:
            return [Report(self.id)]
        return [*self._answer_all(), Report(self.id)]

    def _imports_refused(self, event: ev.ImportsRefused, moment: Moment) -> list[Effect]:
        self.import_offers.refused()
        self.ledger.refused += 1
        if event.sentence is not None:
            self.import_offers.give_up()
            self.message = (Level.ERROR, event.sentence)
            self.ends_as, self.ends_when_decided = None, False
        if self.import_offers.pending:
            return []
        return self._imports_landed(ev.ImportsLanded(), moment)

    def _quiet(self, event: ev.Quiet, moment: Moment) -> list[Effect]:
        """Everything is written: go to REVIEW, or end as requested."""
        if self.ledger.cancelled_at is not None:
            self.ledger.cancel = moment.now - self.ledger.cancelled_at
            self.ledger.cancelled_at = None
        if self._stuck:
            self.scope_writer.give_up()
            self.ends_as, self.message = None, (Level.WARNING, STUCK)
        writes_answer = self.settle_target is SettleTarget.ANSWER
        reports = self._report_answer(event, moment) if writes_answer else []
        if self.settle_target in _ADDS_ANSWER or self.scope_writer.result_of != self.attempt.number:
            self.scope_writer.record_result(self.attempt)
        else:
            self.scope_writer.tidy()
        attribution = self.scope_writer.attribution
        if attribution.offers and self.message is None:
            self.message = (Level.INFO, WITHHELD)
        nothing_left = not attribution.ours and not attribution.locked
        if nothing_left and writes_answer and self.message is None and not event.offers:
            self.message = (Level.INFO, SAME)
        nothing_left = nothing_left and not self.import_offers.written
        if self.ends_as is None and self.ends_when_empty and nothing_left:
            self.ends_as = SessionOutcome.CANCELLED
        if self.ends_as is None and self.ends_when_decided and not self.remaining:
            self.ends_as = (
                SessionOutcome.ACCEPTED if self._has_accepted else SessionOutcome.REVERTED
            )
        if self.ends_as is not None:
            return self._end(self.ends_as)
        self.ends_when_empty = self.ends_when_decided = False
        self.phase = Phase.REVIEW
        return [*self._answer_all(), *reports, Report(self.id)]

    def _tick(self, event: ev.Tick, moment: Moment) -> list[Effect]:
        due = [w for w in self.waiting if w.until is not None and w.until <= moment.now]
        self.waiting = [w for w in self.waiting if w not in due]
        effects: list[Effect] = [Answer(w.token, w.result()) for w in due]
        if self.live:
            self.attempt.decide_by_time(moment.now)
            if self._reports_hold(moment.now):
                effects.append(Report(self.id, Level.INFO, HELD_LONG))
        return effects

    # -- from the user --
    # The latest command wins. But once a command is ending the session, commands that would write
    # something else are refused.

    def _redirect(self, event: ev.Redirected, moment: Moment) -> list[Effect]:
        """Start a new attempt with a new instruction."""
        request = next_request(event, self.attempts, self.scope_writer, self.original)
        if event.resize is not None:
            request = self._resize(event.resize, request)
        if event.patch_from is not None:
            request = replace(
                request, form=form_for(request.current, event.patch_from, event.large)
            )
        effects = [*self._close_stream("redirected", moment), *self._answer_all()]
        self.import_offers.begin_attempt(keep=event.keep is Keep.LANDED)
        self.scope_writer.begin_attempt(request.current, from_base=event.keep is Keep.NONE)
        self.ends_as = None
        self.ends_when_empty = self.ends_when_decided = False
        self.ledger.redirected_at = moment.now
        effects += self._open_attempt(request, moment)
        result = {"session": self.id, "attempt": self.attempt.number}
        return [*effects, Answer(event.token, result)]

    def _cancel(self, event: ev.Cancelled, moment: Moment) -> list[Effect]:
        """Stop, and leave in the scope what the command says."""
        self.leave = event.leave
        if (
            self.phase is Phase.REVIEW
            and event.leave is Leave.VALID
            and self.scope_writer.only_sound
            and not self.import_offers.pending
        ):
            return [Answer(event.token, self._cancel_result())]
        if event.leave is Leave.RAW and self.live:
            self.attempt.finish(False, moment.now)  # Releases what the reader still held.
        effects = self._close_stream("cancelled", moment)
        if event.leave is Leave.ORIGINAL:
            self.import_offers.revert_all()
        self.ledger.cancelled_at = moment.now
        settle_target = self._settle_target_of(event.leave)
        scope_writer = self.scope_writer
        nothing_to_write = settle_target is SettleTarget.NOTHING and not (
            scope_writer.taking_back or scope_writer.offers_to_show or self.import_offers.pending
        )
        until = moment.now + CANCEL_BOUND_MS if nothing_to_write else None
        self.waiting.append(WaitingCommand(event.token, self._cancel_result, until))
        self.ends_as = SessionOutcome.CANCELLED if event.leave is Leave.ORIGINAL else None
        self.ends_when_empty = True
        return [*effects, *self._settle(settle_target)]

    def _accept(self, event: ev.Accepted, moment: Moment) -> list[Effect]:
        """Keep these hunks, or everything."""
        if event.hunks is not None:
            return self._accept_hunks(event.hunks, event)
        effects = self._close_stream("accepted", moment)
        if event.imports:
            self.import_offers.accept_all()
        self._answer_when_written(event.token)
        if self.phase is Phase.REVIEW and not self.import_offers.pending:
            return self._end(SessionOutcome.ACCEPTED)
        self.ends_as = SessionOutcome.ACCEPTED
        if self.phase is Phase.REVIEW:
            return self._settle(SettleTarget.NOTHING)
        if self.phase is Phase.SETTLING and self.settle_target is SettleTarget.ANSWER:
            return []  # The whole answer has come: the rest of it lands first.
        return [*effects, *self._settle(self._settle_target_of(Leave.VALID))]

    def _accept_hunks(self, ids: tuple[str, ...], event: ev.Accepted) -> list[Effect]:
        states = self._states_of(ids)
        offers = tuple(i for i, state in states.items() if state is HunkState.WITHHELD)
        if offers:
            self._refuse_when_ending()
        wanted = [i for i, state in states.items() if state is HunkState.OPEN]
        # What the user saw would be gone once the edit in flight lands.
        if self.scope_writer.being_rewritten(wanted):
            raise RequestFailed("This change is being rewritten. Try again in a moment.")
        self.scope_writer.lock(wanted)
        self.import_offers.accept(self._imports_among(ids))
        self._answer_when_written(event.token)
        undecided = {
            hunk.id
            for hunk in self.scope_writer.attribution.hunks()
            if hunk.state is not HunkState.LOCKED
        }
        if event.imports and self.phase is Phase.REVIEW and undecided.issubset(offers):
            self.import_offers.accept_all()
        if not offers:
            return self._decided(SessionOutcome.ACCEPTED, ids)
        self.scope_writer.offers_to_show += offers
        if self.phase is not Phase.REVIEW:
            return []
        self.ends_when_decided = True
        return self._settle(SettleTarget.NOTHING)

    def _revert(self, event: ev.Reverted, moment: Moment) -> list[Effect]:
        """Take these hunks back, or everything."""
        if event.hunks is not None:
            return self._revert_hunks(event.hunks, event.token)
        effects = self._close_stream("reverted", moment)
        self.import_offers.revert_all()
        self.ends_as = SessionOutcome.REVERTED
        self._answer_when_written(event.token)
        return [*effects, *self._settle(SettleTarget.BASE)]

    def _revert_hunks(self, ids: tuple[str, ...], token: int) -> list[Effect]:
        states = self._states_of(ids)
        if HunkState.LOCKED in states.values():
            raise RequestFailed("This change was accepted. Use the editor's undo to remove it.")
        imports = self._imports_among(ids)
        self.scope_writer.drop_offers(ids)
        self.import_offers.revert(imports)
        self._answer_when_written(token)
        self.scope_writer.taking_back += tuple(
            i for i, s in states.items() if s is HunkState.OPEN and i not in imports
        )
        if not self.scope_writer.taking_back:
            return self._decided(SessionOutcome.REVERTED, ids)
        if self.phase is not Phase.REVIEW:
            return []
        self.ends_when_decided = True
        return self._settle(SettleTarget.NOTHING)

    def _decided(self, outcome: SessionOutcome, ids: tuple[str, ...]) -> list[Effect]:
        """Hunks were decided without a write to the scope. In review, the last one ends the
        session; imports outside of the scope are not counted."""
        of_scope = set(ids) - set(self._imports_among(ids))
        if self.phase is Phase.REVIEW and of_scope and not self.remaining:
            if not self.import_offers.pending:
                return self._end(SessionOutcome.ACCEPTED if self._has_accepted else outcome)
            self.ends_when_decided = True
            return self._settle(SettleTarget.NOTHING)
        if self.import_offers.pending:
            return [Report(self.id)]
        return [*self._answer_all(), Report(self.id)]

    @property
    def _has_accepted(self) -> bool:
        """Whether the user has accepted something that the file keeps."""
        locked, offers = self.scope_writer.attribution.locked, self.import_offers
        kept = any(one.id not in offers.taking_back for one in offers.written)
        return bool(locked) or kept or bool(offers.to_write)

    def _imports_among(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Those of these hunks that are imports outside of the scope."""
        known = self.import_offers.states()
        return tuple(id_ for id_ in ids if id_ in known)

    def _show(self, event: ev.Shown, moment: Moment) -> list[Effect]:
        """Show held text although it does not parse, or read it for a wider scope."""
        self._refuse_when_ending()
        if event.resize is not None:
            return self._take_wider(
                event.token, event.resize, event.sent_resize or event.resize, moment
            )
        if self.phase is Phase.SETTLING and self.settle_target is not SettleTarget.ANSWER:
            raise RequestFailed("The answer is still being written. Try again in a moment.")
        self.attempt.show_by_line()
        if self.attempt.realigned:
            self.scope_writer.follow_realignment(self.attempt)
        self.scope_writer.only_sound = False
        self.hold_reported = True
        answer = Answer(event.token, {"session": self.id})
        return [
            answer,
            *([Report(self.id)] if self.live else self._settle(SettleTarget.ANSWER)),
        ]

    def _take_wider(
        self, token: int, resize: ScopeResize, sent: ScopeResize, moment: Moment
    ) -> list[Effect]:
        """Make the scope wider and show the held answer in it.

        `sent` is `resize` in the document that the model was sent.
        """
        self._refuse_wider(resize)
        held = self.attempt
        cut = held.request.cut
        request = replace(
            held.request,
            original=resize.around(self.original),
            current=sent.around(held.request.current),
            cut=None if cut is None else cut + sent.by,
            selected=None,
        )
        attempt = read_wider(held, request, self.publish, sent, moment)
        self.scope_writer.widen(resize, sent, attempt)
        self.original = request.original
        self.attempts[-1] = attempt
        self.message = None
        self.endings[attempt.number] = "finished"
        return [Answer(token, {"session": self.id}), *self._settle(SettleTarget.ANSWER)]

    def _refuse_wider(self, resize: ScopeResize) -> None:
        """Raises `RequestFailed` where no answer can be taken for the wider scope now."""
        if self.live:
            raise RequestFailed("The answer is still arriving. Try again when it has ended.")
        other_target = self.settle_target is not SettleTarget.ANSWER
        if self.phase is Phase.SETTLING and (
            other_target or self.scope_writer.in_flight is not None
        ):
            raise RequestFailed("The answer is still being written. Try again in a moment.")
        if not self.attempt.held_text():
            raise RequestFailed("No text is held that could be shown in a wider scope.")
        if not resize.widens:
            raise RequestFailed("The new scope must be wider than this edit.")

    def _restore(self, event: ev.Restored, moment: Moment) -> list[Effect]:
        """Go back to the result of an earlier attempt."""
        if event.attempt not in [number for number, _ in self.scope_writer.attribution.results]:
            raise RequestFailed(f"Attempt {event.attempt} of this edit has no result.")
        self._refuse_when_ending()
        if self.phase is Phase.SETTLING and self.settle_target in (
            SettleTarget.RAW,
            SettleTarget.VALID,
        ):
            raise RequestFailed("The answer is still being written. Try again in a moment.")
        attempt = self.attempt
        if (
            event.attempt == attempt.number
            and attempt.full_text
            and not self.scope_writer.restoring_attempt
        ):
            named = Answer(event.token, {"session": self.id, "attempt": event.attempt})
            return [named, *self._show(ev.Shown(event.token), moment)[1:]]
        effects = self._close_stream("left for an earlier one", moment)
        self.import_offers.restore(event.attempt)
        self.scope_writer.restoring_attempt = event.attempt
        result = {"session": self.id, "attempt": event.attempt}
        self.waiting.append(WaitingCommand(event.token, lambda: result))
        return [*effects, *self._settle(SettleTarget.RESULT)]

    def _resize(self, resize: ScopeResize, request: EditRequest) -> EditRequest:
        """Make the scope wider or narrower. Returns the request for the new scope."""
        given_up = resize.given_up(self.original)
        if given_up != resize.given_up(self.scope_writer.attribution.base):
            raise RequestFailed(
                "You typed outside the new scope. Revert the edit and start a new one."
            )
        self.scope_writer.resize(resize)
        self.original = resize.around(self.original)
        current = resize.around(request.current)
        cut = None if request.cut is None else min(max(request.cut + resize.by, 0), len(current))
        selected = resize.part(request.selected, self.original)
        return replace(request, original=self.original, current=current, cut=cut, selected=selected)

    def _settle_target_of(self, leave: Leave) -> SettleTarget:
        match leave:
            case Leave.RAW:
                return SettleTarget.RAW
            case Leave.ORIGINAL:
                return SettleTarget.BASE
            case Leave.VALID:
                settled = self.scope_writer.only_sound and not self.scope_writer.may_owe_base(
                    self.attempt
                )
                return SettleTarget.NOTHING if settled else SettleTarget.VALID
            case _:
                assert_never(leave)

    def _states_of(self, ids: Iterable[str]) -> dict[str, HunkState]:
        known = {hunk.id: hunk.state for hunk in self.scope_writer.attribution.hunks()}
        known |= self.import_offers.states()
        for id_ in ids:
            if id_ not in known:
                raise RequestFailed("This change is gone. The answer has changed since.")
        return {id_: known[id_] for id_ in ids}

    def _refuse_when_ending(self) -> None:
        """Raises `RequestFailed` while a command is ending the session."""
        if self.ends_as is not None:
            raise RequestFailed(
                f"This edit is about to end ({self.ends_as}). To keep it going, {REDIRECT}."
            )

    # -- steps that handlers share --

    def _open_attempt(self, request: EditRequest, moment: Moment) -> list[Effect]:
        """Open the stream of a new attempt."""
        number = len(self.attempts) + 1
        self.attempts.append(Attempt(number, request, self.publish, moment))
        self.scope_writer.only_sound = self.publish is Publish.SYNTAX
        self.phase = Phase.STARTING
        self.message = None
        self.hold_reported, self.held_since = False, None
        return [OpenStream(self.id, number, request), Report(self.id)]

    def _close_stream(self, ending: str, moment: Moment) -> list[Effect]:
        """Close the stream if one is open, and record how the attempt ended."""
        self.endings.setdefault(self.attempt.number, ending)
        if not self.live:
            return []
        self.attempt.over = True
        self._collect_imports(moment)
        self.scope_writer.attribution = self.scope_writer.attribution.remembering(
            self.attempt.number
        )
        return [CloseStream(self.id, self.attempt.number)]

    def _collect_imports(self, moment: Moment) -> None:
        """The attempt has ended: offer the imports that it needs."""
        if self.attempt.request.imports:
            needed = moment.imports_in(self.attempt.needs)
            self.import_offers.collect(self.attempt.number, needed)

    def _settle(self, settle_target: SettleTarget) -> list[Effect]:
        """From here on only `settle_target` is written."""
        self.phase = Phase.SETTLING
        self.settle_target = settle_target
        return [Report(self.id)]

    def _end(self, outcome: SessionOutcome) -> list[Effect]:
        """End the session: nothing more is written."""
        self.phase, self.outcome = Phase.ENDED, outcome
        return [*self._answer_all(), Report(self.id)]

    def _answer_when_written(self, token: int) -> None:
        """Answer this command with the number of open hunks once everything is written."""

        def result() -> Mapping[str, object]:
            over = self.phase is Phase.ENDED
            return {"session": self.id, "remaining": 0 if over else self.remaining}

        self.waiting.append(WaitingCommand(token, result))

    def _cancel_result(self) -> Mapping[str, object]:
        """The answer to a cancel: what the latest one leaves in the scope."""
        return {"session": self.id, "left": self.leave.value}

    def _answer_all(self) -> list[Effect]:
        """Answer every waiting command."""
        waiting, self.waiting = self.waiting, []
        return [Answer(w.token, w.result()) for w in waiting]

    # -- what to report --

    @property
    def _stuck(self) -> bool:
        """Whether more edits landed than can be needed, so that something must be wrong."""
        return self.unrequested_edits >= MOST_UNREQUESTED_EDITS

    def _report_answer(self, event: ev.Quiet, moment: Moment) -> list[Effect]:
        """Add to the message what a written answer calls for. Returns what is only for the log."""
        if self.attempt.is_held and self.message is None:
            self._report_wider_level(moment)
        if self.message is None and not self.attempt.is_unread and self._has_held_text:
            self.message = (Level.WARNING, HELD_AT_THE_END)
        self._report_unchecked()
        self._report_left_out()
        self._report_lost(event.lost)
        echoed = self.attempt.echoed
        return [Report(self.id, Level.INFO, repeated(echoed))] if echoed else []

    def _report_wider_level(self, moment: Moment) -> None:
        """Report which level of the scope holds all of an answer that is more than the scope."""
        if (reach := self.attempt.reach) is not None:
            self.attempt.wider_level = moment.level(reach.lines)
            sentence = wider(self.attempt.wider_level, under=reach.under)
            self.message = (Level.WARNING, sentence)

    def _report_unchecked(self) -> None:
        """Report the line of the document that the grammar does not know."""
        line = self.attempt.unchecked
        if line is not None and not self._has_held_text:
            self.ledger.unchecked += 1
            before = self.message[1] if self.message is not None else ""
            self.message = (Level.WARNING, f"{before} {unchecked(line)}".lstrip())

    def _report_left_out(self) -> None:
        """Report how many hunks of a patch found no place."""
        if not self.attempt.left_out:
            return
        level, before = self.message or (Level.WARNING, "")
        sentence = left_out(self.attempt.left_out)
        if sentence not in before:
            self.message = (level, f"{before} {sentence}".lstrip())

    def _report_lost(self, lost: Sequence[str]) -> None:
        """Report which declarations are gone that no instruction mentions."""
        mentioned = frozenset(
            word for a in self.attempts for word in _WORDS.findall(a.request.instruction)
        )
        names = tuple(name for name in lost if not mentioned.issuperset(_WORDS.findall(name)))
        self.attempt.lost = names
        if names:
            level, before = self.message or (Level.WARNING, "")
            level = Level.WARNING if level is Level.INFO else level
            self.message = (level, f"{before} {gone(names)}".lstrip())

    @property
    def _has_held_text(self) -> bool:
        """Whether the answer holds text that is not shown."""
        return bool(self.attempt.held_text())

    def _reports_hold(self, now: float) -> bool:
        """Whether to report held text now; true at most once for an attempt."""
        if self.hold_reported:
            return False
        shown = self.attempt.shown.answer
        if not self._has_held_text or (self.held_since and self.held_since[1] != shown):
            self.held_since = None
        if self._has_held_text and self.held_since is None:
            self.held_since = (now, shown)
        if self.held_since is None or now - self.held_since[0] <= LONG_HOLD_MS:
            return False
        self.hold_reported = self.attempt.tokens_since_shown > LONG_HOLD_TOKENS
        return self.hold_reported


# Events by which neither the model nor the user asks for more to be written.
_UNREQUESTED = (
    *(ev.Landed, ev.Refused, ev.ScopeChanged, ev.Quiet, ev.Tick),
    *(ev.ImportsLanded, ev.ImportsRefused),
)
# Targets that may bring more of the answer into the scope, which changes its result.
_ADDS_ANSWER = (SettleTarget.ANSWER, SettleTarget.RAW, SettleTarget.VALID)


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
    ev.ImportsLanded: Session._imports_landed,
    ev.ImportsRefused: Session._imports_refused,
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
    | dict.fromkeys((*_UNREQUESTED, ev.Gone), Cell.LATE)
    | dict.fromkeys(
        (ev.Redirected, ev.Cancelled, ev.Accepted, ev.Reverted, ev.Shown, ev.Restored), Cell.OVER
    ),
}
"""What each event means in each phase. `tests/session/test_machine.py` checks that every cell is
filled, and `ARCHITECTURE.md` shows the table."""
