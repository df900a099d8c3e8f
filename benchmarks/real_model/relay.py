"""A relay between a client and the model server: keeps each request and each raw reply.

With an `upstream` port it passes bytes on as they come. Without one it answers from `kept`, replies
of an earlier run in their order: then no model is needed, and what is judged is only how a reply is
read. Knows HTTP as far as these two sides need it.
"""

import asyncio
import contextlib
import hashlib
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import orjson

__all__ = ["Exchange", "Reading", "Relay"]

Json = dict[str, Any]
_CHAT = "/chat/completions"
_PIECE = 12
"""Code points in one delta of a reply that is replayed."""
_CUTTING_S = 3.0
"""Seconds in which a reply that was cut is cut again, before it counts as whole."""


@dataclass(slots=True)
class Exchange:
    """One request and what came back, as far as it came. Times are in milliseconds."""

    request: Json
    reply: str = ""
    finish: str | None = None
    """None where the answer was cut before its end."""
    fault: str = ""
    """What a server that refused said."""
    sent: int = 0
    """Tokens of the prompt; `uncached` of them had to be read. 0 if the server did not say."""
    uncached: int = 0
    got: int = 0
    """Tokens of the answer."""
    first_ms: float | None = None
    ms: float = 0.0

    @property
    def opened(self) -> int:
        """Code points that the request put into the answer's mouth; llama.cpp sends them back at
        once, before it has read the prompt."""
        last = self.request["messages"][-1]
        return len(last["content"]) if last["role"] == "assistant" else 0

    def kept(self) -> Json:
        """As it is written to a file of results."""
        fields: Json = {name: getattr(self, name) for name in self.__slots__}
        digest = hashlib.sha256(orjson.dumps(self.request)).hexdigest()
        return {**fields, "digest": digest}


@dataclass(slots=True, eq=False)
class Relay:
    """See the module. `exchanges` are those since somebody emptied the list."""

    upstream: int | None
    kept: list[Json] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    port: int = 0
    _grown: asyncio.Condition = field(default_factory=asyncio.Condition)

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator["Relay"]:
        """While it runs."""
        server = await asyncio.start_server(self._client, "127.0.0.1", 0, limit=2**26)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    async def until_said(self, characters: int) -> None:
        """Wait until the newest reply has so many code points."""
        async with self._grown:
            await self._grown.wait_for(
                lambda: bool(self.exchanges) and len(self.exchanges[-1].reply) >= characters
            )

    async def ask(self, request: Json) -> Exchange:
        """Ask as a client of this relay, and wait for the end."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        body = orjson.dumps({**request, "stream": True})
        head = f"POST /v1{_CHAT} HTTP/1.1\r\nHost: relay\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        try:
            while await reader.read(2**16):
                pass
        finally:
            writer.close()
        return self.exchanges[-1]

    # -- one client ----------------------------------------------------------------------------

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: *(\d+)", head)
            body = await reader.readexactly(int(length[1]) if length else 0)
            method, path, _ = head.split(b" ", 2)
            exchange = None
            if method == b"POST" and path.decode().endswith(_CHAT):
                request = orjson.loads(body)
                exchange = Exchange(request)
                self.exchanges.append(exchange)
                # Tells with each token what was cached, also where the answer is cut.
                body = orjson.dumps({**request, "timings_per_token": True})
            await self._pass(reader, writer, (method, path, body), exchange)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _pass(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        asked: tuple[bytes, bytes, bytes],
        exchange: Exchange | None,
    ) -> None:
        """Pass on or replay until either side goes."""
        began = time.perf_counter()
        source = self._replayed(exchange) if self.upstream is None else self._answered(*asked)
        gone = asyncio.create_task(reader.read(1))
        reading = None if exchange is None else Reading(exchange)
        try:
            async for piece in source:
                if gone.done():
                    return
                writer.write(piece)
                await writer.drain()
                if exchange is not None and reading is not None:
                    reading.feed(piece)
                    await self._note(exchange, (time.perf_counter() - began) * 1000)
        finally:
            gone.cancel()
            await source.aclose()

    async def _note(self, exchange: Exchange, ms: float) -> None:
        exchange.ms = ms
        if exchange.first_ms is None and len(exchange.reply) > exchange.opened:
            exchange.first_ms = ms
        async with self._grown:
            self._grown.notify_all()

    async def _answered(
        self, method: bytes, path: bytes, body: bytes
    ) -> AsyncGenerator[bytes, None]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.upstream)
        head = (
            b"%b %b HTTP/1.1\r\nHost: model\r\nConnection: close\r\nContent-Type: application/json"
        )
        writer.write(head % (method, path) + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        try:
            while piece := await reader.read(2**16):
                yield piece
        finally:
            writer.close()

    async def _replayed(self, exchange: Exchange | None) -> AsyncGenerator[bytes, None]:
        if exchange is None or not self.kept:
            yield b"HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"
            return
        was = self.kept.pop(0)
        yield (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/event-stream\r\n\r\n")
        reply, model = was["reply"], exchange.request["model"]
        for start in range(0, len(reply), _PIECE):
            yield _event(model, {"content": reply[start : start + _PIECE]}, None)
            await asyncio.sleep(0)
        if was["finish"] is None:
            await asyncio.sleep(_CUTTING_S)  # It was cut; whoever cut it may do so again.
        yield _event(model, {}, was["finish"] or "stop") + b"data: [DONE]\n\n"


def _event(model: str, delta: Json, finish: str | None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    body = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": model}
    return b"data: " + orjson.dumps({**body, "choices": [choice]}) + b"\n\n"


class Reading:
    """Takes from the bytes of an answer what they say, as they come."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._head: bytes | None = None
        self._raw = b""
        self._body = b""

    def feed(self, piece: bytes) -> None:
        """The next bytes, cut anywhere."""
        self._raw += piece
        if self._head is None:
            if b"\r\n\r\n" not in self._raw:
                return
            self._head, _, self._raw = self._raw.partition(b"\r\n\r\n")
        self._body += self._content()
        if not self._head.startswith(b"HTTP/1.1 200"):
            self._exchange.fault = self._body.decode("utf-8", "replace")
            return
        *lines, self._body = self._body.split(b"\n")
        for line in lines:
            if line.startswith(b"data: {"):
                self._event(orjson.loads(line[6:]))

    def _content(self) -> bytes:
        """What has come of the body, out of its chunks; a chunk that is not whole waits."""
        if b"chunked" not in (self._head or b"").lower():
            raw, self._raw = self._raw, b""
            return raw
        whole = b""
        while b"\r\n" in self._raw:
            size, _, rest = self._raw.partition(b"\r\n")
            count = int(size.partition(b";")[0], 16)
            if len(rest) < count + 2:
                break
            whole, self._raw = whole + rest[:count], rest[count + 2 :]
        return whole

    def _event(self, event: Json) -> None:
        found = self._exchange
        for choice in event.get("choices", ()):
            found.reply += (choice.get("delta") or {}).get("content") or ""
            found.finish = choice.get("finish_reason") or found.finish
        if timings := event.get("timings"):
            found.uncached = timings["prompt_n"]
            found.sent = timings["prompt_n"] + timings.get("cache_n", 0)
            found.got = timings["predicted_n"]
