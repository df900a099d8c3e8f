"""The gateway in front of HTTP model APIs, with the exchanges in `fixtures/providers`.

An HTTP server plays the recorded answer, and a raw client reads the gateway's WebSocket.
"""

import json
from pathlib import Path

import pytest

from lsp_server.gateway.provider_cache import ProviderCache
from lsp_server.gateway.providers.api_clients import reads_of
from lsp_server.gateway.providers.openai_chat import OpenAIChat
from lsp_server.gateway.upstream import Upstream
from tests.gateway.clients import Json, answer, ask, client, run, running
from tests.gateway.upstream_server import Exchange, UpstreamServer, chat

FIXTURES = Path(__file__).parents[2] / "fixtures" / "providers"
CASES = sorted(path.parent for path in FIXTURES.glob("*/exchange.json"))
KEY = "sk-test-0123456789abcdef"


async def played(case: Path) -> str:
    """What comes of one exchange, as `events.txt` has it."""
    recorded = json.loads((case / "exchange.json").read_text("utf-8"))
    body = (case / "body.txt").read_bytes()

    async def script(exchange: Exchange) -> None:
        await exchange.begin(recorded["status"], recorded["headers"])
        await exchange.send(body)
        await exchange.finish()

    async with UpstreamServer(script) as server, running(upstreams=ProviderCache()) as gateway:
        upstream = Upstream(recorded["provider"], server.base_url, KEY)
        async with client(gateway, upstream) as connection:
            await ask(connection, model=recorded["model"])
            events = await answer(connection)
        said = json.dumps(events).replace(server.root, "http://the-server")
    assert "secret" not in said and "sk-" not in said, "Somebody's words got through."
    return _shown(recorded["says"], json.loads(said))


def _shown(says: str, events: list[Json]) -> str:
    lines = [says, ""]
    for event in events:
        text = event.get("delta")
        lines.append(event["type"] + (f" {text!r}" if text is not None else ""))
    lines.append("")
    last = events[-1]
    response = last.get("response", {})
    for name in ("model", "service_tier", "usage", "error", "incomplete_details"):
        value = response.get(name) or (last.get(name) if name == "error" else None)
        if value is not None:
            lines.append(f"{name}: {json.dumps(value, sort_keys=True)}")
    if "headers" in last:
        lines.append(f"headers: {json.dumps(last['headers'], sort_keys=True)}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_recorded_exchanges(case: Path, update_fixtures: bool) -> None:
    async def test() -> None:
        path, events = case / "events.txt", await played(case)
        if update_fixtures:
            path.write_text(events, "utf-8", newline="\n")
        assert events == path.read_text("utf-8")

    run(test())


def test_one_provider_for_all_sockets_of_a_model_and_none_after_the_last() -> None:
    async def test() -> None:
        upstreams = ProviderCache()
        async with UpstreamServer(chat("x")) as server:
            here, other = (Upstream("openai-chat", server.base_url, key) for key in ("a", "b"))
            async with upstreams.lease(here) as first:
                async with upstreams.lease(here) as second, upstreams.lease(other) as third:
                    assert first is second and first is not third
                    assert isinstance(first, OpenAIChat)
                    await first.warm(None)
                async with upstreams.lease(here) as again:
                    assert again is first
            async with upstreams.lease(here) as anew:
                assert anew is not first

    run(test())


@pytest.mark.parametrize(
    ("told", "reads"),
    [
        ({"id": "q", "meta": {"n_ctx": 8192, "n_ctx_train": 32768}}, 8192),
        ({"id": "q", "max_model_len": 16384}, 16384),
        ({"id": "q", "meta": None}, None),
    ],
)
def test_a_list_of_models_tells_how_much_they_read(told: Json, reads: int | None) -> None:
    other = {"id": "other", "max_model_len": 7}
    assert reads_of([told, other]).get("q") == reads
    assert reads_of([told]).get("") == reads, "One that is alone answers to any name."
