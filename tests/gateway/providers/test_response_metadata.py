"""Which headers of a model API pass."""

from lsp_server.backends.headers import rate_limits
from lsp_server.gateway.providers.response_metadata import header_facts

NOW = 1_700_000_000.0


def test_rate_limits_pass_in_one_spelling() -> None:
    told = header_facts(
        {
            "X-RateLimit-Limit-Requests": "60",
            "x-ratelimit-remaining-requests": "59",
            "x-ratelimit-reset-requests": "1m0s",
            "x-ratelimit-limit-tokens-minute": "150000",
            "anthropic-ratelimit-tokens-limit": "8000",
            "anthropic-ratelimit-tokens-remaining": "7000",
            "anthropic-ratelimit-tokens-reset": "2023-11-14T22:13:50Z",
            "Retry-After": "7",
        },
        NOW,
    )
    limits = {limit.name: limit for limit in rate_limits(told, NOW)}
    assert (limits["requests"].remaining, limits["requests"].resets_at) == (59, NOW + 60)
    assert limits["tokens-minute"].limit == 150_000
    assert (limits["tokens"].remaining, limits["tokens"].resets_at) == (7000, NOW + 30)
    assert told["retry-after"] == "7"


def test_nothing_passes_that_could_hold_a_key() -> None:
    told = header_facts(
        {
            "authorization": "Bearer sk-1",
            "set-cookie": "a=b",
            "x-ratelimit-limit-requests": "sk-test-0123",
            "x-ratelimit-limit-sk0123": "5",
            "anthropic-ratelimit-tokens-reset": "soon",
            "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT",
        },
        NOW,
    )
    assert told == {}
