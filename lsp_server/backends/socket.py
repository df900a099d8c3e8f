"""One WebSocket to a model's server, written and closed without ever waiting.

Built on `websockets`' asyncio client through its `create_connection` hook. Three things differ
from the stock connection, and each is the reason for this module:

- `send_now` and `cut` hand their bytes to the operating system before they return. A cut sends the
  close frame and drops the transport; the other side sees it at once and its answer is not awaited.
- Frames go to a listener straight from the transport, without a queue and a reading task; pings are
  answered by the same code path, also while the socket idles.
- A flood of frames is worked off in slices, so that other events of the loop get their turn.
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

SLICE_MS = 2.0
"""How long frames that came together are worked off before the loop gets its turn."""

MAX_WAITING = 256
MAX_WAITING_BYTES = 16 * 2**20
"""Frames, and bytes of them, that may wait for their slice; above this the transport stops
reading."""

MAX_FRAGMENTS = 4096
"""Pieces of one message. Empty ones count for nothing in its length."""

MAX_UNREAD_BYTES = 64 * 2**20
"""What may wait for a server that does not read: requests, and answers to its pings."""

PING_INTERVAL_S = 20.0
CLOSE_TIMEOUT_S = 1.0
"""How long a socket whose pings stay unanswered is given before it is dropped."""

# Its debug level would print the request's headers, and with them the key: it is never reached.
_quiet = logging.getLogger("lsp_server.backends.socket.websockets")
_quiet.setLevel(logging.ERROR)


class Listener(Protocol):
    """Whoever has the socket at the moment: a stream, or the pool while it idles."""

    def received(self, frame: bytes, read_ms: float) -> None:
        """One whole message; `read_ms` is `time.perf_counter()` in milliseconds."""

    def lost(self, sentence: str) -> None:
        """The connection has ended, not by us. `sentence` says how."""


class ModelSocket(ClientConnection):
    """See the module. Without a listener, frames wait."""

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
        """Made when the server is reached, through a proxy or not."""
        self.pinged = False
        """Whether the server has pinged; whoever asks takes it back."""

    @property
    def alive(self) -> bool:
        """Whether a frame written now has a chance to arrive."""
        return not self._gone and self.state is State.OPEN and not self.transport.is_closing()

    @property
    def upgrade_headers(self) -> Mapping[str, str]:
        """What the server told when the connection was opened; names in lower case."""
        if self.response is None:
            return {}
        return header_facts.headers_of(self.response.headers.raw_items())

    def listen(self, listener: Listener | None) -> None:
        """Hand everything that comes from now on, and what waits, to `listener`."""
        self._listener = listener
        if listener is not None and (self._inbox or self._gone):
            self._plan_slice()

    def send_now(self, message: bytes) -> None:
        """Write one text message before returning. Only on a socket that is `alive`."""
        self.protocol.send_text(message)
        self.send_data()

    def cut(self) -> None:
        """Close at once: nothing is delivered after this, nothing is waited for. Idempotent."""
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
        # What the operating system has taken still arrives; only what it has not is given up.
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
            # The server closed, or broke the protocol: do not wait for the closing handshake.
            self.transport.abort()
        if not self._slice_planned:
            self._work_off()

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
            self._work_off()

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
        self._work_off()

    def _work_off(self) -> None:
        """Deliver what waits, for one slice of time; then the loss, when all is delivered."""
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
    """Why no connection came about. `final`: trying again by ourselves would not help."""

    sentence: str
    final: bool = False
    retry_after_s: float | None = None
    no_websocket: bool = False
    """The server was reached, and what came back may be of somebody who lets no WebSocket pass."""


class DialError(Exception):
    """The connection did not come about; holds the `Refusal`."""

    def __init__(self, refusal: ConnectRefusal) -> None:
        super().__init__(refusal.sentence)
        self.refusal = refusal


class _Connect(connect):
    """Follows no HTTP redirect: key and code go where the user's settings say, or nowhere."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


async def dial(endpoint: Endpoint, tls: ssl.SSLContext | None) -> ModelSocket:
    """Open one socket. Raises `DialError` for everything that can go wrong on the way, and
    `RouteError` where the environment names none that can be taken."""
    options: dict[str, Any] = {} if tls is None else {"ssl": tls}
    proxy = proxy_of(endpoint.url)
    if proxy is not None and proxy.encrypted:
        options["proxy_ssl"] = tls
    seconds = endpoint.connect_timeout_ms / 1000
    made: list[ModelSocket] = []

    def make(*args: Any, **kwargs: Any) -> ModelSocket:
        made.append(ModelSocket(*args, **kwargs))
        return made[-1]

    try:
        return await _opened(endpoint, None if proxy is None else proxy.url, make, options)
    except (OSError, WebSocketException, EOFError, ImportError, ValueError) as error:
        stage = made[-1].stage if made else ConnectionStage.REACH
        passage = ConnectionProgress(endpoint.place, proxy, "url", seconds)
        raise DialError(_refusal(error, stage, passage, bool(endpoint.headers))) from error


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
    error: Exception, stage: ConnectionStage, passage: ConnectionProgress, has_key: bool
) -> ConnectRefusal:
    place = passage.place
    told = passage.fault(stage, error, _status_of(error))
    if told is not None:
        sentence, code = told
        return ConnectRefusal(sentence, final=code == CERTIFICATE)
    if isinstance(error, InvalidStatus):
        status = error.response.status_code
        headers = header_facts.headers_of(error.response.headers.raw_items())
        wait = header_facts.retry_after(headers)
        verdict = verdict_of(status, bytes(error.response.body or b""), headers)
        words = passage.refusing_websockets(status)
        # A page may be a proxy's: then nothing is said of the server.
        if words is None or verdict.kind not in (*BY_STATUS, RefusalKind.PAGE):
            who = f"the model's server at {place}"
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
        sentence = failure_sentences.connect_timeout(place, passage.seconds)
        return ConnectRefusal(sentence, no_websocket=True)
    hung_up = any(isinstance(e, EOFError) for e in chained(error))
    sentence = failure_sentences.hung_up(place) if hung_up else failure_sentences.no_upgrade(place)
    return ConnectRefusal(sentence, no_websocket=True)


def _status_of(error: Exception) -> int | None:
    """What a proxy has answered."""
    return error.response.status_code if isinstance(error, InvalidProxyStatus) else None
