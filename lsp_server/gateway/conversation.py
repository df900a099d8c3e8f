"""Answers the requests of one client socket, in order.

Holds the queue of requests and the most recent response, which the next request may continue. All
of it has a bound.
"""

import asyncio
import contextlib
import logging
import math
import time
import uuid
from dataclasses import dataclass, field, replace

from websockets.exceptions import ConnectionClosed

from lsp_server.gateway.connection import ClientConnection
from lsp_server.gateway.memory_limits import MemoryUse
from lsp_server.gateway.model_provider import Connecting, ModelProvider, ProviderError
from lsp_server.gateway.request_protocol import (
    Fault,
    Message,
    ResponseCreate,
    ServerReport,
    Steer,
    parse,
)
from lsp_server.gateway.response_writer import ResponseWriter
from lsp_server.wording import LOG, OTHER_PROFILE, TERMINAL

MAX_QUEUED = 64
"""Requests that may wait on one socket."""

MAX_QUEUED_BYTES = 32 * 2**20
"""What waiting requests may hold together. A single one may be larger."""

MAX_CONVERSATION_BYTES = 32 * 2**20
"""What a request and the conversation that it continues may hold."""

MAX_ANSWER = 2 * 2**20
"""Code points. No model writes as much, and the frame that repeats the whole answer still fits."""

MOST_AT_ONCE = 32
"""Pieces passed on before the event loop gets its turn. What a model's server sent together leaves
in one write, so eight streams do not cost eight thousand writes a second; and a provider that never
waits cannot starve the others."""

SIGN_OF_LIFE_S = 5.0
"""Seconds between reports to the client that the model is still thinking."""

_LEAST_BYTES = 1024
"""What the smallest request counts for: as an object it has many fields."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class QueuedRequest:
    """A request that waits. `size` is that of its frame, in bytes."""

    create: ResponseCreate
    size: int


@dataclass(frozen=True, slots=True)
class Latest:
    """The most recent response with the whole conversation up to it. `size` is in bytes."""

    response_id: str
    messages: tuple[Message, ...] = field(repr=False)
    size: int


class Conversation:
    """One client's requests. Their memory is counted in `memory`, which all sockets share."""

    def __init__(
        self,
        connection: ClientConnection,
        provider: ModelProvider,
        memory: MemoryUse,
        model: str | None = None,
        *,
        own: bool = False,
    ) -> None:
        """`model` is the one that will be asked, if the handshake named it. `own`: the client is
        our own server, which fills in the slots of messages itself."""
        self._own = own
        self._model = model
        self._connection = connection
        self._provider = provider
        self._memory = memory
        self._held_bytes = 0
        """Our share of `memory`, in bytes."""
        self._queued_bytes = 0
        self._queue: asyncio.Queue[QueuedRequest] = asyncio.Queue(MAX_QUEUED)
        self._latest: Latest | None = None
        self._warming: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Serve requests until the client closes."""
        worker = asyncio.create_task(self._work())
        self._connection.on_closing(worker.cancel)
        model = self._model
        self._warm(None if model is None else ResponseCreate(model, "", "", generate=False))
        try:
            while True:
                self._receive(await self._connection.recv(decode=False))
                # A client that does not read its answers is not read from either.
                await self._connection.drain()
        except (ConnectionClosed, ConnectionError):
            pass
        finally:
            worker.cancel()
            ending = [worker]
            if self._warming is not None:
                self._warming.cancel()
                ending.append(self._warming)
            await asyncio.wait(ending)
            self._give_back(self._held_bytes)

    def _warm(self, create: ResponseCreate | None) -> None:
        """Let the provider open its connections in the background."""
        if isinstance(self._provider, Connecting):
            if self._warming is not None:
                self._warming.cancel()
            self._warming = asyncio.create_task(self._provider.warm(create))

    def _receive(self, frame: bytes) -> None:
        request = parse(frame)
        match request:
            case ResponseCreate():
                queued = QueuedRequest(request, max(len(frame), _LEAST_BYTES))
                sentence = self._refusal_of(queued)
                if sentence is None:
                    self._queued_bytes += queued.size
                    self._queue.put_nowait(queued)
                else:
                    fault = Fault(429, "rate_limit_exceeded", sentence, stream_id=request.stream_id)
                    self._connection.post(fault.encode())
            case Fault():
                self._connection.post(request.encode())
            case Steer():
                self._connection.post(request.encode_refusal())

    def _refusal_of(self, queued: QueuedRequest) -> str | None:
        """Why a request cannot be queued. None counts its bytes: it can."""
        if self._queue.full():
            return (
                f"More than {MAX_QUEUED} requests are waiting on this socket. Wait for "
                "answers first."
            )
        if not self._queue.empty() and self._queued_bytes + queued.size > MAX_QUEUED_BYTES:
            most = MAX_QUEUED_BYTES // 2**20
            return (
                f"Requests of more than {most} MiB are waiting on this socket. Wait for "
                "answers first."
            )
        if not self._take(queued.size):
            return "The gateway is out of room. Try again when some answers have ended."
        return None

    def _take(self, size: int) -> bool:
        if not self._memory.take(size):
            return False
        self._held_bytes += size
        return True

    def _give_back(self, size: int) -> None:
        self._memory.give_back(size)
        self._held_bytes -= size

    async def _work(self) -> None:
        while True:
            queued = await self._queue.get()
            self._queued_bytes -= queued.size
            fault = self._fault_of(queued)
            if fault is not None:
                self._connection.post(fault.encode())
                self._give_back(queued.size)
                continue
            create, size, latest = queued.create, queued.size, self._latest
            self._latest = None
            if latest is not None and create.previous_response_id is not None:
                create = replace(create, messages=latest.messages + create.messages)
                size += latest.size
            elif latest is not None:
                self._give_back(latest.size)
            await self._answer(create, size)

    def _fault_of(self, queued: QueuedRequest) -> Fault | None:
        """Why a request cannot continue the response that it names."""
        previous, latest = queued.create.previous_response_id, self._latest
        if previous is None:
            return None
        if latest is None or latest.response_id != previous:
            return _unknown(queued.create)
        if latest.size + queued.size > MAX_CONVERSATION_BYTES:
            most = MAX_CONVERSATION_BYTES // 2**20
            sentence = f"The conversation is longer than {most} MiB. Begin a new one."
            code = "context_length_exceeded"
            return Fault(400, code, sentence, "input", queued.create.stream_id)
        return None

    async def _answer(self, create: ResponseCreate, size: int) -> None:
        """Answer, and keep the conversation, which holds `size` bytes so far."""
        post = self._connection.post
        writer = ResponseWriter(create, f"resp_{uuid.uuid4().hex}", time.time())
        if not create.generate:
            self._warm(create)
            post(*writer.begin(), *writer.end_without_text())
            self._latest = Latest(writer.response_id, create.messages, size)
            return
        try:
            await self._write_text(create, writer)
        except ProviderError as error:
            post(*self._failed(error, create, writer))
        except Exception:
            log.exception("A provider failed in a way that it should not.")
            sentence = f"The gateway failed. This is a bug: see {LOG}."
            post(*self._failed(ProviderError(sentence), create, writer))
        else:
            report = writer.report
            post(*(writer.refuse() if report.refused else writer.end(report.incomplete)))
            if self._take(len(writer.text)):
                size += len(writer.text)
                messages = (*create.messages, Message("assistant", writer.text))
                self._latest = Latest(writer.response_id, messages, size)
                return
        self._give_back(size)

    async def _write_text(self, create: ResponseCreate, writer: ResponseWriter) -> None:
        """Pass the provider's pieces on as they come."""
        pieces = self._provider.stream(create)
        last_sign_s = math.inf  # until the model begins, however long that takes
        at_once = 0
        try:
            async for piece in pieces:
                last_sign_s = min(last_sign_s, time.monotonic())
                if isinstance(piece, str):
                    last_sign_s = time.monotonic()
                    if not self._write_piece(piece, create, writer):
                        return
                    at_once += 1
                    if at_once >= MOST_AT_ONCE:
                        at_once = 0
                        await self._connection.drained()
                elif time.monotonic() - last_sign_s > SIGN_OF_LIFE_S:
                    last_sign_s = time.monotonic()
                    writer.learn(piece)
                    self._connection.post(
                        *([writer.still_working()] if writer.begun else writer.begin())
                    )
                else:
                    changed = piece.progress is not None or piece.loading != writer.report.loading
                    writer.learn(piece)
                    if piece.model is not None or changed:
                        self._begin(writer)
                    if changed and writer.tokens == 0:
                        self._connection.post(writer.still_working())
        finally:
            # Closing the iterator cancels the model.
            close = getattr(pieces, "aclose", None)
            if close is not None:
                with contextlib.suppress(ProviderError):
                    await close()
        self._begin(writer)
        if writer.tokens == 0 and not writer.report.refused:
            self._connection.post(*writer.begin_text())

    def _write_piece(self, piece: str, create: ResponseCreate, writer: ResponseWriter) -> bool:
        """Pass one piece on. False when the limit of output tokens is reached.

        Only pieces of the practice model are counted here: a real server counts tokens itself.
        Raises `ProviderError` for an answer that is too long.
        """
        if writer.length + len(piece) > MAX_ANSWER:
            raise ProviderError(
                f"The answer has more than {MAX_ANSWER // 2**20} million characters and was cut "
                f"off. Choose a smaller scope, or {OTHER_PROFILE}.",
                "answer_too_long",
            )
        self._begin(writer)
        if writer.tokens == 0:
            self._connection.post(*writer.begin_text())
        limit = create.max_output_tokens if writer.report.model is None else None
        if limit is not None and writer.tokens >= limit:
            writer.learn(ServerReport(incomplete="max_output_tokens"))
            return False
        self._connection.post(writer.delta(piece))
        return True

    def _begin(self, writer: ResponseWriter) -> None:
        if not writer.begun:
            self._connection.post(*writer.begin())

    def _failed(
        self, error: ProviderError, create: ResponseCreate, writer: ResponseWriter
    ) -> list[bytes]:
        """The frames for a failure: an `error` event before the response, later `failed`."""
        sentence = str(error) if self._own else TERMINAL.render(str(error))
        if writer.begun:
            return writer.fail(error.code, sentence, error.limit)
        fault = Fault(
            error.status, error.code, sentence, None, create.stream_id, error.headers, error.limit
        )
        return [fault.encode()]


def _unknown(create: ResponseCreate) -> Fault:
    return Fault(
        400,
        "previous_response_not_found",
        "This socket doesn't hold that response. Send all the input without it.",
        "previous_response_id",
        create.stream_id,
    )
