"""The invariants of the diff on drawn texts; then what users see of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.edit.diff import churn, diff, equal_lines, minimal_churn, refined
from lsp_server.text.changes import Change, ChangeSet
from lsp_server.text.lines import split_lines

PIECES = st.sampled_from(
    ["a", "b", "    x = foo(1)", "    y = foo(2)", "\n", "\n", "\r\n", "\r", " ", "}", "𝒳", "\f"]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=25).map("".join))


def described(before: str, after: str) -> list[tuple[str, str]]:
    """What goes and what comes, change by change."""
    return [(before[c.start : c.end], c.text) for c in diff(before, after).changes]


# -- invariants -----------------------------------------------------------------------------------


@given(TEXTS, TEXTS)
def test_applied_it_gives_the_other_text(before: str, after: str) -> None:
    assert diff(before, after).apply(before) == after


@given(TEXTS)
def test_equal_texts_have_no_difference(text: str) -> None:
    assert not diff(text, text)


@given(TEXTS, TEXTS)
def test_it_is_never_less_than_the_least_and_never_more_than_everything(
    before: str, after: str
) -> None:
    assert minimal_churn(before, after) <= churn(diff(before, after)) <= len(before) + len(after)


@given(TEXTS, TEXTS)
def test_no_line_end_is_split(before: str, after: str) -> None:
    changes = diff(before, after)
    for change in changes.changes:
        assert "\r\n" not in (
            before[max(change.start - 1, 0) : change.start + 1] if change.start else "",
            before[change.end - 1 : change.end + 1] if change.end else "",
        )
    for start, end in changes.after_spans():
        assert after[max(start - 1, 0) : start + 1] != "\r\n"
        assert end == 0 or after[end - 1 : end + 1] != "\r\n"


@given(TEXTS, TEXTS)
def test_no_change_begins_or_ends_with_what_stays(before: str, after: str) -> None:
    for gone, come in described(before, after):
        if gone and come and not set("\r\n") & set(gone + come):
            assert gone[0] != come[0] and gone[-1] != come[-1]


@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abc")))
def test_equal_lines_are_a_common_subsequence(before: list[str], after: list[str]) -> None:
    pairs = list(equal_lines(before, after))
    assert all(before[b] == after[a] for b, a in pairs)
    assert pairs == sorted(pairs) and len({b for b, _ in pairs}) == len({a for _, a in pairs})
    assert minimal_churn("".join(before), "".join(after)) == (
        len(before) + len(after) - 2 * len(pairs)
    )


# -- what people see -------------------------------------------------------------------------------


def test_words_change_not_letters() -> None:
    assert described("x = value + 1\n", "x = result + 1\n") == [("value", "result")]


def test_a_longer_word_grows() -> None:
    assert described("foo(arg)\n", "foo(args)\n") == [("", "s")]


def test_each_line_is_compared_with_what_it_became() -> None:
    before = "first = load(one)\nsecond = load(two)\n"
    after = "first = find(one)\nthird = 3\nsecond = find(two)\n"
    assert described(before, after) == [("loa", "fin"), ("", "third = 3\n"), ("loa", "fin")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_an_inserted_function_is_whole_lines(end: str) -> None:
    before = "class A:\n    def f(self):\n        pass\n\n    def h(self):\n        pass\n"
    block = "    def g(self):\n        pass\n\n"
    after = before.replace("    def h", block + "    def h")
    before, after, block = (text.replace("\n", end) for text in (before, after, block))
    assert described(before, after) == [("", block)]
    assert described(after, before) == [(block, "")]
    (change,) = diff(before, after).changes
    assert split_lines(before[: change.start] + "x")[-1] == "x"


def test_an_appended_line_brings_the_line_end_before_it() -> None:
    assert described("a\nb", "a\nb\nc") == [("", "\nc")]


def test_a_block_that_moves_to_the_right_only_gets_blanks() -> None:
    before = "if a:\n    b()\n}\n\nif c:\n    d()\n}\n" * 5
    after = "".join("    " + line for line in before.splitlines(keepends=True))
    assert churn(diff(before, after)) == len(after) - len(before)


def test_a_call_that_is_broken_into_lines_keeps_its_words() -> None:
    before = "value = compute(first_argument, second_argument)\n"
    after = "value = compute(\n    first_argument,\n    second_argument,\n)\n"
    assert churn(diff(before, after)) <= 15


def test_line_ends_change_whole() -> None:
    assert described("a\r\nb\n", "a\nb\n") == [("\r\n", "\n")]


def test_enormous_texts_are_bounded() -> None:
    before = " ".join(f"a{i % 977}" for i in range(30_000))
    after = " ".join(f"b{i % 991}" for i in range(30_000))
    assert diff(before, after).apply(before) == after
    same = "x " * 100_000
    assert churn(diff(same + "one" + same, same + "two" + same)) == 6


def test_a_change_is_refined_where_it_puts_back_what_it_takes() -> None:
    text = "one two three\n"
    coarse = ChangeSet.of(len(text), [Change(0, 13, "one 2 three")])
    assert refined(coarse, text) == ChangeSet.of(len(text), [Change(4, 7, "2")])
    assert not refined(ChangeSet(len(text), (Change(0, 3, "one"),)), text)
