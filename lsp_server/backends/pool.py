"""Keeps sockets open in advance: one for the stream and a spare, so that a redirect never waits.

The pool decides how many sockets there should be and opens them in the background. It gives out an
open one at once, or calls a waiter when one opens, and replaces those that die or grow old. Knows
nothing of requests and answers.

The number is: those in use, those waited for, and one spare, but at least two. At most one
handshake runs for each missing socket, so a waiter that leaves passes its handshake to the next.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from lsp_server.backends import failure_sentences
from lsp_server.backends.base import ConnectionState, Endpoint
from lsp_server.backends.network_route import trust
from lsp_server.backends.pacing import Backoff, Brake, Clock, Timer
from lsp_server.backends.socket import ConnectRefusal, DialError, ModelSocket, dial
from lsp_server.backends.wire import ResponseDecoder
from lsp_server.errors import MidstreamError
from lsp_server.session.events import Delta, Failed

Locate = Callable[[], Awaitable[Endpoint]]
"""Finds the server's address and key. Called before each handshake."""

LOCATE_TIMEOUT_S = 30.0
MAX_AGE_S = 55 * 60.0
"""OpenAI ends a connection after 60 minutes. A server that ends it earlier is noticed then."""

AGE_SPREAD_S = 3 * 60.0
YOUNG_S = 0.05
"""A stream cut at a lower age counts for the brake: nobody reads an answer that fast."""

SETTLED_S = 30.0
"""A socket that dies after idling for less than this counts as a failed handshake."""


class Waiter(Protocol):
    """A stream that waits for a socket."""

    def granted(self, pooled: "PooledSocket") -> None:
        """A socket is open and now belongs to the waiter."""

    def refused(self, sentence: str) -> None:
        """No socket could be opened."""


@dataclass(slots=True, eq=False)
class PooledSocket:
    """One socket of the pool. Times in seconds of the pool's clock."""

    pool: "Pool"
    socket: ModelSocket
    endpoint: Endpoint
    opened: float
    renewal: Timer | None = None
    stale: bool = False
    warmup: ResponseDecoder | None = None

    # While the socket idles, it listens for the pool.

    def received(self, frame: bytes, read_ms: float) -> None:
        """A frame of a warm-up, or an unexpected one."""
        if not self.absorb(frame):
            self.pool.idle_frame(self, frame)
        elif not self.pool.takes_warmup:
            self.pool.cut(self)

    def lost(self, sentence: str) -> None:
        """The server closed a socket that idled, or the network did."""
        self.pool.idle_lost(self)

    def send_warmup(self, frame: bytes, decoder: ResponseDecoder) -> None:
        """Write a request that asks for no text. Answers come in order, so its answer comes
        first."""
        self.warmup = decoder
        self.socket.send_now(frame)

    def absorb(self, frame: bytes) -> bool:
        """Whether the frame belongs to the answer to a warm-up. That answer must hold no text: a
        server that does not know warm-ups would write a whole answer that nobody reads."""
        if self.warmup is None:
            return False
        events = self.warmup.receive(frame)
        if any(isinstance(event, Delta | Failed) for event in events):
            self.pool.takes_warmup = False
        if self.warmup.ended or not self.pool.takes_warmup:
            self.warmup = None
        return True


class Pool:
    """The sockets to one server. Methods run on the event loop; only `aclose` waits."""

    def __init__(
        self,
        locate: Locate,
        *,
        clock: Clock,
        random: Callable[[], float],
        blocked: Callable[[], bool] = lambda: False,
    ) -> None:
        self._locate = locate
        self._blocked = blocked
        self.heard = False
        """Whether any frame has ever arrived."""
        self._clock = clock
        self._random = random
        self._backoff = Backoff(random)
        self._brake = Brake()
        self._tls: ssl.SSLContext | None = None
        self._idle: list[PooledSocket] = []
        self._busy: set[PooledSocket] = set()
        self._closing: set[ModelSocket] = set()
        self._waiters: list[Waiter] = []
        self._handshakes: set[asyncio.Task[None]] = set()
        self._retry_at = 0.0
        self._refusal: ConnectRefusal | None = None
        self._refill_timer: Timer | None = None
        self._awake = False
        self._closed = False
        self.takes_warmup = True
        """Whether the server knows requests that ask for no text. Assumed until it shows
        otherwise."""

    @property
    def state(self) -> ConnectionState:
        """The state of the pool as a whole."""
        if self._closed or not self._awake:
            return ConnectionState.CLOSED
        if self._busy or self.idle:
            return ConnectionState.OPEN
        # After a failure, retries in the background change nothing until one succeeds.
        failed = self._refusal is not None and not self._waiters
        return ConnectionState.FAILED if failed else ConnectionState.CONNECTING

    @property
    def idle(self) -> int:
        """The number of open sockets that wait for a stream."""
        return sum(pooled.socket.alive for pooled in self._idle)

    @property
    def sentence(self) -> str | None:
        """Why the last handshake failed, until one succeeds."""
        return None if self._refusal is None else self._refusal.sentence

    def warm(self) -> None:
        """Open the missing sockets. Tries again once after a final refusal."""
        if self._closed:
            return
        self._awake = True
        if self._refusal is not None and self._refusal.final:
            self._refusal = None
        self._refill()

    def take(self) -> PooledSocket | None:
        """The socket that `peek` shows, now in use. None if none is open."""
        if self._closed:
            return None
        self._awake = True
        if (pooled := self.peek()) is not None:
            self._idle.remove(pooled)
            self._busy.add(pooled)
            self._refill()
        return pooled

    def peek(self) -> PooledSocket | None:
        """The socket that the next stream would get. None if none is open.

        It is the one used last, which is most likely alive and known to the provider's caches, but
        rather one without a warm-up in progress.
        """
        alive = [pooled for pooled in reversed(self._idle) if pooled.socket.alive]
        return next(
            (pooled for pooled in alive if pooled.warmup is None), alive[0] if alive else None
        )

    def wait(self, waiter: Waiter) -> None:
        """Call `waiter` when a socket opens, or when none can be opened. Never calls it before this
        returns."""
        if self._closed:
            asyncio.get_running_loop().call_soon(waiter.refused, failure_sentences.CLOSED)
            return
        self._awake = True
        self._waiters.append(waiter)
        self._refill()

    def forget(self, waiter: Waiter) -> None:
        """The waiter no longer needs a socket. Its handshake continues for the next one."""
        if waiter in self._waiters:
            self._waiters.remove(waiter)

    def give_back(self, pooled: PooledSocket) -> None:
        """The answer has ended normally; the socket can take the next request."""
        self._backoff.succeeded()
        self._busy.discard(pooled)
        if self._closed or not pooled.socket.alive:
            self._discard(pooled)
            self._refill()
        else:
            self._offer(pooled)

    def cut(self, pooled: PooledSocket, used_s: float | None = None) -> None:
        """Close the socket at once and replace it. `used_s`: how long its stream lived."""
        self._busy.discard(pooled)
        if pooled in self._idle:
            self._idle.remove(pooled)
        self._discard(pooled)
        if used_s is not None and used_s < YOUNG_S:
            self._brake.charge(self._clock.time())
        self._refill()

    def idle_frame(self, pooled: PooledSocket, frame: bytes) -> None:
        """An unexpected frame. Part of an answer makes the socket useless; other events do not."""
        if b'"response.' in frame or b'"error"' in frame:
            self.cut(pooled, 0.0)

    def idle_lost(self, pooled: PooledSocket) -> None:
        """The server closed a socket that idled, or the network did."""
        if pooled in self._idle:
            self._idle.remove(pooled)
        self._discard(pooled)
        now = self._clock.time()
        if now - pooled.opened < SETTLED_S:
            self._retry_at = now + self._backoff.failed()
        else:
            self._backoff.succeeded()
        self._refill()

    def goes_around(self) -> bool:
        """A socket opened and was lost without a frame, as behind a proxy that swallows traffic.
        Returns whether there is another route from now on."""
        if self.heard or not self._blocked():
            return False
        for task in list(self._handshakes):
            task.cancel()
        self.forsake()
        return True

    def forsake(self) -> None:
        """Close the idle sockets: their key is no longer accepted."""
        self._trim(len(self._idle))

    async def aclose(self) -> None:
        """Close every socket and wait until all file descriptors are released."""
        self._closed = True
        self._waiters.clear()
        if self._refill_timer is not None:
            self._refill_timer.cancel()
        handshakes = list(self._handshakes)
        for task in handshakes:
            task.cancel()
        await asyncio.gather(*handshakes, return_exceptions=True)
        for pooled in [*self._idle, *self._busy]:
            self._discard(pooled)
        self._idle.clear()
        self._busy.clear()
        for socket in list(self._closing):
            await socket.wait_closed()

    # The number of sockets.

    def _refill(self) -> None:
        """Start or schedule the missing handshakes, and close surplus sockets."""
        if self._closed or not self._awake:
            return
        fresh = sum(pooled.socket.alive and not pooled.stale for pooled in self._idle)
        target = max(2, len(self._busy) + len(self._waiters) + 1)
        surplus = fresh + len(self._busy) - target
        missing = -surplus - len(self._handshakes)
        while missing > 0:
            delay = self._delay()
            if delay is None:
                return
            # Anything shorter is the rounding of a timer that has just fired.
            if delay > 0.001:
                self._plan_refill(delay)
                return
            self._begin_handshake()
            missing -= 1
        self._trim(surplus)

    def _delay(self) -> float | None:
        """Seconds until the next handshake may begin. None: not without a request."""
        now = self._clock.time()
        brake = self._brake.delay(now)
        if len(self._waiters) > len(self._handshakes):
            return brake
        if self._refusal is None:
            return max(brake, self._retry_at - now)
        if self._refusal.final or self._handshakes:
            return None
        return max(brake, self._retry_at - now)

    def _plan_refill(self, delay: float) -> None:
        if self._refill_timer is not None:
            self._refill_timer.cancel()
        self._refill_timer = self._clock.call_later(delay, self._refill)

    def _trim(self, surplus: int) -> None:
        """Close idle sockets that are no longer needed, as after many parallel streams."""
        while surplus > 0 and self._idle:
            self._discard(self._idle.pop(0))
            surplus -= 1

    # Handshakes.

    def _begin_handshake(self) -> None:
        task = asyncio.get_running_loop().create_task(self._handshake())
        self._handshakes.add(task)
        task.add_done_callback(self._handshake_ended)

    def _handshake_ended(self, task: asyncio.Task[None]) -> None:
        self._handshakes.discard(task)
        if not task.cancelled():
            task.result()
        self._refill()

    async def _handshake(self) -> None:
        try:
            async with asyncio.timeout(LOCATE_TIMEOUT_S):
                endpoint = await self._locate()
            try:
                socket = await dial(endpoint, self._tls_for(endpoint))
            except DialError as error:
                # The server may have moved, the key may be new, or another route may be needed.
                if error.refusal.no_websocket:
                    self._blocked()
                async with asyncio.timeout(LOCATE_TIMEOUT_S):
                    moved = await self._locate()
                if (moved.url, moved.headers) == (endpoint.url, endpoint.headers):
                    raise
                endpoint = moved
                socket = await dial(endpoint, self._tls_for(endpoint))
        except DialError as error:
            self._failed(error.refusal)
        except MidstreamError as error:
            self._failed(ConnectRefusal(str(error), final=True))
        except TimeoutError:
            self._failed(ConnectRefusal(failure_sentences.NOT_LOCATED))
        except Exception:
            # No stream may wait for ever, whatever failed; the loop's handler reports the error.
            self._failed(ConnectRefusal(failure_sentences.OUR_FAULT, final=True))
            raise
        else:
            self._opened(socket, endpoint)

    def _opened(self, socket: ModelSocket, endpoint: Endpoint) -> None:
        if self._closed:
            self._drop(socket)
            return
        pooled = PooledSocket(self, socket, endpoint, self._clock.time())
        age = MAX_AGE_S - self._random() * AGE_SPREAD_S
        pooled.renewal = self._clock.call_later(age, lambda: self._renew(pooled))
        self._refusal = None
        self._retire_stale()
        self._offer(pooled)

    def _failed(self, refusal: ConnectRefusal) -> None:
        now = self._clock.time()
        self._refusal = refusal
        self._retry_at = now + self._backoff.failed(refusal.retry_after_s)
        self._brake.charge(now)
        # Another handshake may yet succeed and serve who waits. This one counts no more: of two
        # that fail in the same turn of the loop, each would leave it to the other.
        if (task := asyncio.current_task()) is not None:
            self._handshakes.discard(task)
        if not self._handshakes:
            waiters, self._waiters = self._waiters, []
            for waiter in waiters:
                waiter.refused(refusal.sentence)

    def _tls_for(self, endpoint: Endpoint) -> ssl.SSLContext | None:
        """One TLS context for all handshakes, because building one is slow."""
        if not endpoint.url.startswith("wss:"):
            return None
        if self._tls is None:
            self._tls = trust() or ssl.create_default_context()
        return self._tls

    # Sockets.

    def _offer(self, pooled: PooledSocket) -> None:
        """Give a free socket to a waiter, or keep it."""
        if self._waiters:
            self._busy.add(pooled)
            self._waiters.pop(0).granted(pooled)
            return
        self._idle.append(pooled)
        pooled.socket.listen(pooled)
        self._refill()

    def _renew(self, pooled: PooledSocket) -> None:
        """Replace an old socket. It stays usable until a new one opens or its answer ends."""
        pooled.stale = True
        self._refill()

    def _retire_stale(self) -> None:
        for pooled in [pooled for pooled in self._idle if pooled.stale]:
            self._idle.remove(pooled)
            self._discard(pooled)

    def _discard(self, pooled: PooledSocket) -> None:
        if pooled.renewal is not None:
            pooled.renewal.cancel()
        self._drop(pooled.socket)

    def _drop(self, socket: ModelSocket) -> None:
        socket.cut()
        waiter = socket.connection_lost_waiter
        if not waiter.done():
            self._closing.add(socket)
            waiter.add_done_callback(lambda _: self._closing.discard(socket))
