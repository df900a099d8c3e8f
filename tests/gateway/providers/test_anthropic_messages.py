"""Requests to Anthropic's API, through the unmodified package."""

from lsp_server.gateway.provider_cache import ProviderCache
from lsp_server.gateway.upstream import Upstream
from tests.gateway.clients import Json, answer, ask, client, run, running
from tests.gateway.upstream_server import Exchange, UpstreamServer

KEY = "sk-ant-test-0123456789"
PREFIX = "```python\ndef f():\n"


async def messages(exchange: Exchange) -> None:
    """Answers as the API does, and refuses a prefix for all but one model."""
    asked = exchange.json
    if asked["messages"][-1]["role"] == "assistant" and asked["model"] != "claude-sonnet-4-5":
        words = "This model does not support assistant message prefill."
        error = {"type": "invalid_request_error", "message": words}
        await exchange.refuse(400, {"type": "error", "error": error})
        return
    if "output_config" in asked and asked["model"] == "claude-3-7":
        error = {"type": "invalid_request_error", "message": "output_config: not supported"}
        await exchange.refuse(400, {"type": "error", "error": error})
        return
    await exchange.begin()
    message = {"model": asked["model"], "usage": {"input_tokens": 3}}
    await exchange.event({"type": "message_start", "message": message})
    delta = {"type": "text_delta", "text": "\n    pass"}
    await exchange.event({"type": "content_block_delta", "index": 0, "delta": delta})
    end = {"stop_reason": "end_turn"}
    await exchange.event({"type": "message_delta", "delta": end, "usage": {"output_tokens": 2}})
    await exchange.event({"type": "message_stop"})
    await exchange.finish()


async def asked_for(model: str, **fields: object) -> tuple[list[Exchange], list[Json]]:
    async with UpstreamServer(messages) as server, running(upstreams=ProviderCache()) as gateway:
        upstream = Upstream("anthropic", server.base_url, KEY)
        async with client(gateway, upstream) as connection:
            await ask(connection, model=model, **fields)
            return server.asked, await answer(connection)


def test_what_is_asked() -> None:
    async def test() -> None:
        said = [
            {"role": "developer", "content": "Be kind."},
            {"role": "user", "content": "one"},
            {"role": "user", "content": "two"},
        ]
        fields = {"instructions": "Be short.", "input": said, "service_tier": "default"}
        (exchange,), _ = await asked_for("claude-sonnet-5", max_output_tokens=9, **fields)
        assert exchange.path == "/v1/messages"
        assert exchange.headers["authorization"] == f"Bearer {KEY}"
        system = {"type": "text", "text": "Be short.\n\nBe kind."}
        assert exchange.json == {
            "model": "claude-sonnet-5",
            "max_tokens": 9,
            "stream": True,
            "system": [{**system, "cache_control": {"type": "ephemeral"}}],
            "messages": [{"role": "user", "content": "one\n\ntwo"}],
            "service_tier": "standard_only",
        }

    run(test())


def test_a_model_that_takes_a_prefix_goes_on_from_it() -> None:
    async def test() -> None:
        (exchange,), events = await asked_for("claude-sonnet-4-5", midstream={"prefix": PREFIX})
        last = exchange.json["messages"][-1]
        assert last == {"role": "assistant", "content": PREFIX.rstrip()}, "It may not end blank."
        assert text_of(events) == PREFIX + "    pass"

    run(test())


def test_a_wrong_guess_is_no_error() -> None:
    async def test() -> None:
        exchanges, events = await asked_for("claude-opus-4-1", midstream={"prefix": PREFIX})
        assert len(exchanges) == 2
        assert text_of(events) == "\n    pass"

    run(test())


def test_the_effort_is_asked_for_and_left_out_where_it_is_refused() -> None:
    async def test() -> None:
        (exchange,), _ = await asked_for("claude-sonnet-5", reasoning={"effort": "low"})
        assert exchange.json["output_config"] == {"effort": "low"}
        (exchange,), _ = await asked_for("claude-sonnet-5", reasoning={"effort": "minimal"})
        assert "output_config" not in exchange.json, "There is none of that name."
        (first, second), events = await asked_for("claude-3-7", reasoning={"effort": "high"})
        assert "output_config" in first.json and "output_config" not in second.json
        assert text_of(events) == "\n    pass"

    run(test())


def test_a_newer_model_is_not_asked_to() -> None:
    async def test() -> None:
        exchanges, _ = await asked_for("claude-sonnet-5", midstream={"prefix": PREFIX})
        assert len(exchanges) == 1

    run(test())


def text_of(events: list[Json]) -> str:
    return "".join(e["delta"] for e in events if e["type"] == "response.output_text.delta")
