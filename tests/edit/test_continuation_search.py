"""Where waiting lines go on along the original, and what proves it."""

import pytest

from lsp_server.edit.anchors import Original
from lsp_server.edit.continuation_search import ContinuationSearch
from lsp_server.edit.match_chain import ChainStep
from lsp_server.edit.passed_lines import PassedLines

STEPS = [f"step_{letter * 4}({ord(letter)})" for letter in "abcdefghij"]


def search(original: list[str], *lines: str, passed: int = 0) -> ContinuationSearch:
    known = Original("".join(f"{line}\n" for line in original))
    left = PassedLines(known.contents)
    for line in range(passed):
        left.add(line)
    return ContinuationSearch(known, left, list(lines))


def test_a_line_is_the_expected_one_modified_unless_it_stands_ahead_or_has_kin() -> None:
    original = ["total = compute(values, weights)", "print(total)", "values = read(path)"]
    assert search(original).is_modified("total = compute(values, loads)", 0)
    assert not search(original).is_modified("values = read()", 0)
    ahead = [*original, "total = compute(values, loads)"]
    assert not search(ahead).is_modified("total = compute(values, loads)", 0)
    routes = ["get('/aa', one)", "get('/bb', one)"]
    assert not search(routes).is_modified("get('/cc', one)", 0)


def test_near_is_what_stands_or_is_resembled_a_little_further_on() -> None:
    assert search(STEPS).is_near(STEPS[4], 1)
    assert search(STEPS).is_near("step_eeee(102)", 1)
    assert not search(STEPS).is_near("nothing like it", 1)
    assert not search([*(["filler()"] * 20), "step_eeee(102)"]).is_near("step_eeee(102)", 1)


def test_a_beginning_says_nothing_where_lines_of_that_sort_begin_so() -> None:
    items = ["- [one](a) is first", "- [two](b) comes then", "- [three](c) is last"]
    assert search(items).begins_near("- [first](x) is", 0)
    assert not search(items).begins_near("- [one](x) is", 0)


def test_a_beginning_of_a_passed_line_may_be_that_line() -> None:
    lines = ["send(one)", *(["filler()"] * 10), "second(two)"]
    assert search(lines, passed=1).begins_near("send(", 11)
    assert not search(lines).begins_near("send(", 11)


@pytest.mark.parametrize(("behind", "confirmed"), [(9, False), (10, True)])
def test_a_jump_needs_two_lines_for_each_that_it_passes_by(behind: int, confirmed: bool) -> None:
    found = search(STEPS * 3, *STEPS[4:], *(["more"] * (behind - 5)))
    step = found.next_step(0, 0)
    assert step == ChainStep(0, 4, True)
    assert found.confirmed(step, 0, 0, 2, stalled=False) is confirmed
    assert found.confirmed(step, 0, 0, 2, stalled=True) is confirmed


def test_a_jump_agrees_where_half_of_the_text_is_found_again() -> None:
    step = ChainStep(0, 4, True)
    assert search(STEPS, *STEPS[4:]).agrees(step, 0, 0)
    assert not search(STEPS, STEPS[4], *(f"{c * 9} = 1" for c in "xyzuvw")).agrees(step, 0, 0)
