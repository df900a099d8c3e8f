"""Lines of the original that were left behind, and come again."""

from lsp_server.edit.passed_lines import PassedLines

LINES = ["- first of all", "- second to it", "}", "- third of them", "}", "- fourth and last"]


def test_a_passed_line_is_known_again() -> None:
    passed = PassedLines(LINES)
    assert passed.repeats("- first of all", 1) is None
    passed.add(0)
    assert passed.repeats("- first of all", 1) == 0
    assert passed.repeats("- second to it", 1) is None


def test_a_short_line_counts_only_behind_a_passed_one() -> None:
    passed = PassedLines(LINES)
    for line in (1, 2, 3):
        passed.add(line)
    assert passed.repeats("}", 4) is None
    passed.follow(1)
    assert passed.repeats("}", 4) == 2
    assert passed.goes_on(2) and not passed.goes_on(3) and not passed.goes_on(None)
    passed.follow(None)
    assert passed.repeats("}", 4) is None


def test_the_way_along_passed_lines_ends_at_the_expected_one() -> None:
    passed = PassedLines(LINES)
    passed.add(1)
    passed.follow(1)
    assert passed.repeats("}", 2) is None


def test_beginnings_are_looked_for_from_a_line_on() -> None:
    passed = PassedLines(LINES)
    for line in (0, 1):
        passed.add(line)
    assert passed.begins("- f", 0) and passed.begins("- s", 1)
    assert not passed.begins("- f", 1) and not passed.begins("- t", 0)
