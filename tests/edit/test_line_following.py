"""What confirms a change inside a line."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.edit.line_following import LineFollower

LINE = st.lists(st.sampled_from(["total", "value", "x", " ", "=", "(", ")", ",", "1"])).map("".join)


@given(LINE, LINE, st.sets(st.integers(1, 30)))
def test_it_does_not_depend_on_the_chunks(expected: str, line: str, places: set[int]) -> None:
    follower = LineFollower(expected, 1_000)
    found = [
        place for end in sorted(places) if end < len(line) for place in follower.follow(line[:end])
    ]
    found += follower.follow(line)
    assert found == LineFollower(expected, 1_000).follow(line)
    for (a, b), (c, d) in pairwise(found):
        assert a < c and b < d


@pytest.mark.parametrize(
    ("expected", "line", "places"),
    [
        ("total = f(x)", "total = f(x)", []),
        ("total = f(x);", "total = g(x", [(10, 10)]),  # One word for one, closed by the bracket.
        ("f(values)", "f(first, values)", [(15, 8)]),  # A name stands there again.
        ("call(first, second)", "call(second)", [(11, 18)]),
        ("x = old", "x = new", []),  # The last word may still grow.
        ("total = a", "sum = a ", []),  # Nothing agreed before.
        ("abc = " + "x, " * 20 + "last", "abc = last ", []),  # Too much would be skipped.
        ("# one two", "# six two", []),
    ],
)
def test_confirmed_places(expected: str, line: str, places: list[tuple[int, int]]) -> None:
    assert LineFollower(expected, 1_000).follow(line) == places


def test_nothing_is_looked_at_behind_the_limit() -> None:
    assert LineFollower("f(values)", 4).follow("f(first, values)") == []
