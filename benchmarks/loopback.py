"""An editor and a model in one event loop, for timings: no thread of theirs delays another.

The editor is a lean LSP client that starts a server as a process and takes a chosen time for each
edit; the model is a Responses WebSocket server on a free loopback port whose every frame the
benchmark sends itself. All times are `time.perf_counter()` in milliseconds, taken on this side:
when bytes were handed over, and when they were read. Knows nothing of what is measured.
"""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Self

import orjson
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from lsp_server.session.ledger import percentile

Json = dict[str, Any]
PATIENCE_S = 60.0
"""Seconds after which a benchmark that waits has failed."""


def now() -> float:
    """Milliseconds."""
    return time.perf_counter() * 1000


# -- the model ---------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class Answering:
    """One request, the socket that it came on and what became of it."""

    create: Json
    connection: ServerConnection
    opened: float
    """When the socket was opened."""
    asked: float = field(default_factory=now)
    """When the request was read."""
    closed_at: float = 0.0
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def begin(self) -> None:
        """`response.created`."""
        await self.send({"type": "response.created", "response": self._response("in_progress")})

    async def say(self, text: str) -> None:
        """One delta."""
        part = {"item_id": "msg_1", "output_index": 0, "content_index": 0, "delta": text}
        await self.send({"type": "response.output_text.delta", **part})

    async def finish(self) -> None:
        """`response.completed`."""
        await self.send({"type": "response.completed", "response": self._response("completed")})

    async def send(self, event: Json) -> None:
        """Send one frame, even if the client has gone."""
        with contextlib.suppress(ConnectionClosed):
            await self.connection.send(orjson.dumps(event), text=True)

    def _response(self, status: str) -> Json:
        return {"id": "resp_1", "model": self.create["model"], "status": status, "output": []}


class Model:
    """A server that counts its sockets."""

    def __init__(self) -> None:
        self.url = ""
        self.opened = 0
        """Handshakes so far."""
        self.open: set[ServerConnection] = set()
        self.refuses = False
        """Whether new connections are refused with status 503."""
        self.refused = 0
        """How many were refused."""
        self._asked: asyncio.Queue[Answering] = asyncio.Queue()
        self._changed = asyncio.Condition()

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator["Model"]:
        """While it runs."""
        async with serve(
            self._client,
            "127.0.0.1",
            0,
            compression=None,
            close_timeout=1,
            process_request=self._door,
        ) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            self.url = f"ws://127.0.0.1:{port}/v1/responses"
            yield self
            self.drop()

    async def next(self) -> Answering:
        """The next request."""
        async with asyncio.timeout(PATIENCE_S):
            return await self._asked.get()

    @property
    def waiting(self) -> int:
        """Requests that nobody has taken yet."""
        return self._asked.qsize()

    async def until_open(self, count: int) -> None:
        """Wait until exactly so many sockets are open."""
        async with asyncio.timeout(PATIENCE_S), self._changed:
            await self._changed.wait_for(lambda: len(self.open) == count)

    def drop(self) -> None:
        """Simulate a lost network: break every socket without a close frame."""
        for connection in list(self.open):
            connection.transport.abort()

    def _door(self, connection: ServerConnection, request: Request) -> Response | None:
        if not self.refuses:
            return None
        self.refused += 1
        return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "")

    async def _client(self, connection: ServerConnection) -> None:
        opened, answers = now(), []
        self.opened += 1
        self.open.add(connection)
        await self._tell()
        try:
            async for message in connection:
                answers.append(Answering(orjson.loads(message), connection, opened))
                self._asked.put_nowait(answers[-1])
        except ConnectionClosed:
            pass
        finally:
            at = now()
            for answer in answers:
                answer.closed_at = at
                answer.over.set()
            self.open.discard(connection)
            await self._tell()

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()


# -- the editor --------------------------------------------------------------------------------


@dataclass(slots=True)
class Taken:
    """One `workspace/applyEdit`: when it was read, when it was applied (0 until then)."""

    uri: str
    read: float
    before: str
    applied: float = 0.0


class Editor:
    """See the module. `delay_ms` is what it takes for an edit."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.delay_ms = 0.0
        self.texts: dict[str, str] = {}
        self.taken: list[Taken] = []
        self._versions: dict[str, int] = {}
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._numbers = 0
        self._news = asyncio.Condition()
        self._reading = asyncio.create_task(self._read())

    @classmethod
    @contextlib.asynccontextmanager
    async def started(
        cls,
        argv: Sequence[str],
        options: Json,
        env: dict[str, str] | None = None,
        root: str | None = None,
        experimental: Json | None = None,
    ) -> AsyncIterator[Self]:
        """A server process and the handshake with it; ended by its process id."""
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, **(env or {})},
        )
        editor = cls(process)
        try:
            await editor.request(
                "initialize",
                {
                    "processId": os.getpid(),
                    "rootUri": root,
                    "capabilities": {
                        "general": {"positionEncodings": ["utf-32"]},
                        "workspace": {
                            "applyEdit": True,
                            "workspaceEdit": {"documentChanges": True},
                        },
                        "experimental": experimental or {},
                    },
                    "initializationOptions": options,
                },
            )
            editor.notify("initialized", {})
            yield editor
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            editor._reading.cancel()
            await asyncio.gather(editor._reading, return_exceptions=True)

    # -- talking --

    def notify(self, method: str, params: object) -> None:
        """Send a notification."""
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def ask(self, method: str, params: object) -> "asyncio.Future[Any]":
        """Send a request; the bytes are handed over before this returns."""
        self._numbers += 1
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._answers[self._numbers] = future
        self._send({"jsonrpc": "2.0", "id": self._numbers, "method": method, "params": params})
        return future

    async def request(self, method: str, params: object) -> Any:
        """The same, with the answer."""
        async with asyncio.timeout(PATIENCE_S):
            return await self.ask(method, params)

    def begin(self, name: str, argument: Json) -> "asyncio.Future[Any]":
        """`workspace/executeCommand`, the answer to be awaited later."""
        return self.ask("workspace/executeCommand", {"command": name, "arguments": [argument]})

    async def command(self, name: str, argument: Json | None = None) -> Any:
        """The same, with the answer."""
        async with asyncio.timeout(PATIENCE_S):
            return await self.begin(name, argument or {})

    def open(self, uri: str, text: str, language: str = "python") -> None:
        """`textDocument/didOpen`."""
        self.texts[uri], self._versions[uri] = text, 1
        document = {"uri": uri, "languageId": language, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def type_above(self, uri: str, text: str) -> None:
        """The user types at the beginning of a document."""
        self.texts[uri], version = text + self.texts[uri], self._versions[uri] + 1
        self._versions[uri] = version
        start = {"line": 0, "character": 0}
        document = {"uri": uri, "version": version}
        change = {"range": {"start": start, "end": start}, "text": text}
        params = {"textDocument": document, "contentChanges": [change]}
        self.notify("textDocument/didChange", params)

    def close(self, uri: str) -> None:
        """`textDocument/didClose`."""
        del self.texts[uri], self._versions[uri]
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    async def until(self, text: str, uri: str) -> None:
        """Wait until a document is exactly that."""
        async with asyncio.timeout(PATIENCE_S), self._news:
            await self._news.wait_for(lambda: self.texts[uri] == text)

    async def until_shown(self, piece: str, uri: str) -> None:
        """Wait until a document holds that somewhere."""
        async with asyncio.timeout(PATIENCE_S), self._news:
            await self._news.wait_for(lambda: piece in self.texts[uri])

    async def until_taken(self, count: int) -> None:
        """Wait until so many edits have been read."""
        async with asyncio.timeout(PATIENCE_S), self._news:
            await self._news.wait_for(lambda: len(self.taken) >= count)

    # -- inside --

    def _send(self, message: Json) -> None:
        assert self.process.stdin is not None
        body = orjson.dumps(message)
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    async def _read(self) -> None:
        output = self.process.stdout
        assert output is not None
        while True:
            try:
                head = await output.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                return
            length = int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0])
            read = now()
            await self._receive(orjson.loads(await output.readexactly(length)), read)

    async def _receive(self, message: Json, read: float) -> None:
        if "method" not in message:
            future = self._answers.pop(message["id"])
            if future.done():  # Nobody waits for it any more.
                return
            if "error" in message:
                future.set_exception(RuntimeError(message["error"]["message"]))
            else:
                future.set_result(message["result"])
        elif message["method"] == "workspace/applyEdit":
            (change,) = message["params"]["edit"]["documentChanges"]
            uri = change["textDocument"]["uri"]
            self.taken.append(Taken(uri, read, self.texts.get(uri, "")))
            if self.delay_ms:
                loop = asyncio.get_running_loop()
                loop.call_later(
                    self.delay_ms / 1000, self._apply, message["id"], change, self.taken[-1]
                )
            else:
                self._apply(message["id"], change, self.taken[-1])
            await self._tell()
        elif "id" in message:
            self._send({"jsonrpc": "2.0", "id": message["id"], "result": None})

    def _apply(self, id_: object, change: Json, taken: Taken) -> None:
        uri, version = taken.uri, change["textDocument"]["version"]
        fits = self._versions.get(uri) == version
        if fits:
            text = self.texts[uri]
            edits = sorted(change["edits"], key=lambda edit: _key(edit["range"]), reverse=True)
            for edit in edits:
                start, end = (_offset(text, edit["range"][side]) for side in ("start", "end"))
                text = text[:start] + edit["newText"] + text[end:]
            self.texts[uri], self._versions[uri] = text, version + 1
            changes = [{"range": edit["range"], "text": edit["newText"]} for edit in edits]
            document = {"uri": uri, "version": version + 1}
            self.notify(
                "textDocument/didChange", {"textDocument": document, "contentChanges": changes}
            )
        self._send({"jsonrpc": "2.0", "id": id_, "result": {"applied": fits}})
        taken.applied = now()
        if self.delay_ms:
            asyncio.get_running_loop().create_task(self._tell())

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()


def _key(range_: Json) -> tuple[int, int]:
    return range_["start"]["line"], range_["start"]["character"]


def _offset(text: str, position: Json) -> int:
    start = 0
    for _ in range(position["line"]):
        start = text.index("\n", start) + 1
    return start + int(position["character"])


# -- the table ---------------------------------------------------------------------------------

HEADER = f"{'milliseconds':<44}{'n':>5}{'p50':>9}{'p95':>9}{'p99':>9}{'max':>9}"


def row(name: str, values: Sequence[float]) -> str:
    """One line of a table: how values are spread."""
    shares = [percentile(values, share) for share in (0.5, 0.95, 0.99)]
    figures = "".join(f"{value:>9.2f}" for value in (*shares, max(values)))
    return f"{name:<44}{len(values):>5}{figures}"


def server() -> list[str]:
    """What starts the real server."""
    return [sys.executable, "-P", "-m", "lsp_server", "serve"]
