"""Scripted proxies for tests: real sockets that pass traffic, ask for a password, refuse, hang."""

import asyncio
import contextlib
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

VARIABLES = [
    name
    for base in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "WSS_PROXY", "SOCKS_PROXY")
    for name in (base, base.lower())
]


LONG_S = 16.0
"""Longer than any step of a connection may take; a test's own deadline is several of them."""

Client = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class ScriptedProxy:
    """`port` is where it listens; `heard` what it was asked, one entry for each connection."""

    port: int = 0
    heard: list[bytes] = field(default_factory=list)


def without_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever this machine's environment names."""
    for name in (*VARIABLES, "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


@asynccontextmanager
async def listening(client: Client, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """The port of a server. At the end all who talk to it are waited for, a second at most."""
    talking: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talking.add(task)
        try:
            with contextlib.suppress(ConnectionError):
                await client(reader, writer)
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        if talking:
            await asyncio.wait(talking, timeout=1)
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)
        await asyncio.sleep(0)


@asynccontextmanager
async def proxying(answer: bytes | None, to: int | None = None) -> AsyncIterator[ScriptedProxy]:
    """A proxy that says `answer` to everybody (None: nothing, for `LONG_S`) and then joins them
    to the port `to` of this machine."""
    state = ScriptedProxy()
    over = asyncio.Event()

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            state.heard.append(await reader.readuntil(b"\r\n\r\n"))
            if answer is None:
                let_pass()
                await over.wait()
            else:
                writer.write(answer)
                await writer.drain()
            if to is not None:
                await join(reader, writer, to)
        writer.close()

    async with listening(client) as state.port:
        try:
            yield state
        finally:
            over.set()


def let_pass() -> None:
    """`LONG_S` are over at once by the loop's clock: who waits for an answer has waited in vain,
    and however slow the machine is, nobody has run out of time on the way there."""
    loop = asyncio.get_running_loop()
    ahead = loop.time() + LONG_S - time.monotonic()
    loop.time = lambda: time.monotonic() + ahead  # type: ignore[method-assign]


@asynccontextmanager
async def socks(to: int) -> AsyncIterator[ScriptedProxy]:
    """A SOCKS5 proxy without a password; `heard` holds the names it was asked for."""
    state = ScriptedProxy()

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            _, methods = await reader.readexactly(2)
            await reader.readexactly(methods)
            writer.write(b"\x05\x00")
            kind = (await reader.readexactly(4))[3]
            length = (await reader.readexactly(1))[0] if kind == 3 else 4
            state.heard.append(await reader.readexactly(length))
            await reader.readexactly(2)
            writer.write(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x01")
            await join(reader, writer, to)
        writer.close()

    async with listening(client) as state.port:
        yield state


async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    """Both directions of a tunnel, until their ends."""
    up_reader, up_writer = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.gather(_copy(reader, up_writer), _copy(up_reader, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError, asyncio.CancelledError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()
