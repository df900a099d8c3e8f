"""The number of sockets, when they are renewed, and when a lost one is replaced."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from lsp_server.backends import pool as pool_module
from lsp_server.backends.base import ConnectionState, Endpoint
from lsp_server.backends.pool import AGE_SPREAD_S, MAX_AGE_S, SETTLED_S, Pool, PooledSocket
from lsp_server.backends.socket import ConnectRefusal, DialError, ModelSocket
from tests.backends.servers import TIMEOUT_S, FakeServer, ManualClock, serving, silent


class Asker:
    """A waiter that remembers."""

    def __init__(self) -> None:
        self.line: PooledSocket | None = None
        self.sentence: str | None = None

    def granted(self, line: PooledSocket) -> None:
        self.line = line

    def refused(self, sentence: str) -> None:
        self.sentence = sentence


@asynccontextmanager
async def pooled(server: FakeServer, clock: ManualClock) -> AsyncIterator[Pool]:
    async def locate() -> Endpoint:
        return server.endpoint()

    pool = Pool(locate, clock=clock, random=lambda: 0.5)
    try:
        yield pool
    finally:
        await pool.aclose()


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(60):
            await test()

    asyncio.run(bounded())


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(TIMEOUT_S):
        while not condition():
            await asyncio.sleep(0)


def test_nothing_is_opened_before_it_is_asked_for() -> None:
    async def test() -> None:
        async with serving(silent) as server, pooled(server, ManualClock()) as pool:
            assert pool.state is ConnectionState.CLOSED
            assert pool.peek() is None
            assert server.opened == 0

    run(test)


def test_one_in_use_and_one_spare() -> None:
    async def test() -> None:
        async with serving(silent) as server, pooled(server, ManualClock()) as pool:
            pool.warm()
            assert pool.state is ConnectionState.CONNECTING
            await until(lambda: pool.idle == 2)
            line = pool.take()
            assert line is not None and pool.idle == 1
            spare = pool.take()
            assert spare is not None
            await until(lambda: pool.idle == 1)
            pool.give_back(line)
            pool.give_back(spare)
            assert pool.idle == 2
            await server.until(lambda s: s.opened == 3 and len(s.connections) == 2)

    run(test)


def test_sockets_are_renewed_before_an_hour_and_one_stays_open_meanwhile() -> None:
    async def test() -> None:
        clock = ManualClock()
        async with serving(silent) as server, pooled(server, clock) as pool:
            pool.warm()
            await until(lambda: pool.idle == 2)
            clock.advance(MAX_AGE_S - AGE_SPREAD_S - 1)
            assert server.opened == 2
            clock.advance(AGE_SPREAD_S + 1)
            assert pool.peek() is not None
            await server.until(lambda s: s.opened == 4 and len(s.connections) == 2)
            assert pool.state is ConnectionState.OPEN

    run(test)


def test_a_socket_in_use_is_renewed_only_when_its_answer_has_ended() -> None:
    async def test() -> None:
        clock = ManualClock()
        async with serving(silent) as server, pooled(server, clock) as pool:
            pool.warm()
            await until(lambda: pool.idle == 2)
            line = pool.take()
            assert line is not None
            clock.advance(MAX_AGE_S)
            await server.until(lambda s: s.opened == 3 and len(s.connections) == 2)
            assert line.socket.alive
            pool.give_back(line)
            await until(lambda: not line.socket.alive)
            await server.until(lambda s: s.opened == 4 and len(s.connections) == 2)

    run(test)


def test_a_socket_that_dies_idle_is_replaced() -> None:
    async def test() -> None:
        clock = ManualClock()
        async with serving(silent) as server, pooled(server, clock) as pool:
            pool.warm()
            await until(lambda: pool.idle == 2)
            clock.advance(SETTLED_S)
            for connection in list(server.connections):
                connection.transport.abort()
            await server.until(lambda s: s.opened == 4)
            await until(lambda: pool.idle == 2)

    run(test)


def test_sockets_that_die_at_once_are_replaced_ever_more_slowly() -> None:
    async def test() -> None:
        clock = ManualClock()
        async with serving(silent) as server, pooled(server, clock) as pool:
            pool.warm()
            await until(lambda: pool.idle == 2)
            delays = []
            for _ in range(4):
                await server.until(lambda s: len(s.connections) == 2)
                for connection in list(server.connections):
                    connection.transport.abort()
                await until(lambda: not pool._idle)
                planned = [timer for timer in clock.timers if timer.callback == pool._refill]
                delays.append(max(timer.when for timer in planned) - clock.now)
                clock.advance(60)
                await until(lambda: pool.idle == 2)
            assert delays == sorted(delays)
            assert delays[-1] > delays[0]

    run(test)


def test_pieces_of_an_answer_on_an_idle_socket_make_it_useless() -> None:
    async def test() -> None:
        async with serving(silent) as server, pooled(server, ManualClock()) as pool:
            pool.warm()
            await until(lambda: pool.idle == 2)
            await server.until(lambda s: len(s.connections) == 2)
            bad, good = server.connections
            await good.send('{"type":"codex.keepalive"}')
            await bad.send('{"type":"response.output_text.delta","delta":"x"}')
            await server.until(lambda s: s.opened == 3 and len(s.connections) == 2)
            assert good in server.connections

    run(test)


def test_a_refused_key_is_not_tried_again_by_ourselves() -> None:
    async def test() -> None:
        tries = 0

        def refuse(connection: ServerConnection, request: Request) -> Response:
            nonlocal tries
            tries += 1
            return connection.respond(HTTPStatus.UNAUTHORIZED, "")

        clock = ManualClock()
        async with (
            serving(silent, process_request=refuse) as server,
            pooled(server, clock) as pool,
        ):
            asker = Asker()
            pool.wait(asker)
            await until(lambda: asker.sentence)
            await until(lambda: not pool._handshakes)
            before = tries
            clock.advance(3600)
            assert not pool._handshakes
            assert tries == before
            again = Asker()
            pool.wait(again)
            await until(lambda: again.sentence)
            assert tries > before

    run(test)


def test_an_overloaded_server_is_tried_again_with_growing_delays() -> None:
    async def test() -> None:
        overloaded = True

        def refuse(connection: ServerConnection, request: Request) -> Response | None:
            if not overloaded:
                return None
            return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "")

        clock = ManualClock()
        async with (
            serving(silent, process_request=refuse) as server,
            pooled(server, clock) as pool,
        ):
            pool.warm()
            for _ in range(3):
                await until(lambda: pool.state is ConnectionState.FAILED)
                await until(lambda: not pool._handshakes)
                clock.advance(60)
                await until(lambda: not pool._handshakes)
            overloaded = False
            clock.advance(60)
            await until(lambda: pool.idle == 2)
            assert pool.sentence is None

    run(test)


def test_who_waits_is_notified_when_two_handshakes_fail_in_the_same_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As they do where a server accepts and never says a word: both have the same time."""
    begun = 0

    async def test() -> None:
        over = asyncio.Event()

        async def mute(*_: object) -> ModelSocket:
            nonlocal begun
            begun += 1
            await over.wait()
            raise DialError(ConnectRefusal("The server is mute."))

        monkeypatch.setattr(pool_module, "dial", mute)
        async with pooled(FakeServer(url="ws://127.0.0.1:9/v1"), ManualClock()) as pool:
            asker = Asker()
            pool.wait(asker)
            await until(lambda: begun == 2)
            over.set()
            await until(lambda: asker.sentence or begun > 2)
            assert (asker.sentence, begun) == ("The server is mute.", 2)

    run(test)
