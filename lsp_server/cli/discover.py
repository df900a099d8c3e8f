"""Finds models that a user of this machine could use immediately, for `midstream doctor`.

Checks the default ports of local model servers, only on this machine and without a proxy, and the
names of environment variables. Requests only lists of models. Sends no code, and reads no API key,
only whether there is one.
"""

import json
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from lsp_server.cli.http_question import ask, entries_of
from lsp_server.provider_table import Provider

_MOST_MODELS = 8


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A kind of model server, and the address where it listens by default."""

    name: str
    profile: str
    port: int


LOCAL_SERVERS = (
    LocalServer("Ollama", "ollama", 11434),
    LocalServer("LM Studio", "lmstudio", 1234),
    LocalServer("llama.cpp", "llamacpp", 8080),
    LocalServer("vLLM", "vllm", 8000),
    LocalServer("SGLang", "sglang", 30000),
)
"""Default ports according to each server's documentation. All list their models at /v1/models."""


@dataclass(frozen=True, slots=True)
class FoundServer:
    """A server that answers, and the names of its models."""

    server: LocalServer
    models: tuple[str, ...]

    @property
    def base_url(self) -> str:
        """The address of its API, as in a profile."""
        return f"http://127.0.0.1:{self.server.port}/v1"


@dataclass(frozen=True, slots=True)
class Service:
    """A hosted service, the variable in which its documentation keeps the API key, and a profile.

    `place` are the lines of the profile with its address.
    """

    name: str
    profile: str
    variable: str
    place: tuple[str, ...]


def _chat(base_url: str) -> tuple[str, ...]:
    return (f'provider = "{Provider.OPENAI_CHAT}"', f'base_url = "{base_url}"')


SERVICES = (
    Service("OpenAI", "openai", "OPENAI_API_KEY", ('url = "wss://api.openai.com/v1/responses"',)),
    Service("Anthropic", "claude", "ANTHROPIC_API_KEY", (f'provider = "{Provider.ANTHROPIC}"',)),
    Service("Cerebras", "cerebras", "CEREBRAS_API_KEY", _chat("https://api.cerebras.ai/v1")),
    Service("Groq", "groq", "GROQ_API_KEY", _chat("https://api.groq.com/openai/v1")),
    Service("xAI", "xai", "XAI_API_KEY", ('url = "wss://api.x.ai/v1/responses"',)),
    Service(
        "OpenRouter", "openrouter", "OPENROUTER_API_KEY", _chat("https://openrouter.ai/api/v1")
    ),
    Service(
        "Gemini",
        "gemini",
        "GEMINI_API_KEY",
        _chat("https://generativelanguage.googleapis.com/v1beta/openai"),
    ),
    Service("Mistral", "mistral", "MISTRAL_API_KEY", _chat("https://api.mistral.ai/v1")),
    Service("DeepSeek", "deepseek", "DEEPSEEK_API_KEY", _chat("https://api.deepseek.com/beta")),
    Service("Together", "together", "TOGETHER_API_KEY", _chat("https://api.together.xyz/v1")),
    Service(
        "Fireworks",
        "fireworks",
        "FIREWORKS_API_KEY",
        _chat("https://api.fireworks.ai/inference/v1"),
    ),
)


def local_servers(servers: Sequence[LocalServer] = LOCAL_SERVERS) -> list[FoundServer]:
    """The servers that answer on this machine. Never raises; takes about a second at most."""
    with ThreadPoolExecutor(len(servers) or 1) as pool:
        lists = pool.map(_models_of, servers)
        return [
            FoundServer(server, models)
            for server, models in zip(servers, lists, strict=True)
            if models is not None
        ]


def keys_present(environ: Mapping[str, str] | None = None) -> list[Service]:
    """The services with an API key in the environment."""
    known = os.environ if environ is None else environ
    return [service for service in SERVICES if known.get(service.variable, "").strip()]


def settings_for(found: Sequence[FoundServer], services: Sequence[Service]) -> list[str]:
    """Lines for the user's `config.toml`: a profile for each; with the model's name if it is known.

    The user still chooses which one to use: that line is a comment.
    """
    lines: list[str] = []
    names = [*(local.server.profile for local in found), *(service.profile for service in services)]
    if names:
        lines += [
            f'# profile = "{names[0]}"  # uses it; put this line above everything in brackets',
            "",
        ]
    for local in found:
        model = local.models[0] if local.models else None
        lines += _profile(local.server.profile, _chat(local.base_url), model)
    for service in services:
        key = f'api_key_env = "{service.variable}"'
        lines += _profile(service.profile, (*service.place, key), None)
    return lines


def _profile(name: str, place: Sequence[str], model: str | None) -> list[str]:
    known = "" if model else "  # the name of a model you have there"
    quoted = json.dumps(model or "", ensure_ascii=False)
    return [f"[profiles.{name}]", *place, f"model = {quoted}{known}", ""]


def _models_of(server: LocalServer) -> tuple[str, ...] | None:
    """The names of a server's models; `None` if nothing there answers like a model server."""
    entries = entries_of(ask("127.0.0.1", server.port, "/v1/models"))
    return None if entries is None else tuple(entry["id"] for entry in entries)[:_MOST_MODELS]
