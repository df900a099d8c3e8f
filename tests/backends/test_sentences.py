"""Each fault has a sentence of its own, in one line, which says what to do."""

import pytest

from lsp_server.backends import sentences

UPGRADES = [302, 400, 401, 403, 404, 426, 429, 500]


def test_each_refusal_of_an_upgrade_has_its_own_sentence() -> None:
    told = [sentences.upgrade_refused(status, "wss://example.com", None) for status in UPGRADES]
    assert len(set(told)) == len(UPGRADES)
    assert all("wss://example.com" in sentence for sentence in told)


@pytest.mark.parametrize(
    ("code", "status", "part"),
    [
        ("model_not_found", 404, "gpt-test"),
        ("rate_limit_exceeded", None, "rate limit"),
        (None, 429, "rate limit"),
        ("tokens", 429, "refuses more requests"),
        (None, 401, "key"),
        (None, 403, "forbids the model gpt-test"),
        (None, 404, "does not know the model gpt-test"),
        (None, 500, "its own fault"),
        ("strange_code", 400, "(strange_code)"),
        (None, None, "reported an error"),
        ("A b", None, "reported an error."),
    ],
)
def test_by_code(code: str | None, status: int | None, part: str) -> None:
    assert part in sentences.by_code(code, status, "gpt-test")


def test_waits_are_named() -> None:
    assert "wait 12 s" in sentences.by_code("rate_limit_exceeded", 429, "m", 11.6)
    assert "wait 1 s" in sentences.upgrade_refused(429, "wss://x", 0.01)


@pytest.mark.parametrize(
    ("message", "seconds"),
    [
        ("Please try again in 1.5s.", 1.5),
        ("try again in 120ms", 0.12),
        ("Try again in 2m3s", 123.0),
        ("try again later", None),
    ],
)
def test_retry_after(message: str, seconds: float | None) -> None:
    assert sentences.retry_after(message) == seconds


@pytest.mark.parametrize("code", [None, 1000, 1001, 1008, 1011, 1012, 1013])
def test_a_dropped_connection_is_one_sentence(code: int | None) -> None:
    told = sentences.dropped(code)
    assert told.endswith(".") and "\n" not in told


def test_an_unknown_reason_is_named_only_when_it_looks_like_one() -> None:
    assert "(odd_reason)" in sentences.incomplete("odd_reason")
    assert "sk-1" not in sentences.incomplete("sk-1")
