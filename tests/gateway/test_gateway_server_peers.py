"""The gateway with other projects' programs: openai-agents, LiteLLM's proxy, llama.cpp.

Each has its own environment, which `python -m tests.support.peers install` creates.
"""

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lsp_server.backends.base import Endpoint, ModelRequest
from lsp_server.backends.websocket import WebSocketBackend
from lsp_server.gateway.provider_cache import ProviderCache
from lsp_server.gateway.upstream import Upstream
from lsp_server.session.events import Delta, Finished
from tests.backends.servers import Collector
from tests.gateway.clients import TOKEN, answer, ask, base_url, client, run, running
from tests.gateway.scripted import Scripted
from tests.gateway.tiny_gguf import write
from tests.gateway.upstream_server import UpstreamServer, chat
from tests.support.editors import REQUIRED, required
from tests.support.peers import AGENTS, LITELLM, LLAMA, Peer, node
from tests.support.ports import closed_port

ROOT = Path(__file__).parents[2]
START_S = 120.0
"""How long a peer may take to start on a busy machine."""


def there(peer: Peer) -> None:
    """Leave the test out where the peer is not installed, unless it has to be."""
    if peer.ready:
        return
    reason = f"{peer.name} is not here: run python -m tests.support.peers install"
    if required():
        pytest.fail(f"{reason}; {REQUIRED} asks for it")
    pytest.skip(reason)


# -- openai-agents, as a client ----------------------------------------------------------------

AGENT = """
import asyncio, sys
from agents import Agent, Runner, set_tracing_disabled
from agents.models.openai_responses import OpenAIResponsesWSModel
from openai import AsyncOpenAI

async def main(base_url, key):
    set_tracing_disabled(True)
    client = AsyncOpenAI(api_key=key, base_url=base_url)
    model = OpenAIResponsesWSModel(model="practice", openai_client=client)
    agent = Agent(name="editor", instructions="Be short.", model=model)
    first = await Runner.run(agent, "hello")
    streamed = Runner.run_streamed(agent, "again")
    kinds = [e.data.type async for e in streamed.stream_events() if e.type == "raw_response_event"]
    usage = first.context_wrapper.usage
    print(first.final_output, streamed.final_output, usage.output_tokens, kinds[-1], sep="|")
    await model.close()
    await client.close()

asyncio.run(main(*sys.argv[1:]))
"""


def test_openai_agents_works_against_the_gateway() -> None:
    there(AGENTS)

    async def test() -> None:
        provider = Scripted("one ", "two")
        async with running(provider) as gateway:
            process = await asyncio.create_subprocess_exec(
                str(AGENTS.program("python")),
                "-c",
                AGENT,
                base_url(gateway),
                TOKEN,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            output, errors = await process.communicate()
            assert process.returncode == 0, errors.decode()
            assert output.decode().strip() == "one two|one two|2|response.completed"
            assert provider.asked[0].instructions == "Be short."
            assert [create.input for create in provider.asked] == ["hello", "again"]

    run(test(), START_S)


# -- LiteLLM's proxy ---------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def litellm(folder: Path, upstream: UpstreamServer) -> AsyncIterator[str]:
    """A real proxy in front of a scripted model. Gives its address, without a path."""
    port = closed_port()
    # An API of this kind has Chat Completions only, of which LiteLLM makes a WebSocket itself.
    parameters = {"model": "groq/behind", "api_base": upstream.base_url, "api_key": "none"}
    config = {
        "model_list": [{"model_name": "in-front", "litellm_params": parameters}],
        "general_settings": {"master_key": f"sk-{TOKEN}"},
    }
    (folder / "config.yaml").write_text(json.dumps(config), "utf-8")
    # It would fetch its price list from the network, and say what it does.
    settings = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_TELEMETRY": "False"}
    process = await asyncio.create_subprocess_exec(
        *(str(LITELLM.program("litellm")), "--config", str(folder / "config.yaml")),
        *("--host", "127.0.0.1", "--port", str(port)),
        cwd=folder,
        env={**os.environ, **settings},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        await _listens(port, process)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


async def _listens(port: int, process: asyncio.subprocess.Process) -> None:
    """Wait until something accepts connections there."""
    while True:
        assert process.returncode is None, "it ended before it listened"
        with contextlib.suppress(ConnectionError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        await asyncio.sleep(0.1)


def test_litellm_in_front_of_a_model(tmp_path: Path) -> None:
    """Both ways: by its WebSocket, as a profile with a `url`, and over HTTP by our gateway."""
    there(LITELLM)

    async def test() -> None:
        async with UpstreamServer(chat("one ", "two")) as model, litellm(tmp_path, model) as place:
            headers = {"Authorization": f"Bearer sk-{TOKEN}"}
            native = WebSocketBackend(Endpoint(f"ws://{place}/v1/responses", headers))
            assert await _asked(native) == "one two"
            upstream = Upstream("openai-chat", f"http://{place}/v1", f"sk-{TOKEN}")
            async with running(upstreams=ProviderCache()) as gateway:
                mine = {"Authorization": f"Bearer {TOKEN}", **upstream.headers()}
                assert await _asked(WebSocketBackend(Endpoint(gateway.url, mine))) == "one two"

    run(test(), START_S)


async def _asked(backend: WebSocketBackend) -> str:
    sink = Collector()
    backend.open(1, ModelRequest("in-front", "Be short.", "hello"), sink)
    assert await sink.end() == Finished(1)
    await backend.aclose()
    return "".join(event.text for event in sink.events if isinstance(event, Delta))


# -- llama.cpp ---------------------------------------------------------------------------------

NEW = "def f(x):\n    return x + 1\n"


@contextlib.asynccontextmanager
async def llama(folder: Path, text: str) -> AsyncIterator[tuple[str, asyncio.StreamReader]]:
    """The real engine, whose grammar allows `text` only. Gives its address and its output."""
    script = LLAMA.folder / "llama_server.mjs"
    shutil.copy(Path(__file__).with_name("llama_server.mjs"), script)
    write(folder / "tiny.gguf")
    (folder / "text").write_text(text, "utf-8")
    process = await asyncio.create_subprocess_exec(
        *(str(node()), str(script), str(folder / "tiny.gguf"), str(folder / "text")),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        port = int(await process.stdout.readline())
        yield f"http://127.0.0.1:{port}/v1", process.stdout
    finally:
        process.terminate()
        await process.wait()


def test_a_real_llama_cpp_is_streamed_and_stopped(tmp_path: Path) -> None:
    there(LLAMA)
    text = "".join(f"line {number}\n" for number in range(300))

    async def test() -> None:
        async with (
            llama(tmp_path, text) as (url, output),
            running(upstreams=ProviderCache()) as gateway,
        ):
            upstream = Upstream("openai-chat", url)
            async with client(gateway, upstream) as connection:
                await ask(connection)
                while json.loads(await connection.recv())["type"] != "response.output_text.delta":
                    pass
            ended, _, sent = (await output.readline()).decode().strip().partition(" ")
            assert ended == "aborted" and int(sent) < len(text)

    run(test(), START_S)


def test_a_real_llama_cpp_edits_a_file(tmp_path: Path) -> None:
    """The whole product: command line, language server, gateway, engine."""
    there(LLAMA)

    async def test() -> None:
        async with llama(tmp_path, f"````python\n{NEW}````\n") as (url, _):
            async with running(upstreams=ProviderCache()) as gateway:
                upstream = Upstream("openai-chat", url)
                async with client(gateway, upstream) as connection:
                    await ask(connection)
                    events = await answer(connection)
                    deltas = [e["delta"] for e in events if e["type"].endswith("text.delta")]
                    assert "".join(deltas) == f"````python\n{NEW}````\n"
                    assert len(deltas) > 10, "token by token"
            file = tmp_path / "project" / "a.py"
            file.parent.mkdir()
            file.write_text("def f(x):\n    return x\n", "utf-8")
            settings = tmp_path / "midstream" / "config.toml"
            settings.parent.mkdir()
            settings.write_text(
                f'[profiles.tiny]\nprovider = "openai-chat"\nbase_url = "{url}"\nmodel = "tiny"\n',
                "utf-8",
            )
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "lsp_server", "edit", str(file), "--lines", "1-2"),
                *("-m", "add one", "--profile", "tiny", "--yes"),
                cwd=ROOT,
                env={**os.environ, "XDG_CONFIG_HOME": str(tmp_path)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            output, _ = await process.communicate()
            assert process.returncode == 0, output.decode()
            assert file.read_text("utf-8") == NEW

    run(test(), START_S)
