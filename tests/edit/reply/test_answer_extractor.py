"""Finding the answer in a reply."""

import pytest

from lsp_server.edit.reply.answer_extractor import AnswerExtractor
from lsp_server.edit.reply.reply_context import ReplyContext


def extract(reply: str, original: str = "x = 1", completed: bool = True) -> tuple[str, bool]:
    """The answer in the reply, and whether its end is proven."""
    extractor = AnswerExtractor(ReplyContext.of(original, "", "", ""))
    text = extractor.push(reply) + extractor.finish(completed)
    return text, extractor.proven


def test_the_line_end_before_the_closing_fence_is_not_text() -> None:
    assert extract("```\na\nb\n```") == ("a\nb", True)
    assert extract("```\na\n\n```\n") == ("a\n", True)


def test_a_shorter_or_other_fence_is_content() -> None:
    assert extract("````\na\n```\n~~~~\n````") == ("a\n```\n~~~~", True)


def test_a_closing_fence_may_be_longer_and_have_blanks_after_it() -> None:
    assert extract("```\na\n`````  \nb") == ("a", True)


def test_a_nested_block_with_an_info_string_does_not_close() -> None:
    assert extract("```md\na\n```sh\nb\n```\nc\n```") == ("a\n```sh\nb\n```\nc", True)


def test_a_block_after_prose_waits_for_similarity_and_difference() -> None:
    extractor = AnswerExtractor(ReplyContext.of("x = 1\ny = 2", "", "", ""))
    assert extractor.push("So:\n```\nx = 1\n") == ""
    assert extractor.push("y = 3\n") == "x = 1\ny = 3"


def test_the_first_real_block_counts_if_none_convinces() -> None:
    assert extract("So:\n```\n```\nor\n```\na\n```\nor\n```\nb\n```\n") == ("a", True)


def test_a_quotation_counts_if_nothing_else_comes() -> None:
    assert extract("It is right as it is:\n```\nx = 1\n```\n") == ("x = 1", True)


def test_a_block_that_did_not_convince_is_not_used_at_a_cut() -> None:
    assert extract("So:\n```\nunlike\n```\nand", completed=False) == ("", False)


def test_a_fence_left_open_by_a_completed_reply_is_proof_unless_the_block_is_empty() -> None:
    assert extract("```\na\n") == ("a", True)
    assert extract("```\n") == ("", False)


def test_an_opening_fence_in_raw_code_ends_it_without_proof() -> None:
    assert extract("x = 1\nbecomes\n```python\nx = 2\n```") == ("x = 1\nbecomes", False)


def test_reasoning_is_skipped() -> None:
    assert extract("<think>\n```\nx = 3\n```\n</think>\n```\nx = 2\n```") == ("x = 2", True)
    assert extract("<think>x = 1</think>```\nx = 2\n```") == ("x = 2", True)
    assert extract("<think>\nx = 1\n") == ("", False)


def test_a_long_line_of_prose_is_prose() -> None:
    extractor = AnswerExtractor(ReplyContext.of("x = 1", "", "", ""))
    for character in "I think not. " * 80:
        assert extractor.push(character) == ""
    extractor.finish(completed=True)
    assert extractor.refusal is not None and extractor.refusal.startswith("I think not.")


@pytest.mark.parametrize(
    "reply",
    [
        "```\ndef f(a, b=0):\n    x = a\n",  # The scope continues after it.
        "```\ndef f(a, b=0):\n    x = a\n    ret",  # The last line is incomplete.
        "```\ndef f(a):\n    x = a",  # Only the end differs.
    ],
)
def test_a_block_left_open_where_the_scope_continues_is_no_proof_of_its_end(reply: str) -> None:
    text, proven = extract(reply, "def f(a):\n    x = a\n    y = x\n    return y")
    assert not proven
    assert text == reply.removeprefix("```\n").rstrip("\n")


def test_a_block_left_open_at_a_new_end_or_the_old_one_is_proof() -> None:
    original = "def f(a):\n    x = a\n    y = x\n    return y"
    assert extract("```\ndef f(a):\n    x = a\n    return 2 * x\n", original)[1]
    assert extract("```\ndef f(a, b):\n    return y\n", original)[1]
    assert extract("```\ndef f(a, b):\n    x = a\n```\n", original)[1]
