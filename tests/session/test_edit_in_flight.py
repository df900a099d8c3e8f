"""The edit in flight: when it has landed or was refused, and when it is given up."""

from lsp_server.session.edit_in_flight import ANSWER_BOUND_MS, REFUSAL_BOUND_MS, EditInFlight
from lsp_server.session.effects import ApplyEdit
from lsp_server.text.changes import Change, ChangeSet

OURS = ChangeSet.of(3, [Change(1, 1, "X")])
THEIRS = ChangeSet.of(3, [Change(3, 3, "y")])


def edit_in_flight() -> EditInFlight:
    return EditInFlight(
        ApplyEdit(7, 1, OURS), {"s1": OURS}, 1000.0, "", ChangeSet.identity(OURS.length), OURS
    )


def test_it_is_decided_once_it_is_answered_and_reported() -> None:
    one = edit_in_flight()
    assert one.verdict("abc") is None
    assert one.answered(7, True, None, 1001.0)
    assert not one.answered(7, False, None, 1002.0)  # The first answer counts.
    assert not one.answered(6, True, None, 1002.0)
    assert one.verdict("abc") is None
    one.reported.append(OURS)
    judged = one.verdict("abc")
    assert judged is not None
    assert (judged.landed, judged.foreign) == (True, ())


def test_a_no_is_believed_and_what_came_is_foreign() -> None:
    one = edit_in_flight()
    one.answered(7, False, "stale", 1001.0)
    one.reported.append(THEIRS)
    judged = one.verdict("abc")
    assert judged is not None
    assert (judged.landed, judged.foreign) == (False, (THEIRS,))


def test_it_is_given_up_at_its_bounds() -> None:
    one = edit_in_flight()
    assert one.reason_to_give_up(1000.0 + ANSWER_BOUND_MS, 12, ending=False) is None
    assert "edit at line 12" in (
        one.reason_to_give_up(1001.0 + ANSWER_BOUND_MS, 12, ending=False) or ""
    )
    one.answered(7, False, "modifiable is off", 2000.0)
    assert one.reason_to_give_up(2000.0 + REFUSAL_BOUND_MS, 12, ending=False) is None
    assert "(modifiable is off)" in (
        one.reason_to_give_up(2001.0 + REFUSAL_BOUND_MS, 12, ending=False) or ""
    )


def test_one_that_was_applied_is_waited_for_and_that_is_reported_once() -> None:
    one = edit_in_flight()
    one.answered(7, True, None, 1001.0)
    late = 1001.0 + ANSWER_BOUND_MS
    assert [one.report_is_missing(now) for now in (1000.0, late, late + 1.0)] == [
        False,
        True,
        False,
    ]
    assert one.reason_to_give_up(100 * late, 12, ending=False) is None


def test_who_wants_the_session_to_end_does_not_wait_for_ever() -> None:
    one = edit_in_flight()
    one.answered(7, True, None, 1001.0)
    late = 1001.0 + ANSWER_BOUND_MS
    assert one.reason_to_give_up(late, 12, ending=True) is None, "The report may be on its way."
    assert one.reason_to_give_up(late + REFUSAL_BOUND_MS, 12, ending=True) is None
    assert "edit at line 12" in (
        one.reason_to_give_up(late + REFUSAL_BOUND_MS + 1, 12, ending=True) or ""
    )
