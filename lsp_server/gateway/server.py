"""The gateway: a Responses WebSocket server in front of a provider.

It runs in a process of its own (see `child`) and keeps no state beyond each socket: its queue of
requests, answered one at a time in order, and the most recent response, which the next request may
continue. A client that closes its socket cancels what is being written for it at once.
"""

import asyncio
import contextlib
import http
import logging
import math
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.protocol import State

from lsp_server.errors import SettingsError
from lsp_server.gateway.door import PATH, Door, Refusal
from lsp_server.gateway.protocol import Fault, Message, ResponseCreate, Steer, Told, parse
from lsp_server.gateway.providers import Connecting, Provider, ProviderError
from lsp_server.gateway.upstream import PROVIDER_HEADER, upstream_of
from lsp_server.gateway.upstreams import Upstreams
from lsp_server.gateway.writer import ResponseWriter

MAX_FRAME_BYTES = 16 * 2**20
MAX_QUEUED = 64
"""Requests that may wait on one socket."""

MOST_AT_ONCE = 32
"""Pieces that may be passed on before the loop gets its turn. What a model's server sent in one go
leaves in one write, so that eight streams do not cost eight thousand writes a second; a provider
that never waits cannot keep the others from theirs."""

SIGN_OF_LIFE_S = 5.0
"""How often a client is told, at most, that a model goes on thinking."""

log = logging.getLogger(__name__)

# Its debug level would print the request's headers, and with them the token: it is never reached.
_quiet = logging.getLogger("lsp_server.gateway.server.websockets")
_quiet.setLevel(logging.ERROR)


class Gateway:
    """An open server: `start` it, tell clients its `url`, `aclose` it. Port 0 is any free one.

    `provider` answers; with `upstreams`, clients may name another model in their handshake, as
    only our own server may.
    """

    def __init__(
        self,
        provider: Provider,
        *,
        token: str,
        host: str = "127.0.0.1",
        port: int = 0,
        upstreams: Upstreams | None = None,
    ) -> None:
        self._provider = provider
        self._upstreams = upstreams
        self._door = Door(host, token)
        self._host = host
        self._port = port
        self._server: Server | None = None

    @property
    def url(self) -> str:
        """Where clients connect, once it has started."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"ws://{host}:{self._port}{PATH}"

    async def start(self) -> None:
        """Listen. Raises `OSError` when the address cannot be had."""
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
        headers = _lowered(request)
        refusal = self._door.judge(request.path, headers) or self._judge_upstream(headers)
        if refusal is None:
            return None
        response = connection.respond(http.HTTPStatus(refusal.status), refusal.sentence + "\n")
        if refusal.status == 401:
            response.headers["WWW-Authenticate"] = "Bearer"
        return response

    def _judge_upstream(self, headers: Mapping[str, str]) -> Refusal | None:
        """Whether the model that the handshake names may be used."""
        if self._upstreams is None and PROVIDER_HEADER in headers:
            return Refusal(403, "This gateway takes its models from its own settings only.")
        try:
            upstream_of(headers)
        except SettingsError as error:
            return Refusal(400, str(error))
        return None

    async def _serve_client(self, connection: ServerConnection) -> None:
        assert isinstance(connection, ClientConnection) and connection.request is not None
        upstream = upstream_of(_lowered(connection.request))
        if self._upstreams is None or upstream is None:
            await Conversation(connection, self._provider).run()
            return
        async with self._upstreams.lease(upstream) as provider:
            await Conversation(connection, provider).run()


class ClientConnection(ServerConnection):
    """A client's socket. Frames posted in one turn of the loop leave in one write, and the close
    frame of the client is told at once, before the closing handshake has run its course."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._flush_planned = False
        self._on_closing: Callable[[], object] | None = None

    def on_closing(self, callback: Callable[[], object]) -> None:
        """Call `callback` as soon as the client closes or is lost. May be called more than once."""
        self._on_closing = callback

    def post(self, *frames: bytes) -> None:
        """Send text frames, in this turn of the loop or the next. Ignored on a closed socket."""
        if self.state is not State.OPEN:
            return
        for frame in frames:
            self.protocol.send_text(frame)
        if not self._flush_planned:
            self._flush_planned = True
            self.loop.call_soon(self._flush)

    async def drained(self) -> None:
        """Let the loop turn once, and wait while the client is slow to read."""
        await asyncio.sleep(0)
        await self.drain()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.request is not None and self.state in (State.CLOSING, State.CLOSED):
            self._tell_closing()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._tell_closing()

    def _tell_closing(self) -> None:
        if self._on_closing is not None:
            self._on_closing()

    def _flush(self) -> None:
        self._flush_planned = False
        data = b"".join(self.protocol.data_to_send())
        if data and not self.transport.is_closing():
            self.transport.write(data)


class Conversation:
    """What one client asks, in order, on one socket."""

    def __init__(self, connection: ClientConnection, provider: Provider) -> None:
        self._connection = connection
        self._provider = provider
        self._queue: asyncio.Queue[ResponseCreate] = asyncio.Queue(MAX_QUEUED)
        self._latest: tuple[str, tuple[Message, ...]] | None = None
        self._warming: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Until the client closes."""
        worker = asyncio.create_task(self._work())
        self._connection.on_closing(worker.cancel)
        self._warm(None)
        try:
            while True:
                self._take_in(await self._connection.recv(decode=False))
        except ConnectionClosed:
            pass
        finally:
            worker.cancel()
            ending = [worker]
            if self._warming is not None:
                self._warming.cancel()
                ending.append(self._warming)
            await asyncio.wait(ending)

    def _warm(self, create: ResponseCreate | None) -> None:
        """Let the provider open what takes time to open, beside everything else."""
        if isinstance(self._provider, Connecting):
            if self._warming is not None:
                self._warming.cancel()
            self._warming = asyncio.create_task(self._provider.warm(create))

    def _take_in(self, frame: bytes) -> None:
        request = parse(frame)
        match request:
            case ResponseCreate():
                try:
                    self._queue.put_nowait(request)
                except asyncio.QueueFull:
                    sentence = f"More than {MAX_QUEUED} requests wait on this socket."
                    fault = Fault(429, "rate_limit_exceeded", sentence, stream_id=request.stream_id)
                    self._connection.post(fault.encode())
            case Fault():
                self._connection.post(request.encode())
            case Steer():
                self._connection.post(request.encode_refusal())

    async def _work(self) -> None:
        while True:
            create = await self._queue.get()
            previous = create.previous_response_id
            if previous is not None:
                if self._latest is None or self._latest[0] != previous:
                    self._connection.post(_unknown(create).encode())
                    continue
                create = replace(create, messages=self._latest[1] + create.messages)
            self._latest = None
            await self._answer(create)

    async def _answer(self, create: ResponseCreate) -> None:
        post = self._connection.post
        writer = ResponseWriter(create, f"resp_{uuid.uuid4().hex}", time.time())
        if not create.generate:
            self._warm(create)
            post(*writer.begin(), *writer.end_without_text())
            self._latest = (writer.response_id, create.messages)
            return
        try:
            await self._write_text(create, writer)
        except ProviderError as error:
            post(*_failed(error, create, writer))
        except Exception:
            log.exception("A provider failed in a way that it should not.")
            sentence = "The gateway failed by its own fault; see its log."
            post(*_failed(ProviderError(sentence), create, writer))
        else:
            told = writer.told
            post(*(writer.refuse() if told.refused else writer.end(told.incomplete)))
            answer = Message("assistant", writer.text)
            self._latest = (writer.response_id, (*create.messages, answer))

    async def _write_text(self, create: ResponseCreate, writer: ResponseWriter) -> None:
        """All pieces of the provider as they come."""
        pieces = self._provider.stream(create)
        heard = math.inf  # until the model begins, however long that takes
        at_once = 0
        try:
            async for piece in pieces:
                heard = min(heard, time.monotonic())
                if isinstance(piece, str):
                    heard = time.monotonic()
                    if not self._write_piece(piece, create, writer):
                        return
                    at_once += 1
                    if at_once >= MOST_AT_ONCE:
                        at_once = 0
                        await self._connection.drained()
                elif time.monotonic() - heard > SIGN_OF_LIFE_S and writer.begun:
                    heard = time.monotonic()
                    writer.learn(piece)
                    self._connection.post(writer.still_working())
                else:
                    writer.learn(piece)
                    if piece.model is not None:
                        self._open(writer)
        finally:
            # Closing the iterator is what cancels the model behind the provider.
            close = getattr(pieces, "aclose", None)
            if close is not None:
                with contextlib.suppress(ProviderError):
                    await close()
        self._open(writer)
        if writer.tokens == 0 and not writer.told.refused:
            self._connection.post(*writer.begin_text())

    def _write_piece(self, piece: str, create: ResponseCreate, writer: ResponseWriter) -> bool:
        """Pass on one piece; False when it is one too many.

        A model's own server counts tokens itself, and what it counts as one is its affair.
        """
        self._open(writer)
        if writer.tokens == 0:
            self._connection.post(*writer.begin_text())
        limit = create.max_output_tokens if writer.told.model is None else None
        if limit is not None and writer.tokens >= limit:
            writer.learn(Told(incomplete="max_output_tokens"))
            return False
        self._connection.post(writer.delta(piece))
        return True

    def _open(self, writer: ResponseWriter) -> None:
        if not writer.begun:
            self._connection.post(*writer.begin())


def _failed(error: ProviderError, create: ResponseCreate, writer: ResponseWriter) -> list[bytes]:
    """Before the response has begun it is an error of the request, later it is the response's."""
    if writer.begun:
        return writer.fail(error.code, str(error))
    fault = Fault(error.status, error.code, str(error), None, create.stream_id, error.headers)
    return [fault.encode()]


def _lowered(request: Request) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.raw_items()}


def _unknown(create: ResponseCreate) -> Fault:
    return Fault(
        400,
        "previous_response_not_found",
        "This socket does not hold that response; send the whole input without it.",
        "previous_response_id",
        create.stream_id,
    )
