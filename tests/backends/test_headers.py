"""Facts in headers, in the forms that providers use."""

import pytest

from lsp_server.backends.base import RateLimit
from lsp_server.backends.headers import (
    headers_of,
    number,
    rate_limits,
    retry_after,
    same_model,
    served_model,
)

NOW = 1_700_000_000.0


@pytest.mark.parametrize(
    ("requested", "served", "same"),
    [
        ("gpt-5.6-luna", "gpt-5.6-luna", True),
        ("default", "qwen3-coder-30b.gguf", True),
        ("GPT-5.6-Luna", "gpt-5.6-luna", True),
        ("gpt-5.6-luna", "gpt-5.6-luna-2026-08-01", True),
        ("claude-x", "claude-x-20260801", True),
        ("openai/gpt-5.6", "gpt-5.6", True),
        ("gpt-5.6", "openai/gpt-5.6", True),
        ("gpt-5.6", "gpt-5.6-mini", False),
        ("gpt-5.6", "gpt-5.2", False),
    ],
)
def test_same_model(requested: str, served: str, same: bool) -> None:
    assert same_model(requested, served) is same


def test_both_spellings_of_the_served_model() -> None:
    assert served_model(headers_of([("OpenAI-Model", "a")])) == "a"
    assert served_model(headers_of([("X-OpenAI-Model", "b")])) == "b"
    assert served_model({}) is None


@pytest.mark.parametrize(
    ("reset", "resets_at"),
    [
        ("6m0s", NOW + 360),
        ("17ms", NOW + 0.017),
        ("1h2m3.5s", NOW + 3723.5),
        ("30", NOW + 30),
        ("1700000060", 1_700_000_060.0),
        ("soon", None),
        ("5s!", None),
        (None, None),
    ],
)
def test_rate_limits(reset: str | None, resets_at: float | None) -> None:
    headers = {"x-ratelimit-limit-tokens": "1000", "x-ratelimit-remaining-tokens": "9"}
    if reset is not None:
        headers["x-ratelimit-reset-tokens"] = reset
    assert rate_limits(headers, NOW) == (RateLimit("tokens", 1000.0, 9.0, resets_at),)


def test_retry_after_takes_seconds() -> None:
    assert retry_after({"retry-after": "7"}) == 7.0
    assert retry_after({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}) is None
    assert retry_after({}) is None


@pytest.mark.parametrize("value", [True, None, "x", "nan", "inf", [1], 10**400])
def test_what_is_no_number(value: object) -> None:
    assert number(value) is None
