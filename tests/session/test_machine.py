"""The table of transitions cell by cell, and what each command does in each phase."""

from typing import get_args

import pytest

from lsp_server.choices import Leave, Publish
from lsp_server.errors import ContractError, RequestFailed
from lsp_server.session import events as ev
from lsp_server.session.answer_messages import CUT_OFF, HELD_LONG, STUCK
from lsp_server.session.attempt import MOST_ANSWER, MOST_SCOPES
from lsp_server.session.effects import Answer, CloseStream, Effect, Level, OpenStream, Report
from lsp_server.session.events import Moment
from lsp_server.session.gate_protocol import OpenGate
from lsp_server.session.machine import (
    CANCEL_BOUND_MS,
    MOST_UNREQUESTED_EDITS,
    TRANSITIONS,
    Cell,
    Phase,
    Session,
    SessionOutcome,
)
from lsp_server.session.request import EditRequest, Keep
from lsp_server.session.runaway import REPEATS, RUNS_ON, WORDS
from lsp_server.text.changes import Change, ChangeSet
from tests.support.rig import BracketGate, Rig, fingerprint

LINES = "".join(f"line {number}\n" for number in range(8))
EVENTS: tuple[type, ...] = (
    *get_args(ev.ModelEvent),
    *get_args(ev.DocumentEvent),
    *get_args(ev.UserEvent),
    ev.Tick,
)
COMMANDS = (
    ev.Redirected(7, "more"),
    ev.Cancelled(7),
    ev.Accepted(7),
    ev.Reverted(7),
    ev.Shown(7),
    ev.Restored(7, 1),
)
NOW = Moment(0.0)


def begun(text: str = LINES[:-1], publish: Publish = Publish.SYNTAX) -> Session:
    session = Session("s1", text, publish, 0.0)
    session.begin(EditRequest("change it", text, text, "practice"), NOW)
    return session


def write(session: Session) -> bool:
    """Let the session write its next edit, and let it land. Returns whether there was one."""
    changes = session.propose(lambda instead: OpenGate())
    if changes is None:
        return False
    session.handle(ev.Landed(), NOW)
    return True


def settled(session: Session) -> list[Effect]:
    effects: list[Effect] = []
    while session.phase is Phase.SETTLING:
        if not write(session):
            effects += session.handle(ev.Quiet(), NOW)
    return effects


def in_phase(phase: Phase) -> Session:
    """A session in that phase, with two landed hunks if the phase allows."""
    session = begun()
    if phase is Phase.STARTING:
        return session
    answer = LINES.replace("line 1\n", "new 1\n").replace("line 5\n", "new 5\n")
    session.handle(ev.Delta(1, f"```\n{answer}"), NOW)
    if phase is Phase.STREAMING:
        assert write(session)
        return session
    session.handle(ev.Delta(1, "```\n"), NOW)
    session.handle(ev.Finished(1), NOW)
    if phase is Phase.SETTLING:
        assert write(session)
        return session
    settled(session)
    if phase is Phase.ENDED:
        session.handle(ev.Accepted(1), NOW)
    assert session.phase is phase
    return session


@pytest.mark.parametrize(
    ("piece", "sentence"),
    [("x = 1\n" * 500, REPEATS), ("x" * 9_000_000, RUNS_ON), ("I think ", REPEATS)],
)
def test_an_answer_that_runs_on_is_stopped_and_what_landed_stays(piece: str, sentence: str) -> None:
    session = begun()
    session.handle(ev.Delta(1, "```\nnew 0\n"), NOW)
    most = MOST_ANSWER + MOST_SCOPES * len(LINES)
    effects: list[Effect] = []
    for _ in range(most // len(piece) + 1):
        effects += session.handle(ev.Delta(1, piece), NOW)
    assert effects.count(CloseStream("s1", 1)) == 1
    assert session.message == (Level.WARNING, sentence)
    assert session.endings[1] == "incomplete"
    assert len(session.attempt.answer) <= most
    settled(session)
    assert session.phase is Phase.REVIEW
    session.handle(ev.Redirected(2, "again"), NOW)


def test_the_stream_is_cut_when_prose_follows_the_proven_answer() -> None:
    session = begun()
    answer = LINES.replace("line 1\n", "new 1\n").replace("line 5\n", "new 5\n")
    for piece in (f"```\n{answer}", "```\n", "\nI changed "):
        assert CloseStream("s1", 1) not in session.handle(ev.Delta(1, piece), NOW)
    prose = "the two lines that you asked for and left all of the others as they were."
    effects = session.handle(ev.Delta(1, prose), NOW)
    assert effects.count(CloseStream("s1", 1)) == 1
    assert session.endings[1] == "finished"
    settled(session)
    assert session.phase is Phase.REVIEW
    assert session.scope_writer.view == answer[:-1]
    assert session.message is None
    assert session.ledger.tokens == 4


def test_a_long_text_without_code_is_stopped() -> None:
    code = "def f(a):\n    return a.b\n"
    session = begun(code)
    effects: list[Effect] = []
    for number in range(200):
        said = f"Let me think about step {number} of the way to do this, which is hard.\n"
        effects += session.handle(ev.Delta(1, said), NOW)
    assert effects.count(CloseStream("s1", 1)) == 1
    assert session.message == (Level.WARNING, WORDS)
    settled(session)
    assert session.scope_writer.view == code


@pytest.mark.parametrize("phase", Phase)
def test_every_cell_of_the_table_is_filled(phase: Phase) -> None:
    assert set(TRANSITIONS[phase]) == set(EVENTS)


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize(
    "event",
    [ev.Started(0, "x"), ev.Delta(0, "late"), ev.Finished(0), ev.Failed(0, "late")],
    ids=lambda event: type(event).__name__,
)
def test_an_event_of_an_older_attempt_does_nothing(phase: Phase, event: ev.Event) -> None:
    session = in_phase(phase)
    before = fingerprint(session)
    assert session.handle(event, NOW) == ()
    assert fingerprint(session) == before


@pytest.mark.parametrize("phase", (Phase.SETTLING, Phase.REVIEW, Phase.ENDED))
@pytest.mark.parametrize(
    "event",
    [ev.Started(1, "x"), ev.Delta(1, "late"), ev.Finished(1), ev.Failed(1, "late")],
    ids=lambda event: type(event).__name__,
)
def test_a_stream_that_is_over_says_nothing_more(phase: Phase, event: ev.Event) -> None:
    session = in_phase(phase)
    before = fingerprint(session)
    assert session.handle(event, NOW) == ()
    assert fingerprint(session) == before


def test_after_the_end_nothing_happens() -> None:
    session = in_phase(Phase.ENDED)
    before = fingerprint(session)
    changed = ev.ScopeChanged(ChangeSet.of(len(session.scope_writer.view), [Change(0, 0, "x")]))
    for event in (changed, ev.Gone("gone"), ev.Quiet(), ev.Tick(), ev.Landed(), ev.Refused()):
        assert session.handle(event, NOW) == ()
    assert session.propose(lambda instead: OpenGate()) is None
    for command in COMMANDS:
        with pytest.raises(RequestFailed, match="has ended"):
            session.handle(command, NOW)
    assert fingerprint(session) == before


def test_what_cannot_happen_is_a_bug() -> None:
    assert TRANSITIONS[Phase.REVIEW][ev.Landed] is Cell.BUG
    with pytest.raises(ContractError):
        in_phase(Phase.REVIEW).handle(ev.Landed(), NOW)


@pytest.mark.parametrize("phase", (Phase.STARTING, Phase.STREAMING, Phase.SETTLING, Phase.REVIEW))
@pytest.mark.parametrize("keep", Keep)
def test_redirect_in_every_phase(phase: Phase, keep: Keep) -> None:
    session = in_phase(phase)
    seen, live = session.scope_writer.view, session.live
    effects = session.handle(ev.Redirected(7, "other", keep), NOW)
    assert (CloseStream("s1", 1) in effects) == live
    (opened,) = [effect for effect in effects if isinstance(effect, OpenStream)]
    assert opened.attempt == 2
    assert opened.request.instruction == "other"
    assert opened.request.earlier == ("change it",)
    assert opened.request.current == (seen if keep is Keep.LANDED else session.original)
    assert Answer(7, {"session": "s1", "attempt": 2}) in effects
    assert session.phase is Phase.STARTING
    assert write(session) == (keep is Keep.NONE and seen != session.original)
    assert session.scope_writer.view == (seen if keep is Keep.LANDED else session.original)


@pytest.mark.parametrize("phase", (Phase.STARTING, Phase.STREAMING, Phase.SETTLING, Phase.REVIEW))
@pytest.mark.parametrize("leave", Leave)
def test_cancel_in_every_phase(phase: Phase, leave: Leave) -> None:
    session = in_phase(phase)
    seen, live = session.scope_writer.view, session.live
    effects = list(session.handle(ev.Cancelled(7, leave), NOW))
    assert (CloseStream("s1", 1) in effects) == live
    effects += settled(session)
    assert Answer(7, {"session": "s1", "left": leave.value}) in effects
    if leave is Leave.ORIGINAL or phase is Phase.STARTING:
        assert (session.phase, session.outcome) == (Phase.ENDED, SessionOutcome.CANCELLED)
        assert session.scope_writer.view == session.original
    else:
        assert session.phase is Phase.REVIEW
        assert "new 1" in session.scope_writer.view
    if leave is Leave.VALID:
        assert session.scope_writer.view == seen


def test_a_cancel_is_answered_in_time_whatever_the_editor_does() -> None:
    session = in_phase(Phase.STREAMING)
    session.handle(ev.Delta(1, "line 8\nline 9\nline 10\n"), NOW)
    assert session.propose(lambda instead: OpenGate()) is not None
    assert not any(isinstance(e, Answer) for e in session.handle(ev.Cancelled(7), NOW))
    assert session.handle(ev.Tick(), Moment(CANCEL_BOUND_MS - 1)) == ()
    (answer,) = session.handle(ev.Tick(), Moment(CANCEL_BOUND_MS))
    assert answer == Answer(7, {"session": "s1", "left": "valid"})


@pytest.mark.parametrize("phase", (Phase.STARTING, Phase.STREAMING, Phase.SETTLING, Phase.REVIEW))
def test_accept_and_revert_end_it_in_every_phase(phase: Phase) -> None:
    for command, outcome in (
        (ev.Accepted(7), SessionOutcome.ACCEPTED),
        (ev.Reverted(7), SessionOutcome.REVERTED),
    ):
        session = in_phase(phase)
        seen = session.scope_writer.view
        effects = [*session.handle(command, NOW), *settled(session)]
        assert Answer(7, {"session": "s1", "remaining": 0}) in effects
        assert (session.phase, session.outcome) == (Phase.ENDED, outcome)
        assert session.scope_writer.view == (
            seen if outcome is SessionOutcome.ACCEPTED else session.original
        )


def test_hunks_are_decided_one_by_one() -> None:
    session = in_phase(Phase.REVIEW)
    first, second = (hunk.id for hunk in session.scope_writer.attribution.hunks())
    assert Answer(7, {"session": "s1", "remaining": 1}) in session.handle(
        ev.Accepted(7, (first,)), NOW
    )
    with pytest.raises(RequestFailed, match="was accepted"):
        session.handle(ev.Reverted(8, (first,)), NOW)
    with pytest.raises(RequestFailed, match="is gone"):
        session.handle(ev.Accepted(8, ("h99",)), NOW)
    session.handle(ev.Reverted(9, (second,)), NOW)
    settled(session)
    assert session.outcome is SessionOutcome.ACCEPTED
    assert "new 1" in session.scope_writer.view
    assert "new 5" not in session.scope_writer.view


@pytest.mark.parametrize("phase", (Phase.STARTING, Phase.STREAMING, Phase.SETTLING, Phase.REVIEW))
def test_a_refused_restore_changes_nothing(phase: Phase) -> None:
    session = in_phase(phase)
    before = fingerprint(session)
    with pytest.raises(RequestFailed, match="no result"):
        session.handle(ev.Restored(7, 9), NOW)
    assert fingerprint(session) == before


def test_restore_goes_back_to_an_earlier_result() -> None:
    session = in_phase(Phase.REVIEW)
    first = session.scope_writer.view
    session.handle(ev.Redirected(2, "undo all", Keep.NONE), NOW)
    session.handle(ev.Delta(2, f"```\n{LINES}```\n"), NOW)
    session.handle(ev.Finished(2), NOW)
    settled(session)
    assert session.scope_writer.view == session.original
    effects = [*session.handle(ev.Restored(7, 1), NOW), *settled(session)]
    assert Answer(7, {"session": "s1", "attempt": 1}) in effects
    assert session.scope_writer.view == first


@pytest.mark.parametrize("command", (ev.Shown(8), ev.Restored(8, 1)))
def test_what_would_write_something_else_is_refused_while_it_ends(command: ev.UserEvent) -> None:
    session = in_phase(Phase.REVIEW)
    session.handle(ev.Reverted(7), NOW)
    before = fingerprint(session)
    with pytest.raises(RequestFailed, match="about to end"):
        session.handle(command, NOW)
    assert fingerprint(session) == before


@pytest.mark.parametrize(
    ("event", "level", "part"),
    [
        (ev.Finished(1, False, "The server stopped."), Level.WARNING, "The server stopped."),
        (ev.Finished(1, False), Level.WARNING, CUT_OFF),
        (ev.Failed(1, "No connection."), Level.ERROR, "No connection."),
    ],
)
def test_a_fault_of_the_model_leaves_it_in_review(
    event: ev.ModelEvent, level: Level, part: str
) -> None:
    session = begun()
    session.handle(ev.Delta(1, "```\nline 0!\nline 1\nline 2\nlin"), NOW)
    session.handle(event, NOW)
    settled(session)
    assert session.phase is Phase.REVIEW
    assert session.message == (level, part)
    assert session.scope_writer.view == LINES[:-1].replace("line 0", "line 0!")


def test_a_long_hold_is_reported_once() -> None:
    session = begun("f(1)\ng(2)\nh(3)")

    def gate(instead: str | None) -> BracketGate:
        return BracketGate(session.scope_writer.view)

    session.handle(ev.Delta(1, "```\nf((1)\n"), NOW)
    told = []
    for number in range(400):
        now = Moment(10.0 * number)
        session.handle(ev.Delta(1, f"more {number}\n"), now)
        assert session.propose(gate) is None
        told += [e for e in session.handle(ev.Tick(), now) if isinstance(e, Report)]
    assert [report.sentence for report in told] == [HELD_LONG]


def test_lines_around_the_scope_that_an_answer_repeats_are_reported_once_in_the_log() -> None:
    session = Session("s1", "one()", Publish.SYNTAX, 0.0)
    moment = Moment(0.0, "above()\n", "\nbelow()\n")
    session.begin(EditRequest("change it", "one()", "one()", "practice"), moment)
    session.handle(ev.Delta(1, "```\nabove()\ntwo()\nbelow()\n```\n"), moment)
    effects = [*session.handle(ev.Finished(1), moment)]
    while session.phase is not Phase.REVIEW:
        write(session)
        effects += session.handle(ev.Quiet(), moment)
    told = [e for e in effects if isinstance(e, Report) and e.sentence]
    assert session.scope_writer.view == "two()"
    assert [report.level for report in told] == [Level.INFO]
    assert told[0].sentence is not None and "`above()`, `below()`" in told[0].sentence
    assert session.message is None


def test_a_comment_that_stands_for_lines_is_reported() -> None:
    text = "one()\ntwo()\nthree()\nfour()\nfive()"
    session = begun(text)
    session.handle(ev.Delta(1, "```\none(1)\n# mar an gcéanna\nfive(5)\n```\n"), NOW)
    session.handle(ev.Finished(1), NOW)
    settled(session)
    assert session.scope_writer.view == text.replace("one()", "one(1)").replace("five()", "five(5)")
    assert session.message is not None
    level, sentence = session.message
    assert level is Level.WARNING
    assert "`# mar an gcéanna`" in sentence and "3 lines" in sentence


def test_undo_takes_back_and_cuts_and_redo_gives_back() -> None:
    rig = Rig.open(LINES)
    rig.run('begin s1 1:1-8:7 "change"\nmodel s1 "```\\nline 0!\\nline 1\\nline 2\\nli"\nsettle')
    session = rig.document_edits.find("s1")
    rig.run("user undoes\nsettle")
    assert session.phase is Phase.REVIEW
    assert session.scope_writer.attribution.hunks() == ()
    rig.run("user redoes\nsettle")
    assert len(session.scope_writer.attribution.hunks()) == 1
    rig.run("revert s1\nsettle")
    assert rig.editor.text == LINES


def test_whatever_goes_wrong_there_is_an_end_to_the_edits(monkeypatch: pytest.MonkeyPatch) -> None:
    session = begun()
    one_more = ChangeSet.of(len(session.scope_writer.view), [Change(0, 0, "x")])
    session.handle(ev.Reverted(7), NOW)

    def never_there(*_: object) -> ChangeSet | None:
        wanted = ChangeSet(len(session.scope_writer.view), one_more.changes)
        return session.scope_writer._propose_for_user(session.attempt, wanted)

    monkeypatch.setattr(session.scope_writer, "write_settle_target", never_there)
    count = 0
    while write(session):
        count += 1
        typed = ChangeSet.of(len(session.scope_writer.view), [Change(1, 1, "y")])
        session.handle(ev.ScopeChanged(typed), NOW)
        assert count <= MOST_UNREQUESTED_EDITS
    assert count == MOST_UNREQUESTED_EDITS
    effects = session.handle(ev.Quiet(), NOW)
    assert session.phase is Phase.REVIEW
    assert session.message == (Level.WARNING, STUCK)
    assert [effect.token for effect in effects if isinstance(effect, Answer)] == [7]
    session.handle(ev.Reverted(8), NOW)
    monkeypatch.undo()
    assert write(session)
    assert not write(session)
    session.handle(ev.Quiet(), NOW)
    assert session.outcome is SessionOutcome.REVERTED
