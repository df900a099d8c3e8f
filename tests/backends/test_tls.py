"""`wss`: certificates, a cut over TLS, and a proxy on the route."""

import asyncio
import contextlib
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve

from lsp_server.backends.base import Endpoint
from lsp_server.backends.websocket import WebSocketBackend
from lsp_server.session.events import Failed, Started
from tests.backends.servers import REQUEST, TIMEOUT_S, Collector, created

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")

PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for this machine and for a name that only a proxy can resolve."""
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt"]
    command += ["ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=test"]
    command += ["-addext", "subjectAltName=DNS:localhost,DNS:midstream.invalid"]
    command += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key


@asynccontextmanager
async def serving_tls(
    certificate: tuple[Path, Path],
) -> AsyncIterator[tuple[int, "asyncio.Queue[int | None]"]]:
    """A server's port and the close codes that it sees. It begins an answer and waits."""
    closes: asyncio.Queue[int | None] = asyncio.Queue()

    async def client(connection: ServerConnection) -> None:
        with contextlib.suppress(Exception):
            async for _ in connection:
                await connection.send(created())
        closes.put_nowait(connection.close_code)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    async with serve(client, "127.0.0.1", 0, ssl=context) as server:
        yield next(iter(server.sockets)).getsockname()[1], closes


async def answer_and_cut(url: str, closes: "asyncio.Queue[int | None]") -> None:
    backend = WebSocketBackend(Endpoint(url, {"Authorization": "Bearer sk-test"}))
    sink = Collector()
    stream = backend.open(1, REQUEST, sink)
    assert isinstance(await sink.next(), Started)
    stream.close()
    async with asyncio.timeout(TIMEOUT_S):
        assert await closes.get() == 1000
    await backend.aclose()


def test_a_cut_through_tls_arrives_as_a_close_frame(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))

    async def test() -> None:
        async with serving_tls(certificate) as (port, closes):
            await answer_and_cut(f"wss://localhost:{port}/v1/responses", closes)

    asyncio.run(test())


def test_a_certificate_of_an_unknown_authority_is_refused(
    certificate: tuple[Path, Path],
) -> None:
    async def test() -> None:
        # The server's side of the refused handshake is none of this test's business.
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        async with serving_tls(certificate) as (port, _):
            endpoint = Endpoint(f"wss://localhost:{port}/v1/responses")
            backend = WebSocketBackend(endpoint)
            sink = Collector()
            backend.open(1, REQUEST, sink)
            end = await sink.end()
            assert isinstance(end, Failed)
            assert f"certificate of {endpoint.place} couldn't be verified" in end.sentence
            await backend.aclose()

    asyncio.run(test())


def test_the_systems_proxy_is_used_beyond_this_machine(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    asked: list[bytes] = []

    async def test() -> None:
        async with serving_tls(certificate) as (port, closes):

            async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                asked.append(await reader.readuntil(b"\r\n\r\n"))
                up_reader, up_writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                await asyncio.gather(copy(reader, up_writer), copy(up_reader, writer))

            server = await asyncio.start_server(proxy, "127.0.0.1", 0)
            where = server.sockets[0].getsockname()[1]
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{where}")
            await answer_and_cut("wss://midstream.invalid/v1/responses", closes)
            server.close()

    asyncio.run(test())
    assert asked[0].startswith(b"CONNECT midstream.invalid:443 ")
    assert b"sk-test" not in b"".join(asked)


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One direction of a tunnel, until its end."""
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()
