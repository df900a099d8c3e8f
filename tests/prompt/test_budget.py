"""Token estimates, and which lines fit into how many tokens."""

import re
import time

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.prompt.budget import around, first_lines, last_lines, tokens_of
from lsp_server.text.lines import split_lines


def test_the_rule_of_the_estimate() -> None:
    assert tokens_of("") == 0
    assert tokens_of("a") == 1
    assert tokens_of("a" * 35) == 10
    assert tokens_of("漢字") == 2


def test_every_code_point_from_the_radicals_on_is_a_token() -> None:
    wide = re.compile("[\u2e80-\U0010ffff]")
    for character in map(chr, (0x7F, 0xA0, 0x7FF, 0x800, *range(0x2000, 0x3100))):
        assert tokens_of(character * 70) == (70 if wide.match(character) else 20)
    assert tokens_of("\ud800\U0001f600") == 2


def test_a_long_text_of_such_is_counted_in_next_to_no_time() -> None:
    began = time.thread_time()
    assert tokens_of("\u6f22" * 20_000_000) == 20_000_000
    assert time.thread_time() - began < 2  # Found one by one they take five seconds.


def test_whole_lines_nearest_first() -> None:
    text = "aaaa\nbbbb\r\ncccc\n"
    assert last_lines(text, 4) == "bbbb\r\ncccc\n"
    assert first_lines(text, 4) == "aaaa\nbbbb\r\n"
    assert first_lines(text, 1) == ""


def test_what_one_side_does_not_need_goes_to_the_other() -> None:
    long = "abcdef\n" * 10
    assert around("", long, 20) == ("", long)
    assert around(long, "", 20) == (long, "")
    assert around(long, long, 20) == ("abcdef\n" * 5, "abcdef\n" * 5)


@given(st.text(), st.text(), st.integers(0, 60))
def test_never_more_than_the_budget(before: str, after: str, tokens: int) -> None:
    head, tail = around(before, after, tokens)
    assert before.endswith(head)
    assert after.startswith(tail)
    assert tokens_of(head) + tokens_of(tail) <= tokens


def _fit(lines: list[str], tokens: int) -> int:
    """How many of the first lines fit, counted one by one."""
    return max(n for n in range(len(lines) + 1) if tokens_of("".join(lines[:n])) <= max(0, tokens))


@given(st.text(st.sampled_from("ab\r\n é漢")), st.integers(-1, 40))
def test_exactly_the_whole_lines_that_fit(text: str, tokens: int) -> None:
    lines = split_lines(text)
    count = _fit(lines, tokens)
    assert first_lines(text, tokens) == "".join(lines[:count])
    count = _fit(lines[::-1], tokens)
    assert last_lines(text, tokens) == "".join(lines[len(lines) - count :])
