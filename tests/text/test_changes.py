"""The invariants of `ChangeSet`, on drawn changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.errors import ContractError
from lsp_server.text.changes import Change, ChangeSet, _composed
from tests.support.strategies import changes_of, texts


@st.composite
def one(draw: st.DrawFn) -> tuple[str, ChangeSet]:
    text = draw(texts())
    return text, draw(changes_of(len(text)))


@st.composite
def concurrent(draw: st.DrawFn) -> tuple[str, ChangeSet, ChangeSet]:
    text = draw(texts())
    return text, draw(changes_of(len(text))), draw(changes_of(len(text)))


@st.composite
def successive(draw: st.DrawFn) -> tuple[str, ChangeSet, ChangeSet, ChangeSet]:
    text = draw(texts())
    a = draw(changes_of(len(text)))
    b = draw(changes_of(a.length_after))
    return text, a, b, draw(changes_of(b.length_after))


@given(one())
def test_applying_gives_the_length_that_was_said(case: tuple[str, ChangeSet]) -> None:
    text, changes = case
    assert len(changes.apply(text)) == changes.length_after


@given(one())
def test_inverting_undoes(case: tuple[str, ChangeSet]) -> None:
    text, changes = case
    assert changes.invert(text).apply(changes.apply(text)) == text


@given(successive())
def test_composing_is_one_after_the_other(
    case: tuple[str, ChangeSet, ChangeSet, ChangeSet],
) -> None:
    text, a, b, c = case
    assert a.compose(b).apply(text) == b.apply(a.apply(text))
    assert a.compose(b).compose(c) == a.compose(b.compose(c))


@st.composite
def many(draw: st.DrawFn) -> tuple[str, ChangeSet, ChangeSet]:
    """Far more changes than are composed in one go, and a few after them."""
    text = "abcdefghij" * 8
    a = draw(changes_of(len(text), max_changes=24))
    return text, a, draw(changes_of(a.length_after))


@given(many())
def test_composing_many_looks_only_where_something_happens(
    case: tuple[str, ChangeSet, ChangeSet],
) -> None:
    text, a, b = case
    both = a.compose(b)
    assert both.apply(text) == b.apply(a.apply(text))
    if a and b:
        assert both == ChangeSet.of(a.length, _composed(a, b))


@given(successive())
def test_a_row_of_changes_is_one(case: tuple[str, ChangeSet, ChangeSet, ChangeSet]) -> None:
    text, a, b, c = case
    assert ChangeSet.compose_all(len(text), [a, b, c]).apply(text) == c.apply(
        b.apply(a.apply(text))
    )
    assert ChangeSet.compose_all(len(text), []) == ChangeSet.identity(len(text))


@given(concurrent(), st.booleans())
def test_both_orders_give_the_same_text(
    case: tuple[str, ChangeSet, ChangeSet], first: bool
) -> None:
    text, a, b = case
    one_way = a.compose(b.over(a, first=first)).apply(text)
    other_way = b.compose(a.over(b, first=not first)).apply(text)
    assert one_way == other_way


@given(concurrent())
def test_insertions_survive_and_deletions_happen_once(
    case: tuple[str, ChangeSet, ChangeSet],
) -> None:
    _, a, b = case
    together = a.compose(b.over(a, first=False))
    assert together.inserted == a.inserted + b.inserted
    gone = {i for c in (*a.changes, *b.changes) for i in range(c.start, c.end)}
    assert together.deleted == len(gone)


@given(one(), st.data())
def test_places_keep_their_order_and_their_character(
    case: tuple[str, ChangeSet], data: st.DataObject
) -> None:
    text, changes = case
    after = changes.apply(text)
    places = sorted(data.draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=2)))
    for side in (False, True):
        mapped = [changes.map_offset(place, after=side) for place in places]
        assert 0 <= mapped[0] <= mapped[1] <= len(after)
    place = places[0]
    kept = place < len(text) and not any(c.start <= place < c.end for c in changes.changes)
    if kept:
        assert after[changes.map_offset(place, after=True)] == text[place]


@given(texts(), texts())
def test_replacing_is_exact_and_never_splits_a_line_end(before: str, after: str) -> None:
    changes = ChangeSet.replace(before, after)
    assert changes.apply(before) == after
    for change in changes.changes:
        for place in (change.start, change.end):
            assert before[max(place - 1, 0) : place + 1] != "\r\n" or place == 0


@pytest.mark.parametrize(
    ("before", "after"),
    [("a\r", "a\r\n"), ("a\r\n", "a\rb"), ("\na", "\r\na"), ("b\r\n", "\n"), ("a\nb", "\r\nb")],
)
def test_half_a_line_end_is_replaced_as_a_whole(before: str, after: str) -> None:
    (change,) = ChangeSet.replace(before, after).changes
    for text, start, end in (
        (before, change.start, change.end),
        (after, change.start, change.start + len(change.text)),
    ):
        assert text[max(start - 1, 0) : start + 1] != "\r\n"
        assert text[max(end - 1, 0) : end + 1] != "\r\n"


def test_ties_go_to_the_one_that_is_first() -> None:
    a = ChangeSet.of(2, [Change(1, 1, "A")])
    b = ChangeSet.of(2, [Change(1, 1, "B")])
    assert a.over(b, first=True).apply("xBy") == "xABy"
    assert a.over(b, first=False).apply("xBy") == "xBAy"


def test_touching_changes_become_one() -> None:
    changes = ChangeSet.of(4, [Change(0, 1, "a"), Change(1, 2, ""), Change(3, 3, "")])
    assert changes.changes == (Change(0, 2, "a"),)


@pytest.mark.parametrize(
    "bad",
    [
        lambda: ChangeSet(3, (Change(0, 4, ""),)),
        lambda: ChangeSet(3, (Change(1, 1, ""),)),
        lambda: ChangeSet(3, (Change(2, 3, ""), Change(0, 1, ""))),
        lambda: ChangeSet(3).apply("ab"),
        lambda: ChangeSet(3).compose(ChangeSet(2)),
        lambda: ChangeSet(3).over(ChangeSet(2), first=True),
        lambda: Change(2, 1, ""),
    ],
)
def test_what_cannot_be_is_refused(bad: object) -> None:
    assert callable(bad)
    with pytest.raises(ContractError):
        bad()
