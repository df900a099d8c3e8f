"""What the gateway asks of a provider, and how a provider fails.

A provider knows nothing of sockets. The gateway calls `stream` and cancels by closing the iterator,
which must then close at once whatever it has open.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Protocol, runtime_checkable

from lsp_server.backends.refusal_reading import RefusalReading
from lsp_server.errors import MidstreamError
from lsp_server.gateway.request_protocol import Piece, ResponseCreate


class ModelProvider(Protocol):
    """Turns a request into pieces: text, each of which becomes one delta event, and what the
    model's server reported beside it."""

    def stream(self, create: ResponseCreate) -> AsyncIterator[Piece]:
        """The answer, piece by piece. Raises `ProviderError` for what the user should know.

        Written as an asynchronous generator. It is closed, or its task cancelled, when the client
        goes away.
        """


@runtime_checkable
class Connecting(Protocol):
    """A provider with connections of its own, which can be opened ahead and must be closed."""

    async def warm(self, create: ResponseCreate | None) -> None:
        """An answer will be wanted soon, perhaps of this model. Never raises."""

    async def aclose(self) -> None:
        """Close all connections."""


class ProviderError(MidstreamError):
    """The model behind the gateway failed.

    `code` is one of the protocol's error codes (`server_error`, `rate_limit_exceeded`,
    `invalid_prompt` …) or one of ours. `status` is an HTTP status and goes with a failure before
    any text. `headers` are those of the response, such as `retry-after`. `verdict` is what the
    model's server meant, when the failure was its answer.
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
        """The number of tokens that the refusal names: what the model can read, or may be asked
        for."""
        return None if self.verdict is None else self.verdict.limit
