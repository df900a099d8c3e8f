"""What is written next, and the books of what was written."""

import pytest

from lsp_server.edit.hunks import Attribution
from lsp_server.errors import ContractError
from lsp_server.session.gate_protocol import Gate, OpenGate
from lsp_server.session.request import Publish
from lsp_server.session.scope_writer import ScopeWriter
from lsp_server.session.settle_target import InFlight, SettleTarget
from lsp_server.text.changes import Change, ChangeSet
from tests.session.test_attempt import LINES, attempt


def gate(instead: str | None) -> Gate:
    return OpenGate()


def test_text_comes_back_when_an_edit_is_refused() -> None:
    one, pen = attempt(), ScopeWriter(LINES, sound=True)
    pen.begin_attempt(LINES)
    one.push("```\nline 0!\nline 1\nline 2\n", 0.0, None)
    changes = pen.answering(one, gate)
    assert changes is not None
    pen.take_flight()
    assert pen.view == LINES
    one.retry()
    assert pen.answering(one, gate) == changes
    pen.landed(one, 5.0)
    assert pen.view == pen.mirror.view == LINES.replace("line 0", "line 0!")
    assert pen.answering(one, gate) is None


def test_an_edit_that_was_never_proposed_cannot_come_back() -> None:
    with pytest.raises(ContractError):
        ScopeWriter(LINES, sound=True).landed(attempt(), 0.0)


def test_undo_by_the_user_is_found() -> None:
    one, pen = attempt(), ScopeWriter(LINES, sound=True)
    pen.begin_attempt(LINES)
    one.push("```\nline 0!\nline 1\nline 2\n", 0.0, None)
    changes = pen.answering(one, gate)
    assert changes is not None
    pen.landed(one, 0.0)
    found = pen.typed(changes.invert(LINES))
    assert found is not None
    assert found.takes_back
    assert pen.account.hunks() == ()


def test_a_hunk_stays_locked_when_typing_before_it_is_undone() -> None:
    one, pen = attempt(), ScopeWriter(LINES, sound=True)
    pen.begin_attempt(LINES)
    one.push("```\nline 0!\nline 1\nline 2\n", 0.0, None)
    pen.answering(one, gate)
    pen.landed(one, 0.0)
    typed = ChangeSet.of(len(pen.view), [Change(len(pen.view), len(pen.view), "!")])
    before = pen.view
    pen.typed(typed)
    (hunk,) = pen.account.hunks()
    pen.lock([hunk.id])
    pen.typed(typed.invert(before))
    assert [mark.id for mark in pen.account.locked] == [hunk.id]
    assert not pen.account.ours


def test_going_back_to_the_base_is_one_write() -> None:
    one, pen = attempt(), ScopeWriter(LINES, sound=True)
    pen.begin_attempt(LINES)
    one.push("```\nline 0!\nline 1\nline 2\n", 0.0, None)
    pen.answering(one, gate)
    pen.landed(one, 0.0)
    assert pen.settling(SettleTarget.BASE, one, gate) is not None
    pen.landed(one, 0.0)
    assert pen.view == LINES
    assert pen.settling(SettleTarget.BASE, one, gate) is None
    assert pen.settling(SettleTarget.NOTHING, one, gate) is None


class Counting(OpenGate):
    """Refuses all, and counts."""

    def __init__(self) -> None:
        self.asked = 0

    def admits(self, candidate: str) -> bool:
        self.asked += 1
        return False

    def settled(self, candidate: str) -> bool:
        return self.admits(candidate)


class OnlyTheLast(OpenGate):
    """Refuses all but the last text of an answer."""

    def admits(self, candidate: str) -> bool:
        return False


def test_the_last_state_of_an_answer_is_judged_as_the_last() -> None:
    one, pen = attempt(), ScopeWriter(LINES, sound=True)
    pen.begin_attempt(LINES)
    one.push("```\nline 0!\nline 1\nline 2\nline 3!\nline 4\nline 5\n", 0.0, None)
    assert pen.answering(one, lambda _: OnlyTheLast()) is None
    one.finish(False, 1.0)
    one.retry()
    shown = pen.answering(one, lambda _: OnlyTheLast())
    assert shown is not None and shown.apply(LINES).startswith("line 0!\nline 1\nline 2\nline 3!")


def test_without_time_for_checks_what_has_come_waits_and_the_newest_goes_first() -> None:
    one, pen, shut = attempt(), ScopeWriter(LINES, sound=True), Counting()
    pen.begin_attempt(LINES)
    one.push("```\nline 0!\nline 1\nline 2\nline 3!\nline 4\nline 5\n", 0.0, None)
    assert pen.answering(one, lambda _: shut, lambda: False) is None
    assert shut.asked == 0
    time_for = iter([True, False])
    assert pen.answering(one, lambda _: shut, lambda: next(time_for)) is None
    assert shut.asked == 1
    assert pen.answering(one, lambda _: shut, lambda: True) is None
    assert shut.asked == 1  # The older states have been given up.
    one.finish(False, 1.0)
    assert pen.answering(one, lambda _: shut, lambda: False) is None
    assert shut.asked == 1
    one.retry()
    assert pen.answering(one, lambda _: shut, lambda: False) is None
    assert shut.asked == 2  # The end of an answer waits for nothing, the states before it do.
    one.retry()
    assert pen.answering(one, lambda _: shut) is None
    assert shut.asked > 4


class Brittle(OpenGate):
    """Nothing that holds `bad` parses; counts what is asked."""

    def __init__(self, bad: str) -> None:
        self.bad = bad
        self.asked = 0

    def admits(self, candidate: str) -> bool:
        self.asked += 1
        return self.bad not in candidate


@pytest.mark.parametrize("bad", (3, 40, 150, 238))
def test_of_a_long_answer_few_states_are_checked_for_the_newest_sound_one(bad: int) -> None:
    lines = [f"{chr(97 + number % 26) * 3}_{number * 7919} = {number}\n" for number in range(240)]
    text = "".join(lines)
    one, pen = attempt(Publish.LINE, text), ScopeWriter(text, sound=False)
    pen.begin_attempt(text)
    answer = [line.replace("=", "+=") for line in lines]
    answer[bad] = "((\n"
    one.push("```\n" + "".join(answer), 0.0, None)
    assert pen.answering(one, gate) is not None
    pen.landed(one, 0.0)
    sound = (one.state(cut) for cut in one.whole_states() if "((" not in one.state(cut))
    judge = Brittle("((")
    changes = pen.settling(SettleTarget.VALID, one, lambda _: judge)
    assert changes is not None
    assert changes.apply(pen.view) == next(sound)
    assert judge.asked < 30
    pen.landed(one, 0.0)
    assert pen.settling(SettleTarget.VALID, one, lambda _: judge) is None


def test_when_the_time_is_up_the_newest_sound_state_so_far_is_taken() -> None:
    one, pen = attempt(Publish.LINE), ScopeWriter(LINES, sound=False)
    pen.begin_attempt(LINES)
    one.push("```\nline 0!\nline 1!\nline ((\nline 3!\nline 4!\n", 0.0, None)
    assert pen.answering(one, gate) is not None
    pen.landed(one, 0.0)
    judge = Brittle("((")
    changes = pen.settling(SettleTarget.VALID, one, lambda _: judge, lambda: False)
    assert changes is not None
    assert changes.apply(pen.view) == LINES


def test_an_edit_that_changes_nothing_does_not_leave() -> None:
    one, pen = attempt(), ScopeWriter(LINES, sound=True)
    pen.begin_attempt(LINES)
    one.push("```\nline 0!\nline 1\nline 2\n", 0.0, None)
    pen.account = pen.account.offered(ChangeSet.of(len(LINES), [Change(0, 4, "line")]))
    pen.showing += (pen.account.offers[0][0],)
    assert pen.offers(one) is None
    assert not pen.showing
    assert not pen.account.offers
    assert pen.in_flight is None


def test_what_is_shown_beside_a_line_of_the_users_is_not_theirs() -> None:
    account = Attribution.begin("a\nb\n").typed_in(ChangeSet.of(4, [Change(2, 2, "mine\n")]))
    offer = ChangeSet.of(9, [Change(4, 4, "new\n")])
    flight = InFlight.plain(account, offer, 1, (), "h1")
    assert flight.changes.apply(account.view) == "a\nnew\nmine\nb\n"
    after = flight.booked(account)
    assert after.view == "a\nnew\nmine\nb\n"
    assert after.base == after.reverting().apply(after.view) == "a\nmine\nb\n"
