"""Where the gateway's text comes from: one provider for each kind of model behind it.

A provider knows nothing of sockets. It is asked by `stream` and is cancelled by closing the
iterator, which must close whatever it has open at once.
"""

import sys
from collections.abc import AsyncIterator, Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol, runtime_checkable

from lsp_server.backends.refusal_reading import RefusalReading
from lsp_server.errors import MidstreamError, SettingsError
from lsp_server.gateway.request_protocol import Piece, ResponseCreate


class ModelProvider(Protocol):
    """Turns a request into pieces of text, each of which becomes one delta event, and into what
    the model's server told beside it."""

    def stream(self, create: ResponseCreate) -> AsyncIterator[Piece]:
        """The answer, piece by piece. Raises `ProviderError` for what a user should know.

        Written as an asynchronous generator; it is closed, or its task cancelled, when the
        client goes away.
        """


@runtime_checkable
class Connecting(Protocol):
    """A provider with connections of its own, which can be opened ahead and have to be closed."""

    async def warm(self, create: ResponseCreate | None) -> None:
        """An answer will be wanted soon, perhaps of this model. Never raises."""

    async def aclose(self) -> None:
        """Close all connections."""


class ProviderError(MidstreamError):
    """The model behind the gateway failed.

    `code` is one of the protocol's error codes (`server_error`, `rate_limit_exceeded`,
    `invalid_prompt` …) or one of ours; `status` is HTTP-like and goes with a failure before any
    text; `headers` say how long to wait, say. `verdict` is what its server meant, where it was
    that server's word.
    """

    def __init__(
        self,
        sentence: str,
        code: str = "server_error",
        status: int = 500,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.status = status
        self.headers = headers or {}
        self.verdict: RefusalReading | None = None

    @property
    def limit(self) -> int | None:
        """Tokens that the model can read, or may be asked for: what its refusal was about."""
        return None if self.verdict is None else self.verdict.limit


# Imported by name when asked for, so that a provider's packages are needed only by its users.
_FACTORIES = {
    "practice": ("lsp_server.practice", "PracticeProvider"),
    "openai-chat": ("lsp_server.gateway.providers.openai_chat", "OpenAIChat"),
    "openai-responses": ("lsp_server.gateway.providers.openai_responses", "OpenAIResponses"),
    "anthropic": ("lsp_server.gateway.providers.anthropic_messages", "AnthropicMessages"),
}
_PACKAGES = {"openai-chat": "openai", "openai-responses": "openai", "anthropic": "anthropic"}
REQUIREMENTS = {"openai": "openai>=3.50,<4", "anthropic": "anthropic>=2.11,<3"}
"""The versions that are known to work, as in pyproject.toml."""


def provider_names() -> tuple[str, ...]:
    """The providers there are."""
    return tuple(_FACTORIES)


def missing_package(name: str) -> str | None:
    """The sentence for a provider whose package is not installed; None when it is.

    The command is for the very Python that runs here: another one's packages are of no use.
    """
    package = _PACKAGES.get(name)
    if package is None or find_spec(package) is not None:
        return None
    python = f'"{sys.executable}"' if " " in sys.executable else sys.executable
    command = f'{python} -m pip install "{REQUIREMENTS[package]}"'
    return f"The provider {name} needs the package {package}. Install it: {command}"


def make_provider(name: str, **options: Any) -> ModelProvider:
    """A provider by its name in the settings. Raises `SettingsError` for a name not known.

    Those of the model makers take their `Upstream` as the option `upstream`.
    """
    if name not in _FACTORIES:
        known = ", ".join(_FACTORIES)
        raise SettingsError(f"There is no provider named {name!r}; there is: {known}.")
    module, attribute = _FACTORIES[name]
    factory: Callable[..., ModelProvider] = getattr(import_module(module), attribute)
    return factory(**options)
