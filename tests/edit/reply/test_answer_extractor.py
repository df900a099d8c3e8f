"""Which lines of a reply are the answer."""

import pytest

from lsp_server.edit.reply.answer_extractor import AnswerExtractor
from lsp_server.edit.reply.reply_context import ReplyContext


def framed(reply: str, original: str = "x = 1", completed: bool = True) -> tuple[str, bool]:
    """The answer in the reply, and whether its end is proven."""
    frame = AnswerExtractor(ReplyContext.of(original, "", "", ""))
    text = frame.push(reply) + frame.finish(completed)
    return text, frame.proven


def test_the_line_end_before_the_closing_fence_is_not_given() -> None:
    assert framed("```\na\nb\n```") == ("a\nb", True)
    assert framed("```\na\n\n```\n") == ("a\n", True)


def test_a_shorter_or_other_fence_is_content() -> None:
    assert framed("````\na\n```\n~~~~\n````") == ("a\n```\n~~~~", True)


def test_a_closing_fence_may_be_longer_and_have_blanks_after_it() -> None:
    assert framed("```\na\n`````  \nb") == ("a", True)


def test_a_nested_block_with_an_info_string_does_not_close() -> None:
    assert framed("```md\na\n```sh\nb\n```\nc\n```") == ("a\n```sh\nb\n```\nc", True)


def test_a_block_after_prose_waits_for_likeness_and_difference() -> None:
    frame = AnswerExtractor(ReplyContext.of("x = 1\ny = 2", "", "", ""))
    assert frame.push("So:\n```\nx = 1\n") == ""
    assert frame.push("y = 3\n") == "x = 1\ny = 3"


def test_of_blocks_that_do_not_convince_the_first_real_one_counts() -> None:
    assert framed("So:\n```\n```\nor\n```\na\n```\nor\n```\nb\n```\n") == ("a", True)


def test_a_quote_counts_where_nothing_else_came() -> None:
    assert framed("It is right as it is:\n```\nx = 1\n```\n") == ("x = 1", True)


def test_a_block_that_did_not_convince_is_not_used_at_a_cut() -> None:
    assert framed("So:\n```\nunlike\n```\nand", completed=False) == ("", False)


def test_a_fence_left_open_by_a_completed_reply_is_proof_unless_the_block_is_empty() -> None:
    assert framed("```\na\n") == ("a", True)
    assert framed("```\n") == ("", False)


def test_an_opening_fence_in_raw_code_ends_it_without_proof() -> None:
    assert framed("x = 1\nbecomes\n```python\nx = 2\n```") == ("x = 1\nbecomes", False)


def test_thoughts_are_skipped() -> None:
    assert framed("<think>\n```\nx = 3\n```\n</think>\n```\nx = 2\n```") == ("x = 2", True)
    assert framed("<think>x = 1</think>```\nx = 2\n```") == ("x = 2", True)
    assert framed("<think>\nx = 1\n") == ("", False)


def test_a_long_line_of_prose_is_prose() -> None:
    frame = AnswerExtractor(ReplyContext.of("x = 1", "", "", ""))
    for character in "I think not. " * 80:
        assert frame.push(character) == ""
    frame.finish(completed=True)
    assert frame.refusal is not None and frame.refusal.startswith("I think not.")


@pytest.mark.parametrize(
    "reply",
    [
        "```\ndef f(a, b=0):\n    x = a\n",  # Behind it the scope goes on.
        "```\ndef f(a, b=0):\n    x = a\n    ret",  # A line is torn.
        "```\ndef f(a):\n    x = a",  # Nothing differs but the end.
    ],
)
def test_a_block_left_open_where_the_scope_goes_on_is_no_proof_of_its_end(reply: str) -> None:
    text, proven = framed(reply, "def f(a):\n    x = a\n    y = x\n    return y")
    assert not proven
    assert text == reply.removeprefix("```\n").rstrip("\n")


def test_a_block_left_open_at_a_new_end_or_the_old_one_is_proof() -> None:
    original = "def f(a):\n    x = a\n    y = x\n    return y"
    assert framed("```\ndef f(a):\n    x = a\n    return 2 * x\n", original)[1]
    assert framed("```\ndef f(a, b):\n    return y\n", original)[1]
    assert framed("```\ndef f(a, b):\n    x = a\n```\n", original)[1]
