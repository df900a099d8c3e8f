"""Which proxy and certificates are used, for all routes alike, and who is at fault."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from lsp_server.backends import network_route
from lsp_server.backends.base import Endpoint
from lsp_server.backends.network_route import RouteError, proxy_of, trust
from lsp_server.backends.socket import ConnectRefusal, DialError, dial
from lsp_server.gateway.model_provider import ProviderError
from lsp_server.gateway.providers.api_clients import ApiClient
from lsp_server.gateway.providers.openai_chat import OpenAIChat
from lsp_server.gateway.request_protocol import ResponseCreate
from lsp_server.gateway.upstream import Upstream
from tests.backends.proxies import let_pass, listening, proxying, socks, without_proxies
from tests.backends.test_tls import answer_and_cut, certificate, serving_tls

assert certificate, "a fixture of this module too"

WSS = "wss://midstream.invalid/v1/responses"
HTTPS = "https://midstream.invalid/v1"
SECRET = "hunter2"


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    without_proxies(monkeypatch)


def source(url: str) -> str | None:
    proxy = proxy_of(url)
    return None if proxy is None else f"{proxy.source} {proxy.url}"


@pytest.mark.parametrize("url", [WSS, HTTPS])
@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("HTTPS_PROXY", "http://proxy:3128", "HTTPS_PROXY http://proxy:3128"),
        ("https_proxy", "proxy:3128", "HTTPS_PROXY http://proxy:3128"),
        ("ALL_PROXY", "http://proxy", "ALL_PROXY http://proxy:80"),
        ("all_proxy", "socks5://proxy", "ALL_PROXY socks5h://proxy:1080"),
        ("ALL_PROXY", "socks5h://a:b@proxy:9", "ALL_PROXY socks5h://a:b@proxy:9"),
        ("all_proxy", "socks://proxy:9/", "ALL_PROXY socks5h://proxy:9"),
        ("HTTPS_PROXY", "http://me@proxy:1", "HTTPS_PROXY http://me:@proxy:1"),
        ("HTTP_PROXY", "http://proxy", None),
    ],
)
def test_all_routes_take_the_same_proxy(
    url: str, name: str, value: str, expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    assert source(url) == expected


@pytest.mark.parametrize(
    ("url", "listed", "around"),
    [
        ("wss://api.example.com/v1", "example.com", True),
        ("wss://api.example.com/v1", ".example.com", True),
        ("wss://api.example.com/v1", "other.org, *.example.com", True),
        ("wss://api.example.com/v1", "ample.com", False),
        ("wss://api.example.com/v1", "example.com:444", False),
        ("wss://api.example.com:444/v1", "example.com:444", True),
        ("https://10.1.2.3/v1", "10.0.0.0/8", True),
        ("https://11.1.2.3/v1", "10.0.0.0/8", False),
        ("https://[fd00::1]/v1", "fd00::/8", True),
        ("https://api.example.com/v1", "a,*", True),
        ("wss://127.0.0.1/v1", "", True),
        ("https://localhost/v1", "", True),
        ("https://[::1]/v1", "", True),
        ("http://10.0.0.1/v1", "", True),
    ],
)
def test_what_no_proxy_names_and_this_machine_is_reached_without(
    url: str, listed: str, around: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://proxy:1")
    monkeypatch.setenv("NO_PROXY", listed)
    assert (source(url) is None) is around


@pytest.mark.parametrize(
    "value", [f"socks4://u:{SECRET}@p", f"ftp://{SECRET}@p", f"http://p:{SECRET}", "http://", "://"]
)
@pytest.mark.parametrize("url", [WSS, HTTPS])
def test_a_proxy_that_cannot_be_used_is_never_gone_around(
    url: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", value)
    with pytest.raises(RouteError, match=r"ALL_PROXY .*sends nothing around") as error:
        proxy_of(url)
    assert SECRET not in str(error.value)


def test_without_its_package_a_socks_proxy_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://proxy:1080")
    monkeypatch.setattr(network_route, "find_spec", lambda name: None)
    with pytest.raises(RouteError, match=r'-m pip install "python-socks.*" "socksio'):
        proxy_of(WSS)


def test_a_socks_proxy_carries_a_websocket_and_looks_the_host_up(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))

    async def test() -> list[bytes]:
        async with serving_tls(certificate) as (port, closes), socks(port) as proxy:
            monkeypatch.setenv("ALL_PROXY", f"socks5://127.0.0.1:{proxy.port}")
            await answer_and_cut(WSS, closes)
            return proxy.heard

    assert set(asyncio.run(test())) == {b"midstream.invalid"}


# -- certificates --


def test_a_file_of_certificates_that_is_of_no_use_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty, other = tmp_path / "empty.pem", tmp_path / "other.pem"
    empty.touch()
    other.write_bytes(b"-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n")
    wanted = {
        tmp_path / "gone.pem": "doesn't exist",
        empty: "holds no certificates",
        other: "holds no certificates",
        tmp_path: "is a folder",
    }
    for path, words in wanted.items():
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        with pytest.raises(RouteError) as error:
            trust()
        assert f"{path}, which the environment variable SSL_CERT_FILE names, {words}" in str(
            error.value
        )


def test_folders_of_certificates_are_of_use_if_one_of_them_is(
    certificate: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, good = tmp_path / "gone", tmp_path / "good"
    good.mkdir()
    monkeypatch.setenv("SSL_CERT_DIR", f"{gone}:{good}")
    with pytest.raises(RouteError, match=rf"{gone}, .* SSL_CERT_DIR names, doesn't exist"):
        trust()
    (good / "0123abcd.0").write_bytes(certificate[0].read_bytes())
    assert trust() is not None
    monkeypatch.setenv("SSL_CERT_DIR", str(certificate[0]))
    with pytest.raises(RouteError, match="isn't a folder"):
        trust()


# -- who is at fault, on both routes --


async def by_websocket(url: str) -> str:
    endpoint = Endpoint(url)
    with pytest.raises(DialError) as error:
        await dial(endpoint, trust() or ssl.create_default_context())
    refusal: ConnectRefusal = error.value.refusal
    return refusal.sentence


async def by_http(url: str) -> str:
    base = url.replace("wss:", "https:").removesuffix("/responses")
    provider = OpenAIChat(Upstream("openai-chat", base, "sk-test"))
    create = ResponseCreate(model="m", instructions="", input="x")
    try:
        with pytest.raises(ProviderError) as error:
            async for _ in provider.stream(create):
                pass
    finally:
        await provider.aclose()
    return str(error.value)


Route = Callable[[str], Awaitable[str]]
ROUTES = pytest.mark.parametrize("route", [by_websocket, by_http])


@ROUTES
@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n", "(407)"),
        (b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n", "doesn't allow connections to"),
        (b"HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n", "doesn't allow connections to"),
        (b"HTTP/1.1 502 Bad\r\nContent-Length: 0\r\n\r\n", "couldn't reach"),
        (b"<html>a page</html>\r\n\r\n", "doesn't answer like a proxy"),
        (b"", "doesn't answer like a proxy"),
        (None, "didn't connect to"),
    ],
)
def test_a_proxy_that_lets_nobody_through_is_named_without_its_password(
    route: Route, answer: bytes | None, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test() -> tuple[int, str]:
        async with proxying(answer) as proxy, asyncio.timeout(60):
            monkeypatch.setenv("HTTPS_PROXY", f"http://me:{SECRET}@127.0.0.1:{proxy.port}")
            return proxy.port, await route(WSS)

    port, sentence = asyncio.run(test())
    assert sentence.startswith(f"The proxy http://127.0.0.1:{port} (from HTTPS_PROXY) ")
    assert words in sentence
    assert SECRET not in sentence


@ROUTES
@pytest.mark.parametrize(
    ("name", "scheme", "words"),
    [
        (
            "HTTPS_PROXY",
            "https",
            "doesn't speak TLS. Its address probably has to begin with http://",
        ),
        ("ALL_PROXY", "socks5", "doesn't answer like a proxy"),
    ],
)
def test_a_proxy_of_another_kind_than_its_variable_says(
    route: Route, name: str, scheme: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    async def test() -> str:
        async with listening(plain) as port:
            monkeypatch.setenv(name, f"{scheme}://127.0.0.1:{port}")
            return await _bounded(route(WSS))

    sentence = asyncio.run(test())
    assert f"(from {name}) {words}" in sentence


@ROUTES
@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"", ("hung up",)),
        (b"SSH-2.0-x\r\n\r\n", ("isn't a WebSocket server", "doesn't speak HTTP. Check")),
        (b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", ("is overloaded (503)",)),
    ],
)
def test_a_server_that_takes_the_connection_and_gives_no_answer(
    route: Route,
    answer: bytes,
    words: tuple[str, ...],
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (await reader.readuntil(b"\r\n\r\n")).startswith(b"POST"):
            await reader.read(100_000)  # What is left unread would reset the connection.
        writer.write(answer)
        await writer.drain()
        writer.close()

    async def test() -> str:
        async with listening(serve, context) as port:
            return await _bounded(route(f"wss://localhost:{port}/v1/responses"))

    sentence = asyncio.run(test())
    assert any(said in sentence for said in words), sentence


@ROUTES
def test_a_proxy_that_is_not_there(route: Route, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    sentence = asyncio.run(_bounded(route(WSS)))
    assert "The proxy http://127.0.0.1:1 (from ALL_PROXY) doesn't answer" in sentence


async def _bounded(told: Awaitable[str]) -> str:
    async with asyncio.timeout(60):
        return await told


@ROUTES
@pytest.mark.parametrize("proxied", [False, True])
@pytest.mark.parametrize(
    ("mute", "words"),
    [(True, "accepts connections but says nothing"), (False, "doesn't speak TLS")],
)
def test_a_port_without_tls(
    route: Route, proxied: bool, mute: bool, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is asked beside the edit has a shorter time of its own, and leaves its socket to the
    # garbage collector where that ends a handshake.
    monkeypatch.setattr(ApiClient, "know", lambda *_: asyncio.sleep(0))

    async def test() -> str:
        over = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(100)
            if mute:
                let_pass()
                await over.wait()
            writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            writer.close()

        established = b"HTTP/1.1 200 Connection established\r\n\r\n"
        async with listening(serve) as port, proxying(established, to=port) as proxy:
            url = f"wss://localhost:{port}/v1/responses"
            if proxied:
                monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
                url = WSS
            sentence = await _bounded(route(url))
            assert (f"through the proxy http://127.0.0.1:{proxy.port}" in sentence) is proxied
            over.set()
        return sentence

    assert words in asyncio.run(test())


@ROUTES
@pytest.mark.parametrize(
    ("host", "known", "words"),
    [("127.0.0.1", True, "is for another name"), ("localhost", False, "couldn't be verified")],
)
def test_a_certificate_that_is_not_believed(
    route: Route,
    host: str,
    known: bool,
    words: str,
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if known:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))

    async def test() -> str:
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        async with serving_tls(certificate) as (port, _):
            return await _bounded(route(f"wss://{host}:{port}/v1/responses"))

    assert words in asyncio.run(test())


def test_http_names_the_variable_of_its_certificates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "gone.pem"))
    assert "SSL_CERT_FILE names, doesn't exist" in asyncio.run(by_http(WSS))
