"""How much is sent to a model of which nothing but the name is known."""

import pytest

from lsp_server.lsp.context_lengths import DEFAULT_CONTEXT_TOKENS, ROWS, context_length
from lsp_server.lsp.models import known_context_tokens
from lsp_server.settings import Profile, Provider


@pytest.mark.parametrize(
    ("model", "tokens"),
    [
        ("gpt-6-luna", 400_000),
        ("openai/gpt-6.2-sol", 400_000),
        ("gpt-5-chat-latest", 128_000),
        ("gpt-5.3-codex-spark", 128_000),
        ("gpt-4.1-mini", 1_047_576),
        ("openai.gpt-oss-120b-1:0", 131_072),
        ("o3", 200_000),
        ("o4-mini", 200_000),
        ("claude-haiku-4-5", 200_000),
        ("claude-haiku-5-5", 1_000_000),
        ("us.anthropic.claude-sonnet-4-6", 1_000_000),
        ("claude-3-5-haiku-20241022", 200_000),
        ("models/gemini-3.5-flash-lite", 1_048_576),
        ("qwen/qwen3-coder", 262_144),
        ("codestral-latest", 128_000),
        ("coder", DEFAULT_CONTEXT_TOKENS),
        ("my-gpt-5", DEFAULT_CONTEXT_TOKENS),
        ("gpt-3.5-turbo", DEFAULT_CONTEXT_TOKENS),
        ("", DEFAULT_CONTEXT_TOKENS),
    ],
)
def test_a_model_is_known_by_its_name(model: str, tokens: int) -> None:
    assert context_length(model) == tokens


def test_every_row_says_where_it_is_from() -> None:
    assert all(row.source and row.tokens >= 128_000 for row in ROWS)


def test_a_share_is_left_for_the_answer_and_for_other_ways_to_count() -> None:
    profile = Profile("fast", "gpt-6-luna", url="wss://api.example/v1/responses")
    assert known_context_tokens(profile) == 340_000


@pytest.mark.parametrize(
    "place", ["http://127.0.0.1:11434/v1", "http://192.168.1.20:8000/v1", "https://10.0.0.7/v1"]
)
def test_a_server_of_the_users_own_may_have_been_started_with_any_length(place: str) -> None:
    profile = Profile("near", "qwen3-coder:30b", provider=Provider.OPENAI_CHAT, base_url=place)
    assert known_context_tokens(profile) == DEFAULT_CONTEXT_TOKENS
