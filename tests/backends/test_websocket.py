"""Streams over real sockets: success, cuts, many cuts in a row, and every failure of a server."""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from lsp_server.backends import failure_sentences
from lsp_server.backends.base import ConnectionState, Endpoint, Stream
from lsp_server.backends.pacing import Clock
from lsp_server.backends.pool import Locate
from lsp_server.backends.refusal_reading import RefusalReading
from lsp_server.backends.refusal_sentences import Party, sentence_of
from lsp_server.backends.refusals import RefusalKind
from lsp_server.backends.websocket import WebSocketBackend
from lsp_server.errors import BackendError, SettingsError
from lsp_server.session.events import Delta, Failed, Finished, ModelEvent, Started
from lsp_server.wording import setting
from tests.backends.servers import (
    REQUEST,
    TIMEOUT_S,
    Collector,
    FakeServer,
    Json,
    ManualClock,
    completed,
    created,
    delta,
    endless,
    serving,
    silent,
    warmed,
    well_behaved,
)
from tests.support.ports import closed_port


@asynccontextmanager
async def connected(
    endpoint: Endpoint | Locate, clock: Clock | None = None
) -> AsyncIterator[WebSocketBackend]:
    """A backend that leaves no task behind."""
    before = asyncio.all_tasks()
    backend = WebSocketBackend(endpoint, clock=clock, random=lambda: 0.5)
    try:
        yield backend
    finally:
        await backend.aclose()
        assert asyncio.all_tasks() <= before | _server_tasks()


def _server_tasks() -> set[asyncio.Task[Any]]:
    """Tasks of the fake server in the same loop."""
    return {task for task in asyncio.all_tasks() if "backends" not in repr(task.get_coro())}


def run(test: Coroutine[Any, Any, None]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(60):
            await test

    asyncio.run(bounded())


def failure(event: ModelEvent) -> str:
    assert isinstance(event, Failed), event
    return event.sentence


def test_an_answer_comes_as_events() -> None:
    async def test() -> None:
        async with serving(well_behaved) as server, connected(server.endpoint()) as backend:
            sink = Collector()
            backend.open(3, REQUEST, sink)
            assert not sink.events
            assert await sink.end() == Finished(3)
            assert sink.events[0] == Started(3, "test-model")
            texts = [event.text for event in sink.events if isinstance(event, Delta)]
            assert texts == ["one ", "two ", "three"]
            assert backend.status.state is ConnectionState.OPEN
            assert backend.status.served == "test-model"

    run(test())


def test_with_an_open_socket_the_request_is_written_before_open_returns() -> None:
    async def test() -> None:
        async with serving(endless) as server, connected(server.endpoint()) as backend:
            backend.warm()
            await server.until(lambda s: s.opened == 2)
            await until(lambda: backend.pool.peek() is not None)
            stream = backend.open(1, REQUEST, Collector())
            assert stream.written_ms is not None
            assert (await server.arrived.get())["model"] == "test-model"

    run(test())


async def until(condition: Callable[[], object]) -> None:
    """Let the loop turn until something local has come true."""
    async with asyncio.timeout(TIMEOUT_S):
        while not condition():
            await asyncio.sleep(0)


def test_the_socket_of_a_finished_answer_is_used_again() -> None:
    async def test() -> None:
        async with serving(well_behaved) as server, connected(server.endpoint()) as backend:
            for attempt in range(1, 8):
                sink = Collector()
                backend.open(attempt, REQUEST, sink)
                await sink.end()
            await server.until(lambda s: s.opened == 2)
            assert len(server.creates) == 7
            assert server.opened == 2

    run(test())


def test_a_cut_reaches_the_server_and_nothing_is_delivered_after_it() -> None:
    async def test() -> None:
        async with serving(endless) as server, connected(server.endpoint()) as backend:
            sink = Collector()
            stream = backend.open(1, REQUEST, sink)
            while len(sink.events) < 20:
                await sink.next()
            stream.close()
            stream.close()
            told = len(sink.events)
            await server.closes.get()
            second = Collector()
            backend.open(2, REQUEST, second)
            while len(second.events) < 20:
                await second.next()
            assert len(sink.events) == told

    run(test())


def test_a_cut_from_inside_the_sink_ends_the_events() -> None:
    async def test() -> None:
        async with serving(endless) as server, connected(server.endpoint()) as backend:
            events: list[ModelEvent] = []
            streams: list[Stream] = []

            def sink(event: ModelEvent) -> None:
                events.append(event)
                if len(events) == 5:
                    streams[0].close()

            streams.append(backend.open(1, REQUEST, sink))
            await server.closes.get()
            assert len(events) == 5

    run(test())


def test_the_server_sees_a_cut_also_when_it_never_answers_the_closing_handshake() -> None:
    """A bare TCP server that upgrades by hand and then only reads."""

    async def test() -> None:
        ended = asyncio.Event()
        received = bytearray()

        async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await upgrade_by_hand(reader, writer)
            try:
                while data := await reader.read(1000):
                    received.extend(data)
            except ConnectionError:
                pass
            if received:
                ended.set()
            writer.close()

        async with bare_server(client) as endpoint, connected(endpoint) as backend:
            stream = backend.open(1, REQUEST, Collector())
            await until(lambda: stream.written_ms is not None and received)
            stream.close()
            async with asyncio.timeout(TIMEOUT_S):
                await ended.wait()
            # The last frame is a masked close frame with code 1000.
            assert received[-8] == 0x88

    run(test())


@asynccontextmanager
async def bare_server(
    client: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]],
) -> AsyncIterator[Endpoint]:
    server = await asyncio.start_server(client, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield Endpoint(f"ws://127.0.0.1:{port}/v1/responses", connect_timeout_ms=5000)
    finally:
        server.close()


async def upgrade_by_hand(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    from websockets.utils import accept_key

    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    key = next(
        line.split(": ")[1] for line in head.split("\r\n") if line.startswith("Sec-WebSocket-Key")
    )
    writer.write(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + f"Sec-WebSocket-Accept: {accept_key(key)}\r\n\r\n".encode()
    )


def test_a_storm_of_redirects_opens_few_sockets_and_only_the_last_answer_counts() -> None:
    async def test() -> None:
        async with serving(endless) as server, connected(server.endpoint()) as backend:
            backend.warm()
            await server.until(lambda s: s.opened == 2)
            sinks = [Collector() for _ in range(20)]
            streams: list[Stream] = []
            began = time.monotonic()
            for attempt, sink in enumerate(sinks):
                streams.append(backend.open(attempt, REQUEST, sink))
                if attempt < 19:
                    await asyncio.sleep(0.01)
                    streams[-1].close()
            # A busy machine makes a longer storm of it, in which more sockets may be opened.
            stretched = max(1.0, (time.monotonic() - began) / 0.25)
            told = [len(sink.events) for sink in sinks[:-1]]
            while len(sinks[-1].events) < 20:
                await sinks[-1].next()
            assert [len(sink.events) for sink in sinks[:-1]] == told
            await server.until(lambda s: len(s.connections) == 2)
            assert server.opened <= 9 * stretched

    run(test())


def test_eight_streams_run_at_once_and_their_sockets_are_let_go() -> None:
    async def test() -> None:
        async with serving(endless) as server, connected(server.endpoint()) as backend:
            sinks = [Collector() for _ in range(8)]
            streams = [backend.open(1, REQUEST, sink) for sink in sinks]
            for sink in sinks:
                while len(sink.events) < 10:
                    await sink.next()
            for stream in streams:
                stream.close()
            await server.until(lambda s: s.closed >= 8 and len(s.connections) == 2)

    run(test())


def test_many_streams_leave_no_descriptor_open() -> None:
    async def test() -> None:
        descriptors = Path("/proc/self/fd")
        clock = ManualClock()
        async with serving(endless) as server, connected(server.endpoint(), clock) as backend:
            backend.warm()
            await server.until(lambda s: s.opened == 2)
            before = len(list(descriptors.iterdir())) if descriptors.exists() else 0
            for attempt in range(60):
                sink = Collector()
                stream = backend.open(attempt, REQUEST, sink)
                while len(sink.events) < 3:
                    await sink.next()
                clock.advance(1)
                stream.close()
            await server.until(lambda s: len(s.connections) == 2)
            after = len(list(descriptors.iterdir())) if descriptors.exists() else 0
            assert after <= before + 4

    run(test())


# Faults.


def test_nobody_there() -> None:
    async def test() -> None:
        port = closed_port()
        async with connected(Endpoint(f"ws://127.0.0.1:{port}/v1/responses")) as backend:
            sink = Collector()
            backend.open(1, REQUEST, sink)
            assert not sink.events
            place = f"ws://127.0.0.1:{port}"
            nobody = f"Nothing answers at {place}. Start that server or check {setting('url')}"
            assert failure(await sink.end()) == f"{nobody} in the profile."
            assert backend.status.state is ConnectionState.FAILED
            assert backend.status.sentence == f"{nobody} in the profile."
            async with serving(well_behaved, port=port):
                again = Collector()
                backend.open(2, REQUEST, again)
                assert isinstance(await again.end(), Finished)
                assert backend.status.sentence is None

    run(test())


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (302, "redirects to another address (302)"),
        (400, "answered 400 instead of opening a WebSocket"),
        (401, "rejected the key of this profile (401)"),
        (403, "denies this key access to the model (403)"),
        (404, "has nothing at this path (404). Check"),
        (426, "answered 426 instead of opening a WebSocket"),
        (429, "(429). Wait 7 s"),
        (500, "failed (500), which is the server's fault"),
        (503, "is overloaded (503). Wait 7 s"),
    ],
)
def test_refused_at_the_upgrade(status: int, words: str) -> None:
    async def test() -> None:
        def refuse(connection: ServerConnection, request: Request) -> Response:
            response = connection.respond(HTTPStatus(status), "sk-test-secret is wrong")
            response.headers["Retry-After"] = "7"
            response.headers["Location"] = "ws://127.0.0.1:1/elsewhere"
            return response

        async with (
            serving(well_behaved, process_request=refuse) as server,
            connected(server.endpoint()) as backend,
        ):
            sink = Collector()
            backend.open(1, REQUEST, sink)
            told = failure(await sink.end())
            assert words in told and server.endpoint().place in told
            assert "secret" not in told

    run(test())


def test_without_a_key_one_is_asked_for_at_the_upgrade() -> None:
    async def test() -> None:
        def refuse(connection: ServerConnection, request: Request) -> Response:
            return connection.respond(HTTPStatus(401), "who are you?")

        async with (
            serving(well_behaved, process_request=refuse) as server,
            connected(Endpoint(server.url)) as backend,
        ):
            sink = Collector()
            backend.open(1, REQUEST, sink)
            assert "asks for a key (401)" in failure(await sink.end())

    run(test())


def test_a_slow_upgrade_times_out() -> None:
    async def test() -> None:
        released = asyncio.Event()

        async def hold(connection: ServerConnection, request: Request) -> None:
            await released.wait()

        async with serving(well_behaved, process_request=hold) as server:
            endpoint = server.endpoint(connect_timeout_ms=50)
            async with connected(endpoint) as backend:
                sink = Collector()
                backend.open(1, REQUEST, sink)
                assert backend.status.state is ConnectionState.CONNECTING
                expected = failure_sentences.connect_timeout(endpoint.place, 0.05)
                assert failure(await sink.end()) == expected
            released.set()

    run(test())


def test_a_stream_may_be_closed_while_it_waits_for_a_socket() -> None:
    async def test() -> None:
        released = asyncio.Event()

        async def hold(connection: ServerConnection, request: Request) -> None:
            await released.wait()

        async with (
            serving(well_behaved, process_request=hold) as server,
            connected(server.endpoint()) as backend,
        ):
            first, second = Collector(), Collector()
            backend.open(1, REQUEST, first).close()
            backend.open(2, REQUEST, second)
            released.set()
            assert isinstance(await second.end(), Finished)
            assert not first.events
            assert len(server.creates) == 1

    run(test())


def test_not_a_websocket_server() -> None:
    async def test() -> None:
        async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"220 mail.example ESMTP\r\n\r\n")
            writer.close()

        async with bare_server(client) as endpoint, connected(endpoint) as backend:
            sink = Collector()
            backend.open(1, REQUEST, sink)
            assert failure(await sink.end()) == failure_sentences.no_upgrade(endpoint.place)

    run(test())


async def drop(state: FakeServer, connection: ServerConnection, create: Json) -> None:
    await connection.send(created())
    await connection.send(delta("def f"))
    await connection.drain()
    connection.transport.abort()


async def go_away(state: FakeServer, connection: ServerConnection, create: Json) -> None:
    await connection.send(created())
    await connection.close(1001)


async def overload(state: FakeServer, connection: ServerConnection, create: Json) -> None:
    await connection.send(created())
    await connection.close(1013)


async def malformed(state: FakeServer, connection: ServerConnection, create: Json) -> None:
    await connection.send(created())
    await connection.send('{"type":')


async def not_utf8(state: FakeServer, connection: ServerConnection, create: Json) -> None:
    await connection.send(created())
    await connection.send(b'{"type":"\xff"}', text=True)


async def enormous(state: FakeServer, connection: ServerConnection, create: Json) -> None:
    await connection.send(created())
    await connection.send(delta("x" * (17 * 2**20)))


async def broken(state: FakeServer, connection: ServerConnection, create: Json) -> None:
    await connection.send(created())
    connection.transport.write(b"\xff\xff\xff\xff")


async def failed(state: FakeServer, connection: ServerConnection, create: Json) -> None:
    await connection.send(created())
    error = {"code": "server_error", "message": "sk-test-secret"}
    await connection.send(json.dumps({"type": "response.failed", "response": {"error": error}}))


async def error(state: FakeServer, connection: ServerConnection, create: Json) -> None:
    event = {"type": "error", "status": 404, "error": {"code": "model_not_found"}}
    await connection.send(json.dumps(event))


def refusal(kind: RefusalKind, status: int | None = None) -> str:
    return sentence_of(RefusalReading(kind, status), Party("the model server", "test-model"))


FAULTS = {
    drop: failure_sentences.dropped(None),
    go_away: failure_sentences.dropped(1001),
    overload: failure_sentences.dropped(1013),
    malformed: failure_sentences.malformed("a frame that isn't a JSON object"),
    not_utf8: failure_sentences.malformed("a frame that isn't a JSON object"),
    enormous: failure_sentences.enormous_frame(16 * 2**20),
    broken: failure_sentences.broken_websocket(),
    failed: refusal(RefusalKind.SERVER),
    error: refusal(RefusalKind.NO_MODEL, 404),
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_fault_in_mid_answer_is_one_sentence_and_the_next_edit_works(fault: Any) -> None:
    async def test() -> None:
        broken_once = False

        async def answer(state: FakeServer, connection: ServerConnection, create: Json) -> None:
            nonlocal broken_once
            handler = well_behaved if broken_once else fault
            broken_once = True
            await handler(state, connection, create)

        async with serving(answer) as server, connected(server.endpoint()) as backend:
            sink = Collector()
            backend.open(1, REQUEST, sink)
            assert failure(await sink.end()) == FAULTS[fault]
            assert backend.status.sentence == FAULTS[fault]
            told = len(sink.events)
            again = Collector()
            backend.open(2, REQUEST, again)
            assert isinstance(await again.end(), Finished)
            assert len(sink.events) == told

    run(test())


def test_an_incomplete_answer_is_an_end_without_proof() -> None:
    async def incomplete(state: FakeServer, connection: ServerConnection, create: Json) -> None:
        await connection.send(created())
        details = {"incomplete_details": {"reason": "max_output_tokens"}}
        await connection.send(json.dumps({"type": "response.incomplete", "response": details}))

    async def test() -> None:
        async with serving(incomplete) as server, connected(server.endpoint()) as backend:
            sink = Collector()
            backend.open(1, REQUEST, sink)
            end = await sink.end()
            assert end == Finished(1, False, failure_sentences.incomplete("max_output_tokens"))

    run(test())


def test_the_wrong_model_is_reported() -> None:
    async def other(state: FakeServer, connection: ServerConnection, create: Json) -> None:
        for frame in (created("other-model"), delta("a"), completed("other-model")):
            await connection.send(frame)

    async def test() -> None:
        async with serving(other) as server, connected(server.endpoint()) as backend:
            sink = Collector()
            backend.open(1, REQUEST, sink)
            await sink.end()
            assert sink.events[0] == Started(1, "other-model")
            assert (backend.status.requested, backend.status.served) == (
                "test-model",
                "other-model",
            )

    run(test())


def test_silence_ends_the_stream() -> None:
    async def test() -> None:
        clock = ManualClock()
        async with serving(silent) as server, connected(server.endpoint(), clock) as backend:
            sink = Collector()
            backend.open(1, REQUEST, sink)
            await server.arrived.get()
            clock.advance(29)
            assert not sink.events
            clock.advance(2)
            assert failure(await sink.end()) == failure_sentences.silent(30)
            await server.closes.get()

    run(test())


def test_a_slow_server_has_time_to_read_a_long_prompt() -> None:
    async def test() -> None:
        go_on = asyncio.Event()

        async def slow(state: FakeServer, connection: ServerConnection, create: Json) -> None:
            await go_on.wait()
            await connection.send(created())
            await connection.send(delta("a"))

        clock = ManualClock()
        request = replace(REQUEST, instructions="", input="x" * 15_000)  # 100 s at 50 a second
        async with (
            serving(slow) as server,
            connected(replace(server.endpoint(), reads_per_s=50.0), clock) as backend,
        ):
            sink = Collector()
            backend.open(1, request, sink)
            await server.arrived.get()
            clock.advance(120)
            assert not sink.events
            go_on.set()
            await sink.next()
            assert isinstance(await sink.next(), Delta)
            clock.advance(130)
            assert failure(await sink.end()) == failure_sentences.silent(30)

    run(test())


def test_pings_are_a_sign_of_life_for_a_while() -> None:
    async def test() -> None:
        async def pings(state: FakeServer, connection: ServerConnection, create: Json) -> None:
            while True:
                await connection.ping()
                await asyncio.sleep(0.001)

        clock = ManualClock()
        async with serving(pings) as server, connected(server.endpoint(), clock) as backend:
            sink = Collector()
            stream = backend.open(1, REQUEST, sink)
            await server.arrived.get()
            for passed in range(0, 340, 20):
                line = stream._pooled
                while line is not None and stream._pooled is line and not line.socket.pinged:
                    await asyncio.sleep(0.001)
                assert passed >= 300 or not sink.events
                clock.advance(20)
                await asyncio.sleep(0.001)
            assert failure(await sink.end()) == failure_sentences.silent(30)

    run(test())


def test_a_server_that_speaks_now_and_then_is_not_silent() -> None:
    async def test() -> None:
        go_on = asyncio.Event()

        async def slow(state: FakeServer, connection: ServerConnection, create: Json) -> None:
            await connection.send(created())
            await go_on.wait()
            await connection.send('{"type":"codex.keepalive"}')
            await connection.send(delta("a"))

        clock = ManualClock()
        async with serving(slow) as server, connected(server.endpoint(), clock) as backend:
            sink = Collector()
            backend.open(1, REQUEST, sink)
            await sink.next()
            clock.advance(29)
            go_on.set()
            assert isinstance(await sink.next(), Delta)
            clock.advance(29)
            assert len(sink.events) == 2
            clock.advance(2)
            assert failure(await sink.end()) == failure_sentences.silent(30)

    run(test())


# Sockets that turn out to be dead.


def test_a_socket_that_was_dead_already_costs_no_attempt() -> None:
    """The server closes as soon as the request comes, before a single frame."""

    async def dead_once(state: FakeServer, connection: ServerConnection, create: Json) -> None:
        if len(state.creates) == 1:
            connection.transport.abort()
        else:
            await well_behaved(state, connection, create)

    async def test() -> None:
        async with serving(dead_once) as server, connected(server.endpoint()) as backend:
            sink = Collector()
            backend.open(1, REQUEST, sink)
            assert isinstance(await sink.end(), Finished)
            assert len(server.creates) == 2

    run(test())


def test_a_server_that_always_drops_the_request_is_asked_twice_only() -> None:
    async def dead(state: FakeServer, connection: ServerConnection, create: Json) -> None:
        connection.transport.abort()

    async def test() -> None:
        async with serving(dead) as server, connected(server.endpoint()) as backend:
            sink = Collector()
            backend.open(1, REQUEST, sink)
            assert failure(await sink.end()) == failure_sentences.dropped(None)
            assert len(server.creates) == 2

    run(test())


def test_a_connection_at_its_age_limit_costs_no_attempt() -> None:
    async def aged(state: FakeServer, connection: ServerConnection, create: Json) -> None:
        if len(state.creates) > 1:
            await well_behaved(state, connection, create)
            return
        fault = {"code": "websocket_connection_limit_reached"}
        await connection.send(json.dumps({"type": "error", "status": 400, "error": fault}))

    async def test() -> None:
        async with serving(aged) as server, connected(server.endpoint()) as backend:
            sink = Collector()
            backend.open(1, REQUEST, sink)
            assert isinstance(await sink.end(), Finished)
            assert isinstance(sink.events[0], Started)

    run(test())


# Warm-up.


def test_a_warmup_is_answered_before_the_request_and_is_not_part_of_it() -> None:
    async def test() -> None:
        async with serving(well_behaved) as server, connected(server.endpoint()) as backend:
            backend.warm()
            await until(lambda: backend.pool.peek() is not None)
            backend.warm(REQUEST)
            sink = Collector()
            backend.open(1, REQUEST, sink)
            assert await sink.end() == Finished(1)
            kinds = [type(event) for event in sink.events]
            assert kinds == [Started, Delta, Delta, Delta, Finished]
            await until(lambda: sum(map(warmed, server.creates)) == 1)
            assert backend.pool.takes_warmup

    run(test())


def test_a_server_that_writes_an_answer_to_a_warmup_is_not_asked_again() -> None:
    async def test() -> None:
        async with serving(endless) as server, connected(server.endpoint()) as backend:
            backend.warm()
            await until(lambda: backend.pool.peek() is not None)
            backend.warm(REQUEST)
            await until(lambda: not backend.pool.takes_warmup)
            await server.closes.get()
            backend.warm(REQUEST)
            assert len(server.creates) == 1
            sink = Collector()
            backend.open(1, REQUEST, sink)
            assert isinstance(await sink.next(), Started)

    run(test())


# Where the server is.


def test_the_server_is_looked_for_before_each_handshake() -> None:
    async def test() -> None:
        async with serving(well_behaved) as server:

            async def locate() -> Endpoint:
                return server.endpoint()

            async with connected(locate) as backend:
                sink = Collector()
                backend.open(1, REQUEST, sink)
                assert isinstance(await sink.end(), Finished)

    run(test())


def test_a_key_that_cannot_be_had_is_its_own_sentence() -> None:
    async def locate() -> Endpoint:
        raise BackendError("The command of apiKeyCommand failed.")

    async def test() -> None:
        async with connected(locate) as backend:
            sink = Collector()
            backend.open(1, REQUEST, sink)
            assert failure(await sink.end()) == "The command of apiKeyCommand failed."

    run(test())


def test_plain_sockets_go_to_this_machine_only() -> None:
    Endpoint("ws://localhost:8080/v1/responses")
    Endpoint("ws://[::1]:8080/v1/responses")
    Endpoint("wss://api.example.com/v1/responses")
    with pytest.raises(SettingsError):
        Endpoint("ws://api.example.com/v1/responses")


def test_a_failing_session_ends_its_stream_and_no_other() -> None:
    async def test() -> None:
        reported: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, c: reported.append(c))

        def sink(event: ModelEvent) -> None:
            raise RuntimeError("a fault of ours")

        async with serving(endless) as server, connected(server.endpoint()) as backend:
            backend.open(1, REQUEST, sink)
            await server.closes.get()
            assert len(reported) == 1
            other = Collector()
            backend.open(2, REQUEST, other)
            assert isinstance(await other.next(), Started)

    run(test())


def test_nothing_is_delivered_after_the_backend_has_closed() -> None:
    async def test() -> None:
        async with serving(endless) as server:
            backend = WebSocketBackend(server.endpoint())
            sink = Collector()
            backend.open(1, REQUEST, sink)
            await sink.next()
            await backend.aclose()
            told = len(sink.events)
            await server.until(lambda s: not s.connections)
            assert len(sink.events) == told
            assert backend.status.state is ConnectionState.CLOSED
            late = Collector()
            backend.open(2, REQUEST, late)
            assert failure(await late.end()) == failure_sentences.CLOSED

    run(test())


@pytest.mark.parametrize("seed", range(4))
def test_any_mix_of_cuts_and_faults_leaves_a_working_backend(seed: int) -> None:
    """Every stream has at most one end and nothing after its close, whatever the server does."""

    async def test() -> None:
        chance = random.Random(seed)
        clock = ManualClock()
        handlers = [well_behaved, endless, endless, silent, drop, go_away, malformed, failed]

        async def answer(state: FakeServer, connection: ServerConnection, create: Json) -> None:
            await chance.choice(handlers)(state, connection, create)

        async with serving(answer) as server, connected(server.endpoint(), clock) as backend:
            live: list[tuple[Stream, Collector]] = []
            closed: list[tuple[int, Collector]] = []
            for attempt in range(120):
                clock.advance(chance.choice([0.0, 0.01, 0.2, 1.0]))
                for _ in range(chance.randrange(30)):
                    await asyncio.sleep(0)
                if live and (len(live) > 4 or chance.random() < 0.6):
                    stream, sink = live.pop(chance.randrange(len(live)))
                    stream.close()
                    closed.append((len(sink.events), sink))
                sink = Collector()
                live.append((backend.open(attempt, REQUEST, sink), sink))
            for stream, sink in live:
                stream.close()
                closed.append((len(sink.events), sink))
            handlers[:] = [well_behaved]
            last = Collector()
            backend.open(0, REQUEST, last)
            while not any(isinstance(event, Finished | Failed) for event in last.events):
                clock.advance(0.1)
                await asyncio.sleep(0.001)
            assert isinstance(last.events[-1], Finished)
            for told, sink in closed:
                assert len(sink.events) == told
                ends = [e for e in sink.events if isinstance(e, Finished | Failed)]
                assert ends == sink.events[len(sink.events) - len(ends) :]
                assert len(ends) <= 1

    run(test())
