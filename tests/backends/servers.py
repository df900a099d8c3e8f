"""Model servers for tests: real sockets on free loopback ports, well-behaved or faulty."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from lsp_server.backends.base import Endpoint, ModelRequest
from lsp_server.session.events import Failed, Finished, ModelEvent

TIMEOUT_S = 20.0
REQUEST = ModelRequest(model="test-model", instructions="Rewrite.", input="x = 1")

Json = dict[str, Any]
Handler = Callable[["FakeServer", ServerConnection, Json], Awaitable[None]]


def created(model: str = "test-model") -> str:
    return json.dumps(
        {
            "type": "response.created",
            "sequence_number": 0,
            "response": {"id": "resp_1", "model": model, "status": "in_progress"},
        }
    )


def delta(text: str) -> str:
    event = {"output_index": 0, "content_index": 0, "item_id": "msg_1", "delta": text}
    return json.dumps({"type": "response.output_text.delta", **event})


def completed(model: str = "test-model") -> str:
    response = {"id": "resp_1", "model": model, "status": "completed", "output": []}
    return json.dumps({"type": "response.completed", "response": response})


def warmed(create: Json) -> bool:
    return create.get("generate") is False


@dataclass
class FakeServer:
    """Counts and records what clients do."""

    url: str = ""
    creates: list[Json] = field(default_factory=list)
    opened: int = 0
    closed: int = 0
    closes: asyncio.Queue[float] = field(default_factory=asyncio.Queue)
    arrived: asyncio.Queue[Json] = field(default_factory=asyncio.Queue)
    connections: set[ServerConnection] = field(default_factory=set)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def endpoint(self, **options: Any) -> Endpoint:
        return Endpoint(self.url, {"Authorization": "Bearer sk-test-secret"}, **options)

    async def until(self, condition: Callable[["FakeServer"], bool]) -> None:
        """Wait until sockets have opened or closed as told."""
        async with asyncio.timeout(TIMEOUT_S), self.changed:
            await self.changed.wait_for(lambda: condition(self))

    async def _note(self) -> None:
        async with self.changed:
            self.changed.notify_all()


@contextlib.asynccontextmanager
async def serving(
    handler: Handler,
    *,
    process_request: Callable[[ServerConnection, Request], Any] | None = None,
    process_response: Callable[[ServerConnection, Request, Response], Any] | None = None,
    port: int = 0,
) -> AsyncIterator[FakeServer]:
    """A server that answers each `response.create` by `handler`."""
    state = FakeServer()

    async def client(connection: ServerConnection) -> None:
        state.opened += 1
        state.connections.add(connection)
        await state._note()
        tasks: set[asyncio.Task[None]] = set()

        async def answer(create: Json) -> None:
            with contextlib.suppress(Exception):
                await handler(state, connection, create)

        try:
            async for message in connection:
                create = json.loads(message)
                state.creates.append(create)
                state.arrived.put_nowait(create)
                tasks.add(asyncio.create_task(answer(create)))
        except Exception:
            pass
        finally:
            state.closes.put_nowait(asyncio.get_running_loop().time())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            state.closed += 1
            state.connections.discard(connection)
            await state._note()

    async with serve(
        client,
        "127.0.0.1",
        port,
        compression=None,
        process_request=process_request,
        process_response=process_response,
        max_size=None,
        close_timeout=1,
    ) as server:
        host, bound = next(iter(server.sockets)).getsockname()[:2]
        state.url = f"ws://{host}:{bound}/v1/responses"
        try:
            yield state
        finally:
            for connection in list(state.connections):
                connection.transport.abort()


async def well_behaved(state: FakeServer, connection: ServerConnection, create: Json) -> None:
    """Answers with three words; a warm-up with nothing."""
    words = [] if warmed(create) else [delta(word) for word in ("one ", "two ", "three")]
    for frame in (created(), *words, completed()):
        await connection.send(frame)


async def endless(state: FakeServer, connection: ServerConnection, create: Json) -> None:
    """Begins to answer and never ends."""
    await connection.send(created())
    while True:
        await connection.send(delta("word "))
        await asyncio.sleep(0)


async def silent(state: FakeServer, connection: ServerConnection, create: Json) -> None:
    """Never says a word."""


class Collector:
    """A sink that can be waited on."""

    def __init__(self) -> None:
        self.events: list[ModelEvent] = []
        self._queue: asyncio.Queue[ModelEvent] = asyncio.Queue()

    def __call__(self, event: ModelEvent) -> None:
        self.events.append(event)
        self._queue.put_nowait(event)

    async def next(self) -> ModelEvent:
        async with asyncio.timeout(TIMEOUT_S):
            return await self._queue.get()

    async def end(self) -> Finished | Failed:
        """The last event."""
        while True:
            event = await self.next()
            if isinstance(event, Finished | Failed):
                return event


class ManualClock:
    """A clock that only a test advances. Seconds."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.timers: list[ManualTimer] = []

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, callback: Callable[[], object], /) -> "ManualTimer":
        timer = ManualTimer(self.now + delay, callback)
        self.timers.append(timer)
        return timer

    def advance(self, seconds: float) -> None:
        """Let time pass; call what is due, in order."""
        until = self.now + seconds
        while due := [t for t in self.timers if t.when <= until and not t.cancelled]:
            timer = min(due, key=lambda t: t.when)
            self.timers.remove(timer)
            self.now = max(self.now, timer.when)
            timer.callback()
        self.now = until


@dataclass(eq=False)
class ManualTimer:
    when: float
    callback: Callable[[], object]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True
