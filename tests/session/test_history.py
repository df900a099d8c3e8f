"""Undo and redo are recognised by the texts that they restore."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.edit.hunks import Attribution, HunkState
from lsp_server.session import history
from lsp_server.session.history import History
from lsp_server.session.scope_resize import ScopeResize
from lsp_server.text.changes import Change, ChangeSet
from tests.support.strategies import changes_of


def three_states() -> tuple[History, Attribution, Attribution, Attribution]:
    """The original, the text after the model's write, and the text after the user typed."""
    first = Attribution.begin("ab")
    second = first.written(ChangeSet.of(2, [Change(1, 1, "X")]))
    third = second.typed_in(ChangeSet.of(3, [Change(3, 3, "y")]))
    states = History(first)
    states.add(second, ours=True)
    states.add(third, ours=False)
    return states, first, second, third


def test_undo_of_the_users_own_takes_nothing_back() -> None:
    states, _, second, _ = three_states()
    found = states.go_to("aXb")
    assert found is not None
    assert (found.attribution, found.takes_back) == (second, False)


def test_undo_of_ours_takes_back_and_redo_gives_back() -> None:
    states, first, second, _ = three_states()
    found = states.go_to("ab")
    assert found is not None
    assert (found.attribution, found.takes_back) == (first, True)
    found = states.go_to("aXb")
    assert found is not None
    assert (found.attribution, found.takes_back) == (second, False)


def test_a_text_that_never_was_is_not_found() -> None:
    assert three_states()[0].go_to("never") is None


def test_something_new_forgets_what_could_be_redone() -> None:
    states, first, _, _ = three_states()
    states.go_to("ab")
    states.add(first.typed_in(ChangeSet.of(2, [Change(0, 0, "n")])), ours=False)
    assert states.go_to("aXb") is None
    assert states.go_to("ab") is not None


def test_amending_keeps_the_place() -> None:
    states, _, second, third = three_states()
    locked = third.locking(hunk.id for hunk in third.hunks())
    states.amend(locked)
    states.go_to("aXb")
    found = states.go_to("aXby")
    assert found is not None
    assert found.attribution == locked
    assert second != locked


def test_it_stays_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MOST_STATES", 20)
    states = History(Attribution.begin("0"))
    for number in range(1, 30):
        states.add(Attribution.begin(str(number)), ours=False)
    assert states.go_to("0") is None
    assert states.go_to("20") is not None
    monkeypatch.setattr(history, "MOST_CODE_POINTS", 1000)
    states.add(Attribution.begin("x" * 600), ours=False)
    states.add(Attribution.begin("y" * 600), ours=False)
    assert states.go_to("x" * 600) is not None
    assert states.go_to("20") is None


@st.composite
def rows_of_states(draw: st.DrawFn) -> list[tuple[Attribution, bool]]:
    """A scope changed by the model and the user, with locked hunks."""
    attribution = Attribution.begin("".join(f"line {number}\n" for number in range(9)))
    row = [(attribution, False)]
    for _ in range(draw(st.integers(1, 12))):
        ours = draw(st.booleans())
        changes = draw(changes_of(len(attribution.view), max_changes=2))
        text = draw(st.sampled_from(("", "long " * 60)))
        if text and changes:
            first = changes.changes[0]
            grown = Change(first.start, first.end, first.text + text)
            changes = ChangeSet(changes.length, (grown, *changes.changes[1:]))
        attribution = attribution.written(changes) if ours else attribution.typed_in(changes)
        open_hunks = [h.id for h in attribution.hunks() if h.state is HunkState.OPEN]
        if open_hunks and draw(st.integers(0, 4)) == 0:
            attribution = attribution.locking(open_hunks[:1]).remembering(1)
        row.append((attribution, ours))
    return row


@given(rows_of_states(), st.lists(st.integers(0, 12), max_size=8))
def test_every_state_comes_back_as_it_was(
    row: list[tuple[Attribution, bool]], visits: list[int]
) -> None:
    states = History(row[0][0])
    for attribution, ours in row[1:]:
        states.add(attribution, ours=ours)
    at = len(row) - 1
    for visit in visits:
        place = visit % len(row)
        view = row[place][0].view
        if [attribution.view for attribution, _ in row].count(view) > 1 or place == at:
            continue
        found = states.go_to(view)
        assert found is not None
        assert found.attribution == row[place][0]
        low, high = sorted((place, at))
        model = any(ours for _, ours in row[low + 1 : high + 1])
        assert found.takes_back == (model and place < at)
        at = place


def test_a_long_scope_is_undone_edit_by_edit() -> None:
    """The states of a stream over ten thousand lines lead back to the original and stay small."""
    text = "".join(f"line {number} {'x' * 60}\n" for number in range(10_000))
    states = History(attribution := Attribution.begin(text))
    views = [text]
    for number in range(60):
        place = attribution.view.index(f"line {number * 9} ")
        attribution = attribution.written(
            ChangeSet.of(len(attribution.view), [Change(place, place + 4, "L")])
        )
        states.add(attribution, ours=True)
        views.append(attribution.view)
    for view in views[-2::-1]:
        found = states.go_to(view)
        assert found is not None
        assert found.attribution.view == view
        assert bool(found.attribution.ours) == (view != text)
    assert states._size < 60 * 1000


def test_a_scope_made_wider_knows_its_earlier_states() -> None:
    states, first, second, third = three_states()
    resize = ScopeResize(add_before="<", add_after=">")

    def wider(attribution: Attribution) -> Attribution:
        return attribution.reframed(resize.around, resize.moved, resize.changes)

    states.go_to("aXb")
    states.resize(wider(second), wider)
    found = states.go_to("<ab>")
    assert found is not None
    assert (found.attribution, found.takes_back) == (wider(first), True)
    found = states.go_to("<aXby>")
    assert found is not None
    assert found.attribution == wider(third)


def test_states_that_reach_beyond_a_narrower_scope_are_forgotten() -> None:
    text = "one\ntwo\n"
    first = Attribution.begin(text)
    second = first.written(ChangeSet.of(len(text), [Change(0, 3, "ONE")]))
    third = second.written(ChangeSet.of(len(text), [Change(0, 3, "one"), Change(4, 7, "TWO")]))
    states = History(first)
    states.add(second, ours=True)
    states.add(third, ours=True)
    resize = ScopeResize(cut_before=4)

    def narrower(attribution: Attribution) -> Attribution:
        return attribution.reframed(resize.around, resize.moved, resize.changes)

    states.resize(narrower(third), narrower)
    # A state between it and the first had changed text that is no longer in the scope.
    assert states.go_to("two\n") is None
    assert states.go_to("TWO\n") is None
    states.add(narrower(first), ours=False)
    found = states.go_to("TWO\n")
    assert found is not None
    assert found.attribution == narrower(third)
