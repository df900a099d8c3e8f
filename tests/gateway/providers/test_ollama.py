"""Continuing from a prefix and loading ahead, with a server that follows Ollama's documents."""

import asyncio
import json
from typing import Any

import pytest

from lsp_server.gateway.provider_cache import ProviderCache
from lsp_server.gateway.providers.ollama import Lines, raw_prompt
from lsp_server.gateway.providers.sse import MAX_EVENT_BYTES, EventTooLong
from lsp_server.gateway.request_protocol import Message, ResponseCreate
from lsp_server.gateway.upstream import Upstream
from tests.gateway.clients import answer, ask, client, run, running
from tests.gateway.upstream_server import Exchange, UpstreamServer, chat

PREFIX = "```python\ndef f():\n"
CHATML = "{{- range .Messages }}<|im_start|>{{ .Role }}\n{{ .Content }}<|im_end|>{{ end }}"


def ollama(template: str) -> UpstreamServer:
    async def script(exchange: Exchange) -> None:
        match exchange.path:
            case "/api/show":
                await exchange.refuse(200, {"template": template})
            case "/api/generate" if "prompt" in exchange.json:
                await exchange.begin(200, {"Content-Type": "application/x-ndjson"})
                for text in ("    pass\n", "```\n"):
                    await exchange.send(json.dumps({"model": "q", "response": text}) + "\n")
                end = {"model": "q", "done": True, "done_reason": "stop", "response": ""}
                await exchange.send(
                    json.dumps({**end, "prompt_eval_count": 9, "eval_count": 4}) + "\n"
                )
                await exchange.finish()
            case "/api/generate":
                await exchange.refuse(200, {"done": True, "done_reason": "load"})
            case _:
                await chat("anew")(exchange)

    return UpstreamServer(script, owner="library")


async def redirected(server: UpstreamServer) -> tuple[str, dict[str, object]]:
    """The text and the last event of an answer that may go on from the prefix."""
    upstream = Upstream("openai-chat", server.base_url)
    async with (
        running(upstreams=ProviderCache()) as gateway,
        client(gateway, upstream) as connection,
    ):
        while not server.warmed:
            await asyncio.sleep(0.001)
        await ask(connection, model="q", instructions="Be short.", midstream={"prefix": PREFIX})
        events = await answer(connection)
    texts = [event["delta"] for event in events if event["type"] == "response.output_text.delta"]
    return "".join(texts), events[-1]


def test_it_goes_on_from_the_prefix_in_the_models_own_template() -> None:
    async def test() -> None:
        async with ollama(CHATML) as server:
            text, last = await redirected(server)
            assert text == PREFIX + "    pass\n```\n"
            response = last["response"]
            assert isinstance(response, dict)
            assert (response["model"], response["usage"]["output_tokens"]) == ("q", 4)
            asked = server.asked[-1].json
            assert asked["raw"] is True
            assert asked["prompt"] == (
                "<|im_start|>system\nBe short.<|im_end|>\n<|im_start|>user\nx<|im_end|>\n"
                "<|im_start|>assistant\n" + PREFIX
            )

    run(test())


def test_a_template_of_no_known_family_begins_anew() -> None:
    async def test() -> None:
        async with ollama("[INST] {{ .Prompt }} [/INST]") as server:
            text, _ = await redirected(server)
            assert text == "anew"
            roles = [message["role"] for message in server.asked[-1].json["messages"]]
            assert roles == ["system", "user"]

    run(test())


def test_a_warmup_loads_the_model() -> None:
    async def test() -> None:
        async with ollama(CHATML) as server:
            upstream = Upstream("openai-chat", server.base_url)
            async with running(upstreams=ProviderCache()) as g, client(g, upstream) as connection:
                await ask(connection, model="q", generate=False)
                await answer(connection)
                while not server.asked:
                    await asyncio.sleep(0.001)
            loaded = server.asked[0]
            assert (loaded.path, loaded.json) == ("/api/generate", {"model": "q"})

    run(test())


@pytest.mark.parametrize("mark", ["<|im_end|>", "<|im_start|>system\n", "<end_of_turn>"])
def test_code_with_marks_of_a_template_is_not_written_into_one(mark: str) -> None:
    create = ResponseCreate("q", "", "x", (Message("user", f"print('{mark}')"),), prefix=PREFIX)
    assert raw_prompt(create, CHATML) is None


def test_gemma_knows_no_system() -> None:
    create = ResponseCreate("g", "Be short.", "x", (Message("user", "x"),), prefix=PREFIX)
    prompt = raw_prompt(create, "<start_of_turn>user\n{{ .Prompt }}<end_of_turn>")
    assert prompt is not None and "system" not in prompt
    assert prompt.endswith("<start_of_turn>model\n" + PREFIX)


def test_a_line_without_an_end_is_cut() -> None:
    lines = Lines()
    with pytest.raises(EventTooLong):
        for _ in range(20):
            lines.feed(b"x" * (MAX_EVENT_BYTES // 16))


def test_lines_do_not_depend_on_how_they_were_cut() -> None:
    lines = Lines()
    assert [lines.feed(part) for part in (b'{"a"', b":1}\n{", b"}\n\n")] == [
        [],
        [b'{"a":1}'],
        [b"{}"],
    ]


async def request_to_server_with_context(server: UpstreamServer, code: str) -> dict[str, Any]:
    """The last event of an answer about `code`."""
    upstream = Upstream("openai-chat", server.base_url)
    async with (
        running(upstreams=ProviderCache()) as gateway,
        client(gateway, upstream) as connection,
    ):
        await ask(connection, input=code, model="q")
        return (await answer(connection))[-1]


def with_context(tokens: int) -> UpstreamServer:
    async def script(exchange: Exchange) -> None:
        if exchange.path == "/v1/chat/completions":
            await chat("fine")(exchange)
        else:
            await exchange.refuse(404, {"error": "no"})

    server = UpstreamServer(script, owner="library")
    server.loaded = [{"name": "q:latest", "model": "q:latest", "context_length": tokens}]
    return server


def test_what_ollama_would_cut_is_refused_with_how_much_it_reads() -> None:
    async def test() -> None:
        async with with_context(4096) as server:
            last = await request_to_server_with_context(server, "x = 1\n" * 4_000)
            assert last["error"]["code"] == "context_length_exceeded"
            assert last["error"]["limit"] == 4096
            assert not server.asked
            last = await request_to_server_with_context(server, "x = 1\n" * 100)
            assert last["response"]["midstream"] == {"reads": 4096}

    run(test())


def test_a_prompt_that_was_cut_is_reported() -> None:
    async def test() -> None:
        async with with_context(0) as server:  # It does not tell, and reads 11 tokens of all this.
            last = await request_to_server_with_context(server, "x = 1\n" * 4_000)
            assert last["type"] == "response.incomplete"
            assert last["response"]["incomplete_details"] == {"reason": "prompt_cut"}

    run(test())
