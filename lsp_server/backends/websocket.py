"""Streams over a Responses WebSocket server.

Cutting a stream closes its socket, because the protocol has no other way; the next stream takes the
spare. With an open socket, nothing is awaited between `open` and the bytes of `response.create`;
between `close` and the close frame nothing is ever awaited.
"""

import asyncio
import logging
import random as random_module
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from lsp_server.backends import failure_sentences
from lsp_server.backends import headers as header_facts
from lsp_server.backends.base import (
    ConnectionStatus,
    Endpoint,
    ModelRequest,
    RateLimit,
    Sink,
)
from lsp_server.backends.observed_limit import ObservedLimit
from lsp_server.backends.option_fallback import Refusals
from lsp_server.backends.pacing import LOAD_PAUSE_S, LOAD_TIMEOUT_S, Clock, Timer
from lsp_server.backends.pool import Locate, Pool, PooledSocket
from lsp_server.backends.reduced_request import lean
from lsp_server.backends.refusal_reading import RefusalReading
from lsp_server.backends.refusals import RefusalKind
from lsp_server.backends.socket import SLICE_MS
from lsp_server.backends.wire import Facts, ResponseDecoder, encode_create
from lsp_server.session.events import Delta, Failed, Finished, ModelEvent

PINGED_S = 300.0
"""Seconds that pings alone count as life: many servers send them even if the answer is stuck."""

CHARS_PER_TOKEN = 3
"""Of a prompt. Code has few more."""

log = logging.getLogger(__name__)


class WebSocketBackend:
    """One model's server.

    `endpoint` may be a function that finds the server. It is called before each handshake, so a
    restarted gateway or a new key needs no new backend. `clock` is the event loop's by default,
    `random` returns numbers in [0, 1), `wall` seconds since 1970. `blocked` is called when no
    WebSocket gets through to `endpoint`; it returns whether `endpoint` leads elsewhere from now on.
    """

    def __init__(
        self,
        endpoint: Endpoint | Locate,
        *,
        clock: Clock | None = None,
        random: Callable[[], float] = random_module.random,
        wall: Callable[[], float] = time.time,
        blocked: Callable[[], bool] = lambda: False,
    ) -> None:
        self.clock: Clock = clock if clock is not None else asyncio.get_running_loop()
        """The time in seconds, and timers."""
        locate = _always(endpoint) if isinstance(endpoint, Endpoint) else endpoint
        self.pool = Pool(locate, clock=self.clock, random=random, blocked=blocked)
        """Where the streams get their sockets."""
        self._wall = wall
        self._streams: set[WebSocketStream] = set()
        self._status = ConnectionStatus(self.pool.state)
        self.refusals = Refusals("The model server")
        """Options that the server was found not to accept."""
        self.found_reads = ObservedLimit(self.clock)

    @property
    def reads(self) -> int | None:
        """The observed context of the model in tokens, its answer included."""
        return self.found_reads.tokens

    @property
    def status(self) -> ConnectionStatus:
        """The connection at this moment."""
        sentence = self.pool.sentence or self._status.sentence
        return replace(self._status, state=self.pool.state, sentence=sentence)

    def open(self, attempt: int, request: ModelRequest, sink: Sink) -> "WebSocketStream":
        """Ask the model. With an open socket, the request is written before this returns."""
        self._status = replace(self._status, requested=request.model, sentence=None)
        stream = WebSocketStream(self, attempt, request, sink)
        self._streams.add(stream)
        stream.start()
        return stream

    def warm(self, request: ModelRequest | None = None) -> None:
        """Open the sockets. With `request`, let the server prepare it without an answer."""
        self.pool.warm()
        pooled = self.pool.peek()
        if request is None or pooled is None or pooled.warmup is not None:
            return
        if self.pool.takes_warmup:
            decoder = self.decoder(0, request.model, pooled)
            reduced, _ = lean(request, self.refusals)
            pooled.send_warmup(encode_create(reduced, warmup=True), decoder)

    async def aclose(self) -> None:
        """Cut every stream, close every socket, and wait until all are closed."""
        for stream in list(self._streams):
            stream.close()
        await self.pool.aclose()

    # For the streams of this backend.

    def decoder(self, attempt: int, model: str, pooled: PooledSocket) -> ResponseDecoder:
        """A decoder for one answer on one socket."""
        return ResponseDecoder(
            attempt,
            model,
            wall=self._wall,
            upgrade=pooled.socket.upgrade_headers,
            own=pooled.endpoint.own,
            has_key=bool(pooled.endpoint.headers),
        )

    def connected(self, pooled: PooledSocket) -> None:
        """A stream got this socket: note the headers of its upgrade."""
        limits = header_facts.rate_limits(pooled.socket.upgrade_headers, self._wall())
        self._learn_limits(limits)

    def learn(self, facts: Facts) -> None:
        """A stream has read new facts."""
        self._status = replace(
            self._status,
            served=facts.served or self._status.served,
            service_tier=facts.service_tier or self._status.service_tier,
            usage=facts.usage or self._status.usage,
            queue_ms=facts.queue_ms if facts.queue_ms is not None else self._status.queue_ms,
        )
        self.found_reads.learn_from(facts)
        self._learn_limits(facts.rate_limits)

    def ended(self, stream: "WebSocketStream", sentence: str | None) -> None:
        """A stream has ended. `sentence` says what went wrong, if anything."""
        self._streams.discard(stream)
        if sentence is not None:
            self._status = replace(self._status, sentence=sentence)

    def _learn_limits(self, limits: tuple[RateLimit, ...]) -> None:
        if limits:
            merged = {limit.name: limit for limit in (*self._status.rate_limits, *limits)}
            self._status = replace(self._status, rate_limits=tuple(merged.values()))


class WebSocketStream:
    """One answer: waits for a socket, writes the request, reads until the end or the cut."""

    def __init__(
        self, backend: WebSocketBackend, attempt: int, request: ModelRequest, sink: Sink
    ) -> None:
        self._backend = backend
        self._attempt = attempt
        self._encode(request)
        self._sink = sink
        self._pooled: PooledSocket | None = None
        self._decoder: ResponseDecoder | None = None
        self._facts = Facts()
        self._written_at = 0.0
        self._last_sign_at = self._last_frame_at = 0.0
        self._silence: Timer | None = None
        self._over = False
        self._events: deque[ModelEvent] = deque()
        self._slice_planned = False
        self._repeated = self._renewed = False
        self._refusal: tuple[ModelEvent, ...] = ()
        self._load_until: float | None = None
        self._loading: Timer | None = None
        self.written_ms: float | None = None
        self.first_frame_ms: float | None = None

    def start(self) -> None:
        """Take an open socket now, or wait for one."""
        pooled = self._backend.pool.take()
        if pooled is None:
            self._backend.pool.wait(self)
        else:
            self.granted(pooled)

    def close(self) -> None:
        """Cut the stream at once. Idempotent; no event of it is delivered afterwards."""
        if self._over:
            return
        used = self._backend.clock.time() - self._written_at
        pooled = self._end(None)
        if pooled is not None:
            self._backend.pool.cut(pooled, used)

    # As a waiter of the pool.

    def granted(self, pooled: PooledSocket) -> None:
        """A socket is open: write the request, then listen."""
        self._pooled = pooled
        self._decoder = self._backend.decoder(self._attempt, self._request.model, pooled)
        self._backend.connected(pooled)
        pooled.socket.send_now(self._frame)
        self.written_ms = _now_ms()
        self._written_at = self._last_sign_at = self._last_frame_at = self._backend.clock.time()
        pooled.socket.pinged = False
        self._watch(self._allowed_silence(pooled))
        pooled.socket.listen(self)

    def refused(self, sentence: str) -> None:
        """No socket could be opened."""
        self._give(Failed(self._attempt, sentence))

    # As the listener of its socket.

    def received(self, frame: bytes, read_ms: float) -> None:
        """One frame of the answer."""
        pooled, decoder = self._pooled, self._decoder
        assert pooled is not None and decoder is not None
        self._last_sign_at = self._last_frame_at = self._backend.clock.time()
        self._backend.pool.heard = True
        if pooled.warmup is not None and self._absorbed_by_warmup(pooled, frame):
            return
        if self.first_frame_ms is None:
            self.first_frame_ms = read_ms
        events = decoder.receive(frame, read_ms)
        if decoder.facts is not self._facts:
            self._facts = decoder.facts
            self._backend.learn(decoder.facts)
        verdict = decoder.facts.verdict
        if (
            verdict is not None
            and decoder.facts.deltas == 0
            and (self._tries_again(verdict, pooled) or self._shortens(verdict, events))
        ):
            return
        if self._request.tap is not None:
            self._request.tap(frame)
        self._events.extend(events)
        if not self._slice_planned:
            self._deliver()

    def lost(self, sentence: str) -> None:
        """The connection ended before the answer did."""
        if sentence != failure_sentences.TOO_BIG and self._repeat():
            return
        swallowed = sentence in failure_sentences.SWALLOWED and self.first_frame_ms is None
        if swallowed and self._backend.pool.goes_around():
            self._restart()
            return
        self._events.append(Failed(self._attempt, sentence))
        if not self._slice_planned:
            self._deliver()

    def _deliver(self) -> None:
        """Deliver events for one slice of time, and the rest in a later turn of the loop."""
        self._slice_planned = False
        until = time.perf_counter() + SLICE_MS / 1000
        while self._events and not self._over:
            self._give(self._events.popleft())
            if self._events and time.perf_counter() > until:
                self._slice_planned = True
                asyncio.get_running_loop().call_soon(self._deliver)
                return

    def _absorbed_by_warmup(self, pooled: PooledSocket, frame: bytes) -> bool:
        absorbed = pooled.absorb(frame)
        # A server that does not know warm-ups may write an unwanted answer before ours.
        if absorbed and not self._backend.pool.takes_warmup and not self._repeat():
            sentence = failure_sentences.malformed("an answer where none was asked for")
            self._give(Failed(self._attempt, sentence))
        return absorbed

    def _repeat(self) -> bool:
        """Send the request again on another socket, once, if this one died before any of the answer
        came: sockets die while they idle, and only a write shows it."""
        if self._repeated or (self._decoder is not None and self._decoder.facts.deltas > 0):
            return False
        if self.first_frame_ms is not None and not self._is_expired():
            return False
        self._repeated = True
        self._restart()
        return True

    def _is_expired(self) -> bool:
        verdict = self._facts.verdict
        return verdict is not None and verdict.kind is RefusalKind.OLD

    def _tries_again(self, verdict: RefusalReading, pooled: PooledSocket) -> bool:
        """Whether a refusal before any text leads to another try, which this starts."""
        if verdict.kind is RefusalKind.OLD:
            return self._repeat()
        if verdict.kind is RefusalKind.KEY and not self._renewed:
            # The key may have been renewed; each handshake asks for it anew.
            self._renewed = True
            self._backend.pool.forsake()
            self._restart()
            return True
        if pooled.endpoint.own:  # our gateway has tried again by itself
            return False
        if verdict.kind is RefusalKind.LOADING and pooled.endpoint.is_near:
            return self._wait_for_model()
        tokens = self._reduced.max_output_tokens
        model = self._request.model
        if not self._backend.refusals.learn(verdict, self._sent, model, tokens):
            return False
        self._encode(self._request)
        self._restart()
        return True

    def _shortens(self, verdict: RefusalReading, events: tuple[ModelEvent, ...]) -> bool:
        """Whether a request that exceeds the context is sent again with less of the code around the
        scope. `events` are delivered if it cannot be shorter."""
        if verdict.kind is not RefusalKind.CONTEXT or self._request.shorten is None:
            return False
        self._refusal = events
        self._backend.found_reads.learn(verdict.limit)
        self._drop_socket()
        self._request.shorten(verdict.limit, self._shortened)
        return True

    def _shortened(self, request: ModelRequest | None) -> None:
        if self._over:
            return
        if request is None:
            self._events.extend(self._refusal)
            self._deliver()
            return
        self._encode(request)
        self.start()

    def _wait_for_model(self) -> bool:
        """A server nearby is loading its model: ask again soon, up to a limit."""
        now = self._backend.clock.time()
        if self._load_until is None:
            self._load_until = now + LOAD_TIMEOUT_S
            log.info("The model server is loading its model. Midstream asks again until it has.")
        if now > self._load_until:
            return False
        self._drop_socket()
        self._loading = self._backend.clock.call_later(LOAD_PAUSE_S, self.start)
        return True

    def _encode(self, request: ModelRequest) -> None:
        """Encode the request without the options that the server does not accept."""
        self._request = request
        self._reduced, self._sent = lean(request, self._backend.refusals)
        self._frame = encode_create(self._reduced)

    def _restart(self) -> None:
        """Send the request again on another socket."""
        self._drop_socket()
        self.start()

    def _drop_socket(self) -> None:
        """Drop the socket and what was read from it."""
        self.written_ms = self.first_frame_ms = None
        self._stop_watching()
        pooled, self._pooled, self._decoder = self._pooled, None, None
        self._facts = Facts()
        if pooled is not None:
            self._backend.pool.cut(pooled)

    # The end.

    def _give(self, event: ModelEvent) -> None:
        """Deliver one event. Before the last one, release the socket and the timers."""
        if isinstance(event, Delta | Failed):
            self._backend.refusals.settle(self._request.model, isinstance(event, Delta))
        if isinstance(event, Finished | Failed):
            pooled, pool = self._end(event.sentence), self._backend.pool
            if pooled is not None:
                (pool.give_back if isinstance(event, Finished) else pool.cut)(pooled)
        try:
            self._sink(event)
        except Exception as error:
            # An error of one session must not end the connection of another.
            message = "A session failed on an event from the model."
            context = {"message": message, "exception": error}
            asyncio.get_running_loop().call_exception_handler(context)
            self.close()

    def _end(self, sentence: str | None) -> PooledSocket | None:
        """End the stream. Returns its socket, which the caller must return or cut."""
        self._over = True
        self._stop_watching()
        if self._loading is not None:
            self._loading.cancel()
        self._backend.pool.forget(self)
        self._backend.ended(self, sentence)
        self._events.clear()
        pooled, self._pooled = self._pooled, None
        return pooled

    # Silence.

    def _watch(self, after_s: float) -> None:
        self._silence = self._backend.clock.call_later(after_s, self._check_silence)

    def _allowed_silence(self, pooled: PooledSocket) -> float:
        """Seconds of silence allowed. Before the first text they include the time that a slow
        server needs to read the prompt."""
        idle, rate = pooled.endpoint.idle_timeout_ms / 1000, pooled.endpoint.reads_per_s
        begun = self._decoder is not None and self._decoder.facts.deltas > 0
        if rate is None or begun:
            return idle
        length = len(self._request.input) + len(self._request.instructions)
        return idle + length / CHARS_PER_TOKEN / rate

    def _stop_watching(self) -> None:
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None

    def _check_silence(self) -> None:
        """Check for silence. One timer, set again for the remaining time, so frames cost
        nothing."""
        if self._over or self._pooled is None:
            return
        limit = self._allowed_silence(self._pooled)
        now = self._backend.clock.time()
        socket = self._pooled.socket
        if socket.pinged and not self._pooled.endpoint.own and now - self._last_frame_at < PINGED_S:
            socket.pinged, self._last_sign_at = False, now
        silent = now - self._last_sign_at
        # Clocks are inexact, so a timer may fire slightly early.
        if silent + 0.001 >= limit:
            self._give(Failed(self._attempt, failure_sentences.silent(limit)))
        else:
            self._watch(limit - silent)


def _always(endpoint: Endpoint) -> Locate:
    async def locate() -> Endpoint:
        return endpoint

    return locate


def _now_ms() -> float:
    return time.perf_counter() * 1000
