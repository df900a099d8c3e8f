"""A caching server reads a prompt ahead, and that request is dropped when the edit comes."""

import asyncio

import pytest

from lsp_server.gateway.provider_cache import ProviderCache
from lsp_server.gateway.upstream import Upstream
from tests.gateway.clients import answer, ask, client, run, running
from tests.gateway.upstream_server import Exchange, UpstreamServer, chat


@pytest.mark.parametrize("owner", ["llamacpp", "vllm", "sglang"])
def test_it_reads_for_one_token_and_is_left_for_the_edit(owner: str) -> None:
    async def test() -> None:
        async def script(exchange: Exchange) -> None:
            if exchange.json.get("max_tokens") == 1:
                await exchange.gone.wait()  # It reads on and on.
            else:
                await chat("done")(exchange)

        async with UpstreamServer(script, owner=owner) as server:
            upstream = Upstream("openai-chat", server.base_url)
            async with running(upstreams=ProviderCache()) as g, client(g, upstream) as connection:
                await ask(connection, model="q", generate=False)
                await answer(connection)
                while not server.asked:
                    await asyncio.sleep(0.001)
                await ask(connection, model="q")
                events = await answer(connection)
                await server.asked[0].gone.wait()
            ahead, edit = server.asked
            assert ahead.json["messages"] == edit.json["messages"]
            assert "max_tokens" not in edit.json
            assert events[-1]["type"] == "response.completed"

    run(test())


def test_a_server_that_may_keep_nothing_is_not_asked() -> None:
    async def test() -> None:
        async with UpstreamServer(chat("done")) as server:
            upstream = Upstream("openai-chat", server.base_url)
            async with running(upstreams=ProviderCache()) as g, client(g, upstream) as connection:
                await ask(connection, model="q", generate=False)
                await answer(connection)
                await ask(connection, model="q")
                await answer(connection)
            assert [exchange.json.get("max_tokens") for exchange in server.asked] == [None]

    run(test())
