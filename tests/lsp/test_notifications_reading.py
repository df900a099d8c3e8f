"""While the model reads, its user sees how far it is."""

from lsp_server.gateway.provider_cache import ProviderCache
from lsp_server.gateway.upstream import Upstream
from tests.gateway.clients import answer, ask, client, run, running
from tests.gateway.upstream_server import Exchange, UpstreamServer, chat_chunk
from tests.support.stage import Stage

URI = "file:///project/a.py"
ADD = "def add(a, b):\n    return a+b"


def test_the_gateway_asks_llama_cpp_how_far_it_is_and_tells_it() -> None:
    async def script(exchange: Exchange) -> None:
        assert exchange.json["return_progress"] is True
        await exchange.begin()
        for read in (1204, 4876):
            progress = {"total": 4876, "cache": 0, "processed": read, "time_ms": 9}
            await exchange.event(chat_chunk(prompt_progress=progress))
        await exchange.event(chat_chunk("x"))
        await exchange.event(chat_chunk(finish="stop"))
        await exchange.event("[DONE]")
        await exchange.finish()

    async def test() -> None:
        async with UpstreamServer(script, owner="llamacpp") as server:
            upstream = Upstream("openai-chat", server.base_url)
            async with running(upstreams=ProviderCache()) as g, client(g, upstream) as connection:
                await ask(connection, model="q")
                events = await answer(connection)
        working = [e["response"] for e in events if e["type"] == "response.in_progress"]
        told = [response["midstream"] for response in working if "midstream" in response]
        assert {"read": 1204, "total": 4876} in told
        assert events[-1]["type"] == "response.completed"

    run(test())


def test_the_user_sees_it_until_the_answer_comes(stage: Stage) -> None:
    stage.begin()
    stage.client.open(URI, ADD + "\n", "python")
    session = stage.edit(URI, ADD)
    asked = stage.asked()
    asked.begin()
    response = {**asked.response("in_progress"), "midstream": {"read": 1204, "total": 4876}}
    asked.send("response.in_progress", response=response)
    stage.until(lambda: stage.last(session).get("status") == "reading 1,204 of 4,876 tokens")
    asked.answer(ADD.replace("a+b", "a + b"))
    assert "status" not in stage.reach(session, "review")


def test_the_user_sees_that_the_model_is_loaded(stage: Stage) -> None:
    stage.begin()
    stage.client.open(URI, ADD + "\n", "python")
    session = stage.edit(URI, ADD)
    asked = stage.asked()
    asked.begin()
    response = {**asked.response("in_progress"), "midstream": {"loading": True}}
    asked.send("response.in_progress", response=response)
    stage.until(lambda: str(stage.last(session).get("status")).startswith("loading "))
    asked.send("response.in_progress", response=asked.response("in_progress"))
    stage.until(lambda: "status" not in stage.last(session))
    asked.answer(ADD.replace("a+b", "a + b"))
    stage.reach(session, "review")
