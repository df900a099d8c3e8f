"""Replies as models send them: every fixture, every chunking, every cut."""

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.edit.reply import Doubt, ReplyReader
from tests.edit.reply.support import Outcome, ReplyCase, load_cases, read

CASES = load_cases()
BY_NAME = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])

PIECES = st.sampled_from(
    (
        *("```", "`", "~~~", "````", "\n", "\n\n", "\r", "\r\n", "    ", "  ", "\t", " ", "\0"),
        *("def f(x):", "return x", "return None", "x = 1", "z = foo(1)", "}", "{", ";", ")"),
        *("# ... rest unchanged", "// ...", "...", "-- ... existing code", "python", "<think>"),
        *("<scope-0a1b2c3d>", "</scope-0a1b2c3d>", "<after-0a1b2c3d>", "<|im_end|>", "</s>", "<|"),
        *('File "a.py":', 'Selected code in "a.py", lines 1-2:', "Change the selected code: x"),
        *("</think>", "Here is the code:", "I cannot do that.", "\ud83d", "\ude00", "\ufeff"),
        *("é", " " * 410, "b" * 410, "# ", "/* same */", "end"),
    )
)
TEXTS = st.lists(PIECES, max_size=20).map("".join) | st.text(
    st.characters(exclude_categories=()), max_size=60
)


def chunked(text: str, cuts: list[int]) -> list[str]:
    """`text` cut at the places `cuts`, taken modulo its length."""
    places = sorted({cut % (len(text) + 1) for cut in cuts} | {0, len(text)})
    return [text[a:b] for a, b in pairwise(places)]


def test_there_are_cases_and_each_says_what_it_shows() -> None:
    assert len(CASES) >= 40
    for case in CASES:
        assert case.sentence.endswith("."), case.name


@BY_NAME
def test_case(case: ReplyCase) -> None:
    outcome = case.read([case.reply])
    assert outcome.text == case.expected
    assert outcome.proven == (case.options.get("proven", "yes") == "yes")
    refused = case.options.get("refusal", "no") == "yes"
    assert (outcome.refusal is not None) == refused


@BY_NAME
def test_case_character_by_character(case: ReplyCase) -> None:
    assert case.read(case.reply) == case.read([case.reply])


@BY_NAME
@settings(max_examples=15, deadline=None)
@given(cuts=st.lists(st.integers(0, 5000), max_size=12))
def test_case_in_any_chunks(case: ReplyCase, cuts: list[int]) -> None:
    assert case.read(chunked(case.reply, cuts)) == case.read([case.reply])


@BY_NAME
def test_case_cut_at_every_character(case: ReplyCase) -> None:
    whole = case.read([case.reply], completed=True)
    for end in range(len(case.reply)):
        cut = case.read([case.reply[:end]], completed=False)
        assert whole.text.startswith(cut.text)
        assert cut.refusal is None
        if cut.proven:
            assert cut.text == whole.text


@settings(max_examples=400, deadline=None)
@given(
    original=TEXTS,
    before=TEXTS,
    after=TEXTS,
    reply=TEXTS,
    wrapped=st.sampled_from(["{}", "```\n{}\n```", "Here it is:\n```python\n{}\n```\nDone."]),
    cuts=st.lists(st.integers(0, 5000), max_size=8),
    completed=st.booleans(),
    language=st.sampled_from(["", "markdown", "yaml"]),
)
def test_any_text_in_any_chunks(
    original: str,
    before: str,
    after: str,
    reply: str,
    wrapped: str,
    cuts: list[int],
    completed: bool,
    language: str,
) -> None:
    text = wrapped.replace("{}", reply)

    def outcome(chunks: list[str]) -> Outcome:
        reader = ReplyReader(original, before=before, after=after, language=language)
        return read(reader, chunks, completed)

    whole = outcome([text])
    assert outcome(chunked(text, cuts)) == whole
    assert outcome(list(text)) == whole
    # What was left out of a placeholder comes from the original, whatever that holds.
    if "\0" not in original:
        assert "\0" not in whole.text
    if not re.search("[\ud800-\udfff]", original):
        whole.text.encode()
    assert "\r" not in whole.text


def test_text_streams_within_a_line() -> None:
    reader = ReplyReader("def f(x):\n    return x\n")
    # What equals the original waits: it could not be seen, and may be a quote.
    assert reader.push("```python\ndef f") == ""
    assert reader.push("(y):\n    ") == "def f(y):"
    assert reader.push("return y") == "\n    return y"
    assert reader.push(" + 1\n") == " + 1"
    assert reader.push("``") == ""


def test_the_closing_fence_is_proof_before_the_reply_is_completed() -> None:
    reader = ReplyReader("x = 1")
    reader.push("```\nx = 2\n```\n")
    assert reader.proven
    assert reader.text == "x = 2"
    assert reader.push("more") == reader.finish(completed=False) == ""
    assert reader.proven


def test_an_empty_block_is_proof_only_once_the_reply_is_completed() -> None:
    for completed in (True, False):
        outcome = read(ReplyReader("x = 1"), ["```\n```\n"], completed)
        assert outcome == Outcome("", completed, None)


def test_nothing_comes_after_the_end() -> None:
    reader = ReplyReader("x = 1")
    reader.finish(completed=True)
    assert reader.push("```\nx = 2\n```\n") == ""
    assert not reader.proven
    assert reader.refusal is None


def test_a_refusal_is_the_prose_without_blank_lines_around_it() -> None:
    reader = ReplyReader("x = 1")
    outcome = read(reader, ["\n\nI will not do this.\n\nAsk again.\n\n"], completed=True)
    assert outcome == Outcome("", False, "I will not do this.\n\nAsk again.")


def test_first_indent_counts_where_before_is_not_known() -> None:
    reader = ReplyReader("def f():\n        pass", first_indent="    ")
    reader.push("```\ndef f():\n    return 1\n```")
    reader.finish(completed=True)
    assert reader.text == "def f():\n        return 1"


def test_a_first_block_that_is_unlike_the_scope_is_not_given_before_the_end() -> None:
    reader = ReplyReader("def area(s):\n    return s.w * s.h")
    assert reader.push("```python\nimport math\n```\n\n```python\n") == ""
    assert not reader.proven
    assert reader.push("def area(s):\n    return math.pi * s.w\n") != ""
    assert "import" not in reader.text


def test_a_better_block_after_the_one_that_was_given_takes_its_proof_away() -> None:
    original = "import os\nimport re\n\n\ndef area(s):\n    return s.w * s.h"
    reply = f"```\nimport os, re\n```\n\n```\n{original.replace('s.w', 's.width')}\n```\n"
    reader = ReplyReader(original)
    outcome = read(reader, [reply], completed=True)
    assert outcome == Outcome("import os, re", False, None)
    assert reader.doubt is Doubt.SEVERAL


def test_a_token_of_the_turn_that_the_file_holds_is_text() -> None:
    original = 'END = "x"  # <|im_end|>'
    reader = ReplyReader(original)
    outcome = read(reader, ["```\n", 'END = "y"  # <|im_end|>', "\n```"], completed=True)
    assert outcome.text == 'END = "y"  # <|im_end|>'
