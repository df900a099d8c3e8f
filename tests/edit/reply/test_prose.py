"""Telling code from chat."""

import time

import pytest

from lsp_server.edit.reply.prose import CodeLikeness, is_sentence, reads_as_text
from lsp_server.edit.reply.reply_context import ReplyContext

LIKENESS = CodeLikeness(ReplyContext.of("def total(items):\n    return sum(items)", "", "", ""))


@pytest.mark.parametrize(
    "line",
    [
        "Here is the updated code:",
        "I'm sorry, I cannot do that.",
        "- The loop is gone now.",
        "`total` now returns a number.",
        "This is the practice model: it knows rename and docstrings; for anything else see docs",
    ],
)
def test_sentences(line: str) -> None:
    assert is_sentence(line)
    assert not LIKENESS.is_code(line)


@pytest.mark.parametrize(
    "line",
    ["SELECT name, id FROM items", "for item in items:", "return x if y else z", "If x Then", "}"],
)
def test_no_sentences(line: str) -> None:
    assert not is_sentence(line)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("    return sum(items)", True),
        ("def total(items: list[int]) -> int:", True),
        ("for item in items:", False),
        ("}", False),
        ("x = other(y)", False),
        ("see total (it sums items)", False),
    ],
)
def test_certain_code(line: str, code: bool) -> None:
    assert LIKENESS.is_code(line) is code


def test_an_insertion_point_is_like_its_neighbours() -> None:
    likeness = CodeLikeness(ReplyContext.of("", "import shop\n\n", "\n\nshop.open()\n", ""))
    assert likeness.is_code("shop.close()")


def test_a_scope_of_one_very_long_line_is_judged_by_its_beginning() -> None:
    code = ReplyContext.of("x = " + "a + " * 2_500_000, "", "", "")
    text = ReplyContext.of("This is what I have to say. " * 400_000, "", "", "")
    began = time.thread_time()
    assert not CodeLikeness(code).is_prose and CodeLikeness(code).resembles("x = a + b")
    assert CodeLikeness(text).is_prose and reads_as_text(text.lines)
    assert not reads_as_text(code.lines) and not is_sentence(code.original)
    assert time.thread_time() - began < 2  # Reading all words of both takes more than ten seconds.
