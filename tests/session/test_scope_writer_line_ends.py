"""An answer that cannot be shown to its end never leaves half a line."""

import pytest

from benchmarks.history import Case
from benchmarks.stream import Setting, reply, stream, tokens
from lsp_server.syntax.languages import language_for
from lsp_server.text.lines import split_lines
from lsp_server.text.span import Span

SETTING = Setting(1000, 0.0, float("inf"))


def case_of(language: str, head: str, original: str, tail: str, answer: str) -> Case:
    known = language_for(language)
    assert known is not None
    scope = Span(len(head), len(head) + len(original))
    return Case("case", known, head + original + tail, scope, answer)


HALVES = [
    case_of("javascript", "", "if (a && ok) {\n  go();\n}", "\n", "if (a || ok |> [check {\n}"),
    case_of(
        "javascript",
        "function f(a) {\n  ",
        "one(a);\n  const x = start + 1;\n  two(x);",
        "\n}\n",
        "first(a);\n  const x = end + 2 + (3;\n  two(x);",
    ),
    case_of("python", "def f(a):\n    ", "return a.one + 10", "\n", "return a.two + 100 + (20"),
    case_of(
        "go",
        "package a\n\nfunc f() {\n\t",
        "limit := min(a, 100)",
        "\n}\n",
        "limit := max(a, 1000, (2)",
    ),
    case_of(
        "css", "", "a { width: 100px; color: red; }", "\n", "a { width: 200px; color: blue{; }"
    ),
    case_of("rust", "fn f() {\n    ", "let a = one(10);", "\n}\n", "let a = two(200, [);"),
]


@pytest.mark.parametrize("case", HALVES, ids=lambda case: case.language.id)
def test_a_whole_answer_leaves_whole_lines(case: Case) -> None:
    outcome = stream(case, SETTING)
    assert outcome.message
    known = {*split_lines(case.document), *split_lines(answered(case))}
    left = outcome.states[-1] if outcome.states else case.document
    assert {*split_lines(left)} <= known
    assert left != answered(case)


def test_half_a_line_was_shown_before() -> None:
    """Otherwise there would be nothing to take back."""
    shown = [stream(case, SETTING).states for case in HALVES]
    assert sum(bool(states) for states in shown) >= 3


@pytest.mark.parametrize("case", HALVES, ids=lambda case: case.language.id)
def test_a_cut_leaves_whole_lines(case: Case) -> None:
    known = {*split_lines(case.document), *split_lines(answered(case))}
    for cut in range(len(tokens(reply(case)))):
        states = stream(case, SETTING, cut=cut).states
        assert {*split_lines(states[-1] if states else case.document)} <= known


UNKNOWN = case_of(
    "css",
    "b { c: d }\n\n",
    "@media (max-width: 600px) {\n  a { b: c }\n}",
    "\n",
    "@media (width <= 600px) {\n  a { b: c }\n}",
)


def test_what_only_the_grammar_does_not_know_is_shown_and_reported() -> None:
    outcome = stream(UNKNOWN, SETTING)
    assert outcome.states[-1] == answered(UNKNOWN)
    assert outcome.message.startswith("Line 3 is shown unchecked")


def test_without_proof_it_is_not_shown() -> None:
    length = len(tokens(reply(UNKNOWN)))
    for cut in range(length - 1):
        outcome = stream(UNKNOWN, SETTING, cut=cut)
        assert answered(UNKNOWN) not in outcome.states


def answered(case: Case) -> str:
    return case.document[: case.scope.start] + case.answer + case.document[case.scope.end :]
