"""The gateway as a child process: started, used, ended, and never left behind."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from lsp_server.backends.base import ModelRequest
from lsp_server.backends.websocket import WebSocketBackend
from lsp_server.errors import BackendError
from lsp_server.gateway.child import GatewayChild
from lsp_server.gateway.upstream import Upstream
from lsp_server.session.events import Finished
from tests.backends.servers import Collector
from tests.gateway.upstream_server import UpstreamServer, chat

ROOT = Path(__file__).parents[2]

PARENT = """
import asyncio, json
from lsp_server.gateway.child import GatewayChild

async def main():
    child = GatewayChild()
    print(json.dumps({"url": await child.start(), **child.headers}), flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def opens(url: str, headers: dict[str, str]) -> bool:
    try:
        async with connect(url, additional_headers=headers, close_timeout=1):
            return True
    except OSError:
        return False


def test_it_starts_once_serves_and_ends() -> None:
    async def test() -> None:
        child = GatewayChild()
        assert child.pid is None
        first, second = await asyncio.gather(child.start(), child.start())
        assert first == second
        assert child.alive
        assert await opens(first, child.headers)
        await child.aclose()
        assert child.pid is None
        assert not await opens(first, child.headers)
        await child.aclose()

    asyncio.run(test())


def test_a_child_that_died_is_replaced() -> None:
    async def test() -> None:
        child = GatewayChild()
        await child.start()
        process = child._process
        assert process is not None
        process.kill()
        await process.wait()
        assert not child.alive
        endpoint = await child.endpoint()
        assert await opens(endpoint.url, dict(endpoint.headers))
        await child.aclose()

    asyncio.run(test())


def test_a_child_that_does_not_start_is_one_sentence(capfd: pytest.CaptureFixture[str]) -> None:
    async def test() -> None:
        child = GatewayChild(["--listen", "nowhere"])
        with pytest.raises(BackendError):
            await child.start()
        assert not child.alive

    asyncio.run(test())
    assert "--listen" in capfd.readouterr().err


def test_it_runs_nothing_from_the_current_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("websockets", "orjson", "json", "lsp_server"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('run from the project')\n")
    monkeypatch.chdir(tmp_path)

    async def test() -> None:
        child = GatewayChild()
        assert await opens(await child.start(), child.headers)
        await child.aclose()

    asyncio.run(test())


def test_it_ends_when_its_parent_is_killed() -> None:
    """Parent and child hold the writing end of one pipe, so it ends when both have."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None and parent.stderr is not None
        announced = json.loads(parent.stdout.readline())
        url = announced.pop("url")
        assert asyncio.run(opens(url, announced))
        parent.kill()
        assert parent.stderr.read() == ""
        assert not asyncio.run(opens(url, announced))


def test_a_key_reaches_the_model_and_nothing_that_others_can_read(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    key = "sk-test-0123456789abcdef"
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another-program")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/")

    async def test() -> None:
        child = GatewayChild()
        async with UpstreamServer(chat("x")) as server:
            endpoint = await child.endpoint(Upstream("openai-chat", server.base_url, key))
            assert endpoint.own and key not in repr(endpoint)
            backend = WebSocketBackend(endpoint)
            sink = Collector()
            backend.open(1, ModelRequest("m", "", "x"), sink)
            assert await sink.end() == Finished(1)
            assert server.asked[0].headers["authorization"] == f"Bearer {key}"
            process = Path(f"/proc/{child.pid}")
            if process.exists():  # Linux shows what others would see.
                seen = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
                assert key.encode() not in seen and b"OPENAI_" not in seen
            await backend.aclose()
            await child.aclose()

    asyncio.run(test())
    said = capfd.readouterr()
    assert key not in said.out + said.err
