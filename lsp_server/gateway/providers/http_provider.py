"""What all providers over HTTP share: their connections, and trying again with fewer options."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from lsp_server.gateway.protocol import Piece, ResponseCreate
from lsp_server.gateway.providers.clients import Client
from lsp_server.gateway.providers.degrade import Refusals
from lsp_server.gateway.providers.faults import Faults
from lsp_server.gateway.providers.http_stream import Again


class HttpProvider(ABC):
    """One model API, with its connections and what it has refused."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.refusals = Refusals(client.upstream.place)

    async def stream(self, create: ResponseCreate) -> AsyncIterator[Piece]:
        """The answer, piece by piece; with fewer options once the server has refused some."""
        while True:
            try:
                async with aclosing(self.attempt(create)) as pieces:
                    async for piece in pieces:
                        yield piece
            except Again:
                continue
            return

    @abstractmethod
    def attempt(self, create: ResponseCreate) -> AsyncGenerator[Piece, None]:
        """One request. Raises `ProviderError`, or `Again` after an option was refused."""

    async def warm(self, create: ResponseCreate | None) -> None:
        """Open a connection. Never raises."""
        await self.client.warm()

    async def aclose(self) -> None:
        """Close all connections."""
        await self.client.aclose()

    def faults(self, create: ResponseCreate) -> Faults:
        """The sentences for what may go wrong with one request."""
        return Faults(self.client.upstream, self.client.row, create.model)
