"""Rules of indentation."""

import pytest

from lsp_server.edit.patch.hunk_columns import KEEP, ColumnRule, find_rule


@pytest.mark.parametrize(
    ("pairs", "added", "becomes"),
    [
        ([], "  x", "  x"),
        ([("a", "a")], "  x", "  x"),
        ([("a", "    a"), ("  b", "      b")], "  x", "      x"),
        ([("    a", "a"), ("      b", "  b")], "      x", "  x"),
        ([("    a", "\ta"), ("        b", "\t\tb")], "            x", "\t\t\tx"),
        ([("  a", "\ta"), ("    b", "\t\tb")], "    x", "\t\tx"),
        ([("\ta", "    a"), ("\t\tb", "        b")], "\t\tx", "        x"),
        ([("a", "\ta"), ("    b", "\t\tb")], "    x", "\t\tx"),
        ([("", "   "), ("a ", "  a")], " ", " "),
    ],
)
def test_one_rule_for_all_lines(pairs: list[tuple[str, str]], added: str, becomes: str) -> None:
    rule = find_rule(pairs)
    assert rule is not None
    assert rule.apply(added) == becomes


@pytest.mark.parametrize(
    "pairs",
    [
        [("a", " a"), ("b", "  b")],
        [("  a", "a"), ("b", "b")],
        [("  a", "\ta"), ("   b", "\tb")],
    ],
)
def test_no_rule_where_lines_disagree(pairs: list[tuple[str, str]]) -> None:
    assert find_rule(pairs) is None


def test_a_line_left_of_what_is_taken_off_stays() -> None:
    assert ColumnRule(less="    ").apply("  x") == "  x"
    assert KEEP.apply("  x") == "  x"
