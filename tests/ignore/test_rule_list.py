"""What the rules of one file say, and where they have a bound."""

import pytest

from lsp_server.ignore.rule_list import (
    MOST_LENGTH,
    MOST_LINES,
    MOST_RULES,
    MOST_STARS,
    MOST_TRIED,
    Match,
    MatchBudget,
    RuleList,
)
from lsp_server.ignore.unreadable import Unreadable


def last(
    data: bytes, path: bytes, is_folder: bool = False, *, folded: bool = False
) -> Match | None:
    return RuleList.parse(data, folded=folded).last_match(path, is_folder, MatchBudget())


def test_the_last_rule_that_fits_has_the_last_word() -> None:
    data = b"# a comment\n*.log\n!keep.log\n\nkeep.*\n"
    assert last(data, b"a/b.log") == Match(2, False)
    assert last(data, b"keep.log") == Match(5, False)
    assert last(data.replace(b"keep.*", b"x"), b"keep.log") == Match(3, True)
    assert last(data, b"a.py") is None


@pytest.mark.parametrize(
    ("rule", "path", "is_folder", "fits"),
    [
        (b"build/", b"a/build", True, True),
        (b"build/", b"a/build", False, False),
        (b"/a", b"a", False, True),
        (b"/a", b"b/a", False, False),
        (b"a/b", b"a/b", False, True),
        (b"a/b", b"x/a/b", False, False),
        (b"\\#a", b"#a", False, True),
        (b"\\!a", b"!a", False, True),
        (b"a  ", b"a", False, True),
        (b"a\\ ", b"a ", False, True),
        (b"a\t", b"a", False, False),
        (b"a\r", b"a", False, True),
        (b"*", b"anything", False, True),
        (b"/", b"a", True, False),
        (b"/lit**", b"literal", False, True),
    ],
)
def test_one_rule(rule: bytes, path: bytes, is_folder: bool, fits: bool) -> None:
    assert (last(rule, path, is_folder) is not None) is fits
    assert (last(b"\xef\xbb\xbf" + rule, path, is_folder) is not None) is fits


def test_capitals() -> None:
    assert last(b"Build\n*.LOG\nA/b?c\n", b"bUILD", folded=True) == Match(1, False)
    assert last(b"Build\n*.LOG\nA/b?c\n", b"x.log", folded=True) == Match(2, False)
    assert last(b"Build\n*.LOG\nA/b?c\n", b"a/BxC", folded=True) == Match(3, False)
    assert last(b"Build\n", b"build") is None


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\n" * (MOST_LINES + 1), "lines"),
        (b"x\n" * (MOST_RULES + 1), "rules"),
        (b"x*y\n" * (MOST_TRIED + 1), "with wildcards"),
        (b"ok\n" + b"*a" * (MOST_STARS + 1), "wildcards in line 2"),
        (b"a" * (MOST_LENGTH + 1), "bytes in line 1"),
        ("a\n".encode("utf-16"), "UTF-16"),
        ("a\n".encode("utf-16-le"), "UTF-16"),
    ],
)
def test_bounds(data: bytes, words: str) -> None:
    with pytest.raises(Unreadable) as caught:
        RuleList.parse(data)
    assert words in caught.value.what and caught.value.remedy


def test_just_inside_of_the_bounds() -> None:
    RuleList.parse(b"\n" * MOST_LINES)
    assert RuleList.parse(b"x\n" * MOST_RULES).count == MOST_RULES
    RuleList.parse(b"x*y\n" * MOST_TRIED)
    RuleList.parse(b"*a" * MOST_STARS)


def test_trying_has_a_bound_and_the_verdict_is_the_same_each_time() -> None:
    rules = RuleList.parse((b"*a" * (MOST_STARS - 2) + b"*b*\n") * MOST_TRIED)
    for _ in range(3):
        with pytest.raises(Unreadable, match="in time"):
            rules.last_match(b"a" * 240, False, MatchBudget())


def test_what_git_takes_silently_is_refused_in_lists_of_ours() -> None:
    assert last(b"[\nb\n", b"b") == Match(2, False)
    with pytest.raises(Unreadable, match="line 2"):
        RuleList.parse(b"a\n[\n", strict=True)
