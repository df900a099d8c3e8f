"""Finds the models that a user of this machine could use at once, for `midstream doctor`.

Looks at the ports on which local model servers listen by default, on this machine only and without
a proxy, and at the names of environment variables. Asks for lists of models and for nothing else;
no code is sent anywhere and no key is read, only whether one is there.
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
    """A kind of model server, and where one listens unless it is told otherwise."""

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
"""Default ports by each one's own documentation. All of them list their models at /v1/models."""


@dataclass(frozen=True, slots=True)
class FoundServer:
    """A server that answers, and what its models are called."""

    server: LocalServer
    models: tuple[str, ...]

    @property
    def base_url(self) -> str:
        """Where its API is, as in a profile."""
        return f"http://127.0.0.1:{self.server.port}/v1"


@dataclass(frozen=True, slots=True)
class Service:
    """A hosted service, the variable that its own documentation keeps its key in, and a profile.

    `place` are the lines of the profile that say where it is.
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
    """The services for which a key is in the environment."""
    known = os.environ if environ is None else environ
    return [service for service in SERVICES if known.get(service.variable, "").strip()]


def settings_for(found: Sequence[FoundServer], services: Sequence[Service]) -> list[str]:
    """Lines for the user's `config.toml`: a profile for each; a model's name where it is known.

    Which one is used stays for the user to choose: the line for it is there, as a comment.
    """
    lines: list[str] = []
    names = [*(one.server.profile for one in found), *(service.profile for service in services)]
    if names:
        lines += [
            f'# profile = "{names[0]}"  # uses it; put this line above everything in brackets',
            "",
        ]
    for one in found:
        model = one.models[0] if one.models else None
        lines += _profile(one.server.profile, _chat(one.base_url), model)
    for service in services:
        key = f'api_key_env = "{service.variable}"'
        lines += _profile(service.profile, (*service.place, key), None)
    return lines


def _profile(name: str, place: Sequence[str], model: str | None) -> list[str]:
    known = "" if model else "  # the name of a model you have there"
    quoted = json.dumps(model or "", ensure_ascii=False)
    return [f"[profiles.{name}]", *place, f"model = {quoted}{known}", ""]


def _models_of(server: LocalServer) -> tuple[str, ...] | None:
    """What the models of a server are called; `None` if nothing answers like a model server."""
    entries = entries_of(ask("127.0.0.1", server.port, "/v1/models"))
    return None if entries is None else tuple(entry["id"] for entry in entries)[:_MOST_MODELS]
