"""Every refusal of `fixtures/refusals` on every route: one true sentence or a second try, and the
next edit works. Each route has one scripted server; each refusal has its own model name."""

import json
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection

from lsp_server.backends import websocket
from lsp_server.backends.base import ModelRequest
from lsp_server.backends.refusal_reading import verdict_of
from lsp_server.backends.refusal_sentences import Party, sentence_of
from lsp_server.backends.refusals import RefusalKind
from lsp_server.gateway.provider_cache import ProviderCache
from lsp_server.gateway.providers import http_provider
from lsp_server.gateway.upstream import Upstream
from lsp_server.session.events import Failed, Finished
from lsp_server.wording import setting
from tests.backends.servers import (
    Collector,
    FakeServer,
    completed,
    created,
    delta,
    serving,
    well_behaved,
)
from tests.backends.test_websocket import connected
from tests.gateway.clients import Json, answer, ask, client, run, running
from tests.gateway.through_gateway import answered, connected_to, error_of
from tests.gateway.upstream_server import Exchange, UpstreamServer, chat_chunk

BODIES = Path(__file__).parents[2] / "fixtures/refusals/bodies.jsonl"
CASES: list[Json] = [json.loads(line) for line in BODIES.read_text("utf-8").splitlines()]
MOST = 16_384
TRIED_AGAIN = frozenset(
    {
        RefusalKind.NO_SYSTEM,
        RefusalKind.TEMPLATE,
        RefusalKind.OUTPUT_LIMIT,
        RefusalKind.OVER_MINUTE,
        RefusalKind.LOADING,
    }
)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_provider, "LOAD_PAUSE_S", 0.001)
    monkeypatch.setattr(websocket, "LOAD_PAUSE_S", 0.001)


ANSWERS: dict[str, list[Json]] = {
    "openai-chat": [chat_chunk("done"), chat_chunk(finish="stop")],
    "openai-responses": [
        {"type": "response.output_text.delta", "output_index": 0, "delta": "done"},
        {"type": "response.completed", "response": {"status": "completed"}},
    ],
    "anthropic": [
        {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "done"}},
        {"type": "message_stop"},
    ],
}


class Refusing:
    """Refuses the first request for each model as its case says, and answers from then on."""

    def __init__(self, provider: str) -> None:
        self._events = ANSWERS[provider]
        self.asked: dict[str, list[Json]] = {}

    async def __call__(self, exchange: Exchange) -> None:
        body = exchange.json
        asked = self.asked.setdefault(body["model"], [])
        asked.append(body)
        case = CASES[int(body["model"])]
        if len(asked) == 1:
            told = case["body"] if isinstance(case["body"], str) else json.dumps(case["body"])
            await exchange.refuse(case["status"], told)
            return
        await exchange.begin()
        for event in self._events:
            await exchange.event(event)
        await exchange.finish()


@pytest.mark.parametrize("provider", ANSWERS)
def test_over_http_and_through_the_gateway(provider: str) -> None:
    async def test() -> None:
        script = Refusing(provider)
        async with connected_to(script, provider) as (server, connection):
            for number, case in enumerate(CASES):
                asking = {"model": str(number), "max_output_tokens": MOST, "instructions": "Do."}
                await ask(connection, **asking)
                events = await answer(connection)
                verdict = verdict_of(case["status"], case["body"])
                if events[-1]["type"] == "response.completed":
                    assert verdict.kind in TRIED_AGAIN | {RefusalKind.REFUSED}, case
                    assert len(script.asked[str(number)]) == 2
                else:
                    party = Party(server.root, str(number), provider, None, True, True)
                    error = error_of(events)
                    # Only the wait may come from elsewhere, and an HTTP 200 has no number.
                    assert verdict.kind not in TRIED_AGAIN, case
                    assert error["code"] == verdict.kind.value, (case, error)
                    assert error["message"] == sentence_of(verdict, party), case
                    assert error.get("limit") == verdict.limit
                await ask(connection, **asking)
                assert (await answer(connection))[-1]["type"] == "response.completed", case

    run(test())


def test_over_a_web_socket() -> None:
    asked: dict[str, list[Json]] = {}

    async def refusing(state: FakeServer, connection: ServerConnection, create: Json) -> None:
        asked.setdefault(create["model"], []).append(create)
        case = CASES[int(create["model"])]
        if len(asked[create["model"]]) == 1:
            body = case["body"]
            error = body.get("error", body) if isinstance(body, dict) else body
            event = {"type": "error", "status": case["status"], "error": error}
            await connection.send(json.dumps(event))
            return
        for frame in (created(), delta("done"), completed()):
            await connection.send(frame)

    async def test() -> None:
        async with serving(refusing) as server, connected(server.endpoint()) as backend:
            for number, case in enumerate(CASES):
                if not isinstance(case["body"], dict) or case["status"] == 200:
                    continue
                request = ModelRequest(str(number), "Rewrite.", "x = 1", max_output_tokens=MOST)
                body = case["body"]
                error = body.get("error", body)
                verdict = verdict_of(case["status"], {"error": error})
                end = await ended(backend, request)
                if isinstance(end, Finished):
                    again = TRIED_AGAIN | {RefusalKind.REFUSED, RefusalKind.KEY, RefusalKind.OLD}
                    assert end.completed and verdict.kind in again, case
                    assert len(asked[str(number)]) == 2, case
                else:
                    party = Party("the model server", str(number))
                    assert verdict.kind not in TRIED_AGAIN, case
                    assert end.sentence == sentence_of(verdict, party), case
                end = await ended(backend, request)
                assert isinstance(end, Finished) and end.completed, case

    run(test())


async def ended(backend: Any, request: ModelRequest) -> Finished | Failed:
    sink = Collector()
    backend.open(1, request, sink)
    return await sink.end()


@pytest.mark.parametrize(
    ("field", "param"),
    [
        ("reasoning", "reasoning.effort"),
        ("service_tier", "service_tier"),
        ("prompt_cache_key", "prompt_cache_key"),
        ("stream_options", "stream_options"),
        ("stream_options", "stream_options.include_obfuscation"),
    ],
)
def test_an_option_that_a_web_socket_refuses_is_left_out_from_then_on(
    field: str, param: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def picky(state: FakeServer, connection: ServerConnection, create: Json) -> None:
        if field in create:
            error = {"type": "invalid_request_error", "message": "No.", "param": param}
            event = {"type": "error", "status": 400, "error": error}
            await connection.send(json.dumps(event))
            return
        for frame in (created(), delta("done"), completed()):
            await connection.send(frame)

    async def test() -> None:
        request = ModelRequest(
            "m", "Rewrite.", "x", reasoning_effort="none", service_tier="fast", prompt_cache_key="k"
        )
        async with serving(picky) as server, connected(server.endpoint()) as backend:
            for asked in (2, 3):
                end = await ended(backend, request)
                assert isinstance(end, Finished) and end.completed
                assert len(server.creates) == asked
            kept = {"reasoning", "service_tier", "prompt_cache_key", "stream_options"} - {field}
            assert kept <= server.creates[-1].keys(), "Only what was named is left out."

    with caplog.at_level("WARNING"):
        run(test())
    assert "leaves it out from now on" in caplog.text


@pytest.mark.parametrize(
    "told",
    [
        'error: {"code": 500, "message": "CUDA out of memory", "type": "server_error"}',
        'data: {"object": "error", "message": "CUDA out of memory", "code": 500}',
        'data: {"message": "CUDA out of memory", "type": "server_error", "code": "x"}',
        'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "error", "error": '
        '{"message": "CUDA out of memory"}}]}',
    ],
)
def test_a_refusal_in_the_middle_of_an_answer_is_read_too(told: str) -> None:
    async def breaking(exchange: Exchange) -> None:
        await exchange.begin()
        await exchange.event(chat_chunk("x = "))
        await exchange.send(told + "\n\n")
        await exchange.finish()

    error = error_of(answered(breaking))
    assert error["code"] == RefusalKind.MEMORY.value, error


LIST = [{"error": {"code": 429, "message": "Too many requests", "status": "RESOURCE_EXHAUSTED"}}]


@pytest.mark.parametrize("provider", ANSWERS)
@pytest.mark.parametrize(
    ("event", "body", "kind"),
    [
        (None, LIST, RefusalKind.RATE),
        (None, {"detail": "CUDA out of memory"}, RefusalKind.MEMORY),
        (None, {"code": 20012, "message": "Model does not exist."}, RefusalKind.NO_MODEL),
        (None, "no healthy upstream", RefusalKind.OVERLOADED),
        (LIST, None, RefusalKind.RATE),
        ({"error": "CUDA out of memory"}, None, RefusalKind.MEMORY),
        ({"error": [{"message": "CUDA out of memory"}]}, None, RefusalKind.MEMORY),
    ],
)
def test_a_refusal_with_a_status_of_success_is_read_too(
    provider: str, event: Any, body: Any, kind: RefusalKind
) -> None:
    async def succeeding(exchange: Exchange) -> None:
        if event is None:
            await exchange.refuse(200, body if isinstance(body, str) else json.dumps(body))
            return
        await exchange.begin()
        await exchange.event(event)
        await exchange.finish()

    error = error_of(answered(succeeding, provider))
    assert error["code"] == kind.value, error


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (LIST, "rate limit"),
        ({"error": {"message": "CUDA out of memory"}}, "too little memory"),
        ({"detail": "CUDA out of memory"}, "too little memory"),
        ("no healthy upstream", "overloaded"),
        ({"type": "error", "error": "CUDA out of memory"}, "too little memory"),
        ({"type": "error", "error": [{"message": "CUDA out of memory"}]}, "too little memory"),
        (
            {"type": "response.failed", "response": {"error": "CUDA out of memory"}},
            "too little memory",
        ),
        ({"hello": "there"}, "without a type"),
    ],
)
def test_a_refusal_in_a_frame_of_another_shape_is_read_too(frame: Any, words: str) -> None:
    async def odd(state: FakeServer, connection: ServerConnection, create: Json) -> None:
        await connection.send(frame if isinstance(frame, str) else json.dumps(frame))

    async def test() -> None:
        async with serving(odd) as server, connected(server.endpoint()) as backend:
            end = await ended(backend, ModelRequest("m", "Rewrite.", "x"))
            assert isinstance(end, Failed) and words in end.sentence, end

    run(test())


def test_a_refusal_that_names_nothing_costs_the_next_edit_nothing() -> None:
    left: list[bool] = []

    async def failing(exchange: Exchange) -> None:
        left.append("stream_options" not in exchange.json)
        await exchange.refuse(400, {"error": {"message": "Bad request."}})

    async def test() -> None:
        async with connected_to(failing) as (_, connection):
            for _ in range(2):
                await ask(connection)
                assert (await answer(connection))[-1]["type"] in ("error", "response.failed")
        assert not left[0] and left[1] and left.count(False) == 2

    run(test())


def test_over_a_web_socket_it_costs_the_next_edit_nothing_either() -> None:
    async def failing(state: FakeServer, connection: ServerConnection, create: Json) -> None:
        event = {"type": "error", "status": 400, "error": {"message": "Bad request."}}
        await connection.send(json.dumps(event))

    async def test() -> None:
        async with serving(failing) as server, connected(server.endpoint()) as backend:
            for asked in (2, 4):
                end = await ended(backend, ModelRequest("m", "", "x", prompt_cache_key="k"))
                assert isinstance(end, Failed)
                whole = ["prompt_cache_key" in create for create in server.creates]
                assert whole[:asked] == [True, False] * (asked // 2), whole

    run(test())


def test_a_refused_system_message_is_sent_in_the_user_message() -> None:
    async def no_system(exchange: Exchange) -> None:
        first, *_ = exchange.json["messages"]
        if first["role"] == "system":
            await exchange.refuse(400, {"error": {"message": "System role not supported"}})
            return
        await exchange.begin()
        for event in ANSWERS["openai-chat"]:
            await exchange.event(event)
        await exchange.finish()

    async def test() -> None:
        async with connected_to(no_system) as (server, connection):
            await ask(connection, instructions="Be short.", input="hello")
            assert (await answer(connection))[-1]["type"] == "response.completed"
            told = [{"role": "user", "content": "Be short.\n\nhello"}]
            assert server.asked[-1].json["messages"] == told

    run(test())


def test_a_renewed_key_is_fetched_once() -> None:
    keys = ["old", "new", "newer"]
    shown: list[str] = []

    async def picky(state: FakeServer, connection: ServerConnection, create: Json) -> None:
        assert connection.request is not None
        shown.append(connection.request.headers["Authorization"])
        if shown[-1] == "old":
            event = {"type": "error", "status": 401, "error": {"code": "invalid_api_key"}}
            await connection.send(json.dumps(event))
            return
        for frame in (created(), delta("done"), completed()):
            await connection.send(frame)

    async def test() -> None:
        async with serving(picky) as server:
            opened = 0

            async def locate() -> Any:
                nonlocal opened
                opened += 1
                key = keys[0] if opened <= 2 else keys[1]
                return type(server.endpoint())(server.url, {"Authorization": key})

            async with connected(locate) as backend:
                end = await ended(backend, ModelRequest("m", "Rewrite.", "x"))
                assert isinstance(end, Finished) and end.completed
                assert shown == ["old", "new"]

    run(test())


def test_a_key_that_stays_wrong_is_shown_twice_and_no_more() -> None:
    async def refusing(state: FakeServer, connection: ServerConnection, create: Json) -> None:
        event = {"type": "error", "status": 401, "error": {"code": "invalid_api_key"}}
        await connection.send(json.dumps(event))

    async def test() -> None:
        async with serving(refusing) as server, connected(server.endpoint()) as backend:
            end = await ended(backend, ModelRequest("m", "Rewrite.", "x"))
            assert isinstance(end, Failed) and "rejected the key" in end.sentence
            assert len(server.creates) == 2

    run(test())


def test_a_request_that_is_too_big_for_one_message_is_reported() -> None:
    async def too_big(state: FakeServer, connection: ServerConnection, create: Json) -> None:
        await connection.close(1009)

    async def test() -> None:
        async with serving(too_big) as server, connected(server.endpoint()) as backend:
            end = await ended(backend, ModelRequest("m", "Rewrite.", "x"))
            assert isinstance(end, Failed) and "(1009)" in end.sentence
            assert "smaller scope" in end.sentence and len(server.creates) == 1

    run(test())


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, "404 page not found"),
        (405, {"detail": "Method Not Allowed"}),
        (404, "<html><title>404 Not Found</title></html>"),
        (200, "<!doctype html><title>Open WebUI</title>"),
        (200, {"error": "Unexpected endpoint or method. (POST /chat/completions)"}),
    ],
)
def test_an_address_without_its_path_is_reported_with_it(status: int, body: Any) -> None:
    async def nothing(exchange: Exchange) -> None:
        await exchange.refuse(status, body)

    async def test() -> None:
        async with (
            UpstreamServer(nothing) as server,
            running(upstreams=ProviderCache()) as gateway,
            client(gateway, Upstream("openai-chat", server.root)) as connection,
        ):
            await ask(connection)
            error = error_of(await answer(connection))
            assert f"Add /v1 to {setting('base_url')}" in error["message"]

    run(test())


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (403, {"error": {"code": "unsupported_country_region_territory"}}, "country or region"),
        (429, {"error": {"code": "insufficient_quota"}}, "enough credit"),
        (403, "<html><title>Access denied</title></html>", "web page"),
        (403, {"error": {"code": "nothing_known"}}, "denies this key access"),
    ],
)
def test_a_refused_upgrade_says_what_its_body_means(status: int, body: Any, words: str) -> None:
    text = body if isinstance(body, str) else json.dumps(body)

    def refuse(connection: ServerConnection, request: Any) -> Any:
        return connection.respond(HTTPStatus(status), text)

    async def test() -> None:
        async with (
            serving(well_behaved, process_request=refuse) as server,
            connected(server.endpoint()) as backend,
        ):
            end = await ended(backend, ModelRequest("m", "Rewrite.", "x"))
            assert isinstance(end, Failed) and words in end.sentence

    run(test())
