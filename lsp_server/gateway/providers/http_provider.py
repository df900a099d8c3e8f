"""What all providers over HTTP share: connections, and retries with fewer options."""

import asyncio
import logging
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from lsp_server.backends.option_fallback import Refusals
from lsp_server.backends.pacing import LOAD_PAUSE_S, LOAD_TIMEOUT_S
from lsp_server.backends.refusals import RefusalKind
from lsp_server.gateway.model_provider import ProviderError
from lsp_server.gateway.providers.api_clients import ApiClient
from lsp_server.gateway.providers.faults import CUT, UNREACHABLE, Faults
from lsp_server.gateway.providers.http_stream import Again
from lsp_server.gateway.request_protocol import Piece, ResponseCreate, ServerReport
from lsp_server.gateway.upstream import Upstream

log = logging.getLogger(__name__)


class HttpProvider(ABC):
    """One model API: its connections, and the options that it has refused."""

    def __init__(self, upstream: Upstream) -> None:
        self.client = ApiClient(upstream)
        self.refusals = Refusals(upstream.place)

    async def stream(self, create: ResponseCreate) -> AsyncIterator[Piece]:
        """The answer, piece by piece.

        Tries again with fewer options when the server has refused some, and waits for a server
        nearby that is loading its model.
        """
        until = None
        while True:
            try:
                async with aclosing(self.attempt(create)) as pieces:
                    async for piece in pieces:
                        if isinstance(piece, str):
                            self.refusals.settle(create.model, well=True)
                        yield piece
            except Again:
                continue
            except ProviderError as error:
                self.refusals.settle(create.model, well=False)
                if error.code in (UNREACHABLE, CUT) or _is(error, RefusalKind.LOADING):
                    self.client.forget()
                now = time.monotonic()
                until = until if until is not None else now + LOAD_TIMEOUT_S
                if not self._loads(error) or now > until:
                    raise
            else:
                return
            # Tell the client that the answer is coming, so that it keeps waiting.
            yield ServerReport(model=create.model, loading=True)
            await asyncio.sleep(LOAD_PAUSE_S)

    def _loads(self, error: ProviderError) -> bool:
        """Whether the server is near and loading its model, so that waiting helps."""
        if _is(error, RefusalKind.LOADING) and self.client.upstream.is_near:
            log.info("%s is loading its model. Midstream asks again.", self.client.upstream.place)
            return True
        return False

    @abstractmethod
    def attempt(self, create: ResponseCreate) -> AsyncGenerator[Piece, None]:
        """One request. Raises `ProviderError`, or `Again` when an option was refused."""

    async def warm(self, create: ResponseCreate | None) -> None:
        """Open a connection. Never raises."""
        await self.client.warm()

    async def aclose(self) -> None:
        """Close all connections."""
        await self.client.aclose()

    def faults(self, create: ResponseCreate) -> Faults:
        """The errors for what may go wrong with one request."""
        return Faults(self.client.upstream, self.client.row, create.model)


def _is(error: ProviderError, kind: RefusalKind) -> bool:
    return error.verdict is not None and error.verdict.kind is kind
