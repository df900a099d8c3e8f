"""The server as a process: how it begins, talks and ends."""

import os
import select
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lsp_server import __version__
from tests.support.raw_client import Failed, RawClient
from tests.support.stage import SESSION, Stage

ROOT = Path(__file__).parents[2]
URI = "file:///project/a.py"
TEXT = "def add(a, b):\n    print(a)\n    return a + b\n"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[RawClient]:
    """A server process of its own, without anybody's settings."""
    env = {"PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(tmp_path), "APPDATA": str(tmp_path)}
    with RawClient.start([sys.executable, "-m", "lsp_server", "serve"], env) as started:
        yield started


def gateway_of(client: RawClient) -> int:
    """The process id of the server's gateway, once it is there."""
    while client.command("midstream.status", {})["connection"] != "open":
        pass
    pid = client.process.pid
    (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(child)


def test_initialize_tells_who_we_are_and_what_we_do(stage: Stage) -> None:
    result = stage.begin()
    assert result["serverInfo"] == {"name": "midstream", "version": __version__}
    offered = result["capabilities"]
    sync = offered["textDocumentSync"]
    assert (sync["openClose"], sync["change"]) == (True, 2)
    for name in ("codeActionProvider", "codeLensProvider", "executeCommandProvider"):
        assert name in offered


def test_a_practice_edit_in_a_process_from_begin_to_end(client: RawClient) -> None:
    client.initialize(SESSION)
    client.open(URI, TEXT, "python")
    client.command(
        "midstream.edit",
        {
            "uri": URI,
            "range": client.range_of(URI, TEXT[:-1]),
            "instruction": "remove the debug prints",
        },
    )
    client.wait_for(lambda: client.text(URI) == TEXT.replace("    print(a)\n", ""))
    assert client.command("midstream.accept", {})["remaining"] == 0
    assert client.finish() == 0


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux to look at processes")
@pytest.mark.parametrize("how", ["exit", "closed", "killed"])
def test_the_gateway_ends_with_the_server(client: RawClient, how: str) -> None:
    client.initialize(SESSION)
    gateway = os.pidfd_open(gateway_of(client))
    try:
        match how:
            case "exit":
                assert client.finish() == 0
            case "closed":
                assert client.close_input() == 1
            case _:
                client.kill()
        ended, _, _ = select.select([gateway], [], [], 20)
        assert ended
    finally:
        os.close(gateway)


def test_unknown_commands_and_methods_are_answered(stage: Stage) -> None:
    stage.begin()
    with pytest.raises(Failed) as caught:
        stage.client.command("midstream.edti", {})
    assert caught.value.code == -32602
    assert "`midstream.edit`" in caught.value.message
    with pytest.raises(Failed) as caught:
        stage.client.request("midstream/nothing", {})
    assert caught.value.code == -32601


def test_nothing_that_an_editor_notifies_breaks_the_server(stage: Stage) -> None:
    stage.begin()
    strange: list[object] = [None, [], {}, "x", {"textDocument": {"uri": 3}}, {"settings": 3}]
    for method in (
        "textDocument/didOpen",
        "textDocument/didChange",
        "textDocument/didClose",
        "textDocument/didSave",
        "window/workDoneProgress/cancel",
        "workspace/didChangeConfiguration",
        "workspace/didChangeWatchedFiles",
        "midstream/unheard",
    ):
        for params in strange:
            stage.client.notify(method, params)
    assert stage.client.command("midstream.status", {})["sessions"] == []


def test_changed_settings_files_are_read_again(stage: Stage, tmp_path: Path) -> None:
    stage.begin(rootUri=tmp_path.as_uri())
    (tmp_path / ".midstream.toml").write_text('publish = "line"\n')
    stage.client.notify("workspace/didChangeWatchedFiles", {"changes": []})
    stage.client.command("midstream.status", {})
    assert stage.process.server.server_state.context.settings.publish == "line"


def test_the_end_of_the_conversation_ends_what_runs(stage: Stage) -> None:
    stage.begin()
    stage.client.open(URI, TEXT, "python")
    stage.edit(URI, TEXT[:-1])
    asked = stage.asked()
    asked.say("````\n")
    assert stage.client.finish() == 0
    asked.wait_cut()
