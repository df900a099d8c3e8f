"""A WebSocket that does not get through: the profile goes on over HTTP, in the same attempt."""

import asyncio
import contextlib
import json
import ssl
from dataclasses import replace
from pathlib import Path

import pytest
from websockets.utils import accept_key

from lsp_server.backends import connection_progress
from lsp_server.backends.base import Endpoint
from lsp_server.backends.socket import DialError, dial
from lsp_server.gateway import upstream
from lsp_server.gateway.upstream import base_over_http
from lsp_server.lsp.models import Models
from lsp_server.session.events import Delta, Finished
from lsp_server.settings import Profile
from tests.backends.proxies import Client, listening, proxying, without_proxies
from tests.backends.servers import REQUEST, TIMEOUT_S, Collector, completed, created, delta
from tests.backends.test_tls import certificate

assert certificate, "a fixture of this module too"

ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
URL = "wss://midstream.invalid/v1/responses"
PROFILE = Profile("work", url=URL, model="test-model")


def test_only_where_the_api_is_known_to_be_had_over_http() -> None:
    known = {
        "wss://api.openai.com/v1/responses": "https://api.openai.com/v1",
        "wss://me.openai.azure.com/openai/v1/responses": "https://me.openai.azure.com/openai/v1",
        "wss://api.openai.com.example.com/v1/responses": None,
        "wss://xapi.openai.com/v1/responses": None,
        "wss://api.openai.com/v1/realtime": None,
        "ws://127.0.0.1:9/v1/responses": None,
        "": None,
    }
    assert {url: base_over_http(url) for url in known} == known


@pytest.mark.parametrize("proxied", [False, True])
@pytest.mark.parametrize("status", [*connection_progress.NO_WEBSOCKET, 401, 429, 500])
def test_an_answer_in_place_of_the_websocket_says_whose_it_may_be(
    status: int, proxied: bool, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    without_proxies(monkeypatch)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 %d No\r\nContent-Length: 6\r\n\r\n<html>" % status)
        await writer.drain()

    async def test() -> None:
        async with serving(refuse, certificate) as port, proxying(ESTABLISHED, port) as proxy:
            if proxied:
                monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
            url = URL if proxied else f"wss://localhost:{port}/v1/responses"
            with pytest.raises(DialError) as error:
                await dial(Endpoint(url), ssl.create_default_context())
            refusal = error.value.refusal
            assert refusal.no_websocket is (status in connection_progress.NO_WEBSOCKET)
            assert str(status) in refusal.sentence
            named = f"proxy http://127.0.0.1:{proxy.port}" in refusal.sentence
            assert named is (proxied and refusal.no_websocket and status != 407)

    asyncio.run(test())


def serving(
    client: Client, certificate: tuple[Path, Path]
) -> contextlib.AbstractAsyncContextManager[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return listening(client, context)


@pytest.mark.parametrize("swallows", [False, True])
def test_an_edit_goes_on_over_http_and_says_so_once(
    swallows: bool, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    without_proxies(monkeypatch)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    monkeypatch.setattr(upstream, "RESPONSES_OVER_HTTP", ("midstream.invalid",))
    methods: list[bytes] = []
    changed = asyncio.Event()

    async def no_upgrades(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                plain = await reader.readuntil(b"\r\n\r\n")
                head = plain.lower()
                length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
                await reader.readexactly(int(length or 0))
                methods.append(head.partition(b" ")[0])
                changed.set()
                if swallows and methods[-1] == b"get":
                    writer.write(upgraded(plain))
                    await reader.read(1)  # the first frame, which nobody answers
                    return
                writer.write(answer_to(methods[-1]))
                await writer.drain()

    async def test() -> list[str]:
        told: list[str] = []
        models = Models()
        models.on_detour = told.append
        async with (
            serving(no_upgrades, certificate) as port,
            proxying(ESTABLISHED, port) as proxy,
            asyncio.timeout(3 * TIMEOUT_S),
        ):
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
            try:
                await edit(models)
                tried = methods.count(b"get")
                await edit(models)
                assert methods.count(b"get") == tried, "What is known is not tried again."
                models.keep([PROFILE], ())
                models.keep([replace(PROFILE, model="other")], ())
                await edit(models, replace(PROFILE, model="other"))
                assert methods.count(b"get") > tried, "New settings: the WebSocket is tried."
            finally:
                await models.aclose()
        return told

    told = asyncio.run(test())
    assert "midstream.invalid" in told[0] and "`work` now uses HTTP" in told[0]
    assert told.count(told[0]) == len(told) == 2, "Once for each profile."


async def edit(models: Models, profile: Profile = PROFILE) -> None:
    sink = Collector()
    models.backend(profile).open(1, REQUEST, sink)
    assert await sink.end() == Finished(1)
    assert "".join(e.text for e in sink.events if isinstance(e, Delta)) == "one"


def upgraded(head: bytes) -> bytes:
    """The WebSocket opens; `head` is the request for it."""
    key = head.partition(b"Sec-WebSocket-Key: ")[2].partition(b"\r\n")[0].decode()
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept_key(key)}\r\n\r\n"
    ).encode()


def answer_to(method: bytes) -> bytes:
    """A page to whoever asks for a WebSocket, an answer to who posts."""
    if method == b"head":
        return b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    if method != b"post":
        return b"HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\n\r\n<html>"
    frames = [created(), delta("one"), completed()]
    body = "".join(f"event: {json.loads(f)['type']}\ndata: {f}\n\n" for f in frames).encode()
    head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
