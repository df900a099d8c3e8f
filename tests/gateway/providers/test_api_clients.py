"""What a server nearby is asked before an edit, and how long its answer is believed."""

import pytest

from lsp_server.gateway.provider_cache import ProviderCache
from lsp_server.gateway.providers.api_clients import WARM_TIMEOUT_S, ApiClient
from lsp_server.gateway.request_protocol import Json
from lsp_server.gateway.upstream import Upstream
from tests.gateway.clients import answer, ask, client, run, running
from tests.gateway.upstream_server import Exchange, UpstreamServer, chat


def test_an_edit_does_not_wait_long_for_the_list_of_models(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lsp_server.gateway.providers.openai_chat.KNOW_TIMEOUT_S", 0.05)

    async def test() -> None:
        async with UpstreamServer(chat("fine"), owner="vllm", max_model_len=900) as server:
            server.listing.clear()
            upstream = Upstream("openai-chat", server.base_url)
            async with (
                running(upstreams=ProviderCache()) as gateway,
                client(gateway, upstream) as c,
            ):
                await ask(c, model="m")
                response = (await answer(c))[-1]["response"]
                assert response["status"] == "completed"
                assert "midstream" not in response
                server.listing.set()
                while "midstream" not in response:
                    await ask(c, model="m")
                    response = (await answer(c))[-1]["response"]
                assert response["midstream"] == {"reads": 900}
                assert server.warmed.count("GET /v1/models") == 1

    run(test())


def test_what_a_server_reported_is_believed_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        async with UpstreamServer(chat("fine"), owner="vllm", max_model_len=900) as server:
            known = ApiClient(Upstream("openai-chat", server.base_url))
            await known.know(WARM_TIMEOUT_S)
            server.model["max_model_len"] = 500
            await known.know(WARM_TIMEOUT_S)
            assert known.reads["m"] == 900
            monkeypatch.setattr("lsp_server.gateway.providers.api_clients.KNOWN_S", 0.0)
            known.forget()
            await known.know(WARM_TIMEOUT_S)
            assert known.reads["m"] == 500
            server.model["max_model_len"] = 700
            await known.know(WARM_TIMEOUT_S)
            assert known.reads["m"] == 700
            await known.aclose()

    run(test())


@pytest.mark.parametrize("half", [False, True])
def test_a_server_that_went_away_is_asked_anew(half: bool) -> None:
    async def script(exchange: Exchange) -> None:
        if server.model["max_model_len"] == 900:
            server.model["max_model_len"] = 500
            if half:
                await exchange.begin()
                await exchange.event({"choices": [{"index": 0, "delta": {"content": "ha"}}]})
            exchange.drop()
            return
        await chat("fine")(exchange)

    server = UpstreamServer(script, owner="vllm", max_model_len=900)

    async def told() -> list[Json]:
        async with server:
            upstream = Upstream("openai-chat", server.base_url)
            async with (
                running(upstreams=ProviderCache()) as gateway,
                client(gateway, upstream) as c,
            ):
                found = []
                for _ in range(2):
                    await ask(c, model="m")
                    found.append((await answer(c))[-1])
                return found

    async def test() -> None:
        first, second = await told()
        assert first["type"] in ("error", "response.failed")
        assert second["response"]["midstream"] == {"reads": 500}

    run(test())
