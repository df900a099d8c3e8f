"""A model's server that answers with far more than it sent, or without an end. The gateway is a
real process, the sockets are real, and what is measured is the most memory that it ever held."""

import asyncio
import json
import re
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from lsp_server.gateway.child import GatewayChild
from lsp_server.gateway.providers.sse import MAX_EVENT_BYTES
from lsp_server.gateway.upstream import Upstream
from tests.gateway.clients import answer, ask, run

MEGABYTE = 2**20
MOST_BYTES = 400 * MEGABYTE
"""What the process may hold at most; unbounded, each of these took it to gigabytes."""

DEADLINE_S = 200
"""Far above what any of these takes."""

Write = Callable[[asyncio.StreamWriter], Awaitable[None]]
Json = dict[str, Any]


def bomb(block: bytes, times: int, wbits: int = 31) -> bytes:
    """`block` so many times, packed; a thousandth of its length."""
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    first = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + again * (times - 1)


def response(status: int, body: bytes, *headers: str) -> Write:
    """An answer with a body that ends with the connection."""

    async def write(writer: asyncio.StreamWriter) -> None:
        writer.write("\r\n".join((f"HTTP/1.1 {status} X", *headers, "", "")).encode())
        for start in range(0, len(body), 65536):
            writer.write(body[start : start + 65536])
            await writer.drain()

    return write


def endless(status: int, piece: bytes, *headers: str) -> Write:
    """An answer that goes on as long as somebody reads."""

    async def write(writer: asyncio.StreamWriter) -> None:
        writer.write("\r\n".join((f"HTTP/1.1 {status} X", *headers, "", "")).encode())
        while not writer.is_closing():
            writer.write(piece)
            await writer.drain()

    return write


def slow(status: int) -> Write:
    """An answer whose body comes a byte at a time, for ever."""

    async def write(writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {status} X\r\n\r\n".encode())
        while not writer.is_closing():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.2)

    return write


OK = response(200, b'{"data": []}', "Content-Length: 12")


@asynccontextmanager
async def hostile(posts: Write, gets: Write = OK) -> AsyncIterator[str]:
    """An HTTP server that answers all requests so; gives its address."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
            await reader.readexactly(int(length[1]) if length else 0)
            await (posts if head.startswith("POST") else gets)(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    finally:
        server.close()


@asynccontextmanager
async def gateway(upstream: Upstream | None) -> AsyncIterator[tuple[ClientConnection, int]]:
    """A socket of a gateway in a process of its own, and the id of that process."""
    child = GatewayChild()
    try:
        endpoint = await child.endpoint(upstream)
        headers = dict(endpoint.headers)
        async with connect(
            endpoint.url, additional_headers=headers, close_timeout=1, max_size=None
        ) as connection:
            assert child.pid is not None
            yield connection, child.pid
    finally:
        await child.aclose()


def most_held(pid: int) -> int:
    """The most memory that a process ever held, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert peak is not None
    return int(peak[1]) * 1024


def asked(
    posts: Write, gets: Write = OK, provider: str = "openai-chat", **fields: Any
) -> list[Json]:
    """What one request to a gateway before such a server is answered with."""
    events: list[Json] = []

    async def test() -> None:
        async with (
            hostile(posts, gets) as url,
            gateway(Upstream(provider, url, "sk-test")) as (connection, pid),
        ):
            await ask(connection, model="m", **fields)
            events.extend(await answer(connection))
            assert most_held(pid) < MOST_BYTES

    run(test(), DEADLINE_S)
    return events


def sentence(events: list[Json]) -> str:
    """The message to the user."""
    last = events[-1]
    error = last["error"] if last["type"] == "error" else last["response"]["error"]
    return str(error["message"])


PACKED = {
    "gzip": ("gzip", bomb(b"\0" * MEGABYTE, 2000)),
    "x-gzip": ("X-GZip", bomb(b"a" * MEGABYTE, 2000)),
    "deflate": ("deflate", bomb(b"\0" * MEGABYTE, 2000, 15)),
    "raw deflate": ("deflate", bomb(b"\0" * MEGABYTE, 2000, -15)),
}


@pytest.mark.parametrize("kind", PACKED)
@pytest.mark.parametrize("provider", ["openai-chat", "openai-responses", "anthropic"])
def test_an_error_that_unpacks_to_gigabytes(provider: str, kind: str) -> None:
    coding, body = PACKED[kind]
    events = asked(response(500, body, f"Content-Encoding: {coding}"), provider=provider)
    assert "failed (500), which is the server's fault" in sentence(events)


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "deflate, gzip", "compress"])
@pytest.mark.parametrize("status", [200, 400])
def test_a_packing_that_nobody_asked_for(coding: str, status: int) -> None:
    twice = zlib.compressobj(9, zlib.DEFLATED, 31)
    body = twice.compress(PACKED["gzip"][1]) + twice.flush()
    events = asked(response(status, body, f"Content-Encoding: {coding}"))
    assert "compresses its answers" in sentence(events)


def test_an_error_without_an_end() -> None:
    assert "(503)" in sentence(asked(endless(503, b"<html>" * 10000)))


def test_an_error_that_comes_a_byte_at_a_time() -> None:
    assert "(503)" in sentence(asked(slow(503)))


def test_a_list_of_models_that_unpacks_to_gigabytes() -> None:
    coding, body = PACKED["gzip"]
    for status in (200, 404):
        models = response(status, body, f"Content-Encoding: {coding}")
        posts = response(500, b"no")
        # A prefix makes the gateway ask what kind of server this is before it goes on.
        events = asked(posts, models, midstream={"prefix": "````python\n"})
        assert "failed (500), which is the server's fault" in sentence(events)


def test_a_list_of_models_without_an_end() -> None:
    events = asked(
        response(500, b"no"), endless(200, b" " * 65536), midstream={"prefix": "````python\n"}
    )
    assert "failed (500), which is the server's fault" in sentence(events)


@pytest.mark.parametrize("provider", ["openai-chat", "openai-responses", "anthropic"])
def test_a_line_without_an_end(provider: str) -> None:
    events = asked(endless(200, b"data: " + b"x" * 65536), provider=provider)
    assert "doesn't answer like the provider" in sentence(events)


def test_a_packed_line_without_an_end() -> None:
    body = bomb(b"x" * MEGABYTE, 2000)
    events = asked(response(200, body, "Content-Encoding: gzip"))
    assert "doesn't answer like the provider" in sentence(events)


def test_an_event_of_empty_lines_without_an_end() -> None:
    events = asked(endless(200, b"data:\n" * 10000))
    assert "doesn't answer like the provider" in sentence(events)


def test_an_event_that_is_short_and_holds_millions_of_things() -> None:
    things = b"{}," * (MAX_EVENT_BYTES // 3 - 100)
    event = b'data: {"choices": [' + things + b"{}]}\n\n"
    events = asked(response(200, event * 40))
    assert "doesn't answer like the provider" in sentence(events)


def test_packed_comments_without_an_end() -> None:
    body = bomb(b": still thinking\n\n" * 60000, 1000)
    events = asked(response(200, body, "Content-Encoding: gzip"))
    assert "more than an answer needs" in sentence(events)


DELTA = {"index": 0, "delta": {"content": "x" * 1000}}


@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_without_an_end(packed: bool) -> None:
    event = f"data: {json.dumps({'model': 'm', 'choices': [DELTA]})}\n\n".encode()
    posts = (
        response(200, bomb(event * 1000, 100), "Content-Encoding: gzip")
        if packed
        else endless(200, event * 50)
    )
    assert "more than 2 million characters" in sentence(asked(posts))


@pytest.mark.parametrize("what", ["packed", "endless", "a line without an end"])
def test_what_only_ollama_has(what: str) -> None:
    """It is asked for the model's template, and answers in lines of JSON."""
    asked_for = 0
    shown = response(200, json.dumps({"template": "<|im_start|>"}).encode())
    packed = response(200, PACKED["gzip"][1], "Content-Encoding: gzip")
    wrong = {"packed": packed, "endless": endless(200, b" " * 65536)}.get(what, shown)

    async def posts(writer: asyncio.StreamWriter) -> None:
        nonlocal asked_for
        asked_for += 1
        await (wrong if asked_for == 1 else endless(200, b"x" * 65536))(writer)

    body = json.dumps({"data": [{"id": "m", "owned_by": "library"}]}).encode()
    models = response(200, body)
    events = asked(posts, models, midstream={"prefix": "````python\n"})
    assert asked_for >= 2
    assert "doesn't answer like the provider" in sentence(events)


def test_headers_without_an_end() -> None:
    more = "X-More: " + "y" * 65536
    events = asked(response(200, b"", *[more] * 2000))
    assert "doesn't speak HTTP" in sentence(events)
