"""Open sockets kept ready: one for the stream and a spare, so that a redirect never waits.

The pool decides how many sockets there should be and makes it so in the background. It hands
out an open one at once, or calls a waiter when one opens; it replaces what dies or grows old.
Knows nothing of requests and answers.

How many: those in use, those waited for, one spare, and never fewer than two. At most one
handshake runs for each missing socket, so a waiter that goes away leaves its handshake to the next.
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
"""Where the server is and with which key, asked before each handshake."""

LOCATE_TIMEOUT_S = 30.0
MAX_AGE_S = 55 * 60.0
"""OpenAI ends a connection after 60 minutes. Servers that do so earlier are noticed by it."""

AGE_SPREAD_S = 3 * 60.0
YOUNG_S = 0.05
"""A stream cut before this age belongs to a storm; nobody reads an answer that fast."""

SETTLED_S = 30.0
"""A socket that idles for less than this before it dies counts as a failed handshake."""


class Waiter(Protocol):
    """A stream without a socket."""

    def granted(self, line: "PooledSocket") -> None:
        """Here is one, and it is yours."""

    def refused(self, sentence: str) -> None:
        """None came about."""


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

    # While the line idles, it listens for the pool.

    def received(self, frame: bytes, read_ms: float) -> None:
        """Part of a warm-up, or something that nobody asked for."""
        if not self.absorb(frame):
            self.pool.idle_frame(self, frame)
        elif not self.pool.takes_warmup:
            self.pool.cut(self)

    def lost(self, sentence: str) -> None:
        """The server closed a socket that idled, or the network did."""
        self.pool.idle_lost(self)

    def send_warmup(self, frame: bytes, decoder: ResponseDecoder) -> None:
        """Write a request that asks for no text. Answers come in order, so its comes first."""
        self.warmup = decoder
        self.socket.send_now(frame)

    def absorb(self, frame: bytes) -> bool:
        """Whether the frame belongs to the answer of a warm-up. Such an answer may hold no text:
        a server that does not know warm-ups would write a whole answer that nobody reads."""
        if self.warmup is None:
            return False
        events = self.warmup.receive(frame)
        if any(isinstance(event, Delta | Failed) for event in events):
            self.pool.takes_warmup = False
        if self.warmup.ended or not self.pool.takes_warmup:
            self.warmup = None
        return True


class Pool:
    """See the module. All methods run on the event loop and none waits, but `aclose`."""

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
        """Whether anything has ever come over one of its sockets."""
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
        """Whether the server knows requests that ask for no text; assumed until it shows."""

    @property
    def state(self) -> ConnectionState:
        """One word for all of it."""
        if self._closed or not self._awake:
            return ConnectionState.CLOSED
        if self._busy or self.idle:
            return ConnectionState.OPEN
        # After a failure, tries in the background are no news until one succeeds.
        failed = self._refusal is not None and not self._waiters
        return ConnectionState.FAILED if failed else ConnectionState.CONNECTING

    @property
    def idle(self) -> int:
        """Sockets that are open and wait for a stream."""
        return sum(line.socket.alive for line in self._idle)

    @property
    def sentence(self) -> str | None:
        """Why the last handshake failed, until one succeeds."""
        return None if self._refusal is None else self._refusal.sentence

    def warm(self) -> None:
        """Open what is missing; a final refusal is tried once more."""
        if self._closed:
            return
        self._awake = True
        if self._refusal is not None and self._refusal.final:
            self._refusal = None
        self._refill()

    def take(self) -> PooledSocket | None:
        """An open socket, now, or None: the one `peek` shows."""
        if self._closed:
            return None
        self._awake = True
        if (line := self.peek()) is not None:
            self._idle.remove(line)
            self._busy.add(line)
            self._refill()
        return line

    def peek(self) -> PooledSocket | None:
        """The socket that the next stream gets, if one is open: the one used last, which is most
        likely alive and known to the provider's caches; not one that is still warming up."""
        alive = [line for line in reversed(self._idle) if line.socket.alive]
        return next((line for line in alive if line.warmup is None), alive[0] if alive else None)

    def wait(self, waiter: Waiter) -> None:
        """Call `waiter` when a socket opens, or when none can be opened; never before this
        returns."""
        if self._closed:
            asyncio.get_running_loop().call_soon(waiter.refused, failure_sentences.CLOSED)
            return
        self._awake = True
        self._waiters.append(waiter)
        self._refill()

    def forget(self, waiter: Waiter) -> None:
        """The waiter needs no socket any more; a handshake that runs goes on for the next."""
        if waiter in self._waiters:
            self._waiters.remove(waiter)

    def give_back(self, line: PooledSocket) -> None:
        """The answer has ended as it should; the socket takes the next one."""
        self._backoff.succeeded()
        self._busy.discard(line)
        if self._closed or not line.socket.alive:
            self._discard(line)
            self._refill()
        else:
            self._offer(line)

    def cut(self, line: PooledSocket, used_s: float | None = None) -> None:
        """Close the socket at once and see to a new one. `used_s`: how long its stream lived."""
        self._busy.discard(line)
        if line in self._idle:
            self._idle.remove(line)
        self._discard(line)
        if used_s is not None and used_s < YOUNG_S:
            self._brake.charge(self._clock.time())
        self._refill()

    def idle_frame(self, line: PooledSocket, frame: bytes) -> None:
        """Something came that nobody asked for. News is harmless, a piece of an answer is not."""
        if b'"response.' in frame or b'"error"' in frame:
            self.cut(line, 0.0)

    def idle_lost(self, line: PooledSocket) -> None:
        """The server closed a socket that idled, or the network did."""
        if line in self._idle:
            self._idle.remove(line)
        self._discard(line)
        now = self._clock.time()
        if now - line.opened < SETTLED_S:
            self._retry_at = now + self._backoff.failed()
        else:
            self._backoff.succeeded()
        self._refill()

    def goes_around(self) -> bool:
        """A socket opened and was lost without a word, as where a proxy swallows what passes:
        whether there is another way from now on."""
        if self.heard or not self._blocked():
            return False
        for task in list(self._handshakes):
            task.cancel()
        self.forsake()
        return True

    def forsake(self) -> None:
        """Close the sockets that idle: they were opened with a key that is not taken any more."""
        self._trim(len(self._idle))

    async def aclose(self) -> None:
        """Cut every socket and wait until all file descriptors are given back."""
        self._closed = True
        self._waiters.clear()
        if self._refill_timer is not None:
            self._refill_timer.cancel()
        handshakes = list(self._handshakes)
        for task in handshakes:
            task.cancel()
        await asyncio.gather(*handshakes, return_exceptions=True)
        for line in [*self._idle, *self._busy]:
            self._discard(line)
        self._idle.clear()
        self._busy.clear()
        for socket in list(self._closing):
            await socket.wait_closed()

    # How many there should be.

    def _refill(self) -> None:
        """Begin the handshakes that are missing, or plan to, and let go of what is too much."""
        if self._closed or not self._awake:
            return
        fresh = sum(line.socket.alive and not line.stale for line in self._idle)
        target = max(2, len(self._busy) + len(self._waiters) + 1)
        surplus = fresh + len(self._busy) - target
        missing = -surplus - len(self._handshakes)
        while missing > 0:
            delay = self._delay()
            if delay is None:
                return
            # Less is the rounding of a timer that has just fired, not a wait.
            if delay > 0.001:
                self._plan_refill(delay)
                return
            self._begin_handshake()
            missing -= 1
        self._trim(surplus)

    def _delay(self) -> float | None:
        """Seconds until the next handshake may begin; None: not by ourselves."""
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
        """After many streams at once: close idle sockets that nobody will need."""
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
                # The server may have moved since, the key been renewed, or another way be needed.
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
            # Whatever it is, no stream may wait for ever; the loop's handler reports it.
            self._failed(ConnectRefusal(failure_sentences.OUR_FAULT, final=True))
            raise
        else:
            self._opened(socket, endpoint)

    def _opened(self, socket: ModelSocket, endpoint: Endpoint) -> None:
        if self._closed:
            self._drop(socket)
            return
        line = PooledSocket(self, socket, endpoint, self._clock.time())
        age = MAX_AGE_S - self._random() * AGE_SPREAD_S
        line.renewal = self._clock.call_later(age, lambda: self._grown_old(line))
        self._refusal = None
        self._retire_stale()
        self._offer(line)

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
        """One context for all handshakes: to build it takes longer than to use it."""
        if not endpoint.url.startswith("wss:"):
            return None
        if self._tls is None:
            self._tls = trust() or ssl.create_default_context()
        return self._tls

    # Lines.

    def _offer(self, line: PooledSocket) -> None:
        """A socket is free: for who waits, else to be kept."""
        if self._waiters:
            self._busy.add(line)
            self._waiters.pop(0).granted(line)
            return
        self._idle.append(line)
        line.socket.listen(line)
        self._refill()

    def _grown_old(self, line: PooledSocket) -> None:
        """Time to renew. It stays of use until a new one has opened, or its answer has ended."""
        line.stale = True
        self._refill()

    def _retire_stale(self) -> None:
        for line in [line for line in self._idle if line.stale]:
            self._idle.remove(line)
            self._discard(line)

    def _discard(self, line: PooledSocket) -> None:
        if line.renewal is not None:
            line.renewal.cancel()
        self._drop(line.socket)

    def _drop(self, socket: ModelSocket) -> None:
        socket.cut()
        waiter = socket.connection_lost_waiter
        if not waiter.done():
            self._closing.add(socket)
            waiter.add_done_callback(lambda _: self._closing.discard(socket))
