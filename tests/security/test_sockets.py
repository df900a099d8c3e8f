"""A model server on a WebSocket that sends compressed, endless or huge messages as raw bytes."""

import asyncio
import base64
import hashlib
import re
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from websockets.frames import Frame, Opcode

from lsp_server.backends.base import Endpoint
from lsp_server.backends.socket import MAX_WAITING_BYTES, DialError, ModelSocket, dial
from tests.gateway.clients import run
from tests.security.test_bombs import DEADLINE_S, MEGABYTE, PACKED

Talk = Callable[[asyncio.StreamWriter, str], Awaitable[None]]
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
MOST_BYTES = 100 * MEGABYTE


@asynccontextmanager
async def hostile(talk: Talk) -> AsyncIterator[Endpoint]:
    """A server that reads the handshake and then does what `talk` says."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            key = re.search(r"(?i)sec-websocket-key: (\S+)", head)
            digest = hashlib.sha1((key[1] + GUID).encode() if key else b"").digest()
            await talk(writer, base64.b64encode(digest).decode())
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield Endpoint(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/responses")
    finally:
        server.close()


def opened(writer: asyncio.StreamWriter, accept: str, *more: str) -> None:
    lines = ["HTTP/1.1 101 X", "Upgrade: websocket", "Connection: Upgrade"]
    lines += [f"Sec-WebSocket-Accept: {accept}", *more, "", ""]
    writer.write("\r\n".join(lines).encode())


def refused(talk: Talk) -> str:
    """The sentence with which dialling such a server ends."""
    sentences: list[str] = []

    async def test() -> None:
        async with hostile(talk) as endpoint:
            with pytest.raises(DialError) as error:
                await dial(endpoint, None)
            sentences.append(error.value.refusal.sentence)

    tracemalloc.start()
    try:
        run(test(), DEADLINE_S)
        assert tracemalloc.get_traced_memory()[1] < MOST_BYTES
    finally:
        tracemalloc.stop()
    return sentences[0]


class Counting:
    """A listener that counts what comes, and knows of the end."""

    def __init__(self) -> None:
        self.bytes = 0
        self.ended = asyncio.Event()

    def received(self, frame: bytes, read_ms: float) -> None:
        self.bytes += len(frame)

    def lost(self, sentence: str) -> None:
        self.ended.set()


async def listened(socket: ModelSocket) -> int:
    listener = Counting()
    socket.listen(listener)
    await listener.ended.wait()
    return listener.bytes


def test_packing_that_was_not_offered_is_refused() -> None:
    async def talk(writer: asyncio.StreamWriter, accept: str) -> None:
        opened(writer, accept, "Sec-WebSocket-Extensions: permessage-deflate")
        await writer.drain()

    assert "WebSocket" in refused(talk)


def test_a_packed_frame_ends_the_connection() -> None:
    async def test() -> None:
        async def talk(writer: asyncio.StreamWriter, accept: str) -> None:
            opened(writer, accept)
            packed = zlib.compress(b"x" * (64 * MEGABYTE), wbits=-15)
            frame = Frame(Opcode.TEXT, packed, rsv1=True)
            writer.write(frame.serialize(mask=False, extensions=[]))
            await writer.drain()
            await asyncio.sleep(60)

        async with hostile(talk) as endpoint:
            assert await listened(await dial(endpoint, None)) == 0

    run(test(), DEADLINE_S)


@pytest.mark.parametrize("what", ["packed body", "endless body", "large body", "headers", "line"])
def test_a_handshake_that_is_refused_at_great_length(what: str) -> None:
    async def talk(writer: asyncio.StreamWriter, accept: str) -> None:
        first, again = {
            "packed body": (b"Content-Encoding: gzip\r\n\r\n" + PACKED["gzip"][1][:900_000], b""),
            "endless body": (b"\r\n", b"x" * 65536),
            "large body": (b"Content-Length: 9999999999\r\n\r\n", b"x" * 65536),
            "headers": (b"", b"X: y\r\n" * 10_000),
            "line": (b"X: ", b"y" * 65536),
        }[what]
        writer.write(b"HTTP/1.1 500 X\r\n" + first)
        while again and not writer.is_closing():
            writer.write(again)
            await writer.drain()

    assert refused(talk)


def test_a_message_of_empty_pieces_without_an_end() -> None:
    async def test() -> None:
        async def talk(writer: asyncio.StreamWriter, accept: str) -> None:
            opened(writer, accept)
            piece = Frame(Opcode.CONT, b"", fin=False).serialize(mask=False, extensions=[])
            writer.write(Frame(Opcode.TEXT, b"{", fin=False).serialize(mask=False, extensions=[]))
            while not writer.is_closing():
                writer.write(piece * 10_000)
                await writer.drain()

        async with hostile(talk) as endpoint:
            assert await listened(await dial(endpoint, None)) == 0

    run(test(), DEADLINE_S)


def test_frames_that_nobody_listens_to_stop_being_read() -> None:
    """As while a socket idles in the pool."""

    async def test() -> None:
        sent = 0

        async def talk(writer: asyncio.StreamWriter, accept: str) -> None:
            nonlocal sent
            opened(writer, accept)
            frame = Frame(Opcode.TEXT, b"x" * MEGABYTE).serialize(mask=False, extensions=[])
            while sent < 200 * MEGABYTE:
                writer.write(frame)
                await writer.drain()
                sent += MEGABYTE

        async with hostile(talk) as endpoint:
            socket = await dial(endpoint, None)
            await asyncio.sleep(3)
            held = sum(len(message) for message, _ in socket._inbox)
            assert held <= MAX_WAITING_BYTES + 2 * MEGABYTE
            assert sent < 100 * MEGABYTE
            socket.cut()

    run(test(), DEADLINE_S)


def test_pings_whose_answers_nobody_reads() -> None:
    async def test() -> None:
        async def talk(writer: asyncio.StreamWriter, accept: str) -> None:
            opened(writer, accept)
            pings = Frame(Opcode.PING, b"p" * 125).serialize(mask=False, extensions=[]) * 5000
            while not writer.is_closing():
                writer.write(pings)
                await writer.drain()

        async with hostile(talk) as endpoint:
            socket = await dial(endpoint, None)
            assert await listened(socket) == 0
            assert socket.transport.get_write_buffer_size() < MOST_BYTES

    run(test(), DEADLINE_S)
