"""The gateway: a Responses WebSocket server in front of a provider.

It runs in a process of its own (see `child`) and keeps state only for each socket
(`conversation`), whose requests are answered one at a time, in order. A client that closes its
socket cancels its answer at once. The number of sockets and the memory they use are bounded.
"""

import http
import logging
from collections.abc import Mapping

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.frames import CloseCode
from websockets.http11 import Request, Response

from lsp_server.errors import SettingsError
from lsp_server.gateway.authentication import PATH, Authenticator, HandshakeRefusal
from lsp_server.gateway.connection import ClientConnection
from lsp_server.gateway.conversation import Conversation
from lsp_server.gateway.memory_limits import MemoryUse
from lsp_server.gateway.model_provider import Connecting, ModelProvider
from lsp_server.gateway.provider_cache import ProviderCache
from lsp_server.gateway.upstream import PROVIDER_HEADER, upstream_of

MAX_FRAME_BYTES = 16 * 2**20
MAX_CONNECTIONS = 256
"""Sockets of clients that have authenticated."""

FULL = f"This gateway has {MAX_CONNECTIONS} clients, which is its limit. Try again later."

# At debug level it would print the request's headers, the token among them, so that level is off.
_quiet = logging.getLogger("lsp_server.gateway.gateway_server.websockets")
_quiet.setLevel(logging.ERROR)


class Gateway:
    """The server: `start` it, give clients its `url`, then `aclose` it. Port 0 is any free port.

    `provider` answers. With `upstreams`, clients may name another model in their handshake; only
    our own language server starts a gateway that way.
    """

    def __init__(
        self,
        provider: ModelProvider,
        *,
        token: str,
        host: str = "127.0.0.1",
        port: int = 0,
        upstreams: ProviderCache | None = None,
    ) -> None:
        self._provider = provider
        self._upstreams = upstreams
        self._authenticator = Authenticator(host, token)
        self._host = host
        self._port = port
        self._memory = MemoryUse()
        self._clients = 0
        self._server: Server | None = None

    @property
    def url(self) -> str:
        """Where clients connect, once the server has started."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"ws://{host}:{self._port}{PATH}"

    async def start(self) -> None:
        """Listen. Raises `OSError` when the address is not available."""
        self._server = await serve(
            self._serve_client,
            self._host,
            self._port,
            compression=None,
            process_request=self._judge,
            max_size=MAX_FRAME_BYTES,
            server_header=None,
            logger=_quiet,
            create_connection=ClientConnection,
        )
        self._port = next(iter(self._server.sockets)).getsockname()[1]

    async def aclose(self) -> None:
        """Close every socket and stop listening."""
        if self._server is not None:
            for connection in self._server.connections:
                connection.transport.abort()
            self._server.close()
            await self._server.wait_closed()
        if isinstance(self._provider, Connecting):
            await self._provider.aclose()

    def _judge(self, connection: ServerConnection, request: Request) -> Response | None:
        headers = _headers_of(request)
        refusal = self._authenticator.judge(request.path, headers) or self._judge_upstream(headers)
        if refusal is None and self._clients >= MAX_CONNECTIONS:
            refusal = HandshakeRefusal(503, FULL)
        if refusal is None:
            return None
        response = connection.respond(http.HTTPStatus(refusal.status), refusal.sentence + "\n")
        if refusal.status == 401:
            response.headers["WWW-Authenticate"] = "Bearer"
        return response

    def _judge_upstream(self, headers: Mapping[str, str]) -> HandshakeRefusal | None:
        """Why the model that the handshake names may not be used."""
        if self._upstreams is None and PROVIDER_HEADER in headers:
            return HandshakeRefusal(403, "This gateway offers only the models of its own settings.")
        try:
            upstream_of(headers)
        except SettingsError as error:
            return HandshakeRefusal(400, str(error))
        return None

    async def _serve_client(self, connection: ServerConnection) -> None:
        assert isinstance(connection, ClientConnection) and connection.request is not None
        if self._clients >= MAX_CONNECTIONS:  # Others connected during its handshake.
            await connection.close(CloseCode.TRY_AGAIN_LATER, FULL)
            return
        upstream = upstream_of(_headers_of(connection.request))
        self._clients += 1
        own = self._upstreams is not None
        try:
            if self._upstreams is None or upstream is None:
                await Conversation(connection, self._provider, self._memory, own=own).run()
                return
            async with self._upstreams.lease(upstream) as provider:
                model = upstream.model
                await Conversation(connection, provider, self._memory, model, own=own).run()
        finally:
            self._clients -= 1


def _headers_of(request: Request) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.raw_items()}
