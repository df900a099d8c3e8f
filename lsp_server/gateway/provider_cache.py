"""The providers that the gateway's sockets use now: one for each model API, shared.

A provider's connections outlive a socket that is cut, as long as another socket (the spare) uses
the same API. When the last one ends, everything is closed and the key forgotten.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from lsp_server.gateway.model_provider import Connecting, ModelProvider
from lsp_server.gateway.providers import make_provider
from lsp_server.gateway.upstream import Upstream


class ProviderCache:
    """Providers by their `Upstream`. `lease` is the only access to one."""

    def __init__(self) -> None:
        self._providers: dict[Upstream, ModelProvider] = {}
        self._users: dict[Upstream, int] = {}

    @asynccontextmanager
    async def lease(self, upstream: Upstream) -> AsyncIterator[ModelProvider]:
        """The provider for one model API, for as long as the lease lasts."""
        if upstream not in self._providers:
            self._providers[upstream] = make_provider(upstream.provider, upstream=upstream)
        self._users[upstream] = self._users.get(upstream, 0) + 1
        try:
            yield self._providers[upstream]
        finally:
            self._users[upstream] -= 1
            if not self._users[upstream]:
                del self._users[upstream]
                provider = self._providers.pop(upstream)
                if isinstance(provider, Connecting):
                    await provider.aclose()
