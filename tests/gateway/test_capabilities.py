"""The table of what each model API accepts."""

import re

import pytest

from lsp_server.gateway.capabilities import Prefix, Warm, capabilities_of, rows
from lsp_server.gateway.upstream import Upstream


def chat(url: str) -> Upstream:
    return Upstream("openai-chat", url)


@pytest.mark.parametrize(
    ("url", "owner", "name"),
    [
        ("https://api.openai.com/v1", None, "OpenAI"),
        ("https://me.openai.azure.com/openai/v1", None, "OpenAI"),
        ("https://api.openai.com.evil.example/v1", None, "an OpenAI-compatible server"),
        ("https://api.cerebras.ai/v1", None, "Cerebras"),
        ("https://notcerebras.ai/v1", None, "an OpenAI-compatible server"),
        ("https://api.deepseek.com/beta", None, "DeepSeek, beta"),
        ("https://api.deepseek.com/v1", None, "DeepSeek"),
        ("https://api.mistral.ai/v1", None, "Mistral"),
        ("https://api.fireworks.ai/inference/v1", None, "Fireworks"),
        ("http://127.0.0.1:30000/v1", None, "SGLang"),
        ("http://127.0.0.1:8000/v1", "sglang", "SGLang"),
        ("http://127.0.0.1:11434/v1", None, "Ollama"),
        ("http://127.0.0.1:8080/v1", None, "llama.cpp"),
        ("http://127.0.0.1:8080/v1", "vllm", "vLLM"),
        ("http://127.0.0.1:9999/v1", "llamacpp", "llama.cpp"),
        ("http://127.0.0.1:8080/v1", "someone", "an OpenAI-compatible server"),
        ("http://127.0.0.1:9999/v1", None, "a server of the user's own"),
    ],
)
def test_which_row_is_for_an_address(url: str, owner: str | None, name: str) -> None:
    assert capabilities_of(chat(url), owner).name == name


@pytest.mark.parametrize(
    ("url", "model", "predicts"),
    [
        ("https://api.openai.com/v1", "gpt-4.1-mini", True),
        ("https://api.openai.com/v1", "gpt-4o-2024-08-06", True),
        ("https://api.openai.com/v1", "gpt-5.6-sol", False),
        ("https://api.cerebras.ai/v1", "gpt-oss-120b", True),
        ("https://api.cerebras.ai/v1", "zai-glm-4.7", False),
        ("https://api.groq.com/openai/v1", "gpt-4.1", False),
        ("https://api.mistral.ai/v1", "mistral-large-latest", True),
        ("https://api.mistral.ai/v1", "mistral-small-latest", False),
        ("https://api.fireworks.ai/inference/v1", "accounts/fireworks/models/glm-4p6", True),
    ],
)
def test_which_models_take_a_predicted_output(url: str, model: str, predicts: bool) -> None:
    assert capabilities_of(chat(url)).predicts(model) is predicts


@pytest.mark.parametrize(
    ("model", "prefix"),
    [
        ("claude-sonnet-4-5", Prefix.TRAILING),
        ("claude-opus-4-5-20251101", Prefix.TRAILING),
        ("claude-sonnet-4-20250514", Prefix.TRAILING),
        ("claude-3-7-sonnet-latest", Prefix.TRAILING),
        ("claude-opus-4-6", Prefix.NONE),
        ("claude-sonnet-5", Prefix.NONE),
        ("claude-haiku-4-50", Prefix.NONE),
    ],
)
def test_which_of_anthropics_models_go_on_from_a_prefix(model: str, prefix: Prefix) -> None:
    assert capabilities_of(Upstream("anthropic")).continues(model) is prefix


def test_how_a_connection_is_opened_ahead() -> None:
    assert capabilities_of(chat("https://api.cerebras.ai/v1")).warm is Warm.TCP_WARMING
    assert capabilities_of(chat("https://api.openai.com/v1")).warm is Warm.HEAD
    assert capabilities_of(chat("http://127.0.0.1:1/v1")).warm is Warm.MODELS


def test_each_row_says_where_it_is_from() -> None:
    for row in rows():
        assert len(row.source) > 20, row.name
        for pattern in (row.prediction, row.prefix_models):
            re.compile(pattern or "")
