"""For a shared gateway: chooses the profile that answers, by the model that a client asks for.

A client names a profile, or the model of one. The address and the key come only from the gateway's
own settings.
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
    """One profile: its name, its model, and its API. `upstream` None is the practice model."""

    name: str
    model: str
    upstream: Upstream | None


class Routing:
    """A provider that passes each request to the provider of its route.

    Profile names are matched before models, earlier routes before later ones.
    """

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = tuple(routes)
        self._providers: dict[Upstream | None, ModelProvider] = {}

    def stream(self, create: ResponseCreate) -> AsyncIterator[Piece]:
        """The answer of the route that `create.model` names. Raises `ProviderError`."""
        return self._stream(create)

    async def _stream(self, create: ResponseCreate) -> AsyncIterator[Piece]:
        route = self._find(create.model)
        # The client may choose the practice model's rate by its name (`practice@100`).
        request = create if route.upstream is None else replace(create, model=route.model)
        source: Any = self._provider(route).stream(request)
        async with aclosing(source) as pieces:
            async for piece in pieces:
                yield piece

    async def warm(self, create: ResponseCreate | None) -> None:
        """Open a connection for the route that `create.model` names, if any. Never raises."""
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
        sentence = f"This gateway has no such model. Its models are: {names}."
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
