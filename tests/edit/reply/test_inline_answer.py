"""Answers for a scope within a line."""

import pytest

from lsp_server.edit.reply.inline_answer import InlineAnswer
from lsp_server.edit.reply.reply_context import ReplyContext


def fitted(answer: str, original: str, before: str = "x = ", after: str = "\ny = 2\n") -> str:
    """The answer, fitted into the scope; the same in one piece and letter by letter."""
    texts = set()
    for pieces in ([answer], list(answer)):
        stage = InlineAnswer(ReplyContext.of(original, before, after, ""), "python")
        texts.add("".join(map(stage.push, pieces)) + stage.end(sure=True, line_ended=True))
    assert len(texts) == 1
    return texts.pop()


@pytest.mark.parametrize(
    ("original", "answer", "wanted"),
    [
        ('"hello"', "goodbye", '"goodbye"'),
        ("'hello'", "Hallo, Welt!", "'Hallo, Welt!'"),
        ('f"Hi {name}"', "Hallo, du", 'f"Hallo, du"'),
        ("'it is'", "it's mine", "'it\\'s mine'"),
        ('"a.example.com"', "b.example.com", '"b.example.com"'),
    ],
)
def test_a_string_gets_its_quotes(original: str, answer: str, wanted: str) -> None:
    assert fitted(answer, original) == wanted


@pytest.mark.parametrize(
    "answer",
    ['"bye"', "'bye'", 'f"bye"', "None", "greet()", "GREETING", "5", "y", "[a]", "one\ntwo", "a.b"],
)
def test_code_stays_code(answer: str) -> None:
    assert fitted(answer, '"hello"') == answer


def test_an_answer_that_is_no_sound_code_becomes_a_string() -> None:
    stage = InlineAnswer(
        ReplyContext.of('"hello"', "x = ", "\n", ""), "", lambda text: " " not in text
    )
    assert stage.push("not me") + stage.end(sure=True, line_ended=True) == '"not me"'


def test_a_call_is_reduced_to_its_argument() -> None:
    assert fitted("compute(a, b)", "a", "x = compute(", ") + 1\n") == "a, b"
    assert fitted("self.go(b)", "a", "    x = 1 + self.go(", ")\n") == "b"
    # An unchanged argument is wrapped once more, and a different call is not removed.
    assert fitted("compute(a)", "a", "x = compute(", ") + 1\n") == "compute(a)"
    assert fitted("other(b)", "a", "x = compute(", ") + 1\n") == "other(b)"


def test_other_answers_flow_at_once_and_a_cut_drops_what_waits() -> None:
    stage = InlineAnswer(ReplyContext.of("a + b", "x = ", "\n", ""))
    assert stage.push("a") == "a"
    stage = InlineAnswer(ReplyContext.of('"hello"', "x = ", "\n", ""))
    assert stage.push("good") == ""
    assert stage.end(sure=False, line_ended=False) == ""
