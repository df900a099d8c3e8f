"""Delimiters that no content can close."""

import re
import time

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.prompt.sections import fence_for, fenced, unfenced


@given(st.lists(st.text(st.sampled_from("`` a\n"), max_size=60)))
def test_a_fence_is_one_longer_than_any_run_of_backticks(texts: list[str]) -> None:
    longest = max((len(run) for text in texts for run in re.findall("`+", text)), default=0)
    assert fence_for(*texts) == "`" * max(3, longest + 1)
    for text in texts:
        assert unfenced(fenced(text, "python")) == text


def test_a_fence_for_a_long_text_is_found_at_once() -> None:
    text = "a + " * 20_000_000
    began = time.thread_time()
    assert fence_for(text) == "```"
    assert time.thread_time() - began < 0.7  # To look at every character takes two seconds.
