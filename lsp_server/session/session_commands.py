"""What the user's commands do to a session: redirect, cancel, accept, revert, show, restore.

Each is one cell of the table in `machine` and returns effects. The latest command wins, but what
would write something else than a command that ends the session is refused.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import assert_never

from lsp_server.choices import Leave
from lsp_server.edit.hunks import HunkState, texts_of
from lsp_server.edit.shadow_copy import line_around
from lsp_server.errors import RequestFailed
from lsp_server.session import events as ev
from lsp_server.session.effects import Answer, Effect, Report
from lsp_server.session.request import EditRequest, Keep, form_for
from lsp_server.session.scope_resize import ScopeResize
from lsp_server.session.scope_widening import take_wider
from lsp_server.session.settle_target import SettleTarget
from lsp_server.session.state import Moment, Phase, SessionOutcome, SessionState, WaitingCommand
from lsp_server.text.changes import ChangeSet
from lsp_server.text.span import Span

# A cancel is answered after this time at the latest (milliseconds), whatever the editor does.
CANCEL_BOUND_MS = 2_000.0


def redirect(session: SessionState, event: ev.Redirected, moment: Moment) -> list[Effect]:
    """A new attempt with a new instruction."""
    request = _next_request(session, event)
    if event.frame is not None:
        request = _reframe(session, event.frame, request)
    if event.patch_from is not None:
        request = replace(request, form=form_for(request.current, event.patch_from, event.large))
    effects = [*session.cut("redirected"), *session.answer_all()]
    session.scope_writer.begin_attempt(request.current, from_base=event.keep is Keep.NONE)
    session.after = None
    session.ends_when_empty = session.ends_when_decided = False
    session.ledger.redirected_at = moment.now
    effects += session.open_attempt(request, moment)
    result = {"session": session.id, "attempt": session.attempt.number}
    return [*effects, Answer(event.token, result)]


def cancel(session: SessionState, event: ev.Cancelled, moment: Moment) -> list[Effect]:
    """Stop, and leave what the user says."""
    session.left = event.leave
    if session.phase is Phase.REVIEW and event.leave is Leave.VALID and session.scope_writer.sound:
        return [Answer(event.token, session.what_is_left())]
    if event.leave is Leave.RAW and session.live:
        session.attempt.finish(False, moment.now)  # The reader gives what it had held.
    effects = session.cut("cancelled")
    session.ledger.cancelled_at = moment.now
    settle_target = _settle_target_of(session, event.leave)
    scope_writer = session.scope_writer
    nothing_to_write = settle_target is SettleTarget.NOTHING and not (
        scope_writer.taking_back or scope_writer.showing
    )
    until = moment.now + CANCEL_BOUND_MS if nothing_to_write else None
    session.waiting.append(WaitingCommand(event.token, session.what_is_left, until))
    session.after = SessionOutcome.CANCELLED if event.leave is Leave.ORIGINAL else None
    session.ends_when_empty = True
    return [*effects, *session.settle(settle_target)]


def accept(session: SessionState, event: ev.Accepted, moment: Moment) -> list[Effect]:
    """Keep these hunks, or everything."""
    if event.hunks is not None:
        return _accept_hunks(session, event.hunks, event.token)
    session.wait(event.token)
    if session.phase is Phase.REVIEW:
        return session.end(SessionOutcome.ACCEPTED)
    if session.phase is Phase.SETTLING and session.settle_target is SettleTarget.ANSWER:
        session.after = (
            SessionOutcome.ACCEPTED
        )  # The answer is all there: the rest of it lands first.
        return []
    effects = session.cut("accepted")
    session.after = SessionOutcome.ACCEPTED
    return [*effects, *session.settle(_settle_target_of(session, Leave.VALID))]


def _accept_hunks(session: SessionState, ids: tuple[str, ...], token: int) -> list[Effect]:
    states = _states_of(session, ids)
    offers = tuple(i for i, state in states.items() if state is HunkState.WITHHELD)
    if offers:
        _refuse_when_ending(session)
    wanted = [i for i, state in states.items() if state is HunkState.OPEN]
    if changing := session.scope_writer.in_flux(
        wanted
    ):  # What they saw would be gone when it lands.
        raise RequestFailed(f"`hunks`: {changing[0]} is being rewritten; ask again in a moment.")
    session.scope_writer.lock(wanted)
    session.wait(token)
    if not offers:
        return _decided(session, SessionOutcome.ACCEPTED)
    session.scope_writer.showing += offers
    if session.phase is not Phase.REVIEW:
        return []
    session.ends_when_decided = True
    return session.settle(SettleTarget.NOTHING)


def revert(session: SessionState, event: ev.Reverted, moment: Moment) -> list[Effect]:
    """Take these hunks back, or everything."""
    if event.hunks is not None:
        return _revert_hunks(session, event.hunks, event.token)
    effects = session.cut("reverted")
    session.after = SessionOutcome.REVERTED
    session.wait(event.token)
    return [*effects, *session.settle(SettleTarget.BASE)]


def _revert_hunks(session: SessionState, ids: tuple[str, ...], token: int) -> list[Effect]:
    states = _states_of(session, ids)
    if locked := [i for i, state in states.items() if state is HunkState.LOCKED]:
        raise RequestFailed(
            f"`hunks`: {locked[0]} has been accepted already; the editor's undo takes it back."
        )
    session.scope_writer.drop_offers(ids)
    session.wait(token)
    session.scope_writer.taking_back += tuple(i for i, s in states.items() if s is HunkState.OPEN)
    if not session.scope_writer.taking_back:
        return _decided(session, SessionOutcome.REVERTED)
    if session.phase is not Phase.REVIEW:
        return []
    session.ends_when_decided = True
    return session.settle(SettleTarget.NOTHING)


def _decided(session: SessionState, outcome: SessionOutcome) -> list[Effect]:
    """Hunks were decided without a write; in review, the last one ends the session."""
    if session.phase is Phase.REVIEW and not session.remaining:
        return session.end(
            SessionOutcome.ACCEPTED if session.scope_writer.attribution.locked else outcome
        )
    return [*session.answer_all(), Report(session.id)]


def show(session: SessionState, event: ev.Shown, moment: Moment) -> list[Effect]:
    """Show what is held although it does not parse, or take it for a wider scope."""
    _refuse_when_ending(session)
    if event.frame is not None:
        return take_wider(session, event, moment)
    if session.phase is Phase.SETTLING and session.settle_target is not SettleTarget.ANSWER:
        raise RequestFailed(f"Session {session.id} is still being written; ask again in a moment.")
    session.attempt.by_line()
    if session.attempt.anew:
        session.scope_writer.begin_anew(session.attempt)
    session.scope_writer.sound = False
    session.told_of_hold = True
    answer = Answer(event.token, {"session": session.id})
    return [
        answer,
        *([Report(session.id)] if session.live else session.settle(SettleTarget.ANSWER)),
    ]


def restore(session: SessionState, event: ev.Restored, moment: Moment) -> list[Effect]:
    """Back to an earlier attempt's result."""
    if event.attempt not in [number for number, _ in session.scope_writer.attribution.results]:
        raise RequestFailed(f"`attempt`: this session has no result of attempt {event.attempt}.")
    _refuse_when_ending(session)
    if session.phase is Phase.SETTLING and session.settle_target in (
        SettleTarget.RAW,
        SettleTarget.VALID,
    ):
        raise RequestFailed(f"Session {session.id} is still being written; ask again in a moment.")
    attempt = session.attempt
    if event.attempt == attempt.number and attempt.in_full and not session.scope_writer.restoring:
        named = Answer(event.token, {"session": session.id, "attempt": event.attempt})
        return [named, *show(session, ev.Shown(event.token), moment)[1:]]
    effects = session.cut("left for an earlier one")
    session.scope_writer.restoring = event.attempt
    result = {"session": session.id, "attempt": event.attempt}
    session.waiting.append(WaitingCommand(event.token, lambda: result))
    return [*effects, *session.settle(SettleTarget.RESULT)]


def _next_request(session: SessionState, event: ev.Redirected) -> EditRequest:
    scope_writer, last = session.scope_writer, session.attempt
    seen, shadow_copy = scope_writer.view, scope_writer.shadow_copy
    if (edit := scope_writer.in_flight) is not None:  # It counts as landed.
        seen = edit.changes.apply(seen)
        if edit.write is not None:
            shadow_copy = edit.recorded_in_copy(shadow_copy)
    cut = shadow_copy.shown_at(shadow_copy.frontier)
    if event.without is not None:
        flown = edit.changes if edit is not None else ChangeSet.identity(len(scope_writer.view))
        start = flown.map_offset(event.without.start, after=True)
        end = flown.map_offset(event.without.end, after=False)
        end = max(start, end)
        seen = seen[:start] + seen[end:]
        cut -= max(min(cut, end) - start, 0)
    kept = event.keep is Keep.LANDED
    return EditRequest(
        instruction=event.instruction,
        original=session.original,
        current=seen if kept else scope_writer.attribution.base,
        profile=event.profile or last.request.profile,
        earlier=tuple(attempt.request.instruction for attempt in session.attempts),
        cut=cut if kept and not last.proven else None,
        typed=texts_of(_without(scope_writer.attribution.typed, event.without), scope_writer.view),
        settled=tuple(
            _lines_of(mark.span, scope_writer.view) for mark in scope_writer.attribution.locked
        ),
        withheld=scope_writer.shadow_copy.their_lines(event.without),
        form=last.request.form,
        selected=last.request.selected,
    )


def _lines_of(span: Span, text: str) -> str:
    """The whole lines that the piece of the text is in: half a line says nothing to a model."""
    return text[line_around(text, span.start)[0] : line_around(text, span.end)[1]]


def _without(spans: Sequence[Span], gone: Span | None) -> list[Span]:
    """What is left of the pieces when `gone` goes."""
    if gone is None:
        return list(spans)
    left = [Span(s.start, min(s.end, max(s.start, gone.start))) for s in spans]
    right = [Span(max(s.start, min(s.end, gone.end)), s.end) for s in spans]
    return sorted(side for side in (*left, *right) if not side.empty)


def _reframe(session: SessionState, frame: ScopeResize, request: EditRequest) -> EditRequest:
    """Make the scope wider or narrower; the request then asks for all of it."""
    given_up = frame.given_up(session.original)
    if given_up != frame.given_up(session.scope_writer.attribution.base):
        raise RequestFailed("`scope`: what you typed reaches beyond it.")
    session.scope_writer.reframe(frame)
    session.original = frame.around(session.original)
    current = frame.around(request.current)
    cut = None if request.cut is None else min(max(request.cut + frame.by, 0), len(current))
    selected = frame.part(request.selected, session.original)
    return replace(request, original=session.original, current=current, cut=cut, selected=selected)


def _settle_target_of(session: SessionState, leave: Leave) -> SettleTarget:
    match leave:
        case Leave.RAW:
            return SettleTarget.RAW
        case Leave.ORIGINAL:
            return SettleTarget.BASE
        case Leave.VALID:
            settled = session.scope_writer.sound and not session.scope_writer.may_owe_base(
                session.attempt
            )
            return SettleTarget.NOTHING if settled else SettleTarget.VALID
        case _:
            assert_never(leave)


def _states_of(session: SessionState, ids: Iterable[str]) -> dict[str, HunkState]:
    known = {hunk.id: hunk.state for hunk in session.scope_writer.attribution.hunks()}
    for id_ in ids:
        if id_ not in known:
            raise RequestFailed(f"`hunks`: there is no hunk {id_} in this session now.")
    return {id_: known[id_] for id_ in ids}


def _refuse_when_ending(session: SessionState) -> None:
    """What would write something else than the command that ends the session."""
    if session.after is not None:
        raise RequestFailed(
            f"Session {session.id} is about to end ({session.after}); redirect it to go on."
        )
