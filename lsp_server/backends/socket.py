"""One WebSocket to a model's server, written and closed without ever waiting.

Built on `websockets`' asyncio client through its `create_connection` hook. It differs from the
standard connection in three ways:

- `send_now` and `cut` pass their bytes to the operating system before they return. A cut sends the
  close frame and drops the transport; the other side sees it at once, and its reply is not awaited.
- Frames go to a listener directly from the transport, without a queue or a reading task. Pings are
  answered on the same code path, also while the socket idles.
- Many frames at once are processed in slices, so that other events of the loop get their turn.
"""

import asyncio
import logging
import ssl
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    InvalidProxyStatus,
    InvalidStatus,
    PayloadTooBig,
    WebSocketException,
)
from websockets.frames import DATA_OPCODES, CloseCode, Frame, Opcode
from websockets.protocol import Event, State

from lsp_server.backends import failure_sentences
from lsp_server.backends import headers as header_facts
from lsp_server.backends.base import Endpoint
from lsp_server.backends.connection_progress import (
    CERTIFICATE,
    NO_WEBSOCKET,
    ConnectionProgress,
    ConnectionStage,
    chained,
)
from lsp_server.backends.network_route import proxy_of
from lsp_server.backends.refusal_reading import verdict_of
from lsp_server.backends.refusal_sentences import Party, sentence_of
from lsp_server.backends.refusals import BY_STATUS, RefusalKind
from lsp_server.backends.wire import MAX_FRAME_BYTES
from lsp_server.wording import setting

SLICE_MS = 2.0
"""How long frames are processed before the event loop gets its turn."""

MAX_WAITING = 256
MAX_WAITING_BYTES = 16 * 2**20
"""Frames, and bytes of frames, that may wait for their slice. Above this the transport stops
reading."""

MAX_FRAGMENTS = 4096
"""Fragments of one message. Empty fragments do not count in its length, so they need a bound."""

MAX_UNREAD_BYTES = 64 * 2**20
"""Bytes, requests and pongs, that may wait for a server that does not read."""

PING_INTERVAL_S = 20.0
CLOSE_TIMEOUT_S = 1.0
"""Seconds to wait for the closing handshake before the socket is dropped."""

# At debug level it would print the request's headers, the key among them, so that level is off.
_quiet = logging.getLogger("lsp_server.backends.socket.websockets")
_quiet.setLevel(logging.ERROR)


class Listener(Protocol):
    """The current user of the socket: a stream, or the pool while it idles."""

    def received(self, frame: bytes, read_ms: float) -> None:
        """One whole message. `read_ms` is `time.perf_counter()` in milliseconds."""

    def lost(self, sentence: str) -> None:
        """The connection was ended, not by us. `sentence` says how."""


class ModelSocket(ClientConnection):
    """A WebSocket to a model's server. Without a listener, frames wait."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._listener: Listener | None = None
        self._inbox: deque[tuple[bytes, float]] = deque()
        self._waiting_bytes = 0
        self._pieces: list[bytes] = []
        self._read_ms = 0.0
        self._slice_planned = False
        self._reading_paused = False
        self._gone = False
        self._cut = False
        self.stage = ConnectionStage.SECURE
        """The stage of the connection attempt; the object exists once the server is reached."""
        self.pinged = False
        """Whether the server has pinged since its reader reset this."""

    @property
    def alive(self) -> bool:
        """Whether a frame written now may arrive."""
        return not self._gone and self.state is State.OPEN and not self.transport.is_closing()

    @property
    def upgrade_headers(self) -> Mapping[str, str]:
        """The headers of the response to the upgrade, with lower-case names."""
        if self.response is None:
            return {}
        return header_facts.headers_of(self.response.headers.raw_items())

    def listen(self, listener: Listener | None) -> None:
        """Deliver all later frames, and those that wait, to `listener`."""
        self._listener = listener
        if listener is not None and (self._inbox or self._gone):
            self._plan_slice()

    def send_now(self, message: bytes) -> None:
        """Write one text message before returning. Only while `alive`."""
        self.protocol.send_text(message)
        self.send_data()

    def cut(self) -> None:
        """Close at once, without waiting. Nothing is delivered afterwards. Idempotent."""
        self._cut = True
        self._listener = None
        self._inbox.clear()
        self._waiting_bytes = 0
        self._pieces.clear()
        if self._gone:
            return
        if self.state is State.OPEN:
            self.protocol.send_close(CloseCode.NORMAL_CLOSURE)
            self.send_data()
        # Bytes that the operating system has accepted still arrive; only the others are dropped.
        self.transport.abort()

    # asyncio.Protocol and hooks of the base class.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.stage = ConnectionStage.ASK
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if self._cut:
            return
        self._read_ms = time.perf_counter() * 1000
        super().data_received(data)
        if self.transport.get_write_buffer_size() > MAX_UNREAD_BYTES:
            self.transport.abort()
        if self.response is None:
            return
        if self.state is not State.OPEN and not self._cut:
            # The server closed or broke the protocol: do not wait for the closing handshake.
            self.transport.abort()
        if not self._slice_planned:
            self._deliver()

    def process_event(self, event: Event) -> None:
        if self.response is None or not isinstance(event, Frame):
            super().process_event(event)
        elif event.opcode in DATA_OPCODES:
            self._collect(event)
        else:
            self.pinged |= event.opcode is Opcode.PING
            super().process_event(event)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._gone = True
        if not self._cut and not self._slice_planned:
            self._deliver()

    def _collect(self, frame: Frame) -> None:
        if frame.fin and not self._pieces:
            message = bytes(frame.data)
        else:
            self._pieces.append(bytes(frame.data))
            if not frame.fin:
                if len(self._pieces) > MAX_FRAGMENTS:
                    self._pieces.clear()
                    self.transport.abort()
                return
            message = b"".join(self._pieces)
            self._pieces.clear()
        self._inbox.append((message, self._read_ms))
        self._waiting_bytes += len(message)

    def _plan_slice(self) -> None:
        if not self._slice_planned:
            self._slice_planned = True
            self.loop.call_soon(self._next_slice)

    def _next_slice(self) -> None:
        self._slice_planned = False
        self._deliver()

    def _deliver(self) -> None:
        """Deliver waiting frames for one slice of time, and after the last one the loss."""
        until = time.perf_counter() + SLICE_MS / 1000
        # The listener may change, or cut the socket, with each message.
        while self._inbox and self._listener is not None:
            message, read_ms = self._inbox.popleft()
            self._waiting_bytes -= len(message)
            self._listener.received(message, read_ms)
            if self._inbox and time.perf_counter() > until:
                self._plan_slice()
                break
        self._pace_reading()
        if self._gone and not self._inbox and self._listener is not None:
            listener, self._listener = self._listener, None
            listener.lost(self._loss())

    def _pace_reading(self) -> None:
        if self._gone or self.transport.is_closing():
            return
        full = len(self._inbox) > MAX_WAITING or self._waiting_bytes > MAX_WAITING_BYTES
        if full and not self._reading_paused:
            self._reading_paused = True
            self.transport.pause_reading()
        elif self._reading_paused and not self._inbox:
            self._reading_paused = False
            self.transport.resume_reading()

    def _loss(self) -> str:
        fault = self.protocol.parser_exc
        if isinstance(fault, PayloadTooBig):
            return failure_sentences.enormous_frame(MAX_FRAME_BYTES)
        if fault is not None and not isinstance(fault, EOFError):
            return failure_sentences.broken_websocket()
        close = self.protocol.close_rcvd
        return failure_sentences.dropped(None if close is None else close.code)


@dataclass(frozen=True, slots=True)
class ConnectRefusal:
    """Why a connection failed. `final`: an automatic retry would not help."""

    sentence: str
    final: bool = False
    retry_after_s: float | None = None
    no_websocket: bool = False
    """The server was reached, but something on the route may block WebSockets."""


class DialError(Exception):
    """A connection failed. Holds the `ConnectRefusal`."""

    def __init__(self, refusal: ConnectRefusal) -> None:
        super().__init__(refusal.sentence)
        self.refusal = refusal


class _Connect(connect):
    """Follows no HTTP redirect: key and code go only where the user's settings say."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


async def dial(endpoint: Endpoint, tls: ssl.SSLContext | None) -> ModelSocket:
    """Open one socket. Raises `DialError` when it fails, and `RouteError` when the environment
    names a proxy or certificates that cannot be used."""
    options: dict[str, Any] = {} if tls is None else {"ssl": tls}
    proxy = proxy_of(endpoint.url)
    if proxy is not None and proxy.encrypted:
        options["proxy_ssl"] = tls
    seconds = endpoint.connect_timeout_ms / 1000
    sockets: list[ModelSocket] = []

    def make(*args: Any, **kwargs: Any) -> ModelSocket:
        sockets.append(ModelSocket(*args, **kwargs))
        return sockets[-1]

    try:
        return await _opened(endpoint, None if proxy is None else proxy.url, make, options)
    except (OSError, WebSocketException, EOFError, ImportError, ValueError) as error:
        stage = sockets[-1].stage if sockets else ConnectionStage.REACH
        attempt = ConnectionProgress(endpoint.place, proxy, setting("url"), seconds)
        raise DialError(_refusal(error, stage, attempt, bool(endpoint.headers))) from error


async def _opened(
    endpoint: Endpoint, proxy: str | None, make: Callable[..., ModelSocket], options: dict[str, Any]
) -> ModelSocket:
    socket = await _Connect(
        endpoint.url,
        additional_headers=dict(endpoint.headers),
        compression=None,
        proxy=proxy,
        open_timeout=endpoint.connect_timeout_ms / 1000,
        ping_interval=PING_INTERVAL_S,
        close_timeout=CLOSE_TIMEOUT_S,
        max_size=MAX_FRAME_BYTES,
        logger=_quiet,
        create_connection=make,  # type: ignore[arg-type]
        **options,
    )
    assert isinstance(socket, ModelSocket)
    return socket


def _refusal(
    error: Exception, stage: ConnectionStage, attempt: ConnectionProgress, has_key: bool
) -> ConnectRefusal:
    place = attempt.place
    known = attempt.fault(stage, error, _status_of(error))
    if known is not None:
        sentence, code = known
        return ConnectRefusal(sentence, final=code == CERTIFICATE)
    if isinstance(error, InvalidStatus):
        status = error.response.status_code
        headers = header_facts.headers_of(error.response.headers.raw_items())
        wait = header_facts.retry_after(headers)
        verdict = verdict_of(status, bytes(error.response.body or b""), headers)
        words = attempt.refusing_websockets(status)
        # A page may come from a proxy, so it says nothing about the server.
        if words is None or verdict.kind not in (*BY_STATUS, RefusalKind.PAGE):
            who = f"the model server at {place}"
            words = sentence_of(verdict, Party(who, "the model", has_key=has_key))
            if status == 426 or verdict.kind in (RefusalKind.REFUSED, RefusalKind.UNKNOWN):
                words = failure_sentences.no_websocket(status, place)
        return ConnectRefusal(
            words,
            final=300 <= status < 500 and status not in (408, 425, 429),
            retry_after_s=wait,
            no_websocket=status in NO_WEBSOCKET,
        )
    if isinstance(error, TimeoutError):
        sentence = failure_sentences.connect_timeout(place, attempt.seconds)
        return ConnectRefusal(sentence, no_websocket=True)
    hung_up = any(isinstance(e, EOFError) for e in chained(error))
    sentence = failure_sentences.hung_up(place) if hung_up else failure_sentences.no_upgrade(place)
    return ConnectRefusal(sentence, no_websocket=True)


def _status_of(error: Exception) -> int | None:
    """The status of a proxy's answer."""
    return error.response.status_code if isinstance(error, InvalidProxyStatus) else None
