"""Answers for a piece of a line."""

import pytest

from lsp_server.edit.reply.inline_answer import InlineAnswer
from lsp_server.edit.reply.reply_context import ReplyContext


def inner(answer: str, original: str, before: str = "x = ", after: str = "\ny = 2\n") -> str:
    """What of the answer stands for the scope; it comes at once, and letter by letter."""
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
def test_a_text_gets_its_quotes(original: str, answer: str, wanted: str) -> None:
    assert inner(answer, original) == wanted


@pytest.mark.parametrize(
    "answer",
    ['"bye"', "'bye'", 'f"bye"', "None", "greet()", "GREETING", "5", "y", "[a]", "one\ntwo", "a.b"],
)
def test_code_stays_code(answer: str) -> None:
    assert inner(answer, '"hello"') == answer


def test_where_code_is_known_what_is_none_is_a_text() -> None:
    stage = InlineAnswer(
        ReplyContext.of('"hello"', "x = ", "\n", ""), "", lambda text: " " not in text
    )
    assert stage.push("not me") + stage.end(sure=True, line_ended=True) == '"not me"'


def test_a_call_stands_for_its_argument() -> None:
    assert inner("compute(a, b)", "a", "x = compute(", ") + 1\n") == "a, b"
    assert inner("self.go(b)", "a", "    x = 1 + self.go(", ")\n") == "b"
    # What is the same within is wrapped once more, and another call is another call.
    assert inner("compute(a)", "a", "x = compute(", ") + 1\n") == "compute(a)"
    assert inner("other(b)", "a", "x = compute(", ") + 1\n") == "other(b)"


def test_other_answers_flow_at_once_and_a_cut_drops_what_waits() -> None:
    stage = InlineAnswer(ReplyContext.of("a + b", "x = ", "\n", ""))
    assert stage.push("a") == "a"
    stage = InlineAnswer(ReplyContext.of('"hello"', "x = ", "\n", ""))
    assert stage.push("good") == ""
    assert stage.end(sure=False, line_ended=False) == ""
