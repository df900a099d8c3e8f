"""A gateway that runs during a test, and a raw client for it."""

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from lsp_server.gateway.gateway_server import Gateway
from lsp_server.gateway.model_provider import ModelProvider
from lsp_server.gateway.upstream import Upstream
from tests.gateway.scripted import Scripted

TOKEN = "token-for-tests"
Json = dict[str, Any]


def run(test: Coroutine[Any, Any, None], seconds: float = 60) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(seconds):
            await test

    asyncio.run(bounded())


@asynccontextmanager
async def running(provider: ModelProvider | None = None, **options: Any) -> AsyncIterator[Gateway]:
    gateway = Gateway(provider or Scripted(), token=TOKEN, **options)
    await gateway.start()
    try:
        yield gateway
    finally:
        await gateway.aclose()


@asynccontextmanager
async def client(
    gateway: Gateway, upstream: Upstream | None = None
) -> AsyncIterator[ClientConnection]:
    headers = {"Authorization": f"Bearer {TOKEN}", **(upstream.headers() if upstream else {})}
    async with connect(gateway.url, additional_headers=headers, close_timeout=1) as connection:
        yield connection


async def ask(connection: ClientConnection, **fields: Any) -> None:
    event = {"type": "response.create", "model": "practice", "input": "x", **fields}
    await connection.send(json.dumps(event))


async def answer(connection: ClientConnection) -> list[Json]:
    """All events up to a terminal one."""
    events: list[Json] = []
    while True:
        events.append(json.loads(await connection.recv()))
        kind = events[-1]["type"]
        if kind == "error" or kind.rpartition(".")[2] in ("completed", "incomplete", "failed"):
            return events


def base_url(gateway: Gateway) -> str:
    """What the `openai` client calls the gateway's place."""
    return gateway.url.replace("ws://", "http://").removesuffix("/responses")
