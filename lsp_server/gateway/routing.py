"""A gateway for many: which profile of its own settings answers, by the model that is asked for.

A client names a profile, or the model of one. Where it goes from there, and with which key, only
the gateway's own settings say.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from lsp_server.gateway.model_provider import Connecting, ModelProvider, ProviderError
from lsp_server.gateway.providers import make_provider
from lsp_server.gateway.request_protocol import Piece, ResponseCreate
from lsp_server.gateway.upstream import Upstream
from lsp_server.provider_table import Provider


@dataclass(frozen=True, slots=True)
class Route:
    """One profile: its name, its model, and the API behind it; None is the practice model."""

    name: str
    model: str
    upstream: Upstream | None


class Routing:
    """A provider that asks the right one. Names come before models, earlier ones before later."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = tuple(routes)
        self._providers: dict[Upstream | None, ModelProvider] = {}

    def stream(self, create: ResponseCreate) -> AsyncIterator[Piece]:
        """The answer of the profile that is meant. Raises `ProviderError`."""
        return self._stream(create)

    async def _stream(self, create: ResponseCreate) -> AsyncIterator[Piece]:
        route = self._find(create.model)
        # A rate in the name of the practice model (`practice@100`) is the client's to choose.
        own = create if route.upstream is None else replace(create, model=route.model)
        source: Any = self._provider(route).stream(own)
        async with aclosing(source) as pieces:
            async for piece in pieces:
                yield piece

    async def warm(self, create: ResponseCreate | None) -> None:
        """Open a connection of the model that is meant, where that is known. Never raises."""
        if create is None:
            return
        try:
            route = self._find(create.model)
        except ProviderError:
            return
        provider = self._provider(route)
        if isinstance(provider, Connecting):
            await provider.warm(replace(create, model=route.model))

    async def aclose(self) -> None:
        """Close all connections."""
        for provider in self._providers.values():
            if isinstance(provider, Connecting):
                await provider.aclose()

    def _find(self, model: str) -> Route:
        practice = Provider.PRACTICE.value
        wanted = practice if model.startswith(f"{practice}@") else model
        for route in self._routes:
            if route.name == wanted:
                return route
        for route in self._routes:
            if route.model == wanted:
                return route
        names = ", ".join(route.name for route in self._routes)
        sentence = f"This gateway has no such model. Ask for one of its profiles: {names}."
        raise ProviderError(sentence, "model_not_found", 404)

    def _provider(self, route: Route) -> ModelProvider:
        upstream = route.upstream
        if upstream not in self._providers:
            self._providers[upstream] = (
                make_provider(Provider.PRACTICE)
                if upstream is None
                else make_provider(upstream.provider, upstream=upstream)
            )
        return self._providers[upstream]
