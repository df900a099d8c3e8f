"""A scripted model API over HTTP/1.1.

    async with UpstreamServer(script) as server:
        ...                          # `server.base_url` goes into a profile

`script` gets each `Exchange`: the request, and full control of the answer, byte by byte. It notices
at once when the client leaves (`gone`). Knows nothing of WebSockets.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from types import TracebackType
from typing import Any, Self

Json = dict[str, Any]
Headers = dict[str, str]


class Exchange:
    """One request and its answer."""

    def __init__(
        self, writer: asyncio.StreamWriter, method: str, path: str, headers: Headers, body: bytes
    ) -> None:
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body
        self.gone = asyncio.Event()
        """The client has closed the connection."""
        self.gone_at = 0.0
        """When that was seen, by the loop's clock."""
        self._writer = writer

    @property
    def json(self) -> Json:
        """The request's body."""
        read = json.loads(self.body)
        assert isinstance(read, dict)
        return read

    async def begin(self, status: int = 200, headers: Headers | None = None) -> None:
        """Status and headers of an answer that is streamed."""
        told = {"Content-Type": "text/event-stream", **(headers or {})}
        lines = [f"HTTP/1.1 {status} X", *(f"{n}: {v}" for n, v in told.items())]
        lines.append("Transfer-Encoding: chunked")
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        await self._writer.drain()

    async def send(self, data: bytes | str) -> None:
        """So much of the body."""
        data = data.encode() if isinstance(data, str) else data
        self._writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        await self._writer.drain()

    async def event(self, data: Json | str) -> None:
        """One server-sent event."""
        await self.send(sse(data))

    async def finish(self) -> None:
        """The body is complete."""
        self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()

    async def refuse(self, status: int, body: Json | str, headers: Headers | None = None) -> None:
        """An HTTP error."""
        text = json.dumps(body) if isinstance(body, dict) else body
        kind = "application/json" if isinstance(body, dict) else "text/html"
        await self.begin(status, {"Content-Type": kind, **(headers or {})})
        await self.send(text)
        await self.finish()

    def drop(self) -> None:
        """Break the connection, without a word."""
        self._writer.transport.abort()

    def client_left(self) -> None:
        """For the server: the connection has ended."""
        self.gone_at = asyncio.get_running_loop().time()
        self.gone.set()


Script = Callable[[Exchange], Awaitable[None]]


def sse(data: Json | str) -> str:
    """One server-sent event as it is written."""
    return f"data: {data if isinstance(data, str) else json.dumps(data)}\n\n"


def chat_chunk(text: str | None = None, **more: Any) -> Json:
    """One `chat.completion.chunk`; `finish` gives its reason."""
    finish = more.pop("finish", None)
    delta = {} if text is None else {"role": "assistant", "content": text}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1700000000,
        "model": "served-model",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        **more,
    }


def chat(*texts: str, reason: str = "stop") -> Script:
    """Answers every Chat Completions request with these pieces."""

    async def script(exchange: Exchange) -> None:
        if not exchange.path.endswith("/chat/completions"):
            await exchange.refuse(404, {"error": {"message": "no such path"}})
            return
        await exchange.begin()
        for text in texts:
            await exchange.event(chat_chunk(text))
        await exchange.event(chat_chunk(finish=reason))
        usage = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
        await exchange.event({**chat_chunk(usage=usage), "choices": []})
        await exchange.event("[DONE]")
        await exchange.finish()

    return script


def lines(texts: Iterable[str]) -> Script:
    """Streams these bytes as they are."""

    async def script(exchange: Exchange) -> None:
        await exchange.begin()
        for text in texts:
            await exchange.send(text)
        await exchange.finish()

    return script


class UpstreamServer:
    """Listens on a free loopback port while it is entered. Warm-ups are answered by themselves
    and not told to the script: `HEAD`, `/tcp_warming`, `/models` with `owner`, and `/api/ps`
    with `loaded`."""

    def __init__(self, script: Script, *, owner: str = "somebody", **model: Any) -> None:
        """`model`: what its list tells of its one model, beside its name and owner."""
        self.script = script
        self.owner = owner
        self.model = {"id": "m", "owned_by": owner, **model}
        self.asked: list[Exchange] = []
        """The requests of scripts, in order."""
        self.warmed: list[str] = []
        """Method and path of each warm-up."""
        self.listing = asyncio.Event()
        """Its list of models is told when this is set, as it is at first."""
        self.listing.set()
        self.loaded: list[Json] = []
        """What `/api/ps` tells of models."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    @property
    def root(self) -> str:
        """Where it is, without a path."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    @property
    def base_url(self) -> str:
        """What a profile calls it."""
        return f"{self.root}/v1"

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = b""
        try:
            while True:
                exchange = await _read(reader, writer, first)
                watch = asyncio.create_task(reader.read(1))
                watch.add_done_callback(partial(_left, exchange))
                try:
                    await self._answer(exchange)
                    first = await watch
                except ConnectionError:
                    exchange.client_left()
                    return
                finally:
                    watch.cancel()
                if not first:
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    async def _answer(self, exchange: Exchange) -> None:
        path = exchange.path
        if exchange.method in ("HEAD", "GET"):
            self.warmed.append(f"{exchange.method} {path}")
            owned = {"object": "list", "data": [self.model]}
            if path == "/api/ps":
                owned = {"models": self.loaded}
            if exchange.method == "HEAD":
                exchange._writer.write(b"HTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n")
            else:
                await self.listing.wait()
                await exchange.refuse(200, owned)
            return
        self.asked.append(exchange)
        await self.script(exchange)


async def _read(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, first: bytes
) -> Exchange:
    head = first + await reader.readuntil(b"\r\n\r\n")
    request, *rest = head.decode("latin-1").rstrip().split("\r\n")
    method, path, _ = request.split(" ")
    headers = {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in rest)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Exchange(writer, method, path, headers, body)


def _left(exchange: Exchange, watch: "asyncio.Task[bytes]") -> None:
    if not watch.cancelled() and (watch.exception() is not None or not watch.result()):
        exchange.client_left()
