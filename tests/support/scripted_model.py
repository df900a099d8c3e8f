"""A model whose every word is said by the test: a Responses WebSocket server on this machine.

    with ScriptedModel() as model:
        …                              # an edit is begun at a server whose profile is `model.url`
        asked = model.next()           # the `response.create` has come
        asked.say("```python\\nx = ")   # these very deltas leave, and nothing else
        asked.finish()

It lives in a thread of its own, so that a test can talk to it step by step and needs no sleeps.
"""

import asyncio
import contextlib
import json
import queue
import threading
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

Json = dict[str, Any]
PATIENCE = 20.0
"""Seconds after which a wait is a failed test. Never a measure of anything."""


@dataclass(slots=True)
class Asked:
    """One request and the socket that it came on: the test answers it, as it likes."""

    create: Json
    headers: Mapping[str, str]
    model: "ScriptedModel" = field(repr=False)
    connection: ServerConnection = field(repr=False)
    cut: threading.Event = field(default_factory=threading.Event)
    """Set when the client has closed the socket."""
    begun: bool = False
    said: int = 0
    """How many deltas have been sent."""

    @property
    def prompt(self) -> str:
        """What the user's part of the request says."""
        return str(self.create["input"][0]["content"][0]["text"])

    def begin(self, served: str | None = None) -> None:
        """`response.created`; `served` is the model that it claims to be."""
        self.begun = True
        self.send("response.created", response=self.response("in_progress", served))

    def say(self, *texts: str) -> None:
        """One delta for each text."""
        if not self.begun:
            self.begin()
        for text in texts:
            self.said += 1
            self.send(
                "response.output_text.delta",
                item_id="msg_1",
                output_index=0,
                content_index=0,
                delta=text,
            )

    def finish(self, served: str | None = None) -> None:
        """`response.completed`."""
        self.send("response.completed", response=self.response("completed", served))

    def answer(self, code: str, pieces: int = 7) -> None:
        """A whole answer: the code in a fence, cut into small pieces, and the end."""
        text = f"````\n{code}\n````\n"
        self.say(*(text[i : i + pieces] for i in range(0, len(text), pieces)))
        self.finish()

    def incomplete(self, reason: str) -> None:
        """`response.incomplete`."""
        body = self.response("incomplete") | {"incomplete_details": {"reason": reason}}
        self.send("response.incomplete", response=body)

    def fail(self, code: str) -> None:
        """`response.failed`."""
        body = self.response("failed") | {"error": {"code": code, "message": "secret"}}
        self.send("response.failed", response=body)

    def send(self, kind: str, **fields: object) -> None:
        """Any event."""
        self.send_frame(json.dumps({"type": kind, **fields}))

    def send_frame(self, frame: str | bytes) -> None:
        """Any frame at all."""
        self.model.run(self.connection.send(frame))

    def send_bytes(self, data: bytes) -> None:
        """What no WebSocket server would send: bytes without a frame."""

        async def write() -> None:
            self.connection.transport.write(data)

        self.model.run(write())

    def drop(self) -> None:
        """The network is gone: no close frame, nothing."""

        async def abort() -> None:
            self.connection.transport.abort()

        self.model.run(abort())

    def close(self, code: int) -> None:
        """The server closes the connection, properly."""
        self.model.run(self.connection.close(code))

    def wait_cut(self) -> None:
        """Until the client has closed the socket."""
        assert self.cut.wait(PATIENCE), "The stream was not cut."

    def response(self, status: str, served: str | None = None) -> Json:
        """The body of an event about the whole answer."""
        name = served or self.create["model"]
        return {"id": "resp_1", "object": "response", "model": name, "status": status, "output": []}


class ScriptedModel:
    """See the module."""

    def __init__(self, port: int = 0) -> None:
        """`port` 0: a free one."""
        self.url = ""
        self._port = port
        self.refuse_with: int | None = None
        """The HTTP status for whoever wants to connect; None lets them in."""
        self.refusal_headers: dict[str, str] = {}
        """What is said with such a refusal."""
        self._door_open = asyncio.Event()
        self._door_open.set()
        self.served_header: str | None = None
        """The header `openai-model` of the upgrade."""
        self.limits: dict[str, str] = {}
        """More headers of the upgrade."""
        self.dialled: queue.Queue[Mapping[str, str]] = queue.Queue()
        """The headers of each handshake that was let in."""
        self.read_ahead: queue.Queue[Json] = queue.Queue()
        """The requests that are not to be answered."""
        self._asked: queue.Queue[Asked] = queue.Queue()
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._ready = threading.Event()
        self._connections: set[ServerConnection] = set()
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "ScriptedModel":
        self._thread.start()
        assert self._ready.wait(PATIENCE)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(PATIENCE)

    def next(self) -> Asked:
        """The next request for an answer."""
        return self._asked.get(timeout=PATIENCE)

    @property
    def idle(self) -> bool:
        """Whether no request waits."""
        return self._asked.empty()

    def options(self, **profile: object) -> Json:
        """The initialization options of a server that asks this model; `profile` is added."""
        scripted = {"url": self.url, "model": "scripted-1", **profile}
        return {"profile": "scripted", "profiles": {"scripted": scripted}}

    @property
    def handshakes(self) -> int:
        """How many were let in so far, if nobody has taken any of `dialled`."""
        return self.dialled.qsize()

    @property
    def open_sockets(self) -> frozenset[ServerConnection]:
        """Those that are open now."""
        with self._changed:
            return frozenset(self._connections)

    def stall(self) -> None:
        """From now on handshakes are left without an answer, until `go_on`."""
        self._loop.call_soon_threadsafe(self._door_open.clear)

    def go_on(self) -> None:
        """Answer them, those that wait too."""
        self._loop.call_soon_threadsafe(self._door_open.set)

    def wait_open(self, count: int) -> None:
        """Until exactly so many sockets are open."""
        with self._changed:
            done = self._changed.wait_for(lambda: len(self._connections) == count, PATIENCE)
            assert done, f"{len(self._connections)} sockets are open, not {count}."

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something on the model's loop and wait for it; a closed socket is no matter."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        with contextlib.suppress(ConnectionClosed):
            future.result(PATIENCE)

    # -- inside --

    def _serve(self) -> None:
        with contextlib.closing(self._loop) as loop:
            loop.run_until_complete(self._until_over())
            # Somebody may still be shaking hands: `serve` leaves those to the loop's end.
            pending = asyncio.all_tasks(loop)
            for task in pending:
                task.cancel()
            if pending:
                loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
            # A transport that was closed last lets go of its socket in the turn after.
            loop.run_until_complete(asyncio.sleep(0.01))

    async def _until_over(self) -> None:
        async with serve(
            self._client,
            "127.0.0.1",
            self._port,
            compression=None,
            process_request=self._door,
            process_response=self._upgraded,
            max_size=None,
            close_timeout=1,
        ) as server:
            host, port = next(iter(server.sockets)).getsockname()[:2]
            self.url = f"ws://{host}:{port}/v1/responses"
            self._ready.set()
            await self._over.wait()
            self._door_open.set()
            for connection in list(self._connections):
                connection.transport.abort()

    async def _door(self, connection: ServerConnection, request: Request) -> Response | None:
        await self._door_open.wait()
        if self.refuse_with is not None:
            refusal = connection.respond(self.refuse_with, "No.\n")
            for name, value in self.refusal_headers.items():
                refusal.headers[name] = value
            return refusal
        self.dialled.put(dict(request.headers.raw_items()))
        return None

    def _upgraded(
        self, connection: ServerConnection, request: Request, response: Response
    ) -> Response:
        if self.served_header is not None:
            response.headers["openai-model"] = self.served_header
        for name, value in self.limits.items():
            response.headers[name] = value
        return response

    async def _client(self, connection: ServerConnection) -> None:
        self._note(connection, here=True)
        here: list[Asked] = []
        assert connection.request is not None
        headers = dict(connection.request.headers.raw_items())
        try:
            async for message in connection:
                create = json.loads(message)
                asked = Asked(create, headers, self, connection)
                if create.get("generate") is False:
                    self.read_ahead.put(create)
                    await self._answer_warmup(connection, asked)
                    continue
                here.append(asked)
                self._asked.put(asked)
        except ConnectionClosed:
            pass
        finally:
            self._note(connection, here=False)
            for asked in here:
                asked.cut.set()

    async def _answer_warmup(self, connection: ServerConnection, asked: Asked) -> None:
        for kind, status in (("created", "in_progress"), ("completed", "completed")):
            body = asked.response(status)
            await connection.send(json.dumps({"type": f"response.{kind}", "response": body}))

    def _note(self, connection: ServerConnection, *, here: bool) -> None:
        with self._changed:
            if here:
                self._connections.add(connection)
            else:
                self._connections.discard(connection)
            self._changed.notify_all()
