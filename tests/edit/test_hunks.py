"""The invariants of an attribution on drawn changes; then hunks case by case."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.edit.hunks import Attribution, HunkState, texts_of
from lsp_server.edit.line_joins import WHOLE_LINES, settle_typing
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
    attribution = Attribution.begin(LINES)
    for old, new in (("line 2", "two"), ("line 7", "seven")):
        attribution = attribution.written(replaced(attribution.view, old, new))
    return attribution


@st.composite
def attributions(draw: st.DrawFn) -> Attribution:
    attribution = Attribution.begin(draw(texts()))
    for _ in range(draw(st.integers(0, 6))):
        match draw(st.integers(0, 4)):
            case 0 | 1:
                attribution = attribution.written(draw(changes_of(len(attribution.view))))
            case 2:
                place = draw(st.integers(0, len(attribution.view)))
                key = draw(st.sampled_from(TYPED))
                insertion = ChangeSet.of(len(attribution.view), [Change(place, place, key)])
                attribution = attribution.typed_in(insertion)
            case 3:
                attribution = attribution.tidied().remembering(draw(st.integers(1, 3)))
            case _:
                ids = [h.id for h in attribution.hunks() if h.state is HunkState.OPEN]
                if ids:
                    attribution = attribution.locking([draw(st.sampled_from(ids))])
    return attribution


@given(attributions())
def test_ours_leads_from_the_base_to_the_view(attribution: Attribution) -> None:
    assert attribution.ours.apply(attribution.base) == attribution.view


@given(attributions())
def test_reverting_everything_gives_the_base(attribution: Attribution) -> None:
    back = attribution.reverting()
    assert back.apply(attribution.view) == attribution.base
    after = attribution.written(back)
    assert not after.ours
    assert after.base == attribution.base


@given(attributions())
def test_reverting_all_hunks_one_by_one_gives_the_base(attribution: Attribution) -> None:
    base = attribution.base
    for _ in range(100):
        ids = [h.id for h in attribution.hunks() if h.state is HunkState.OPEN]
        if not ids:
            break
        attribution = attribution.written(attribution.reverting(ids[:1]))
        assert ids[0] not in [h.id for h in attribution.hunks() if h.state is HunkState.OPEN]
    assert attribution.view == attribution.base == base


@given(attributions())
def test_hunks_lie_in_the_view_and_have_ids_of_their_own(attribution: Attribution) -> None:
    hunks = attribution.hunks()
    assert len({hunk.id for hunk in hunks}) == len(hunks)
    for hunk in hunks:
        assert Span(0, len(attribution.view)).contains(hunk.span)
    assert attribution.tidied().view == attribution.view


@given(attributions())
def test_going_back_to_a_result_gives_that_result(attribution: Attribution) -> None:
    for number, result in attribution.results:
        assert attribution.restoring(number).apply(attribution.view) == result.apply(
            attribution.base
        )
    assert attribution.restoring(99).apply(attribution.view) == attribution.view


def test_going_back_to_a_result_leaves_an_accepted_hunk_also_between_its_changes() -> None:
    text = "ab\ncd\n"
    earlier = attribution = (
        Attribution.begin(text).written(replaced(text, "b", "b!")).remembering(1)
    )
    (hunk,) = attribution.hunks()
    # The present changes stand around the place where the earlier result has its own.
    parted = ChangeSet.of(len(text), [Change(1, 1, "-"), Change(3, 4, "C")])
    attribution = Attribution.begin(text).written(parted)
    attribution = replace(attribution, results=earlier.results)
    assert [h.id for h in attribution.hunks()] == [hunk.id]
    attribution = attribution.locking([hunk.id])
    assert attribution.view == "a-b\nCd\n"
    assert attribution.restoring(1).apply(attribution.view) == attribution.view


@given(attributions())
def test_neither_a_result_nor_a_revert_changes_what_has_just_been_accepted(
    attribution: Attribution,
) -> None:
    for id_ in [hunk.id for hunk in attribution.hunks() if hunk.state is HunkState.OPEN]:
        locked = attribution.locking([id_])
        piece = ProtectedSpan(locked.locked[-1].span, whole_lines=False)
        ways = [locked.restoring(number) for number, _ in locked.results]
        for way in [locked.reverting(), *ways]:
            assert not any(piece.forbids(c, locked.view) for c in way.changes if piece.span.length)


def test_going_back_to_a_result_keeps_what_is_typed() -> None:
    attribution = two_hunks().remembering(1)
    attribution = attribution.written(attribution.reverting())
    place = attribution.view.index("line 2") + len("line 2")
    attribution = attribution.typed_in(
        ChangeSet.of(len(attribution.view), [Change(place, place, "!")])
    )
    there = attribution.restoring(1).apply(attribution.view)
    assert there == LINES.replace("line 2", "two!").replace("line 7", "seven")


def test_typing_is_no_hunk_and_survives_a_revert() -> None:
    attribution = two_hunks()
    attribution = attribution.typed_in(replaced(attribution.view, "seven", "seven!"))
    attribution = attribution.typed_in(
        ChangeSet.of(len(attribution.view), [Change(0, 0, "mine\n")])
    )
    assert [hunk.before for hunk in attribution.hunks()] == ["line 2", "line 7"]
    assert attribution.base.startswith("mine\n")
    assert texts_of(attribution.typed, attribution.view)[0] == "mine\n"


@pytest.mark.parametrize(
    ("place", "base"), [(3, "fooX bar\n"), (4, "fooX bar\n"), (6, "foo Xbar\n")]
)
def test_what_is_typed_between_halves_of_a_line_splits_it_no_more_than_the_model_did(
    place: int, base: str
) -> None:
    attribution = Attribution.begin("foo bar\n")
    attribution = attribution.written(ChangeSet.of(8, [Change(3, 3, "\n ")]))
    assert attribution.view == "foo\n  bar\n"
    attribution = attribution.typed_in(ChangeSet.of(10, [Change(place, place, "X")]))
    assert attribution.reverting().apply(attribution.view) == base


def test_what_is_typed_where_only_the_end_of_a_line_is_left_splits_it_not() -> None:
    attribution = Attribution.begin("beta alpha\n")
    attribution = attribution.written(ChangeSet.of(11, [Change(0, 4, "(delta\n\n ")]))
    assert attribution.view == "(delta\n\n  alpha\n"
    attribution = attribution.typed_in(ChangeSet.of(len(attribution.view), [Change(9, 9, "X")]))
    assert attribution.reverting().apply(attribution.view) == "betaX alpha\n"


def test_what_is_typed_into_a_line_that_is_all_the_models_keeps_a_line() -> None:
    attribution = Attribution.begin("foo bar\n")
    attribution = attribution.written(ChangeSet.of(8, [Change(3, 3, "\n new\n ")]))
    attribution = attribution.typed_in(replaced(attribution.view, "new", "neXw"))
    assert attribution.view == "foo\n neXw\n  bar\n"
    assert "X" in split_lines(attribution.reverting().apply(attribution.view))[1]


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
    attribution = Attribution.begin("\nlast\n")
    attribution = attribution.written(ChangeSet.of(6, [Change(0, 0, "new\n    ")]))
    attribution = attribution.typed_in(
        ChangeSet.of(len(attribution.view), [Change(4, 4, "    mine\n")])
    )
    attribution = attribution.typed_in(
        ChangeSet.of(len(attribution.view), [Change(place, place, more)])
    )
    left = split_lines(attribution.reverting().apply(attribution.view))
    assert left == [*(line + "\n" for line in lines), "    \n", "last\n"]


def test_an_indentation_that_the_model_gave_a_line_of_the_users_goes_with_it() -> None:
    attribution = Attribution.begin("a\nb\n").typed_in(ChangeSet.of(4, [Change(2, 2, "  mine\n")]))
    attribution = attribution.written(ChangeSet.of(11, [Change(2, 2, "  ")]))
    attribution = attribution.typed_in(ChangeSet.of(13, [Change(2, 2, "more\n")]))
    assert attribution.view == "a\nmore\n    mine\nb\n"
    assert attribution.reverting().apply(attribution.view) == "a\nmore\n  mine\nb\n"


def test_a_hunk_is_taken_back_and_the_other_keeps_its_id() -> None:
    attribution = two_hunks()
    first, second = attribution.hunks()
    attribution = attribution.written(attribution.reverting([first.id]))
    assert [hunk.id for hunk in attribution.hunks()] == [second.id]
    assert attribution.view == LINES.replace("line 7", "seven")


def test_changes_with_no_line_between_are_one_hunk() -> None:
    attribution = Attribution.begin(LINES)
    for old, new in (("line 2", "two"), ("line 3", "three"), ("line 5", "five")):
        attribution = attribution.written(replaced(attribution.view, old, new))
    assert [hunk.before for hunk in attribution.hunks()] == ["line 2\nline 3", "line 5"]


def test_a_locked_hunk_belongs_to_the_base() -> None:
    attribution = two_hunks()
    first, second = attribution.hunks()
    attribution = attribution.locking([first.id])
    assert [(h.id, h.state) for h in attribution.hunks()] == [
        (first.id, HunkState.LOCKED),
        (second.id, HunkState.OPEN),
    ]
    assert attribution.reverting().apply(attribution.view) == LINES.replace("line 2", "two")


def test_an_offer_moves_along_and_can_be_dropped() -> None:
    attribution = Attribution.begin(LINES).offered(replaced(LINES, "line 5", "five"))
    (offer,) = attribution.hunks()
    assert (offer.state, offer.before, offer.offer) == (HunkState.WITHHELD, "line 5", "five")
    attribution = attribution.typed_in(ChangeSet.of(len(LINES), [Change(0, 0, "mine\n")]))
    shown = attribution.offer(offer.id)
    assert shown is not None
    assert shown.apply(attribution.view) == "mine\n" + LINES.replace("line 5", "five")
    attribution = attribution.without_offers([offer.id])
    assert attribution.hunks() == ()
    assert attribution.offer(offer.id) is None


def test_a_hunk_that_is_split_is_found_again() -> None:
    attribution = Attribution.begin("a\nb\n")
    attribution = attribution.written(ChangeSet.of(4, [Change(2, 2, "new\nnewer\n")]))
    (hunk,) = attribution.hunks()
    typed = ChangeSet.of(len(attribution.view), [Change(4, 4, "x\n\ny\n")])
    attribution = attribution.typed_in(typed)
    ids = attribution.hunks_within([hunk.span], typed)
    assert len(ids) == 2
    assert attribution.reverting(ids).apply(attribution.view) == "a\nx\n\ny\nb\n"


@st.composite
def many_changes(draw: st.DrawFn) -> Attribution:
    """Changes all over a long scope, by the model and by the user, one after the other."""
    attribution = Attribution.begin(LINES * 4)
    for _ in range(draw(st.integers(4, 24))):
        place = draw(st.integers(0, len(attribution.view)))
        end = min(place + draw(st.sampled_from((0, 0, 1, 3, 9, 40))), len(attribution.view))
        text = draw(st.sampled_from(("", "x", "new\n", "line 3\n", "\nline", "ä")))
        changes = ChangeSet.of(len(attribution.view), [Change(place, end, text)])
        attribution = (
            attribution.written(changes) if draw(st.booleans()) else attribution.typed_in(changes)
        )
    return attribution


@given(many_changes())
def test_a_change_among_many_is_booked_as_if_all_were_looked_at(attribution: Attribution) -> None:
    assert attribution.ours.apply(attribution.base) == attribution.view
    groups = [
        Span(attribution.ours.changes[first].start, attribution.ours.changes[last].end)
        for first, last in attribution._hunk_groups()
    ]
    assert [mark.span for mark in attribution.marks] == groups
    assert len({mark.id for mark in attribution.marks}) == len(groups)


def change_of(change: Change, base: str) -> str:
    return base[change.start : change.end]


@given(many_changes())
def test_taking_everything_back_once_leaves_nothing_to_take_back(attribution: Attribution) -> None:
    assert all(
        change_of(change, attribution.base) != change.text for change in attribution.ours.changes
    )
    assert not attribution.written(attribution.reverting()).ours


def test_what_the_user_deletes_leaves_no_change_that_puts_back_what_it_takes() -> None:
    attribution = Attribution.begin("a  b\n").written(replaced("a  b\n", "  b", "xy  "))
    attribution = attribution.typed_in(replaced(attribution.view, "xy", ""))
    assert attribution.view == "a  \n"
    assert attribution.ours == replaced("a  b\n", "b", "")
    assert attribution.reverting() == ChangeSet.of(4, [Change(3, 3, "b")])


@given(many_changes(), st.data())
def test_what_is_typed_among_many_is_in_the_base_as_if_all_were_looked_at(
    attribution: Attribution, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(attribution.view)))
    end = min(place + data.draw(st.integers(0, 60)), len(attribution.view))
    changes = ChangeSet.of(len(attribution.view), [Change(place, end, "ö")])
    back = attribution.ours.invert(attribution.base)
    after = attribution.typed_in(changes)
    typed, back, first = settle_typing(changes, back, attribution.view, WHOLE_LINES)
    assert after.base == typed.over(back, first=first).apply(back.apply(attribution.view))
    view = changes.apply(attribution.view)
    ours_after = back.over(typed, first=not first).invert(view)
    pieces = [
        piece
        for change in ours_after.changes
        for piece in ChangeSet.replace(change_of(change, after.base), change.text)
        .shifted(change.start, len(after.base))
        .changes
    ]
    assert after.ours.changes == tuple(pieces)
