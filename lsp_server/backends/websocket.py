"""The real backend: streams over a Responses WebSocket server.

Cutting a stream closes its socket, because the protocol knows no other way; the next stream takes
the spare. Between `open` and the bytes of `response.create` nothing is awaited when a socket is
open, and between `close` and the close frame nothing ever is.
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
"""How long pings alone count as life: many servers send them whatever becomes of the answer."""

CHARS_PER_TOKEN = 3
"""Of a prompt; code has few more."""

log = logging.getLogger(__name__)


class WebSocketBackend:
    """One model's server. `endpoint` may be a function that finds it: it is asked before each
    handshake, so a gateway that was restarted or a key that was renewed needs no new backend.

    `clock` is the event loop's by default, `random` gives numbers in [0, 1), `wall` seconds
    since 1970. `blocked` is told that no WebSocket passes where `endpoint` leads, before that is
    asked once more; it gives whether that leads elsewhere now.
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
        """Seconds, and timers."""
        locate = _always(endpoint) if isinstance(endpoint, Endpoint) else endpoint
        self.pool = Pool(locate, clock=self.clock, random=random, blocked=blocked)
        """Where the streams get their sockets."""
        self._wall = wall
        self._streams: set[WebSocketStream] = set()
        self._told = ConnectionStatus(self.pool.state)
        self.refusals = Refusals("The model's server")
        """What it was found not to take."""
        self.found_reads = ObservedLimit(self.clock)

    @property
    def reads(self) -> int | None:
        """Tokens that its model was found to read, its answer included."""
        return self.found_reads.tokens

    @property
    def status(self) -> ConnectionStatus:
        """How the connection is at this moment."""
        sentence = self.pool.sentence or self._told.sentence
        return replace(self._told, state=self.pool.state, sentence=sentence)

    def open(self, attempt: int, request: ModelRequest, sink: Sink) -> "WebSocketStream":
        """Ask the model. With an open socket the request is written before this returns."""
        self._told = replace(self._told, requested=request.model, sentence=None)
        stream = WebSocketStream(self, attempt, request, sink)
        self._streams.add(stream)
        stream.start()
        return stream

    def warm(self, request: ModelRequest | None = None) -> None:
        """Open the sockets; with a request, let the server prepare it without an answer."""
        self.pool.warm()
        line = self.pool.peek()
        if request is None or line is None or line.warmup is not None:
            return
        if self.pool.takes_warmup:
            decoder = self.decoder(0, request.model, line)
            slim, _ = lean(request, self.refusals)
            line.send_warmup(encode_create(slim, warmup=True), decoder)

    async def aclose(self) -> None:
        """Cut every stream, close every socket, wait until nothing is left open."""
        for stream in list(self._streams):
            stream.close()
        await self.pool.aclose()

    # For the streams of this backend.

    def decoder(self, attempt: int, model: str, line: PooledSocket) -> ResponseDecoder:
        """A reader for one answer on one socket."""
        return ResponseDecoder(
            attempt,
            model,
            wall=self._wall,
            upgrade=line.socket.upgrade_headers,
            own=line.endpoint.own,
            has_key=bool(line.endpoint.headers),
        )

    def connected(self, line: PooledSocket) -> None:
        """A stream has this socket: take over what the server told when it was opened."""
        limits = header_facts.rate_limits(line.socket.upgrade_headers, self._wall())
        self._learn_limits(limits)

    def learn(self, facts: Facts) -> None:
        """A stream has read something beside its text."""
        self._told = replace(
            self._told,
            served=facts.served or self._told.served,
            service_tier=facts.service_tier or self._told.service_tier,
            usage=facts.usage or self._told.usage,
            queue_ms=facts.queue_ms if facts.queue_ms is not None else self._told.queue_ms,
        )
        self.found_reads.learn_from(facts)
        self._learn_limits(facts.rate_limits)

    def ended(self, stream: "WebSocketStream", sentence: str | None) -> None:
        """A stream is over, with what went wrong."""
        self._streams.discard(stream)
        if sentence is not None:
            self._told = replace(self._told, sentence=sentence)

    def _learn_limits(self, limits: tuple[RateLimit, ...]) -> None:
        if limits:
            merged = {limit.name: limit for limit in (*self._told.rate_limits, *limits)}
            self._told = replace(self._told, rate_limits=tuple(merged.values()))


class WebSocketStream:
    """One answer. Waits for a socket, writes the request, reads until the end or the cut."""

    def __init__(
        self, backend: WebSocketBackend, attempt: int, request: ModelRequest, sink: Sink
    ) -> None:
        self._backend = backend
        self._attempt = attempt
        self._ask(request)
        self._sink = sink
        self._line: PooledSocket | None = None
        self._decoder: ResponseDecoder | None = None
        self._facts = Facts()
        self._written_at = 0.0
        self._heard_at = self._spoke_at = 0.0
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
        line = self._backend.pool.take()
        if line is None:
            self._backend.pool.wait(self)
        else:
            self.granted(line)

    def close(self) -> None:
        """Cut the stream at once. Idempotent; no event of it is delivered afterwards."""
        if self._over:
            return
        used = self._backend.clock.time() - self._written_at
        line = self._end(None)
        if line is not None:
            self._backend.pool.cut(line, used)

    # As a waiter of the pool.

    def granted(self, line: PooledSocket) -> None:
        """A socket: write the request, then listen."""
        self._line = line
        self._decoder = self._backend.decoder(self._attempt, self._request.model, line)
        self._backend.connected(line)
        line.socket.send_now(self._frame)
        self.written_ms = _now_ms()
        self._written_at = self._heard_at = self._spoke_at = self._backend.clock.time()
        line.socket.pinged = False
        self._watch(self._patience(line))
        line.socket.listen(self)

    def refused(self, sentence: str) -> None:
        """No socket came about."""
        self._give(Failed(self._attempt, sentence))

    # As the listener of its socket.

    def received(self, frame: bytes, read_ms: float) -> None:
        """One frame of the answer."""
        line, decoder = self._line, self._decoder
        assert line is not None and decoder is not None
        self._heard_at = self._spoke_at = self._backend.clock.time()
        self._backend.pool.heard = True
        if line.warmup is not None and self._absorbed_by_warmup(line, frame):
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
            and (self._better(verdict, line) or self._shortens(verdict, events))
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
        unheard = sentence in failure_sentences.SWALLOWED and self.first_frame_ms is None
        if unheard and self._backend.pool.goes_around():
            self._anew()
            return
        self._events.append(Failed(self._attempt, sentence))
        if not self._slice_planned:
            self._deliver()

    def _deliver(self) -> None:
        """Hand on what has come, for one slice of time; the rest after everybody else's turn."""
        self._slice_planned = False
        until = time.perf_counter() + SLICE_MS / 1000
        while self._events and not self._over:
            self._give(self._events.popleft())
            if self._events and time.perf_counter() > until:
                self._slice_planned = True
                asyncio.get_running_loop().call_soon(self._deliver)
                return

    def _absorbed_by_warmup(self, line: PooledSocket, frame: bytes) -> bool:
        absorbed = line.absorb(frame)
        # A refused warm-up may have become an answer that nobody asked for, before ours.
        if absorbed and not self._backend.pool.takes_warmup and not self._repeat():
            sentence = failure_sentences.malformed("an answer where none was asked for")
            self._give(Failed(self._attempt, sentence))
        return absorbed

    def _repeat(self) -> bool:
        """Send the request on another socket, once, when this one turned out to be dead before
        anything of the answer had come: sockets die while they idle, and only a write shows it."""
        if self._repeated or (self._decoder is not None and self._decoder.facts.deltas > 0):
            return False
        if self.first_frame_ms is not None and not self._is_old():
            return False
        self._repeated = True
        self._anew()
        return True

    def _is_old(self) -> bool:
        verdict = self._facts.verdict
        return verdict is not None and verdict.kind is RefusalKind.OLD

    def _better(self, verdict: RefusalReading, line: PooledSocket) -> bool:
        """Whether a refusal before any text is answered with another try, which is under way."""
        if verdict.kind is RefusalKind.OLD:
            return self._repeat()
        if verdict.kind is RefusalKind.KEY and not self._renewed:
            # It may have been renewed where it comes from; each handshake asks there.
            self._renewed = True
            self._backend.pool.forsake()
            self._anew()
            return True
        if line.endpoint.own:  # which has tried again by itself
            return False
        if verdict.kind is RefusalKind.LOADING and line.endpoint.is_near:
            return self._wait_for_model()
        tokens = self._slim.max_output_tokens
        model = self._request.model
        if not self._backend.refusals.learn(verdict, self._sent, model, tokens):
            return False
        self._ask(self._request)
        self._anew()
        return True

    def _shortens(self, verdict: RefusalReading, events: tuple[ModelEvent, ...]) -> bool:
        """Whether a request that is longer than the model can read is asked again with less of
        what surrounds the scope; `events` are what is told where there is nothing to leave out."""
        if verdict.kind is not RefusalKind.CONTEXT or self._request.shorten is None:
            return False
        self._refusal = events
        self._backend.found_reads.learn(verdict.limit)
        self._let_go()
        self._request.shorten(verdict.limit, self._shortened)
        return True

    def _shortened(self, request: ModelRequest | None) -> None:
        if self._over:
            return
        if request is None:
            self._events.extend(self._refusal)
            self._deliver()
            return
        self._ask(request)
        self.start()

    def _wait_for_model(self) -> bool:
        """A server of the user's own loads its model: ask again in a moment, up to a limit."""
        now = self._backend.clock.time()
        if self._load_until is None:
            self._load_until = now + LOAD_TIMEOUT_S
            log.info("The model's server is loading its model; asking again until it has.")
        if now > self._load_until:
            return False
        self._let_go()
        self._loading = self._backend.clock.call_later(LOAD_PAUSE_S, self.start)
        return True

    def _ask(self, request: ModelRequest) -> None:
        """This is what is asked, without what was found not to be taken."""
        self._request = request
        self._slim, self._sent = lean(request, self._backend.refusals)
        self._frame = encode_create(self._slim)

    def _anew(self) -> None:
        """Ask once more, on another socket."""
        self._let_go()
        self.start()

    def _let_go(self) -> None:
        """Of the socket, and of what was heard on it."""
        self.written_ms = self.first_frame_ms = None
        self._stop_watching()
        line, self._line, self._decoder = self._line, None, None
        self._facts = Facts()
        if line is not None:
            self._backend.pool.cut(line)

    # The end.

    def _give(self, event: ModelEvent) -> None:
        """Deliver one event; at the last one, first let go of everything."""
        if isinstance(event, Delta | Failed):
            self._backend.refusals.settle(self._request.model, isinstance(event, Delta))
        if isinstance(event, Finished | Failed):
            line, pool = self._end(event.sentence), self._backend.pool
            if line is not None:
                (pool.give_back if isinstance(event, Finished) else pool.cut)(line)
        try:
            self._sink(event)
        except Exception as error:
            # A fault of the session must not end the connection of another one.
            context = {"message": "A session failed on a model event.", "exception": error}
            asyncio.get_running_loop().call_exception_handler(context)
            self.close()

    def _end(self, sentence: str | None) -> PooledSocket | None:
        """Nothing more comes. Returns the socket, whose fate is the caller's to decide."""
        self._over = True
        self._stop_watching()
        if self._loading is not None:
            self._loading.cancel()
        self._backend.pool.forget(self)
        self._backend.ended(self, sentence)
        self._events.clear()
        line, self._line = self._line, None
        return line

    # Silence.

    def _watch(self, after_s: float) -> None:
        self._silence = self._backend.clock.call_later(after_s, self._look)

    def _patience(self, line: PooledSocket) -> float:
        """Seconds of silence that are allowed: before the first text also those that a slow
        server takes to read the prompt."""
        idle, rate = line.endpoint.idle_timeout_ms / 1000, line.endpoint.reads_per_s
        begun = self._decoder is not None and self._decoder.facts.deltas > 0
        if rate is None or begun:
            return idle
        length = len(self._request.input) + len(self._request.instructions)
        return idle + length / CHARS_PER_TOKEN / rate

    def _stop_watching(self) -> None:
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None

    def _look(self) -> None:
        """One timer for the stream, set again for the rest: a thousand frames cost nothing."""
        if self._over or self._line is None:
            return
        limit = self._patience(self._line)
        now = self._backend.clock.time()
        socket = self._line.socket
        if socket.pinged and not self._line.endpoint.own and now - self._spoke_at < PINGED_S:
            socket.pinged, self._heard_at = False, now
        silent = now - self._heard_at
        # Clocks are not exact to the last digit, and a timer may fire that much too early.
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
