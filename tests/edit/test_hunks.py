"""The laws of the account, drawn; then hunks case by case."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.edit.hunks import Attribution, HunkState, texts_of
from lsp_server.edit.line_joins import WHOLE_LINES, settled
from lsp_server.edit.shadow_copy import ProtectedSpan
from lsp_server.text.changes import Change, ChangeSet
from lsp_server.text.lines import split_lines
from lsp_server.text.span import Span
from tests.support.strategies import changes_of, texts

LINES = "".join(f"line {number}\n" for number in range(10))
TYPED = "äöüß"


def replaced(text: str, old: str, new: str) -> ChangeSet:
    place = text.index(old)
    return ChangeSet.of(len(text), [Change(place, place + len(old), new)])


def two_hunks() -> Attribution:
    account = Attribution.begin(LINES)
    for old, new in (("line 2", "two"), ("line 7", "seven")):
        account = account.written(replaced(account.view, old, new))
    return account


@st.composite
def accounts(draw: st.DrawFn) -> Attribution:
    account = Attribution.begin(draw(texts()))
    for _ in range(draw(st.integers(0, 6))):
        match draw(st.integers(0, 4)):
            case 0 | 1:
                account = account.written(draw(changes_of(len(account.view))))
            case 2:
                place = draw(st.integers(0, len(account.view)))
                key = draw(st.sampled_from(TYPED))
                insertion = ChangeSet.of(len(account.view), [Change(place, place, key)])
                account = account.typed_in(insertion)
            case 3:
                account = account.tidied().remembering(draw(st.integers(1, 3)))
            case _:
                ids = [h.id for h in account.hunks() if h.state is HunkState.OPEN]
                if ids:
                    account = account.locking([draw(st.sampled_from(ids))])
    return account


@given(accounts())
def test_ours_leads_from_the_base_to_the_view(account: Attribution) -> None:
    assert account.ours.apply(account.base) == account.view


@given(accounts())
def test_reverting_everything_gives_the_base(account: Attribution) -> None:
    back = account.reverting()
    assert back.apply(account.view) == account.base
    after = account.written(back)
    assert not after.ours
    assert after.base == account.base


@given(accounts())
def test_reverting_all_hunks_one_by_one_gives_the_base(account: Attribution) -> None:
    base = account.base
    for _ in range(100):
        ids = [h.id for h in account.hunks() if h.state is HunkState.OPEN]
        if not ids:
            break
        account = account.written(account.reverting(ids[:1]))
        assert ids[0] not in [h.id for h in account.hunks() if h.state is HunkState.OPEN]
    assert account.view == account.base == base


@given(accounts())
def test_hunks_lie_in_the_view_and_have_ids_of_their_own(account: Attribution) -> None:
    hunks = account.hunks()
    assert len({hunk.id for hunk in hunks}) == len(hunks)
    for hunk in hunks:
        assert Span(0, len(account.view)).contains(hunk.span)
    assert account.tidied().view == account.view


@given(accounts())
def test_going_back_to_a_result_gives_that_result(account: Attribution) -> None:
    for number, result in account.results:
        assert account.restoring(number).apply(account.view) == result.apply(account.base)
    assert account.restoring(99).apply(account.view) == account.view


def test_going_back_to_a_result_leaves_an_accepted_hunk_also_between_its_changes() -> None:
    text = "ab\ncd\n"
    earlier = account = Attribution.begin(text).written(replaced(text, "b", "b!")).remembering(1)
    (hunk,) = account.hunks()
    # The present changes stand around the place where the earlier result has its own.
    parted = ChangeSet.of(len(text), [Change(1, 1, "-"), Change(3, 4, "C")])
    account = Attribution.begin(text).written(parted)
    account = replace(account, results=earlier.results)
    assert [h.id for h in account.hunks()] == [hunk.id]
    account = account.locking([hunk.id])
    assert account.view == "a-b\nCd\n"
    assert account.restoring(1).apply(account.view) == account.view


@given(accounts())
def test_neither_a_result_nor_a_revert_changes_what_has_just_been_accepted(
    account: Attribution,
) -> None:
    for id_ in [hunk.id for hunk in account.hunks() if hunk.state is HunkState.OPEN]:
        locked = account.locking([id_])
        piece = ProtectedSpan(locked.locked[-1].span, whole_lines=False)
        ways = [locked.restoring(number) for number, _ in locked.results]
        for way in [locked.reverting(), *ways]:
            assert not any(piece.forbids(c, locked.view) for c in way.changes if piece.span.length)


def test_going_back_to_a_result_keeps_what_is_typed() -> None:
    account = two_hunks().remembering(1)
    account = account.written(account.reverting())
    place = account.view.index("line 2") + len("line 2")
    account = account.typed_in(ChangeSet.of(len(account.view), [Change(place, place, "!")]))
    there = account.restoring(1).apply(account.view)
    assert there == LINES.replace("line 2", "two!").replace("line 7", "seven")


def test_typing_is_no_hunk_and_survives_a_revert() -> None:
    account = two_hunks()
    account = account.typed_in(replaced(account.view, "seven", "seven!"))
    account = account.typed_in(ChangeSet.of(len(account.view), [Change(0, 0, "mine\n")]))
    assert [hunk.before for hunk in account.hunks()] == ["line 2", "line 7"]
    assert account.base.startswith("mine\n")
    assert texts_of(account.typed, account.view)[0] == "mine\n"


@pytest.mark.parametrize(
    ("place", "base"), [(3, "fooX bar\n"), (4, "fooX bar\n"), (6, "foo Xbar\n")]
)
def test_what_is_typed_between_halves_of_a_line_splits_it_no_more_than_the_model_did(
    place: int, base: str
) -> None:
    account = Attribution.begin("foo bar\n")
    account = account.written(ChangeSet.of(8, [Change(3, 3, "\n ")]))
    assert account.view == "foo\n  bar\n"
    account = account.typed_in(ChangeSet.of(10, [Change(place, place, "X")]))
    assert account.reverting().apply(account.view) == base


def test_what_is_typed_where_only_the_end_of_a_line_is_left_splits_it_not() -> None:
    account = Attribution.begin("beta alpha\n")
    account = account.written(ChangeSet.of(11, [Change(0, 4, "(delta\n\n ")]))
    assert account.view == "(delta\n\n  alpha\n"
    account = account.typed_in(ChangeSet.of(len(account.view), [Change(9, 9, "X")]))
    assert account.reverting().apply(account.view) == "betaX alpha\n"


def test_what_is_typed_into_a_line_that_is_all_the_models_keeps_a_line() -> None:
    account = Attribution.begin("foo bar\n")
    account = account.written(ChangeSet.of(8, [Change(3, 3, "\n new\n ")]))
    account = account.typed_in(replaced(account.view, "new", "neXw"))
    assert account.view == "foo\n neXw\n  bar\n"
    assert "X" in split_lines(account.reverting().apply(account.view))[1]


@pytest.mark.parametrize(
    ("place", "more", "lines"),
    [
        (4, "other\n    ", ["other", "        mine"]),
        (4, "other\n", ["other", "    mine"]),
        (6, "X", ["X  mine"]),
    ],
)
def test_a_line_opened_before_a_blank_one_keeps_its_blanks(
    place: int, more: str, lines: list[str]
) -> None:
    # The scope begins behind the indentation of a blank line, so ours ends with an indentation.
    account = Attribution.begin("\nlast\n")
    account = account.written(ChangeSet.of(6, [Change(0, 0, "new\n    ")]))
    account = account.typed_in(ChangeSet.of(len(account.view), [Change(4, 4, "    mine\n")]))
    account = account.typed_in(ChangeSet.of(len(account.view), [Change(place, place, more)]))
    left = split_lines(account.reverting().apply(account.view))
    assert left == [*(line + "\n" for line in lines), "    \n", "last\n"]


def test_an_indentation_that_the_model_gave_a_line_of_the_users_goes_with_it() -> None:
    account = Attribution.begin("a\nb\n").typed_in(ChangeSet.of(4, [Change(2, 2, "  mine\n")]))
    account = account.written(ChangeSet.of(11, [Change(2, 2, "  ")]))
    account = account.typed_in(ChangeSet.of(13, [Change(2, 2, "more\n")]))
    assert account.view == "a\nmore\n    mine\nb\n"
    assert account.reverting().apply(account.view) == "a\nmore\n  mine\nb\n"


def test_a_hunk_is_taken_back_and_the_other_keeps_its_id() -> None:
    account = two_hunks()
    first, second = account.hunks()
    account = account.written(account.reverting([first.id]))
    assert [hunk.id for hunk in account.hunks()] == [second.id]
    assert account.view == LINES.replace("line 7", "seven")


def test_changes_with_no_line_between_are_one_hunk() -> None:
    account = Attribution.begin(LINES)
    for old, new in (("line 2", "two"), ("line 3", "three"), ("line 5", "five")):
        account = account.written(replaced(account.view, old, new))
    assert [hunk.before for hunk in account.hunks()] == ["line 2\nline 3", "line 5"]


def test_a_locked_hunk_belongs_to_the_base() -> None:
    account = two_hunks()
    first, second = account.hunks()
    account = account.locking([first.id])
    assert [(h.id, h.state) for h in account.hunks()] == [
        (first.id, HunkState.LOCKED),
        (second.id, HunkState.OPEN),
    ]
    assert account.reverting().apply(account.view) == LINES.replace("line 2", "two")


def test_an_offer_moves_along_and_can_be_dropped() -> None:
    account = Attribution.begin(LINES).offered(replaced(LINES, "line 5", "five"))
    (offer,) = account.hunks()
    assert (offer.state, offer.before, offer.offer) == (HunkState.WITHHELD, "line 5", "five")
    account = account.typed_in(ChangeSet.of(len(LINES), [Change(0, 0, "mine\n")]))
    shown = account.offer(offer.id)
    assert shown is not None
    assert shown.apply(account.view) == "mine\n" + LINES.replace("line 5", "five")
    account = account.without_offers([offer.id])
    assert account.hunks() == ()
    assert account.offer(offer.id) is None


def test_a_hunk_that_is_split_is_found_again() -> None:
    account = Attribution.begin("a\nb\n")
    account = account.written(ChangeSet.of(4, [Change(2, 2, "new\nnewer\n")]))
    (hunk,) = account.hunks()
    typed = ChangeSet.of(len(account.view), [Change(4, 4, "x\n\ny\n")])
    account = account.typed_in(typed)
    ids = account.hunks_within([hunk.span], typed)
    assert len(ids) == 2
    assert account.reverting(ids).apply(account.view) == "a\nx\n\ny\nb\n"


@st.composite
def many_changes(draw: st.DrawFn) -> Attribution:
    """Changes all over a long scope, by the model and by the user, one after the other."""
    account = Attribution.begin(LINES * 4)
    for _ in range(draw(st.integers(4, 24))):
        place = draw(st.integers(0, len(account.view)))
        end = min(place + draw(st.sampled_from((0, 0, 1, 3, 9, 40))), len(account.view))
        text = draw(st.sampled_from(("", "x", "new\n", "line 3\n", "\nline", "ä")))
        changes = ChangeSet.of(len(account.view), [Change(place, end, text)])
        account = account.written(changes) if draw(st.booleans()) else account.typed_in(changes)
    return account


@given(many_changes())
def test_a_change_among_many_is_booked_as_if_all_were_looked_at(account: Attribution) -> None:
    assert account.ours.apply(account.base) == account.view
    groups = [
        Span(account.ours.changes[first].start, account.ours.changes[last].end)
        for first, last in account._groups()
    ]
    assert [mark.span for mark in account.marks] == groups
    assert len({mark.id for mark in account.marks}) == len(groups)


def change_of(change: Change, base: str) -> str:
    return base[change.start : change.end]


@given(many_changes())
def test_taking_everything_back_once_leaves_nothing_to_take_back(account: Attribution) -> None:
    assert all(change_of(change, account.base) != change.text for change in account.ours.changes)
    assert not account.written(account.reverting()).ours


def test_what_the_user_deletes_leaves_no_change_that_puts_back_what_it_takes() -> None:
    account = Attribution.begin("a  b\n").written(replaced("a  b\n", "  b", "xy  "))
    account = account.typed_in(replaced(account.view, "xy", ""))
    assert account.view == "a  \n"
    assert account.ours == replaced("a  b\n", "b", "")
    assert account.reverting() == ChangeSet.of(4, [Change(3, 3, "b")])


@given(many_changes(), st.data())
def test_what_is_typed_among_many_is_in_the_base_as_if_all_were_looked_at(
    account: Attribution, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(account.view)))
    end = min(place + data.draw(st.integers(0, 60)), len(account.view))
    changes = ChangeSet.of(len(account.view), [Change(place, end, "ö")])
    back = account.ours.invert(account.base)
    after = account.typed_in(changes)
    typed, back, first = settled(changes, back, account.view, WHOLE_LINES)
    assert after.base == typed.over(back, first=first).apply(back.apply(account.view))
    view = changes.apply(account.view)
    whole = back.over(typed, first=not first).invert(view)
    pieces = [
        piece
        for change in whole.changes
        for piece in ChangeSet.replace(change_of(change, after.base), change.text)
        .shifted(change.start, len(after.base))
        .changes
    ]
    assert after.ours.changes == tuple(pieces)
