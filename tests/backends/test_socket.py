"""One socket: slices, fragments, and the sentence for its loss."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.server import ServerConnection

from lsp_server.backends import failure_sentences
from lsp_server.backends import socket as socket_module
from lsp_server.backends.base import Endpoint
from lsp_server.backends.socket import DialError, ModelSocket, dial
from tests.backends.servers import TIMEOUT_S, FakeServer, Json, serving


class Ear:
    """A listener that remembers, and may act on each frame."""

    def __init__(self, act: Callable[[bytes], None] = lambda _: None) -> None:
        self.frames: list[bytes] = []
        self.sentence: str | None = None
        self.act = act

    def received(self, frame: bytes, read_ms: float) -> None:
        self.frames.append(frame)
        self.act(frame)

    def lost(self, sentence: str) -> None:
        self.sentence = sentence


@asynccontextmanager
async def dialled(server: FakeServer) -> AsyncIterator[ModelSocket]:
    socket = await dial(server.endpoint(), None)
    try:
        yield socket
    finally:
        socket.cut()
        await socket.wait_closed()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(TIMEOUT_S):
        while not condition():
            await asyncio.sleep(0)


async def flood(state: FakeServer, connection: ServerConnection, create: Json) -> None:
    for number in range(2000):
        await connection.send(str(number))
    await connection.close(1001)


async def fragments(state: FakeServer, connection: ServerConnection, create: Json) -> None:
    await connection.send(["one ", "two ", "three"])


def test_a_flood_comes_whole_and_in_order_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    # Each frame uses up its slice, so the loop turns between any two of them.
    monkeypatch.setattr(socket_module, "SLICE_MS", 0.0)

    async def test() -> None:
        async with serving(flood) as server, dialled(server) as socket:
            ear = Ear()
            socket.listen(ear)
            socket.send_now(b"{}")
            await until(lambda: ear.sentence)
            assert ear.frames == [str(number).encode() for number in range(2000)]
            assert ear.sentence == failure_sentences.dropped(1001)
            assert not socket.alive

    asyncio.run(test())


def test_fragments_are_joined() -> None:
    async def test() -> None:
        async with serving(fragments) as server, dialled(server) as socket:
            ear = Ear()
            socket.listen(ear)
            socket.send_now(b"{}")
            await until(lambda: ear.frames)
            assert ear.frames == [b"one two three"]

    asyncio.run(test())


def test_nothing_is_heard_after_a_cut_in_the_middle_of_a_flood() -> None:
    async def test() -> None:
        async with serving(flood) as server, dialled(server) as socket:

            def cut_at_ten(frame: bytes) -> None:
                if frame == b"10":
                    socket.cut()

            ear = Ear(cut_at_ten)
            socket.listen(ear)
            socket.send_now(b"{}")
            await server.closes.get()
            assert len(ear.frames) == 11
            assert ear.sentence is None

    asyncio.run(test())


def test_frames_wait_for_a_listener() -> None:
    async def test() -> None:
        async with serving(fragments) as server, dialled(server) as socket:
            socket.send_now(b"{}")
            await until(lambda: socket._inbox)
            ear = Ear()
            socket.listen(ear)
            assert not ear.frames
            await until(lambda: ear.frames)

    asyncio.run(test())


def test_a_loss_without_a_listener_is_reported_to_the_next_one() -> None:
    async def test() -> None:
        async with serving(fragments) as server, dialled(server) as socket:
            await server.until(lambda s: s.opened == 1)
            next(iter(server.connections)).transport.abort()
            await until(lambda: not socket.alive)
            await socket.wait_closed()
            ear = Ear()
            socket.listen(ear)
            await until(lambda: ear.sentence)

    asyncio.run(test())


def test_pings_are_answered_while_nobody_listens() -> None:
    async def test() -> None:
        async with serving(fragments) as server, dialled(server):
            await server.until(lambda s: s.opened == 1)
            async with asyncio.timeout(TIMEOUT_S):
                await (await next(iter(server.connections)).ping())

    asyncio.run(test())


def test_an_unknown_host_has_its_own_sentence() -> None:
    async def test() -> None:
        # The name is reserved for tests by RFC 6761 and never resolves.
        endpoint = Endpoint("wss://midstream.invalid/v1/responses", connect_timeout_ms=5000)
        with pytest.raises(DialError) as error:
            await dial(endpoint, None)
        assert f"The host of {endpoint.place} isn't known" in error.value.refusal.sentence

    with pytest.MonkeyPatch.context() as patch:
        for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            patch.delenv(name, raising=False)
        asyncio.run(test())
