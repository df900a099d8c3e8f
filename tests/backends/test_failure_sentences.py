"""Each failure has its own sentence, on one line, which says what to do."""

import pytest

from lsp_server.backends import failure_sentences


@pytest.mark.parametrize("code", [None, 1000, 1001, 1008, 1009, 1011, 1012, 1013])
def test_a_dropped_connection_is_one_sentence(code: int | None) -> None:
    told = failure_sentences.dropped(code)
    assert told.endswith(".") and "\n" not in told


def test_an_unknown_reason_is_named_only_when_it_looks_like_one() -> None:
    assert "(odd_reason)" in failure_sentences.incomplete("odd_reason")
    assert "sk-1" not in failure_sentences.incomplete("sk-1")
