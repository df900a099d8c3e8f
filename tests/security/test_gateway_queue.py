"""A holder of the gateway's token who asks for more than it can be given, or never reads."""

import asyncio
import json

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Frame, Opcode

from lsp_server.gateway.child import GatewayChild
from lsp_server.gateway.conversation import MAX_ANSWER, MAX_QUEUED
from lsp_server.gateway.gateway_server import MAX_CONNECTIONS
from tests.gateway.clients import TOKEN, answer, ask, client, run, running
from tests.gateway.scripted import Scripted, Waiting
from tests.security.test_bombs import DEADLINE_S, MEGABYTE, MOST_BYTES, gateway, most_held

FULL = "The gateway is out of room. Try again when some answers have ended."


def create(text: str) -> str:
    return json.dumps({"type": "response.create", "model": "practice", "input": text})


async def faults(connection: ClientConnection, number: int) -> list[str]:
    """The sentences of so many refused requests."""
    sentences: list[str] = []
    while len(sentences) < number:
        event = json.loads(await connection.recv())
        if event["type"] == "error":
            sentences.append(event["error"]["message"])
    return sentences


def test_thousands_of_requests_while_one_runs() -> None:
    async def test() -> None:
        number = 20_000
        async with running(Waiting()) as served, client(served) as connection:

            async def flood() -> None:
                for _ in range(number):
                    await connection.send(create("x"))

            sending = asyncio.create_task(flood())
            sentences = await faults(connection, number - MAX_QUEUED - 1)
            await sending
            assert set(sentences) == {
                f"More than {MAX_QUEUED} requests are waiting on this socket. "
                "Wait for answers first."
            }

    run(test(), DEADLINE_S)


def test_large_requests_on_many_sockets() -> None:
    """Each socket may have some wait, all together no more than the gateway can hold."""

    async def test() -> None:
        large = create("x" * (8 * MEGABYTE))
        async with running(Waiting()) as served:
            headers = {"Authorization": f"Bearer {TOKEN}"}
            sockets = [await connect(served.url, additional_headers=headers) for _ in range(8)]
            for connection in sockets:
                for _ in range(3):
                    await connection.send(large)
            told = [asyncio.create_task(faults(connection, 1)) for connection in sockets]
            done, waiting = await asyncio.wait(told, return_when=asyncio.FIRST_COMPLETED)
            assert {sentence for task in done for sentence in task.result()} == {FULL}
            for task in waiting:
                task.cancel()
            for connection in sockets:
                connection.transport.abort()
            # What they had it hold is free for the next one.
            async with connect(served.url, additional_headers=headers) as fresh:
                await fresh.send(create("x"))
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(1):
                        await faults(fresh, 1)

    run(test(), DEADLINE_S)


def test_a_conversation_that_grows_and_grows() -> None:
    async def test() -> None:
        async with running(Scripted()) as served, client(served) as connection:
            previous: str | None = None
            for _ in range(40):
                fields = {"previous_response_id": previous} if previous else {}
                await ask(connection, input="x" * (2 * MEGABYTE), **fields)
                last = (await answer(connection))[-1]
                if last["type"] == "error":
                    assert last["error"]["code"] == "context_length_exceeded"
                    break
                previous = last["response"]["id"]
            else:
                pytest.fail("It has no end.")

    run(test(), DEADLINE_S)


def test_more_sockets_than_there_may_be() -> None:
    async def test() -> None:
        async with running(Waiting()) as served:
            async with asyncio.TaskGroup() as group:
                headers = {"Authorization": f"Bearer {TOKEN}"}
                dials = [
                    group.create_task(connect(served.url, additional_headers=headers).__aenter__())
                    for _ in range(MAX_CONNECTIONS)
                ]
            connections = [dial.result() for dial in dials]
            with pytest.raises(InvalidStatus) as refused:
                await connect(served.url, additional_headers=headers).__aenter__()
            assert refused.value.response.status_code == 503
            assert b"which is its limit" in (refused.value.response.body or b"")
            connections.pop().transport.abort()
            while True:
                try:
                    connections.append(
                        await connect(served.url, additional_headers=headers).__aenter__()
                    )
                    break
                except InvalidStatus:
                    await asyncio.sleep(0.01)
            for connection in connections:
                connection.transport.abort()

    run(test(), DEADLINE_S)


@pytest.mark.parametrize("opcode", [Opcode.PING, Opcode.TEXT])
def test_a_client_that_asks_and_never_reads(opcode: Opcode) -> None:
    """Pings are answered, and refusals told, at once; what is not read must not pile up."""

    async def test() -> None:
        async with gateway(None) as (connection, pid):
            connection.transport.pause_reading()
            data = b"p" * 100 if opcode == Opcode.PING else b'{"type": "response.steer", "input": "'
            data += b"" if opcode == Opcode.PING else b"x" * 20_000 + b'"}'
            frame = Frame(opcode, data).serialize(mask=True, extensions=[])
            block = frame * (MEGABYTE // len(frame) + 1)
            try:
                async with asyncio.timeout(10):
                    for _ in range(600):
                        connection.transport.write(block)
                        await connection.drain()
            except (TimeoutError, ConnectionError, ConnectionClosed):
                pass  # It reads no more of us, or has dropped us.
            assert most_held(pid) < MOST_BYTES
            connection.transport.abort()

    run(test(), DEADLINE_S)


def test_a_message_of_empty_pieces_without_an_end() -> None:
    async def test() -> None:
        async with gateway(None) as (connection, _):
            begin = Frame(Opcode.TEXT, b"{", fin=False).serialize(mask=True, extensions=[])
            piece = Frame(Opcode.CONT, b"", fin=False).serialize(mask=True, extensions=[])
            connection.transport.write(begin + piece * 100_000)
            with pytest.raises(ConnectionClosed):
                await connection.recv()

    run(test(), DEADLINE_S)


@pytest.mark.parametrize("part", ["{}", "0", '""', "[]", '{"role":"user","content":""}'])
def test_a_request_of_millions_of_parts(part: str) -> None:
    async def test() -> None:
        child = GatewayChild()
        try:
            endpoint = await child.endpoint()
            headers = dict(endpoint.headers)
            async with connect(endpoint.url, additional_headers=headers) as connection:
                parts = ",".join([part] * (15 * MEGABYTE // (len(part) + 1)))
                await connection.send(f'{{"type":"response.create","model":"m","input":[{parts}]}}')
                assert json.loads(await connection.recv())["type"] == "error"
                assert child.pid is not None and most_held(child.pid) < MOST_BYTES
        finally:
            await child.aclose()

    run(test(), DEADLINE_S)


def test_an_answer_longer_than_any_model_writes() -> None:
    async def test() -> None:
        piece = "x" * 2**16
        pieces = [piece] * (MAX_ANSWER // len(piece) + 1)
        async with running(Scripted(*pieces)) as served, client(served) as connection:
            await ask(connection)
            last = (await answer(connection))[-1]
            assert last["response"]["error"]["code"] == "answer_too_long"

    run(test(), DEADLINE_S)
