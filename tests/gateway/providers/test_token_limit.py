"""Which models get a limit of output tokens, and what happens when it is reached."""

import asyncio
from typing import Any

import pytest

from lsp_server.backends import failure_sentences
from lsp_server.backends.option_fallback import Refusals
from lsp_server.gateway.provider_cache import ProviderCache
from lsp_server.gateway.providers.token_limit import TokenLimit
from lsp_server.gateway.request_protocol import Json, ResponseCreate
from lsp_server.gateway.upstream import Upstream
from lsp_server.wording import setting
from tests.gateway.clients import answer, ask, client, run, running
from tests.gateway.providers.test_openai_chat import fields, row_of
from tests.gateway.upstream_server import Exchange, UpstreamServer, chat

LOCAL = "http://127.0.0.1:8080/v1"


@pytest.mark.parametrize(
    ("url", "model", "limit"),
    [
        (LOCAL, "qwen2.5-coder", {"max_tokens": 700}),
        ("http://127.0.0.1:11434/v1", "qwen3-coder:30b", {"max_tokens": 700}),
        ("https://api.groq.com/openai/v1", "llama-4", {"max_completion_tokens": 700}),
        ("https://api.cerebras.ai/v1", "gpt-oss-120b", {"max_completion_tokens": 700 + 4096}),
        (LOCAL, "qwen3:8b", {}),
        (LOCAL, "GLM-4.6-Air", {}),
        ("https://generativelanguage.googleapis.com/v1beta/openai", "gemini-2.5-pro", {}),
        ("https://api.deepseek.com/v1", "deepseek-flash", {}),
        ("https://api.openai.com/v1", "gpt-5.6-sol", {}),
        ("https://api.openai.com/v1", "gpt-4.1", {}),
        ("https://example.org/v1", "m", {}),
    ],
)
def test_a_model_that_does_not_think_is_given_how_much_is_enough(
    url: str, model: str, limit: Json
) -> None:
    asked = fields(row_of(url), model, enough=700)
    assert {name: value for name, value in asked.items() if name.startswith("max_")} == limit
    assert limit or "prediction" in asked or model != "gpt-4.1"


@pytest.mark.parametrize(("enough", "limit"), [(700, 700), (8_000, 2_500), (20_000, 14_500)])
def test_where_the_limit_is_taken_from_a_minute_s_worth_it_is_smaller(
    enough: int, limit: int
) -> None:
    groq, cerebras = row_of("https://api.groq.com/openai/v1"), row_of("https://api.cerebras.ai/v1")
    assert fields(groq, "llama-4", enough=enough)["max_completion_tokens"] == limit
    asked = fields(cerebras, "m", enough=enough, reasoning_effort="none")
    assert asked["max_completion_tokens"] == limit
    assert fields(row_of(LOCAL), "m", enough=enough)["max_tokens"] == enough


def test_the_profile_s_limit_and_thinking_take_its_place() -> None:
    row = row_of("https://api.groq.com/openai/v1")
    assert fields(row, "m", enough=700, max_output_tokens=9_000)["max_completion_tokens"] == 9_000
    assert "max_completion_tokens" not in fields(row, "m", enough=700, reasoning_effort="low")
    cerebras = row_of("https://api.cerebras.ai/v1")
    asked = fields(cerebras, "m", enough=700, reasoning_effort="none")
    assert asked["max_completion_tokens"] == 700


@pytest.mark.parametrize(("reads", "limit"), [(9_000, 8_000), (8_192, 7_859), (2_500, None)])
def test_what_does_not_fit_beside_the_request_is_shortened_down_to_a_usual_answer(
    reads: int, limit: int | None
) -> None:
    create = ResponseCreate(model="m", instructions="y" * 1_000, input="", enough=8_000)
    enough = TokenLimit(create, row_of(LOCAL), Refusals("x"), reads)
    assert enough.tokens == limit


async def edited(server: UpstreamServer, **more: Any) -> tuple[Json, list[Json]]:
    """The last event of an edit, and what the server was asked."""
    upstream = Upstream("openai-chat", server.base_url)
    async with (
        running(upstreams=ProviderCache()) as gateway,
        client(gateway, upstream) as connection,
    ):
        while not server.warmed:
            await asyncio.sleep(0.001)
        await ask(connection, model="m", midstream={"enough": 700}, **more)
        events = await answer(connection)
    return events[-1], [asked.json for asked in server.asked if asked.json]


def cut(*delta: Json) -> Any:
    async def script(exchange: Exchange) -> None:
        if "max_tokens" not in exchange.json:
            await chat("whole")(exchange)
            return
        await exchange.begin()
        for one in delta:
            await exchange.event({"model": "m", "choices": [{"index": 0, "delta": one}]})
        end = {"index": 0, "delta": {}, "finish_reason": "length"}
        await exchange.event({"model": "m", "choices": [end]})
        await exchange.finish()

    return script


def test_what_our_limit_cut_is_said_to_be_so() -> None:
    async def test() -> None:
        async with UpstreamServer(cut({"content": "half"}), owner="llamacpp") as server:
            last, asked = await edited(server)
        assert [one["max_tokens"] for one in asked] == [700]
        reason = last["response"]["incomplete_details"]["reason"]
        assert reason == failure_sentences.SCOPE_LIMIT
        assert setting("max_output_tokens") in failure_sentences.incomplete(reason)
        async with UpstreamServer(cut({"content": "half"}), owner="llamacpp") as server:
            last, _ = await edited(server, max_output_tokens=900)
        assert last["response"]["incomplete_details"]["reason"] == "max_output_tokens"

    run(test())


def test_a_model_that_turns_out_to_think_is_not_limited() -> None:
    async def test() -> None:
        async with UpstreamServer(cut({"reasoning_content": "hm"}), owner="llamacpp") as server:
            last, asked = await edited(server)
        assert last["type"] == "response.completed"
        assert ["max_tokens" in one for one in asked] == [True, False]

    run(test())


def test_a_limit_that_would_not_fit_beside_the_request_is_left_out() -> None:
    async def test() -> None:
        async with UpstreamServer(cut(), owner="vllm", max_model_len=1_000) as server:
            _, asked = await edited(server, instructions="y" * 1_200)
        assert ["max_tokens" in one for one in asked] == [False]

    run(test())


def test_a_server_that_takes_no_limit_by_any_name_is_asked_without() -> None:
    async def script(exchange: Exchange) -> None:
        for name in ("max_tokens", "max_completion_tokens"):
            if name in exchange.json:
                await exchange.refuse(400, {"error": {"message": f"unknown field {name}"}})
                return
        await chat("whole")(exchange)

    async def test() -> None:
        async with UpstreamServer(script, owner="llamacpp") as server:
            last, asked = await edited(server)
        assert last["type"] == "response.completed"
        assert len(asked) == 3

    run(test())
