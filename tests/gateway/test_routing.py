"""A shared gateway finds the profile that a client names."""

import pytest
from openai import AsyncOpenAI

from lsp_server.gateway.routing import Route, Routing
from lsp_server.gateway.upstream import Upstream
from tests.gateway.clients import TOKEN, answer, ask, base_url, client, run, running
from tests.gateway.upstream_server import UpstreamServer, chat


@pytest.mark.parametrize(
    ("asked", "sent"), [("fast", "model-1"), ("model-2", "model-2"), ("deep", "model-2")]
)
def test_by_the_name_of_a_profile_or_by_its_model(asked: str, sent: str) -> None:
    async def test() -> None:
        async with UpstreamServer(chat("x")) as server:
            behind = Upstream("openai-chat", server.base_url, "sk-of-the-gateway")
            routes = Routing([Route("fast", "model-1", behind), Route("deep", "model-2", behind)])
            async with running(routes) as gateway, client(gateway) as connection:
                await ask(connection, model=asked)
                assert (await answer(connection))[-1]["type"] == "response.completed"
            (exchange,) = server.asked
            assert exchange.json["model"] == sent
            assert exchange.headers["authorization"] == "Bearer sk-of-the-gateway"

    run(test())


def test_an_unknown_model_is_answered_with_the_list() -> None:
    async def test() -> None:
        routes = Routing([Route("practice", "practice", None)])
        async with running(routes) as gateway, client(gateway) as connection:
            await ask(connection, model="gpt-x", generate=False)
            await answer(connection)
            await ask(connection, model="gpt-x")
            (error,) = await answer(connection)
            assert error["error"]["code"] == "model_not_found"
            assert "practice" in error["error"]["message"]

    run(test())


def test_the_practice_model_is_there_for_the_openai_client() -> None:
    async def test() -> None:
        routes = Routing([Route("practice", "practice", None)])
        async with (
            running(routes) as gateway,
            AsyncOpenAI(api_key=TOKEN, base_url=base_url(gateway)) as openai,
            openai.responses.connect() as connection,
        ):
            await connection.response.create(
                model="practice@100000", input="x", max_output_tokens=1
            )
            while (event := await connection.recv()).type != "response.incomplete":
                pass
            assert event.response.model == "practice@100000"

    run(test())
