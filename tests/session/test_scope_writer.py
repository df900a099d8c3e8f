"""What is written next, and how it is recorded once it has landed."""

import pytest

from lsp_server.choices import Publish
from lsp_server.edit.hunks import Attribution
from lsp_server.errors import ContractError
from lsp_server.session.gate_protocol import Gate, OpenGate
from lsp_server.session.scope_edit import ScopeEdit
from lsp_server.session.scope_writer import ScopeWriter
from lsp_server.session.settle_target import SettleTarget
from lsp_server.text.changes import Change, ChangeSet
from tests.session.test_attempt import LINES, attempt


def gate(instead: str | None) -> Gate:
    return OpenGate()


def test_text_comes_back_when_an_edit_is_refused() -> None:
    one, scope_writer = attempt(), ScopeWriter(LINES, only_sound=True)
    scope_writer.begin_attempt(LINES)
    one.push("```\nline 0!\nline 1\nline 2\n", 0.0, None)
    changes = scope_writer.write_answer(one, gate)
    assert changes is not None
    scope_writer.take_in_flight()
    assert scope_writer.view == LINES
    one.retry()
    assert scope_writer.write_answer(one, gate) == changes
    scope_writer.landed(one, 5.0)
    assert scope_writer.view == scope_writer.shadow_copy.view == LINES.replace("line 0", "line 0!")
    assert scope_writer.write_answer(one, gate) is None


def test_an_edit_that_was_never_proposed_cannot_come_back() -> None:
    with pytest.raises(ContractError):
        ScopeWriter(LINES, only_sound=True).landed(attempt(), 0.0)


def test_undo_by_the_user_is_found() -> None:
    one, scope_writer = attempt(), ScopeWriter(LINES, only_sound=True)
    scope_writer.begin_attempt(LINES)
    one.push("```\nline 0!\nline 1\nline 2\n", 0.0, None)
    changes = scope_writer.write_answer(one, gate)
    assert changes is not None
    scope_writer.landed(one, 0.0)
    found = scope_writer.typed(changes.invert(LINES))
    assert found is not None
    assert found.takes_back
    assert scope_writer.attribution.hunks() == ()


def test_a_hunk_stays_locked_when_typing_before_it_is_undone() -> None:
    one, scope_writer = attempt(), ScopeWriter(LINES, only_sound=True)
    scope_writer.begin_attempt(LINES)
    one.push("```\nline 0!\nline 1\nline 2\n", 0.0, None)
    scope_writer.write_answer(one, gate)
    scope_writer.landed(one, 0.0)
    typed = ChangeSet.of(
        len(scope_writer.view), [Change(len(scope_writer.view), len(scope_writer.view), "!")]
    )
    before = scope_writer.view
    scope_writer.typed(typed)
    (hunk,) = scope_writer.attribution.hunks()
    scope_writer.lock([hunk.id])
    scope_writer.typed(typed.invert(before))
    assert [mark.id for mark in scope_writer.attribution.locked] == [hunk.id]
    assert not scope_writer.attribution.ours


def test_going_back_to_the_base_is_one_write() -> None:
    one, scope_writer = attempt(), ScopeWriter(LINES, only_sound=True)
    scope_writer.begin_attempt(LINES)
    one.push("```\nline 0!\nline 1\nline 2\n", 0.0, None)
    scope_writer.write_answer(one, gate)
    scope_writer.landed(one, 0.0)
    assert scope_writer.write_settle_target(SettleTarget.BASE, one, gate) is not None
    scope_writer.landed(one, 0.0)
    assert scope_writer.view == LINES
    assert scope_writer.write_settle_target(SettleTarget.BASE, one, gate) is None
    assert scope_writer.write_settle_target(SettleTarget.NOTHING, one, gate) is None


class Counting(OpenGate):
    """Refuses everything, and counts the checks."""

    def __init__(self) -> None:
        self.checks = 0

    def admits(self, candidate: str) -> bool:
        self.checks += 1
        return False

    def settled(self, candidate: str) -> bool:
        return self.admits(candidate)


class OnlyTheLast(OpenGate):
    """Refuses everything but the last text of an answer."""

    def admits(self, candidate: str) -> bool:
        return False


def test_the_last_state_of_an_answer_is_judged_as_the_last() -> None:
    one, scope_writer = attempt(), ScopeWriter(LINES, only_sound=True)
    scope_writer.begin_attempt(LINES)
    one.push("```\nline 0!\nline 1\nline 2\nline 3!\nline 4\nline 5\n", 0.0, None)
    assert scope_writer.write_answer(one, lambda _: OnlyTheLast()) is None
    one.finish(False, 1.0)
    one.retry()
    shown = scope_writer.write_answer(one, lambda _: OnlyTheLast())
    assert shown is not None and shown.apply(LINES).startswith("line 0!\nline 1\nline 2\nline 3!")


def test_without_time_for_checks_what_has_come_waits_and_the_newest_goes_first() -> None:
    one, scope_writer, shut = attempt(), ScopeWriter(LINES, only_sound=True), Counting()
    scope_writer.begin_attempt(LINES)
    one.push("```\nline 0!\nline 1\nline 2\nline 3!\nline 4\nline 5\n", 0.0, None)
    assert scope_writer.write_answer(one, lambda _: shut, lambda: False) is None
    assert shut.checks == 0
    time_for = iter([True, False])
    assert scope_writer.write_answer(one, lambda _: shut, lambda: next(time_for)) is None
    assert shut.checks == 1
    assert scope_writer.write_answer(one, lambda _: shut, lambda: True) is None
    assert shut.checks == 1  # Older states are dropped.
    one.finish(False, 1.0)
    assert scope_writer.write_answer(one, lambda _: shut, lambda: False) is None
    assert shut.checks == 1
    one.retry()
    assert scope_writer.write_answer(one, lambda _: shut, lambda: False) is None
    assert shut.checks == 2  # The end of an answer does not wait; earlier states do.
    one.retry()
    assert scope_writer.write_answer(one, lambda _: shut) is None
    assert shut.checks > 4


class Brittle(OpenGate):
    """Refuses every text that holds `bad`, and counts the checks."""

    def __init__(self, bad: str) -> None:
        self.bad = bad
        self.checks = 0

    def admits(self, candidate: str) -> bool:
        self.checks += 1
        return self.bad not in candidate


@pytest.mark.parametrize("bad", (3, 40, 150, 238))
def test_of_a_long_answer_few_states_are_checked_for_the_newest_sound_one(bad: int) -> None:
    lines = [f"{chr(97 + number % 26) * 3}_{number * 7919} = {number}\n" for number in range(240)]
    text = "".join(lines)
    one, scope_writer = attempt(Publish.LINE, text), ScopeWriter(text, only_sound=False)
    scope_writer.begin_attempt(text)
    answer = [line.replace("=", "+=") for line in lines]
    answer[bad] = "((\n"
    one.push("```\n" + "".join(answer), 0.0, None)
    assert scope_writer.write_answer(one, gate) is not None
    scope_writer.landed(one, 0.0)
    sound = (one.text_of(cut) for cut in one.states_at_line_ends() if "((" not in one.text_of(cut))
    judge = Brittle("((")
    changes = scope_writer.write_settle_target(SettleTarget.VALID, one, lambda _: judge)
    assert changes is not None
    assert changes.apply(scope_writer.view) == next(sound)
    assert judge.checks < 30
    scope_writer.landed(one, 0.0)
    assert scope_writer.write_settle_target(SettleTarget.VALID, one, lambda _: judge) is None


def test_when_the_time_is_up_the_newest_sound_state_so_far_is_taken() -> None:
    one, scope_writer = attempt(Publish.LINE), ScopeWriter(LINES, only_sound=False)
    scope_writer.begin_attempt(LINES)
    one.push("```\nline 0!\nline 1!\nline ((\nline 3!\nline 4!\n", 0.0, None)
    assert scope_writer.write_answer(one, gate) is not None
    scope_writer.landed(one, 0.0)
    judge = Brittle("((")
    changes = scope_writer.write_settle_target(
        SettleTarget.VALID, one, lambda _: judge, lambda: False
    )
    assert changes is not None
    assert changes.apply(scope_writer.view) == LINES


def test_an_edit_that_changes_nothing_does_not_leave() -> None:
    one, scope_writer = attempt(), ScopeWriter(LINES, only_sound=True)
    scope_writer.begin_attempt(LINES)
    one.push("```\nline 0!\nline 1\nline 2\n", 0.0, None)
    scope_writer.attribution = scope_writer.attribution.offered(
        ChangeSet.of(len(LINES), [Change(0, 4, "line")])
    )
    scope_writer.offers_to_show += (scope_writer.attribution.offers[0][0],)
    assert scope_writer.show_offers(one) is None
    assert not scope_writer.offers_to_show
    assert not scope_writer.attribution.offers
    assert scope_writer.in_flight is None


def test_what_is_shown_beside_a_line_of_the_users_is_not_theirs() -> None:
    attribution = Attribution.begin("a\nb\n").typed_in(ChangeSet.of(4, [Change(2, 2, "mine\n")]))
    offer = ChangeSet.of(9, [Change(4, 4, "new\n")])
    edit = ScopeEdit.for_user(attribution, offer, 1, (), "h1")
    assert edit.changes.apply(attribution.view) == "a\nnew\nmine\nb\n"
    after = edit.recorded_in_attribution(attribution)
    assert after.view == "a\nnew\nmine\nb\n"
    assert after.base == after.reverting().apply(after.view) == "a\nmine\nb\n"
