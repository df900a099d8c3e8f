"""Instructions in comments: every case in `fixtures/scopes` that has one, and what always holds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.syntax.instruction_comments import (
    InstructionComment,
    InstructionTooLong,
    instruction_comment,
)
from lsp_server.syntax.languages import all_languages, language_for
from lsp_server.text.span import Span
from tests.syntax.scope_cases import ScopeCase, mark, scope_cases
from tests.syntax.texts import Place, places

CASES = [case for case in scope_cases() if case.instruction is not None]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.language}/{case.name}")
def test_case(case: ScopeCase) -> None:
    found = instruction_comment(case.text, case.selection, language_for(case.language))
    assert isinstance(found, InstructionComment), case.sentence
    assert found.instruction == case.instruction
    seen = mark(case.text, case, found.scope.span, found.comment)
    assert seen == mark(case.text, case, case.expected, case.comment), case.sentence
    assert case.kind in (None, found.scope.kind)


def test_every_language_with_comments_has_a_case() -> None:
    covered = {language_for(case.language) for case in CASES}
    for language in all_languages():
        assert language in covered, (
            f"{language.name} has no `ms:` comment: add a case with a line `instruction: …` to"
            f" fixtures/scopes/{language.id}/."
        )
    assert covered == {None, *all_languages()}


def _at(marked: str, language_id: str | None) -> InstructionComment | None:
    place = marked.index("‸")
    text = marked.replace("‸", "")
    found = instruction_comment(text, Span(place, place), language_for(language_id))
    assert not isinstance(found, InstructionTooLong)
    return found


@pytest.mark.parametrize(
    ("language_id", "text"),
    [
        ("python", 'x = "ms: no‸t a comment"\n'),
        ("python", "# see terms: th‸ese\nx = 1\n"),
        ("python", "# about ms: milli‸seconds\nx = 1\n"),
        ("python", "# ms: elsewhere\nx = 1\ny = ‸2\n"),
        ("python", "# ms:‸\nx = 1\n"),
        ("javascript", "ms: for (;;) bre‸ak ms;\n"),
        (None, "the ms: val‸ue\n"),
        (None, ""),
    ],
)
def test_what_is_no_instruction(language_id: str | None, text: str) -> None:
    assert _at(text if "‸" in text else text + "‸", language_id) is None


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("# ms: g‸o\nx = 1\n", "x = 1"),
        ("def f():\n    # ms: g‸o\n    x = 1\n", "x = 1"),
        ("x = 1  # ms: g‸o\n", "x = 1"),
        ("for x in y:  # ms: g‸o\n    x\n", "for x in y:\n    x"),
        ("def f():\n    x = 1\n    # ms: g‸o\n", "def f():\n    x = 1"),
        ("# ms: g‸o\r\nx = 1\r\n", "x = 1"),
        ("# ms: g‸o\n\n\nx = 1\n", "x = 1"),
        ("# ms: g‸o", ""),
    ],
)
def test_what_is_left_of_the_scope(text: str, rest: str) -> None:
    found = _at(text, "python")
    assert isinstance(found, InstructionComment)
    assert found.rest(text.replace("‸", "")) == rest


def test_the_first_of_several_on_the_selected_lines_counts() -> None:
    text = "# ms: one\nx = 1\n# ms: two\ny = 2\n"
    python = language_for("python")
    both = instruction_comment(text, Span(0, len(text)), python)
    second = instruction_comment(text, Span(16, len(text)), python)
    assert isinstance(both, InstructionComment)
    assert both.instruction == "one"
    assert isinstance(second, InstructionComment)
    assert second.instruction == "two"


def test_a_selection_of_whole_lines_does_not_reach_the_next_line() -> None:
    text = "x = 1\n# ms: two\ny = 2\n"
    assert instruction_comment(text, Span(0, 6), language_for("python")) is None


@settings(max_examples=400, deadline=None)
@given(places(), st.data())
def test_never_raises_and_stays_in_the_text(place: Place, data: st.DataObject) -> None:
    text = place.text
    if place.language is not None and place.language.line_comments:
        line = data.draw(st.integers(0, len(text)))
        text = f"{text[:line]}{place.language.line_comments[0]} ms: go on\n{text[line:]}"
    found = instruction_comment(text, place.selection, place.language)
    if isinstance(found, InstructionComment):
        assert found.instruction
        assert 0 <= found.comment.start < found.comment.end <= len(text)
        assert found.scope.span.end <= len(text)
        assert "ms:" in found.comment.text(text).lower()
        assert found.comment.overlaps(found.scope.span)
        assert isinstance(found.rest(text), str)
