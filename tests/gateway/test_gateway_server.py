"""The gateway over real sockets: with the unmodified `openai` client, with our own, and raw."""

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from openai import AsyncOpenAI
from openai.types.responses import (
    ResponseCompletedEvent,
    ResponseContentPartAddedEvent,
    ResponseContentPartDoneEvent,
    ResponseCreatedEvent,
    ResponseFailedEvent,
    ResponseIncompleteEvent,
    ResponseInProgressEvent,
    ResponseOutputItemAddedEvent,
    ResponseOutputItemDoneEvent,
    ResponseTextDeltaEvent,
    ResponseTextDoneEvent,
)
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from lsp_server.backends.base import Endpoint
from lsp_server.backends.websocket import WebSocketBackend
from lsp_server.gateway.conversation import MAX_QUEUED
from lsp_server.session.events import Delta, Finished, Started
from tests.backends.servers import REQUEST, Collector
from tests.gateway.clients import TOKEN, answer, ask, base_url, client, run, running
from tests.gateway.scripted import Endless, Failing, Scripted, Waiting

MODELS = {
    model.model_fields["type"].annotation.__args__[0]: model  # type: ignore[union-attr]
    for model in (
        ResponseCreatedEvent,
        ResponseInProgressEvent,
        ResponseOutputItemAddedEvent,
        ResponseContentPartAddedEvent,
        ResponseTextDeltaEvent,
        ResponseTextDoneEvent,
        ResponseContentPartDoneEvent,
        ResponseOutputItemDoneEvent,
        ResponseCompletedEvent,
        ResponseIncompleteEvent,
        ResponseFailedEvent,
    )
}


FULL_ORDER = [
    "response.created",
    "response.in_progress",
    "response.output_item.added",
    "response.content_part.added",
    "response.output_text.delta",
    "response.output_text.delta",
    "response.output_text.done",
    "response.content_part.done",
    "response.output_item.done",
    "response.completed",
]


def test_all_events_come_in_order_and_fit_the_types_of_openais_client() -> None:
    async def test() -> None:
        async with running(Scripted("one ", "two")) as gateway, client(gateway) as connection:
            await ask(connection, stream=True, some_new_field={"deep": 1}, store=False)
            events = await answer(connection)
            assert [event["type"] for event in events] == FULL_ORDER
            assert [event["sequence_number"] for event in events] == list(range(10))
            for event in events:
                MODELS[event["type"]].model_validate(event, strict=True)
            last = ResponseCompletedEvent.model_validate(events[-1]).response
            assert last.output_text == "one two"
            assert last.usage is not None and last.usage.output_tokens == 2

    run(test())


def test_openais_own_client() -> None:
    async def test() -> None:
        provider = Scripted("one ", "two")
        async with (
            running(provider) as gateway,
            AsyncOpenAI(api_key=TOKEN, base_url=base_url(gateway)) as openai,
            openai.responses.connect() as connection,
        ):
            await connection.response.create(model="practice", input="hello", generate=False)
            warm = await _until_completed(connection)
            await connection.response.create(
                model="practice",
                instructions="Be short.",
                input=[{"role": "user", "content": "again"}],
                previous_response_id=warm[-1].response.id,
            )
            events = await _until_completed(connection)
            texts = [e.delta for e in events if e.type == "response.output_text.delta"]
            assert texts == ["one ", "two"]
            assert provider.asked[0].instructions == "Be short."
            assert [m.text for m in provider.asked[0].messages] == ["hello", "again"]
            await connection.response.create(
                model="practice", input="x", previous_response_id="resp_of_somebody_else"
            )
            error = await connection.recv()
            assert error.type == "error"
            assert error.error.code == "previous_response_not_found"

    run(test())


async def _until_completed(connection: Any) -> list[Any]:
    events: list[Any] = []
    while not events or events[-1].type != "response.completed":
        events.append(await connection.recv())
    return events


def test_our_own_client() -> None:
    async def test() -> None:
        async with running(Scripted("one ", "two")) as gateway:
            endpoint = Endpoint(gateway.url, {"Authorization": f"Bearer {TOKEN}"})
            backend = WebSocketBackend(endpoint)
            sink = Collector()
            backend.open(1, REQUEST, sink)
            assert await sink.end() == Finished(1)
            assert isinstance(sink.events[0], Started)
            assert [e.text for e in sink.events if isinstance(e, Delta)] == ["one ", "two"]
            await backend.aclose()

    run(test())


def test_requests_on_one_socket_are_answered_one_after_the_other() -> None:
    async def test() -> None:
        provider = Scripted("word")
        async with running(provider) as gateway, client(gateway) as connection:
            for number in range(5):
                await ask(connection, input=f"number {number}")
            answers = [await answer(connection) for _ in range(5)]
            ids = [{e["response"]["id"] for e in events if "response" in e} for events in answers]
            assert all(len(one) == 1 for one in ids)
            assert [c.input for c in provider.asked] == [f"number {n}" for n in range(5)]

    run(test())


def test_too_many_waiting_requests_are_refused() -> None:
    async def test() -> None:
        async with running(Waiting()) as gateway, client(gateway) as connection:
            for _ in range(MAX_QUEUED + 2):
                await ask(connection)
            while True:
                event = json.loads(await connection.recv())
                if event["type"] == "error":
                    break
            assert event["error"]["code"] == "rate_limit_exceeded"

    run(test())


def test_only_the_most_recent_response_can_be_continued() -> None:
    async def test() -> None:
        provider = Scripted("yes")
        async with running(provider) as gateway, client(gateway) as connection:
            await ask(connection, input="first")
            first = (await answer(connection))[-1]["response"]["id"]
            await ask(connection, input="second", previous_response_id=first)
            second = (await answer(connection))[-1]["response"]["id"]
            said = [(m.role, m.text) for m in provider.asked[1].messages]
            assert said == [("user", "first"), ("assistant", "yes"), ("user", "second")]
            await ask(connection, input="third", previous_response_id=first)
            (error,) = await answer(connection)
            assert error["error"]["code"] == "previous_response_not_found"
            await ask(connection, input="third", previous_response_id=second)
            assert (await answer(connection))[-1]["type"] == "response.completed"

    run(test())


def test_a_warmup_is_answered_without_text() -> None:
    async def test() -> None:
        provider = Scripted("never")
        async with running(provider) as gateway, client(gateway) as connection:
            await ask(connection, generate=False)
            kinds = [event["type"] for event in await answer(connection)]
            assert kinds == ["response.created", "response.in_progress", "response.completed"]
            assert not provider.asked

    run(test())


def test_a_lane_is_named_in_each_of_its_events() -> None:
    async def test() -> None:
        async with running(Scripted("a")) as gateway, client(gateway) as connection:
            await ask(connection, stream_id="lane")
            assert {event["stream_id"] for event in await answer(connection)} == {"lane"}
            await ask(connection, stream_id="lane", previous_response_id="gone")
            (error,) = await answer(connection)
            assert error["stream_id"] == "lane"

    run(test())


def test_the_token_limit_cuts() -> None:
    async def test() -> None:
        async with running(Scripted("a", "b", "c")) as gateway, client(gateway) as connection:
            await ask(connection, max_output_tokens=2)
            last = (await answer(connection))[-1]
            assert last["type"] == "response.incomplete"
            assert last["response"]["incomplete_details"] == {"reason": "max_output_tokens"}
            ResponseIncompleteEvent.model_validate(last, strict=True)
            await ask(connection, max_output_tokens=3)
            assert (await answer(connection))[-1]["type"] == "response.completed"

    run(test())


def test_what_a_provider_says_when_it_fails_reaches_the_client() -> None:
    async def test() -> None:
        async with running(Failing()) as gateway, client(gateway) as connection:
            await ask(connection)
            last = (await answer(connection))[-1]
            assert last["type"] == "response.failed"
            assert last["response"]["error"] == {
                "code": "insufficient_quota",
                "message": "The model has no credit.",
            }

    run(test())


def test_a_fault_of_ours_is_logged_and_the_socket_stays_of_use(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def test() -> None:
        provider = Failing(RuntimeError("a fault"))
        async with running(provider) as gateway, client(gateway) as connection:
            for _ in range(2):
                await ask(connection)
                last = (await answer(connection))[-1]
                assert last["response"]["error"]["code"] == "server_error"
                ResponseFailedEvent.model_validate(last)

    with caplog.at_level(logging.ERROR):
        run(test())
    assert "a fault" in caplog.text


@pytest.mark.parametrize("provider_class", [Endless, Waiting])
@pytest.mark.parametrize("how", ["close frame", "lost"])
def test_a_client_that_goes_cancels_the_provider(provider_class: type[Endless], how: str) -> None:
    async def test() -> None:
        provider = provider_class()
        async with running(provider) as gateway, client(gateway) as connection:
            await ask(connection)
            await provider.asked.wait()
            if how == "lost":
                connection.transport.abort()
            else:
                # Only the frame: the client neither waits for the answer nor drops the socket.
                connection.protocol.send_close(1000)
                connection.send_data()
            await provider.cancelled.wait()

    run(test())


def test_a_client_that_does_not_read_slows_its_provider_and_nobody_else() -> None:
    async def test() -> None:
        written = 0

        class Fast(Endless):
            async def stream(self, create: Any) -> AsyncIterator[str]:
                nonlocal written
                while True:
                    written += 1
                    yield "word " * 1000

        async with running(Fast()) as gateway, client(gateway) as slow, client(gateway) as other:
            slow.transport.pause_reading()
            await ask(slow)
            before = -1
            while written != before:
                before = written
                for _ in range(200):
                    await asyncio.sleep(0)
            await ask(other, generate=False)
            assert (await answer(other))[-1]["type"] == "response.completed"
            slow.transport.abort()

    run(test())


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/v1/responses", {}, 401),
        ("/v1/responses", {"Authorization": "Bearer wrong"}, 401),
        ("/v1/responses", {"Authorization": f"Basic {TOKEN}"}, 401),
        ("/v1/responses", {"Authorization": f"Bearer {TOKEN}", "Origin": "https://a.com"}, 403),
        ("/v1/other", {"Authorization": f"Bearer {TOKEN}"}, 404),
    ],
)
def test_who_may_not_come_in(path: str, headers: dict[str, str], status: int) -> None:
    async def test() -> None:
        async with running(Scripted()) as gateway:
            url = gateway.url.replace("/v1/responses", path)
            with pytest.raises(InvalidStatus) as refusal:
                await connect(url, additional_headers=headers)
            assert refusal.value.response.status_code == status
            sentence = refusal.value.response.body.decode()
            assert sentence.strip().endswith(".") or sentence.strip().endswith(")")
            assert TOKEN not in sentence

    run(test())


def test_small_frames_leave_at_once() -> None:
    async def test() -> None:
        async with running(Scripted("a")) as gateway, client(gateway):
            assert gateway._server is not None
            (connection,) = gateway._server.connections
            raw = connection.transport.get_extra_info("socket")
            assert raw.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

    run(test())


def test_unknown_events_are_ignored_and_unreadable_ones_are_answered() -> None:
    async def test() -> None:
        async with running(Scripted("a")) as gateway, client(gateway) as connection:
            await connection.send('{"type":"response.processed","response_id":"x"}')
            await connection.send("no json")
            (error,) = await answer(connection)
            assert error["error"]["code"] == "invalid_json"
            steer = {"type": "response.steer", "previous_response_id": "x", "input": "y"}
            await connection.send(json.dumps(steer))
            refusal = (await answer(connection))[-1]
            assert refusal["type"] == "response.steer.failed"
            await ask(connection)
            assert (await answer(connection))[-1]["type"] == "response.completed"

    run(test())
