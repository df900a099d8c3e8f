"""Python's own compiler takes every state that the editor is shown, wherever the answer is cut."""

import random
from pathlib import Path

import pytest

from benchmarks import compiles
from benchmarks.history import Case
from benchmarks.stream import Setting, reply, stream, tokens
from lsp_server.syntax.languages import language_for
from lsp_server.text.span import Span
from tests.practice.test_practice_model import read_case
from tests.test_benchmarks import AFTER, BEFORE, commits

_PRACTICE = sorted((Path(__file__).parents[1] / "fixtures" / "practice").glob("*.py.txt"))
_FAST = Setting(1000, 0.0, float("inf"))
_CUTS = 12

# A dedent that meets no level, were the old body to stand beneath the new one.
LEVELS = (
    "def f(a):\n    if a:\n        for b in a:\n            if b:\n                x(b)\n"
    "            else:\n                y(b)\n        return a\n    return None\n"
)
FLAT = (
    "def f(a):\n    if not a:\n        return None\n    for b in a:\n        if b:\n"
    "            x(b)\n            continue\n        y(b)\n    return a\n"
)


def two_blanks(text: str) -> str:
    """The text with two blanks for each level instead of four."""
    return text.replace("    ", "  ")


TWO_BLANKS = two_blanks(LEVELS)
ASYNC = (
    "async def f(a):\n    try:\n        async for b in a:\n            await x(b)\n"
    "    finally:\n        await y()\n"
)
SYNC = "def f(a):\n    for b in a:\n        x(b)\n    y()\n"


def case_of(head: str, original: str, answer: str) -> Case:
    python = language_for("python")
    assert python is not None
    scope = Span(len(head), len(head) + len(original))
    return Case("case", python, head + original + "\n\n\nx = 1\n", scope, answer)


def faults(case: Case) -> list[str]:
    """Why Python refuses a state, of the whole answer and of one that is cut."""
    assert compiles.fault_of(case.document) is None
    length = len(tokens(reply(case)))
    cuts = random.Random(1).sample(range(length), min(_CUTS, length))
    states = [stream(case, _FAST).states, *(stream(case, _FAST, cut=cut).states for cut in cuts)]
    assert states[0] and states[0][-1].endswith(case.answer + "\n\n\nx = 1\n")
    found = (compiles.fault_of(state) for row in states for state in row)
    return [fault for fault in found if fault is not None]


@pytest.mark.parametrize("path", _PRACTICE, ids=lambda path: path.name)
def test_all_that_a_recipe_shows_compiles(path: Path) -> None:
    case = read_case(path)
    scope, answer = case.sections["scope"], case.sections.get("becomes")
    head = case.sections.get("within", "")
    document = compiles.fault_of(head + scope)
    if answer is not None and answer != scope and "landed" not in case.sections and not document:
        assert faults(case_of(head, scope, answer)) == []


@pytest.mark.parametrize(
    ("original", "answer"),
    [
        (LEVELS, FLAT),
        (FLAT, LEVELS),
        (TWO_BLANKS, two_blanks(FLAT)),
        (ASYNC, SYNC),
        (SYNC, ASYNC),
    ],
)
def test_all_that_changes_levels_compiles(original: str, answer: str) -> None:
    assert faults(case_of("", original.rstrip(), answer.rstrip())) == []


def test_an_answer_of_other_columns_compiles_in_those_of_the_file() -> None:
    for original, answer in ((LEVELS, TWO_BLANKS), (TWO_BLANKS, FLAT)):
        case = case_of("", original.rstrip(), answer.rstrip())
        states = stream(case, _FAST).states
        assert [compiles.fault_of(state) for state in states] == [None] * len(states)
        wanted = LEVELS if original is LEVELS else two_blanks(FLAT)
        assert states == [] if wanted is LEVELS else states[-1].startswith(wanted)


def test_the_benchmark_counts_states_and_names_those_that_fail(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = str(commits(tmp_path, BEFORE, AFTER, AFTER.replace("def ", "def (", 1)))
    assert compiles.main([place, "--edits", "9"]) == 0
    printed = capsys.readouterr().out
    assert "before and after: 1; left out: 1" in printed
    assert "end as exactly the answer: 1" in printed
    assert "do not compile: 0" in printed
    monkeypatch.setattr(compiles, "fault_of", lambda text: "no" if "count" in text else None)
    monkeypatch.setattr(compiles, "_with", lambda case, answer: "")
    assert compiles.main([place, "--edits", "9", "--cuts", "0"]) == 1
    assert "orders.py: no" in capsys.readouterr().out
