"""Each fault has a sentence of its own, in one line, which says what to do."""

import pytest

from lsp_server.backends import sentences

UPGRADES = [302, 400, 401, 403, 404, 426, 429, 500]


def test_each_refusal_of_an_upgrade_has_its_own_sentence() -> None:
    told = [sentences.upgrade_refused(status, "wss://example.com", None) for status in UPGRADES]
    assert len(set(told)) == len(UPGRADES)
    assert all("wss://example.com" in sentence for sentence in told)


def test_waits_are_named() -> None:
    assert "wait 1 s" in sentences.upgrade_refused(429, "wss://x", 0.01)


@pytest.mark.parametrize("code", [None, 1000, 1001, 1008, 1009, 1011, 1012, 1013])
def test_a_dropped_connection_is_one_sentence(code: int | None) -> None:
    told = sentences.dropped(code)
    assert told.endswith(".") and "\n" not in told


def test_an_unknown_reason_is_named_only_when_it_looks_like_one() -> None:
    assert "(odd_reason)" in sentences.incomplete("odd_reason")
    assert "sk-1" not in sentences.incomplete("sk-1")
