"""A model that Ollama must load first: it answers nothing for a minute, and stops loading when the
client leaves."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from lsp_server.gateway.capabilities import capabilities_of
from lsp_server.gateway.provider_cache import ProviderCache
from lsp_server.gateway.request_protocol import Json
from lsp_server.gateway.upstream import Upstream, upstream_of
from tests.gateway.clients import answer, ask, client, run, running
from tests.gateway.upstream_server import Exchange, UpstreamServer, chat


class Cold:
    """An Ollama whose model is loaded when a test says so."""

    def __init__(self) -> None:
        self.loads: list[Exchange] = []
        self.done = asyncio.Event()
        self.server = UpstreamServer(self._script, owner="library")

    async def _script(self, exchange: Exchange) -> None:
        if exchange.path != "/api/generate":
            await chat("fine")(exchange)
            return
        self.loads.append(exchange)
        await self.done.wait()
        self.server.loaded = [{"name": "q:latest", "context_length": 8192}]
        await exchange.refuse(200, {"done": True, "done_reason": "load"})


async def until(condition: Callable[[], object]) -> None:
    while not condition():
        await asyncio.sleep(0.001)


def test_a_load_is_reported_and_goes_on_when_the_client_leaves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lsp_server.gateway.providers.ollama._QUIET_S", 0.01)
    monkeypatch.setattr("lsp_server.gateway.providers.ollama._SIGN_OF_LIFE_S", 0.05)

    async def told(connection: ClientConnection) -> Json:
        while True:
            event = json.loads(await connection.recv())
            if event["response"].get("midstream"):
                return dict(event["response"]["midstream"])

    async def test() -> None:
        cold = Cold()
        async with cold.server as server:
            upstream = Upstream("openai-chat", server.base_url)
            async with (
                running(upstreams=ProviderCache()) as gateway,
                client(gateway, upstream) as kept,
            ):
                with suppress(ConnectionClosed):
                    async with client(gateway, upstream) as left:
                        await ask(left, model="q")
                        assert await told(left) == {"loading": True}
                await ask(kept, model="q")
                assert await told(kept) == {"loading": True}
                assert len(cold.loads) == 1 and not cold.loads[0].gone.is_set()
                cold.done.set()
                last = (await answer(kept))[-1]
            assert last["type"] == "response.completed"
            assert last["response"]["midstream"] == {"reads": 8192}

    run(test())


def test_loading_begins_when_the_profile_is_chosen() -> None:
    async def test() -> None:
        cold = Cold()
        async with cold.server as server:
            upstream = Upstream("openai-chat", server.base_url, model="q\u03c8")
            async with running(upstreams=ProviderCache()) as gateway, client(gateway, upstream):
                await until(lambda: cold.loads)
            assert cold.loads[0].json == {"model": "q\u03c8"}

    run(test())


def test_the_model_of_a_handshake_is_no_part_of_the_place() -> None:
    upstream = Upstream("openai-chat", "https://example.org/v1", model="a b")
    told = upstream_of(upstream.headers())
    assert told is not None and told.model == "a b"
    assert told == Upstream("openai-chat", "https://example.org/v1")


def test_a_server_in_a_private_network_is_one_of_the_user_s_own() -> None:
    near = Upstream("openai-chat", "http://192.168.1.7:11434/v1", allow_insecure=True)
    assert capabilities_of(near).name == "Ollama"
    assert capabilities_of(near, "vllm").name == "vLLM"
    other = Upstream("openai-chat", "https://203.0.113.7:11434/v1")
    assert capabilities_of(other).name == "an OpenAI-compatible server"
