"""What each model API accepts beyond the common core: one table, each row with its source.

The gateway asks only for what a row names. A row may be wrong, because servers change: then the
request is sent again without the option, the log says so, and the option is left out from then on
(`backends/option_fallback`). Pure.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from lsp_server.gateway.upstream import Upstream
from lsp_server.provider_table import Provider


class Prefix(StrEnum):
    """How a model is made to continue from a given prefix."""

    NONE = "none"
    """It cannot; it always starts a new answer."""
    TRAILING = "trailing"
    """The last message is the assistant's, and the model continues it."""
    CONTINUE_FINAL = "continue-final"
    """As TRAILING, but the request must say so (`continue_final_message`)."""
    FLAGGED = "flagged"
    """As TRAILING, but that message must say so (`prefix: true`)."""
    RAW = "raw"
    """The gateway writes the whole prompt, template included (Ollama's `/api/generate`)."""


class Warm(StrEnum):
    """The request that opens a connection before an edit needs it."""

    HEAD = "head"
    """`HEAD /models`, without a key: only opens the connection."""
    TCP_WARMING = "tcp-warming"
    """`GET /tcp_warming`, Cerebras' path for this, as its SDK uses it."""
    MODELS = "models"
    """`GET /models`, whose answer also identifies the server."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """One row.

    A row is found by `hosts` (ends of host names), by `path` (the end of the address's path), by
    `owner` (the `owned_by` of the server's models) or by `port` (its usual port on this machine).
    `prediction` and `prefix_models` match whole model names; None matches no model.
    """

    name: str
    source: str
    hosts: tuple[str, ...] = ()
    path: str = ""
    owner: str | None = None
    port: int | None = None
    prediction: str | None = None
    prediction_with_limit: bool = True
    """Whether a request may have both a predicted output and a limit of output tokens."""
    temperature_with_prediction: float | None = None
    steady: str | None = None
    """Models that accept temperature 0, except those that think (see `is_steady`)."""
    brief: str | None = None
    """Models that do not think, in addition to those of `steady`: their answer needs no more tokens
    than the scope."""
    counts_limit: bool = False
    """Whether its rate limiter counts a request without a limit as so large that all need one."""
    reserves_limit: bool = False
    """Whether its rate limiter deducts the limit from the tokens of a minute before the answer."""
    prefix: Prefix = Prefix.NONE
    prefix_models: str | None = r".*"
    thinking_switch: bool = False
    """Whether the effort `none` is sent as `thinking: {"type": "disabled"}`."""
    limit_field: str = "max_tokens"
    cache_key: bool = False
    reads_ahead: bool = False
    """Whether it caches the prompt, which makes a request for one token ahead of an edit useful."""
    progress: bool = False
    """Whether it reports, on request, how much of the prompt it has read (`return_progress`)."""
    cuts: bool = False
    """Whether it silently cuts a prompt that is longer than the context."""
    warm: Warm = Warm.HEAD

    def predicts(self, model: str) -> bool:
        """Whether `model` accepts a predicted output."""
        return self.prediction is not None and bool(re.fullmatch(self.prediction, model, re.I))

    def is_steady(self, model: str) -> bool:
        """Whether `model` accepts temperature 0 and does not think. At 0 a model that thinks
        repeats itself without end, or refuses the request."""
        pattern = self.steady
        fits = pattern is not None and re.fullmatch(pattern, model, re.I) is not None
        return fits and re.search(_THINKS, model, re.I) is None

    def is_brief(self, model: str) -> bool:
        """Whether `model` is assumed not to think, so all tokens it writes are answer."""
        if self.brief is not None and re.fullmatch(self.brief, model, re.I):
            return True
        return self.is_steady(model) and re.search(_THINKS_UNSEEN, model, re.I) is None

    def continues(self, model: str) -> Prefix:
        """How `model` is made to continue from a prefix."""
        pattern = self.prefix_models
        fits = pattern is not None and re.fullmatch(pattern, model, re.I)
        return self.prefix if fits else Prefix.NONE


_SNAPSHOT = r"(-\d{4}-\d{2}-\d{2})?"

_THINKS = (
    r"(^|[^a-z])(r1|qwq|o\d|gpt-oss)([^a-z]|$)|think|reason|magistral"
    r"|qwen-?3(?!.*(coder|instruct))"
)
"""Models that think unless asked not to. The model cards of Qwen3 (`DO NOT use greedy decoding`)
and DeepSeek-R1 (0.5 to 0.7, `to prevent endless repetitions`) warn against temperature 0."""

_THINKS_UNSEEN = r"gemini-2\.5|deepseek-(v[4-9]|flash|pro)|(^|[^a-z])(glm|kimi|minimax|nemotron)"
"""Models that accept temperature 0 and still think unless asked not to."""

_CONTINUING_CLAUDE = r"(.*[/.])?claude-(3.*|(opus|sonnet|haiku)-4(-[0-5])?([-@]\d{8})?)"

UNKNOWN = Capabilities(
    "an OpenAI-compatible server",
    source="the common core of Chat Completions: messages, model, stream, max_tokens",
)

ANTHROPIC = Capabilities(
    "Anthropic",
    source="Anthropic's migration guide: from Opus 4.6 and Sonnet 4.6 on a last message of the "
    "assistant is refused with 400; 4.5 and older continue it. It must not end in blanks",
    hosts=("anthropic.com",),
    prefix=Prefix.TRAILING,
    prefix_models=_CONTINUING_CLAUDE,
    brief=_CONTINUING_CLAUDE,
)

_CHAT = (
    Capabilities(
        "OpenAI",
        source="OpenAI's guide `Predicted outputs` (models; not beside max_completion_tokens), its "
        "page `Deprecations` (those models end on 2027-01-14); types of the openai package: "
        "prompt_cache_key, max_completion_tokens; no prefill",
        hosts=("api.openai.com", "openai.azure.com"),
        prediction=rf"gpt-4o(-mini)?{_SNAPSHOT}|gpt-4\.1(-mini|-nano)?{_SNAPSHOT}",
        prediction_with_limit=False,
        limit_field="max_completion_tokens",
        cache_key=True,
        steady=r"(gpt-3\.5|gpt-4|chatgpt-).*",
    ),
    Capabilities(
        "Cerebras",
        source="Cerebras' inference docs, `Predicted outputs` (gpt-oss-120b; temperature 0), `Rate "
        "limits` (max_completion_tokens counts before the request) and its SDK: tcp_warming, "
        "prompt_cache_key, max_completion_tokens",
        hosts=("cerebras.ai",),
        prediction=r"gpt-oss-120b",
        temperature_with_prediction=0.0,
        limit_field="max_completion_tokens",
        counts_limit=True,
        reserves_limit=True,
        cache_key=True,
        warm=Warm.TCP_WARMING,
    ),
    Capabilities(
        "Groq",
        source="Groq's API reference: max_completion_tokens; unknown properties are refused; its "
        "users' reports: the limit of tokens a minute counts max_completion_tokens beforehand",
        hosts=("api.groq.com",),
        limit_field="max_completion_tokens",
        reserves_limit=True,
        steady=r".*",
    ),
    Capabilities(
        "OpenRouter",
        source="OpenRouter's API reference: max_tokens; what a model does not take is left out",
        hosts=("openrouter.ai",),
    ),
    Capabilities(
        "Gemini",
        source="Google's `OpenAI compatibility`: max_tokens; fields it does not know are refused",
        hosts=("generativelanguage.googleapis.com",),
        steady=r"(models/)?(gemini-[12]|gemma).*",
    ),
    Capabilities(
        "DeepSeek, beta",
        source="api-docs.deepseek.com, `Chat Prefix Completion (Beta)`: the last message is the "
        "assistant's with prefix: true, at the address that ends in /beta; `Thinking Mode`: on "
        "unless thinking says disabled",
        hosts=("api.deepseek.com",),
        path="/beta",
        prefix=Prefix.FLAGGED,
        thinking_switch=True,
        steady=r".*",
    ),
    Capabilities(
        "DeepSeek",
        source="api-docs.deepseek.com, `Thinking Mode`: on unless thinking says disabled; no "
        "prefix below this address",
        hosts=("api.deepseek.com",),
        thinking_switch=True,
        steady=r".*",
    ),
    Capabilities(
        "Mistral",
        source="Mistral's OpenAPI description, AssistantMessage: prefix, `to condition the model "
        "response`; docs.mistral.ai, `Predicted Outputs` (codestral, mistral-large)",
        hosts=("api.mistral.ai",),
        prediction=r"(codestral|mistral-large)-.*",
        prefix=Prefix.FLAGGED,
        steady=r".*",
    ),
    Capabilities(
        "Fireworks",
        source="docs.fireworks.ai, `Predicted outputs`: prediction as OpenAI's, best with "
        "temperature 0; an answer without max_tokens ends at 2,048",
        hosts=("api.fireworks.ai",),
        prediction=r".*",
        temperature_with_prediction=0.0,
        steady=r".*",
    ),
    Capabilities(
        "Together",
        source="docs.together.ai, `Chat Completions`: max_tokens, temperature",
        hosts=("api.together.xyz", "api.together.ai"),
        steady=r".*",
    ),
    Capabilities(
        "vLLM",
        source="vllm/entrypoints/openai/chat_completion/protocol.py: continue_final_message, "
        "which excludes add_generation_prompt; models are owned_by vllm",
        owner="vllm",
        port=8000,
        prefix=Prefix.CONTINUE_FINAL,
        reads_ahead=True,
        warm=Warm.MODELS,
        steady=r".*",
    ),
    Capabilities(
        "SGLang",
        source="python/sglang/srt/entrypoints/openai/protocol.py: continue_final_message; models "
        "are owned_by sglang",
        owner="sglang",
        port=30000,
        prefix=Prefix.CONTINUE_FINAL,
        reads_ahead=True,
        warm=Warm.MODELS,
        steady=r".*",
    ),
    Capabilities(
        "llama.cpp",
        source="tools/server/README.md: a last message of the assistant is continued "
        "(--prefill-assistant, on by default); models are owned_by llamacpp",
        reads_ahead=True,
        progress=True,
        owner="llamacpp",
        port=8080,
        prefix=Prefix.TRAILING,
        warm=Warm.MODELS,
        steady=r".*",
    ),
    Capabilities(
        "Ollama",
        source="Ollama's docs/api.md: /api/generate with raw: true takes the whole prompt as it "
        "is, and loads the model when there is none; models are owned_by library",
        owner="library",
        port=11434,
        prefix=Prefix.RAW,
        cuts=True,
        warm=Warm.MODELS,
        steady=r".*",
    ),
    Capabilities(
        "LM Studio",
        source="LM Studio's docs, `OpenAI compatibility`; continuing a prefix is not established",
        owner="organization_owner",
        port=1234,
        warm=Warm.MODELS,
        steady=r".*",
    ),
)


_OF_PROVIDERS: Mapping[str, Capabilities] = {Provider.ANTHROPIC: ANTHROPIC}
"""Rows of providers whose API is not Chat Completions. They hold at every address."""


def capabilities_of(upstream: Upstream, owner: str | None = None) -> Capabilities:
    """The row for an address. `owner` is the `owned_by` of the server's models, if known.

    A usual port on this machine or in a private network is only a guess; `owner` overrules it.
    """
    if (own := _OF_PROVIDERS.get(upstream.provider)) is not None:
        return own
    for row in _CHAT:
        matches = any(_is_or_is_under(upstream.host, host) for host in row.hosts)
        if matches and upstream.base_url.endswith(row.path):
            return row
    if owner is not None:
        return next((row for row in _CHAT if row.owner == owner), UNKNOWN)
    if upstream.is_near:
        return next((row for row in _CHAT if row.port == upstream.port), _LOCAL)
    return UNKNOWN


_LOCAL = Capabilities(
    "a server of the user's own",
    source="nothing is known but the common core; its list of models says more",
    steady=r".*",
    warm=Warm.MODELS,
)


def rows() -> tuple[Capabilities, ...]:
    """The whole table."""
    return (*_CHAT, *_OF_PROVIDERS.values(), UNKNOWN, _LOCAL)


def _is_or_is_under(host: str, end: str) -> bool:
    return host == end or host.endswith("." + end)
