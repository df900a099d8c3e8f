"""Where the gateway's text comes from: one provider for each kind of model behind it.

A provider knows nothing of sockets. It is asked by `stream` and is cancelled by closing the
iterator, which must close whatever it has open at once.
"""

from collections.abc import AsyncIterator, Callable
from importlib import import_module
from typing import Any, Protocol

from lsp_server.errors import MidstreamError, SettingsError
from lsp_server.gateway.protocol import ResponseCreate


class Provider(Protocol):
    """Turns a request into pieces of text, each of which becomes one delta event."""

    def stream(self, create: ResponseCreate) -> AsyncIterator[str]:
        """The answer, piece by piece. Raises `ProviderError` for what a user should know.

        Written as an asynchronous generator; it is closed, or its task cancelled, when the
        client goes away.
        """


class ProviderError(MidstreamError):
    """The model behind the gateway failed. `code` is one of the protocol's error codes
    (`server_error`, `rate_limit_exceeded`, `invalid_prompt` …)."""

    def __init__(self, sentence: str, code: str = "server_error") -> None:
        super().__init__(sentence)
        self.code = code


# Imported by name when asked for, so that a provider's packages are needed only by its users.
_FACTORIES = {"practice": ("lsp_server.gateway.practice", "PracticeProvider")}


def provider_names() -> tuple[str, ...]:
    """The providers there are."""
    return tuple(_FACTORIES)


def make_provider(name: str, **options: Any) -> Provider:
    """A provider by its name in the settings. Raises `SettingsError` for a name not known."""
    if name not in _FACTORIES:
        known = ", ".join(_FACTORIES)
        raise SettingsError(f"There is no provider named {name!r}; there is: {known}.")
    module, attribute = _FACTORIES[name]
    factory: Callable[..., Provider] = getattr(import_module(module), attribute)
    return factory(**options)
