"""Holds the streaming of the edits in `fixtures/align` to the figures pinned there."""

import pytest

from lsp_server.syntax.languages import all_languages
from tests.edit.align_cases import (
    PINNED,
    Comparison,
    Figures,
    load_cases,
    read_figures,
    written,
)

_CASES = load_cases()

_WORSE = (
    "These totals are worse than fixtures/align/figures.tsv pins them: {names}.\n"
    "--update-fixtures does not write them. To accept the loss, delete the rows of the cases that\n"
    "may get worse, run it again, and say why in the commit."
)
_MOVED = (
    "The totals are no worse, but fixtures/align/figures.tsv is out of date. Renew it:\n"
    "pytest tests/edit/test_align_quality.py --update-fixtures"
)


def test_the_figures_are_no_worse_than_those_pinned(update_fixtures: bool) -> None:
    missing = [language.module for language in all_languages() if not language.available]
    assert not missing, f"Without these grammars the gate admits more: install {missing}."
    text = PINNED.read_text("utf-8") if PINNED.exists() else ""
    now = {case.name: case.figures() for case in _CASES}
    comparison = Comparison(read_figures(text), now)
    if worse := comparison.worse:
        pytest.fail(f"{comparison.table()}\n{_WORSE.format(names=', '.join(worse))}", pytrace=False)
    if update_fixtures:
        text = written(now)
        PINNED.write_text(text, encoding="utf-8", newline="\n")
    if text != written(now):
        pytest.fail(f"{comparison.table()}\n{_MOVED}", pytrace=False)


def test_each_case_says_what_it_shows() -> None:
    for case in _CASES:
        assert case.sentence.endswith("."), case.name
        assert case.edit.original != case.edit.answer, case.name


def test_every_language_has_a_case() -> None:
    covered = {case.edit.language for case in _CASES}
    assert set(all_languages()) <= covered
    assert len(covered - set(all_languages())) >= 5, "too few languages without a grammar"


# -- how figures are compared --------------------------------------------------------------------

_PINS = {"a": Figures(20, 10, 50, 9, 3), "b": Figures(30, 30, 40, 8, 4)}


@pytest.mark.parametrize(
    ("figures", "worse"),
    [
        (Figures(20, 10, 50, 9, 3), ()),
        (Figures(19, 10, 49, 8, 4), ()),
        (Figures(21, 10, 50, 9, 3), ("churn",)),
        (Figures(20, 10, 51, 9, 3), ("hold",)),
        (Figures(20, 10, 50, 10, 3), ("longest",)),
        (Figures(20, 10, 50, 9, 2), ("states",)),
        (Figures(10, 10, 60, 9, 1), ("hold", "states")),
    ],
)
def test_which_totals_are_worse(figures: Figures, worse: tuple[str, ...]) -> None:
    assert Comparison(_PINS, {**_PINS, "a": figures}).worse == worse


def test_one_case_makes_up_for_another() -> None:
    now = {"a": Figures(25, 10, 50, 9, 3), "b": Figures(24, 30, 40, 8, 4)}
    comparison = Comparison(_PINS, now)
    assert comparison.worse == ()
    table = comparison.table()
    assert "20→25 !" in table and "30→24 " in table and "50→49" in table


def test_a_case_without_a_row_is_not_compared() -> None:
    now = {**_PINS, "c": Figures(99, 1, 99, 99, 1)}
    assert Comparison(_PINS, now).worse == ()
    assert "c: has no row" in Comparison(_PINS, now).table()
    deleted = {"b": _PINS["b"]}
    assert Comparison(deleted, {**_PINS, "a": Figures(99, 10, 50, 9, 3)}).worse == ()


def test_figures_are_read_as_they_are_written() -> None:
    text = written(_PINS)
    assert read_figures(text) == _PINS
    assert text.splitlines()[-1] == "total\t50\t40\t90\t17\t7"
