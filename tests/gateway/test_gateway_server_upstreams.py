"""The gateway in front of a scripted model API: cancelling, options, faults."""

import asyncio
import json
import ssl
import sys
from pathlib import Path
from typing import Any

import pytest
from openai import AsyncOpenAI
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from lsp_server.backends.base import Endpoint, ModelRequest
from lsp_server.backends.websocket import WebSocketBackend
from lsp_server.gateway.capabilities import capabilities_of
from lsp_server.gateway.gateway_server import Gateway
from lsp_server.gateway.provider_cache import ProviderCache
from lsp_server.gateway.providers.api_clients import ApiClient
from lsp_server.gateway.request_protocol import ServerReport
from lsp_server.gateway.upstream import Upstream
from lsp_server.session.events import Failed, Finished, Started
from tests.backends.servers import Collector
from tests.backends.test_tls import PROXIES, certificate, copy
from tests.gateway.clients import TOKEN, Json, answer, ask, base_url, client, run, running
from tests.gateway.scripted import Scripted
from tests.gateway.upstream_server import Exchange, Script, UpstreamServer, chat, chat_chunk
from tests.support.ports import closed_port

KEY = "sk-test-0123456789abcdef"
PREFIX = "````python\ndef f():\n"
OURS = {"prediction": "def f(): ...\n", "prefix": PREFIX}


assert certificate, "a fixture of this module too"


def chat_at(server: UpstreamServer, key: str | None = KEY) -> Upstream:
    return Upstream("openai-chat", server.base_url, key)


async def asked_with(script: Script, owner: str = "somebody", **fields: Any) -> list[Json]:
    """The bodies that a chat server was asked with, for one request to the gateway."""
    async with (
        UpstreamServer(script, owner=owner) as server,
        running(upstreams=ProviderCache()) as g,
    ):
        async with client(g, chat_at(server)) as connection:
            await warmed(server)
            await ask(connection, **fields)
            last = (await answer(connection))[-1]
            assert last["type"] == "response.completed", last
        return [exchange.json for exchange in server.asked]


async def warmed(server: UpstreamServer) -> None:
    while not server.warmed:
        await asyncio.sleep(0.001)


def text_of(events: list[Json]) -> str:
    return "".join(e["delta"] for e in events if e["type"] == "response.output_text.delta")


def test_what_a_chat_server_is_asked() -> None:
    async def test() -> None:
        (body,) = await asked_with(
            chat("x"),
            model="m",
            instructions="Be short.",
            input=[{"role": "user", "content": "hello"}],
            max_output_tokens=9,
            service_tier="flex",
            reasoning={"effort": "low"},
            prompt_cache_key="k",
            midstream=OURS,
        )
        assert body == {
            "model": "m",
            "messages": [
                {"role": "system", "content": "Be short."},
                {"role": "user", "content": "hello"},
            ],
            "stream": True,
            "stream_options": {"include_usage": True},
            "max_tokens": 9,
            "service_tier": "flex",
            "reasoning_effort": "low",
        }, "An unknown server is asked for nothing but the common core."

    run(test())


def test_a_server_that_is_known_is_asked_for_what_it_has() -> None:
    async def test() -> None:
        (vllm,) = await asked_with(chat("x"), "vllm", midstream=OURS)
        assert vllm["messages"][-1] == {"role": "assistant", "content": PREFIX}
        assert (vllm["add_generation_prompt"], vllm["continue_final_message"]) == (False, True)
        (llama,) = await asked_with(chat("x"), "llamacpp", midstream=OURS)
        assert llama["messages"][-1] == {"role": "assistant", "content": PREFIX}
        assert "continue_final_message" not in llama

    run(test())


def test_an_answer_that_goes_on_from_a_prefix_comes_whole() -> None:
    async def test() -> None:
        async with (
            UpstreamServer(chat("    pass\n", "````\n"), owner="vllm") as server,
            running(upstreams=ProviderCache()) as gateway,
            client(gateway, chat_at(server)) as connection,
        ):
            await warmed(server)
            await ask(connection, midstream=OURS)
            assert text_of(await answer(connection)) == PREFIX + "    pass\n````\n"

    run(test())


@pytest.mark.parametrize("said", ["    pass\n````\n", PREFIX + "    pass\n````\n"])
def test_a_prefix_with_a_mark_of_its_own(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """DeepSeek sends what comes behind the prefix, Mistral the prefix too: both come whole."""
    row = capabilities_of(Upstream("openai-chat", "https://api.mistral.ai/v1"))
    monkeypatch.setattr(
        "lsp_server.gateway.providers.api_clients.capabilities_of", lambda *_place: row
    )

    async def test() -> None:
        async with (
            UpstreamServer(chat(*said.splitlines(keepends=True))) as server,
            running(upstreams=ProviderCache()) as gateway,
            client(gateway, chat_at(server)) as connection,
        ):
            await warmed(server)
            await ask(connection, midstream=OURS)
            assert text_of(await answer(connection)) == PREFIX + "    pass\n````\n"
            last = server.asked[0].json["messages"][-1]
            assert last == {"role": "assistant", "content": PREFIX, "prefix": True}

    run(test())


def test_a_mark_that_is_refused_is_left_out_with_its_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = capabilities_of(Upstream("openai-chat", "https://api.deepseek.com/beta"))
    monkeypatch.setattr(
        "lsp_server.gateway.providers.api_clients.capabilities_of", lambda *_place: row
    )

    async def test() -> None:
        first, second = await asked_with(picky('"prefix"'), midstream=OURS)
        assert first["messages"][-1]["role"] == "assistant"
        assert [message["role"] for message in second["messages"]] == ["user"]

    run(test())


def picky(*refused: str) -> Script:
    """Refuses a request with one of these words in it, and says which."""

    async def script(exchange: Exchange) -> None:
        body = exchange.body.decode()
        for word in refused:
            if word in body:
                message = f"Unknown name {word!r}: {KEY}"
                await exchange.refuse(400, {"error": {"message": message}})
                return
        await chat("x")(exchange)

    return script


def test_an_option_that_is_refused_is_left_out_and_it_is_no_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def test() -> None:
        words = ("stream_options", "reasoning_effort", "continue_final_message")
        fields = {"reasoning": {"effort": "low"}, "midstream": OURS}
        bodies = await asked_with(picky(*words), "vllm", **fields)
        assert len(bodies) == 4, "one more for each refusal"
        assert not any(word in json.dumps(bodies[-1]) for word in words)
        assert bodies[-1]["messages"][-1]["role"] == "user"

    run(test())
    assert "leaves it out from now on" in caplog.text
    assert KEY not in caplog.text


def test_what_was_refused_once_is_not_asked_for_again() -> None:
    async def test() -> None:
        async with (
            UpstreamServer(picky("stream_options")) as server,
            running(upstreams=ProviderCache()) as gateway,
            client(gateway, chat_at(server)) as connection,
        ):
            for _ in range(2):
                await ask(connection)
                await answer(connection)
            assert len(server.asked) == 3

    run(test())


def test_the_other_name_of_the_token_limit() -> None:
    async def test() -> None:
        bodies = await asked_with(picky("max_tokens"), max_output_tokens=5)
        assert bodies[-1]["max_completion_tokens"] == 5

    run(test())


async def endless(exchange: Exchange) -> None:
    await exchange.begin()
    while not exchange.gone.is_set():
        await exchange.event(chat_chunk("word "))
        await asyncio.sleep(0.001)


async def silent(exchange: Exchange) -> None:
    """Says nothing at all, not even a status."""
    await exchange.gone.wait()


@pytest.mark.parametrize("script", [endless, silent])
@pytest.mark.parametrize("how", ["close frame", "lost"])
def test_a_client_that_goes_closes_the_connection_behind(script: Script, how: str) -> None:
    async def test() -> None:
        async with (
            UpstreamServer(script) as server,
            running(upstreams=ProviderCache()) as gateway,
            client(gateway, chat_at(server)) as connection,
        ):
            await ask(connection)
            while not server.asked:
                await asyncio.sleep(0.001)
            if how == "lost":
                connection.transport.abort()
            else:
                connection.protocol.send_close(1000)
                connection.send_data()
            await server.asked[0].gone.wait()

    run(test())


def test_the_unmodified_openai_client_cancels_by_closing() -> None:
    async def test() -> None:
        provider_server = UpstreamServer(endless)
        async with provider_server as server, running(upstreams=ProviderCache()) as gateway:
            headers = chat_at(server).headers()
            async with AsyncOpenAI(
                api_key=TOKEN, base_url=base_url(gateway), default_headers=headers
            ) as openai:
                async with openai.responses.connect() as connection:
                    await connection.response.create(model="m", input="x")
                    while (await connection.recv()).type != "response.output_text.delta":
                        pass
                await server.asked[0].gone.wait()

    run(test())


def test_connections_are_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lsp_server.gateway.providers.http_stream._END_S", 60.0)

    async def test() -> None:
        ports: set[str] = set()

        async def noting(exchange: Exchange) -> None:
            ports.add(str(exchange._writer.get_extra_info("peername")))
            await chat("x")(exchange)

        async with (
            UpstreamServer(noting) as server,
            running(upstreams=ProviderCache()) as gateway,
            client(gateway, chat_at(server)) as connection,
        ):
            await warmed(server)
            for _ in range(5):
                await ask(connection)
                await answer(connection)
            assert len(ports) == 1

    run(test())


def test_nobody_there_is_a_sentence_for_the_user() -> None:
    async def test() -> None:
        url = f"http://127.0.0.1:{closed_port()}"
        async with running(upstreams=ProviderCache()) as gateway:
            upstream = Upstream("openai-chat", f"{url}/v1")
            headers = {"Authorization": f"Bearer {TOKEN}", **upstream.headers()}
            backend = WebSocketBackend(Endpoint(gateway.url, headers, own=True))
            sink = Collector()
            backend.open(1, ModelRequest("m", "", "x"), sink)
            end = await sink.end()
            assert isinstance(end, Failed)
            assert end.sentence.startswith(f"Nothing answers at {url}")
            await backend.aclose()

    run(test())


def test_what_our_own_client_learns() -> None:
    async def test() -> None:
        async def limited(exchange: Exchange) -> None:
            headers = {"x-ratelimit-limit-requests": "9", "x-ratelimit-remaining-requests": "8"}
            await exchange.begin(200, headers)
            await exchange.event(chat_chunk("x", service_tier="priority"))
            usage = {"prompt_tokens": 5, "completion_tokens": 1}
            await exchange.event(chat_chunk(finish="stop", usage=usage))
            await exchange.finish()

        async with UpstreamServer(limited) as server, running(upstreams=ProviderCache()) as gateway:
            headers = {"Authorization": f"Bearer {TOKEN}", **chat_at(server).headers()}
            backend = WebSocketBackend(Endpoint(gateway.url, headers, own=True))
            sink = Collector()
            backend.open(1, ModelRequest("m", "", "x", prediction="p"), sink)
            assert await sink.end() == Finished(1)
            assert sink.events[0] == Started(1, "served-model", "priority")
            status = backend.status
            assert (status.requested, status.served) == ("m", "served-model")
            assert status.service_tier == "priority"
            assert status.usage is not None and status.usage.input_tokens == 5
            assert [(r.name, r.remaining) for r in status.rate_limits] == [("requests", 8)]
            await backend.aclose()

    run(test())


def test_a_model_that_thinks_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lsp_server.gateway.conversation.SIGN_OF_LIFE_S", -1.0)

    async def test() -> None:
        provider = Scripted(ServerReport(model="m"), ServerReport(), ServerReport(), "x")
        async with running(provider) as gateway, client(gateway) as connection:
            await ask(connection)
            kinds = [event["type"] for event in await answer(connection)]
            assert kinds[0] == "response.created"
            assert kinds.count("response.in_progress") == 3

    run(test())


def test_a_server_is_alive_before_it_has_reported_its_model(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lsp_server.gateway.conversation.SIGN_OF_LIFE_S", -1.0)

    async def test() -> None:
        provider = Scripted(ServerReport(), ServerReport(), "x")
        async with running(provider) as gateway, client(gateway) as connection:
            await ask(connection)
            kinds = [event["type"] for event in await answer(connection)]
            assert kinds[0] == "response.created"
            assert kinds.count("response.in_progress") == 2

    run(test())


def test_only_our_own_gateway_takes_models_from_a_handshake() -> None:
    async def test() -> None:
        async with running() as gateway:
            assert await status_of(gateway, Upstream("openai-chat").headers()) == 403
        async with running(upstreams=ProviderCache()) as gateway:
            plain = {"midstream-provider": "openai-chat", "midstream-base-url": "http://a.example"}
            assert await status_of(gateway, plain) == 400

    run(test())


async def status_of(gateway: Gateway, headers: dict[str, str]) -> int:
    headers = {"Authorization": f"Bearer {TOKEN}", **headers}
    with pytest.raises(InvalidStatus) as refusal:
        await connect(gateway.url, additional_headers=headers)
    return refusal.value.response.status_code


def test_the_key_goes_where_it_belongs_and_nothing_else_does(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level("DEBUG")

    async def test() -> None:
        async with (
            UpstreamServer(chat("x")) as server,
            running(upstreams=ProviderCache()) as gateway,
            client(gateway, chat_at(server)) as connection,
            client(gateway, chat_at(server, None)) as keyless,
        ):
            await ask(connection)
            await answer(connection)
            await ask(keyless)
            await answer(keyless)
            with_key, without = (exchange.headers for exchange in server.asked)
            assert with_key["authorization"] == f"Bearer {KEY}"
            assert "authorization" not in without
            told = {n for n in with_key if n.startswith("x-")} - {"x-stainless-raw-response"}
            assert not told, "Nothing describes this machine."
            assert with_key["user-agent"] == "midstream"

    run(test())
    # The raw client of this test prints its own headers.
    ours = [r.getMessage() for r in caplog.records if not r.name.startswith("websockets")]
    assert KEY not in str(ours)


def test_the_way_to_a_provider_goes_through_the_companys_proxy_and_by_its_authority(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    tunnels: list[bytes] = []

    async def test() -> None:
        async with UpstreamServer(chat("x", "y")) as server:
            behind = int(server.base_url.rpartition(":")[2].partition("/")[0])

            async def ends_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                await joined(reader, writer, behind)

            provider = await asyncio.start_server(ends_tls, "127.0.0.1", 0, ssl=context)

            async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                tunnels.append(await reader.readuntil(b"\r\n\r\n"))
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                await joined(reader, writer, provider.sockets[0].getsockname()[1])

            proxy = await asyncio.start_server(tunnel, "127.0.0.1", 0)
            where = proxy.sockets[0].getsockname()[1]
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{where}")
            monkeypatch.setenv("NO_PROXY", "127.0.0.1")
            upstream = Upstream("openai-chat", "https://midstream.invalid/v1", KEY)
            async with (
                running(upstreams=ProviderCache()) as gateway,
                client(gateway, upstream) as connection,
            ):
                await ask(connection)
                assert text_of(await answer(connection)) == "xy"
            proxy.close()
            provider.close()
            assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"

    run(test())
    assert tunnels[0].startswith(b"CONNECT midstream.invalid:443 ")
    assert KEY.encode() not in b"".join(tunnels)


async def joined(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    """Both directions of a tunnel, until their ends."""
    up_reader, up_writer = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.gather(copy(reader, up_writer), copy(up_reader, writer))


def test_a_missing_package_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lsp_server.gateway.providers.find_spec", lambda name: None)

    async def test() -> None:
        upstream = Upstream("anthropic", key=KEY)
        async with running(upstreams=ProviderCache()) as g, client(g, upstream) as connection:
            await ask(connection)
            (error,) = await answer(connection)
            command = f'{sys.executable} -m pip install "anthropic>='
            assert command in error["error"]["message"]

    run(test())


def test_a_server_that_redirects_gets_no_code(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        async with UpstreamServer(chat("x")) as elsewhere:

            async def redirecting(exchange: Exchange) -> None:
                await exchange.refuse(307, "", {"Location": elsewhere.base_url})

            async with (
                UpstreamServer(redirecting) as server,
                running(upstreams=ProviderCache()) as gateway,
                client(gateway, chat_at(server)) as connection,
            ):
                await ask(connection)
                (error,) = await answer(connection)
                assert "redirects" in error["error"]["message"]
                assert not elsewhere.asked

    run(test())


def test_a_client_is_built_once_for_many(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        built = 0

        def build(**options: Any) -> object:
            nonlocal built
            built += 1
            return object()

        monkeypatch.setattr("openai.AsyncOpenAI", build)
        one = ApiClient(Upstream("openai-chat"))
        first, *others = await asyncio.gather(*(one.sdk() for _ in range(5)))
        assert built == 1 and all(other is first for other in others)
        await one.aclose()

    run(test())


def test_cerebras_is_opened_ahead_by_its_own_path_and_without_the_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cerebras = capabilities_of(Upstream("openai-chat", "https://api.cerebras.ai/v1"))
    monkeypatch.setattr(ApiClient, "row", cerebras)

    async def test() -> None:
        async with (
            UpstreamServer(chat("x")) as server,
            running(upstreams=ProviderCache()) as gateway,
            client(gateway, chat_at(server)),
        ):
            await warmed(server)
            assert server.warmed == ["GET /v1/tcp_warming"]
            assert not server.asked

    run(test())
