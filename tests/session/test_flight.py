"""The edit in flight: when it is decided, and when it is given up."""

from lsp_server.session.flight import ANSWER_BOUND_MS, REFUSAL_BOUND_MS, Flight
from lsp_server.session.inputs import EditAnswered
from lsp_server.text.changes import Change, ChangeSet

OURS = ChangeSet.of(3, [Change(1, 1, "X")])
THEIRS = ChangeSet.of(3, [Change(3, 3, "y")])


def flight() -> Flight:
    return Flight(7, OURS, {"s1": OURS}, 1000.0)


def test_it_is_decided_once_it_is_answered_and_reported() -> None:
    one = flight()
    assert one.verdict("abc") is None
    assert one.answered(EditAnswered(7, True), 1001.0)
    assert not one.answered(EditAnswered(7, False), 1002.0)  # The first answer counts.
    assert not one.answered(EditAnswered(6, True), 1002.0)
    assert one.verdict("abc") is None
    one.came.append(OURS)
    judged = one.verdict("abc")
    assert judged is not None
    assert (judged.landed, judged.foreign) == (True, ())


def test_a_no_is_believed_and_what_came_is_foreign() -> None:
    one = flight()
    one.answered(EditAnswered(7, False, "stale"), 1001.0)
    one.came.append(THEIRS)
    judged = one.verdict("abc")
    assert judged is not None
    assert (judged.landed, judged.foreign) == (False, (THEIRS,))


def test_it_is_given_up_at_its_bounds() -> None:
    one = flight()
    assert one.overdue(1000.0 + ANSWER_BOUND_MS) is None
    assert "did not settle" in (one.overdue(1001.0 + ANSWER_BOUND_MS) or "")
    one.answered(EditAnswered(7, False, "modifiable is off"), 2000.0)
    assert one.overdue(2000.0 + REFUSAL_BOUND_MS) is None
    assert "(modifiable is off)" in (one.overdue(2001.0 + REFUSAL_BOUND_MS) or "")
