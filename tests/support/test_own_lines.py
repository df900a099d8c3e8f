"""What is left of a scope and of the user's own lines is known from the lines."""

import pytest

from tests.support.fake_editor import Author, Characters
from tests.support.own_lines import are_left, opened_lines

_MINE = ("mine", "")  # A line of which nothing is the scope's.


@pytest.mark.parametrize(
    "left",
    [
        [("a", "a"), ("b", "b")],
        [("a", "a"), _MINE, ("b", "b")],
        [_MINE, ("  a", "  a"), ("b", "b"), _MINE],
        [("amine", "a"), ("b", "b")],
    ],
    ids=["as it was", "between", "in front, with the indentation", "typed into"],
)
def test_lines_of_the_user_may_stand_between_those_of_the_scope(
    left: list[tuple[str, str]],
) -> None:
    assert are_left(["a", "b"], left, "  ")


@pytest.mark.parametrize(
    "left",
    [
        [("a", "a")],
        [("a", "a"), ("", ""), ("b", "b")],
        [("  a", "  a"), ("b", "b")],
        [_MINE, ("a", "a"), ("  b", "  b")],
        [("b", "b"), ("a", "a")],
        [("a", "a"), ("b", "b"), ("new", "new")],
    ],
    ids=["lost", "an empty one more", "indented twice", "another indented", "moved", "the model's"],
)
def test_nothing_else_may_be_there(left: list[tuple[str, str]]) -> None:
    assert not are_left(["a", "b"], left, "  ")


def test_a_line_that_was_empty_may_have_been_typed_into() -> None:
    assert are_left(["", "b"], [_MINE, ("b", "b")], "")
    assert are_left(["", "b"], [_MINE, _MINE, ("b", "b")], "")
    assert are_left(["", "b"], [_MINE, ("", ""), ("b", "b")], "")
    assert not are_left(["", "b"], [("b", "b")], "")


def test_a_line_end_from_before_opens_no_line() -> None:
    text = Characters("a\nmine\nb", (0, 3, 4, 5, 6, 7, 1, 2))
    authors = [Author.FILE] * 3 + [Author.USER] * 5
    assert opened_lines(text, authors) == [("mine", (4, 5, 6, 7))]
    assert opened_lines(text, authors, since=3) == [("mine", (4, 5, 6, 7))]
    assert opened_lines(text, authors, since=4) == []
