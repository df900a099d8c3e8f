"""One gateway between a client and a scripted model server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from websockets.asyncio.client import ClientConnection

from lsp_server.gateway.provider_cache import ProviderCache
from lsp_server.gateway.upstream import Upstream
from lsp_server.provider_table import Provider
from tests.gateway.clients import Json, answer, ask, client, run, running
from tests.gateway.upstream_server import Script, UpstreamServer


@asynccontextmanager
async def connected_to(
    script: Script, provider: str = Provider.OPENAI_CHAT
) -> AsyncIterator[tuple[UpstreamServer, ClientConnection]]:
    """The model server, and a client's connection to the gateway in front of it."""
    async with (
        UpstreamServer(script) as server,
        running(upstreams=ProviderCache()) as gateway,
        client(gateway, Upstream(provider, server.base_url, "k" * 20)) as connection,
    ):
        yield server, connection


def answered(script: Script, provider: str = Provider.OPENAI_CHAT) -> list[Json]:
    """All events that the client gets for one request."""
    events: list[Json] = []

    async def test() -> None:
        async with connected_to(script, provider) as (_, connection):
            await ask(connection)
            events.extend(await answer(connection))

    run(test())
    return events


def error_of(events: list[Json]) -> Json:
    """The error that the last event carries."""
    error: Json = events[-1].get("error") or events[-1]["response"]["error"]
    return error
