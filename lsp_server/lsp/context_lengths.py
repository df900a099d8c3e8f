"""How many tokens a model reads, by its name: one table, each row with its source.

Makers raise these numbers and rarely lower them, so a row that is out of date only means that less
is sent. A server that reads less says so, and is believed (`Models.context_tokens`). Pure.
"""

import re
from dataclasses import dataclass

DEFAULT_CONTEXT_TOKENS = 32_000
"""What is assumed of a model that is in no row, and of every model on the user's own machine or
network: their servers are started with any length."""


@dataclass(frozen=True, slots=True)
class ContextLength:
    """One row. `names` matches the beginning of a model's name, without its maker's."""

    names: str
    tokens: int
    source: str


ROWS = (
    ContextLength(
        r"gpt-5[\d.]*-chat|gpt-[\d.]+-codex-spark|gpt-4o|gpt-4-turbo|chatgpt-4o",
        128_000,
        "OpenAI's pages of these models; the announcement of Codex-Spark",
    ),
    ContextLength(r"gpt-4\.1", 1_047_576, "OpenAI's page of GPT-4.1"),
    ContextLength(r"gpt-[5-9]", 400_000, "OpenAI's page of GPT-5; later ones read as much or more"),
    ContextLength(r"gpt-oss", 131_072, "the model card of gpt-oss"),
    ContextLength(r"o[134]($|-(?!mini-20|preview))", 200_000, "OpenAI's pages of o1, o3, o4-mini"),
    ContextLength(
        r"claude-(fable|mythos)|claude-(opus|sonnet)-(4-[6-9]|[5-9])|claude-haiku-([6-9]|5-[5-9])",
        1_000_000,
        "Anthropic's page `Context windows`: from Opus and Sonnet 4.6 and Haiku 5.5 on",
    ),
    ContextLength(r"claude-", 200_000, "Anthropic's page `Context windows`: all other models"),
    ContextLength(r"gemini-(1\.5|[2-9])", 1_048_576, "Google's pages of the Gemini models"),
    ContextLength(r"grok-[4-9]", 256_000, "xAI's page of Grok 4; the fast ones read more"),
    ContextLength(r"deepseek", 128_000, "api-docs.deepseek.com, `Models & Pricing`"),
    ContextLength(
        r"codestral|devstral|mistral-(large|medium)", 128_000, "docs.mistral.ai, `Models`"
    ),
    ContextLength(r"qwen-?3-coder", 262_144, "the model card of Qwen3-Coder"),
    ContextLength(r"kimi-k2|glm-4\.[5-9]", 128_000, "the model cards of Kimi K2 and GLM-4.5"),
    ContextLength(r"llama-?3\.[1-9]", 128_000, "the model cards of Llama 3.1 and later"),
)


def context_length(model: str) -> int:
    """How many tokens the maker says that a model reads; the default for an unknown one.

    The name may begin with its maker's, as in `openai/gpt-5` and `us.anthropic.claude-sonnet-5`.
    """
    for row in ROWS:
        if re.search(rf"(?:^|[/.:])(?:{row.names})", model, re.IGNORECASE):
            return row.tokens
    return DEFAULT_CONTEXT_TOKENS
