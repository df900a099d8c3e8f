"""Delimiters that no content can close."""

import re
import time
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.prompt.sections import (
    HEADINGS,
    INSTRUCTION,
    fence_for,
    read_sections,
    section,
    split_sections,
)


@given(st.lists(st.text(st.sampled_from("`` a\n"), max_size=60)))
def test_a_fence_is_one_longer_than_any_run_of_backticks(texts: list[str]) -> None:
    longest = max((len(run) for text in texts for run in re.findall("`+", text)), default=0)
    assert fence_for(*texts) == "`" * max(3, longest + 1)


@given(st.lists(st.text(st.sampled_from("`` a\n"), max_size=60), min_size=1))
def test_a_section_is_read_as_it_was_written(texts: list[str]) -> None:
    written = section("rules", *texts, language="python")
    (rules, instruction) = read_sections(f"{written}\n\nChange the selected code: do it")
    assert (rules.name, rules.contents, rules.info) == ("rules", tuple(texts), "python")
    assert (instruction.name, instruction.rest) == ("instruction", "do it")


def test_no_words_of_a_section_begin_like_those_of_another() -> None:
    words = sorted(HEADINGS.values())
    assert not [one for one, two in pairwise(words) if two.startswith(one)]


def test_a_fence_for_a_long_text_is_found_at_once() -> None:
    text = "a + " * 20_000_000
    began = time.thread_time()
    assert fence_for(text) == "```"
    assert time.thread_time() - began < 0.7  # To look at every character takes two seconds.


@given(st.lists(st.text(st.sampled_from("`` a\n"), max_size=60), min_size=1, max_size=5))
def test_a_prompt_is_split_between_its_sections(texts: list[str]) -> None:
    written = [section("file", text, rest=' "a.py"') for text in texts]
    prompt = "\n\n".join([*written, f"{INSTRUCTION}do it\n\nand more"])
    parts = split_sections(prompt)
    assert "".join(parts) == prompt
    assert [part.removesuffix("\n\n") for part in parts[:-1]] == written


@given(st.text(st.sampled_from("`File: \n."), max_size=80))
def test_a_text_that_is_no_prompt_is_split_without_a_loss(text: str) -> None:
    assert "".join(split_sections(text)) == text
