"""Whatever stands in a field, the answer is a sentence and never a mistake of ours, and the server
goes on."""

import asyncio
import copy
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lsp_server.lsp.server import Server
from tests.support.raw_client import Failed, RawClient

ROOT = Path(__file__).parents[2]
INTERNAL_ERROR = -32603
GOOD = "file:///project/a.py"
TEXT = "def f(a):\n    # ms: rename a to b\n    return a\n"

MALFORMED = (
    *("file://[", "file://[::1", "file://[x]/a.py", "//[", "http://[", "file://]/", "file://[/["),
    *("file:///%00", "file:///a%00b.py", "file:///\0", "file:///\ud800", "file://a\u2100b/"),
)
"""What is no URI at all, or one of a file that cannot be."""
STRANGE = (
    *("", " ", "[", "file:", "file://", "file:///", "\0", "\ud800", "file:///a%ff.py"),
    *("file:///a\nb", "file://host/share/a.py", "file://h:x/y", "file:///" + "x" * 5000),
    *("file:///" + "a/" * 3000, "file:///%", "file:///../../x", "urn:x", "untitled:[", "data:,x"),
)
ODD: tuple[object, ...] = (
    *(None, True, False, 0, -1, 1.5, 1e308, 2**70, "", "x", [], [[]], [None], {}, {"a": 1}),
)
values = st.sampled_from((*MALFORMED, *STRANGE, *ODD)) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)

PLACE = {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 3}}
DIAGNOSTIC = {"range": PLACE, "message": "m", "severity": 1, "code": "c", "source": "s"}
ITEM = {"uri": GOOD, "languageId": "python", "version": 2, "text": TEXT}
FOLDER = {"uri": "file:///project", "name": "project"}
TOKENS = {"workDoneToken": "t", "partialResultToken": 1}


def command(name: str, **argument: object) -> tuple[str, dict[str, object]]:
    return "workspace/executeCommand", {"command": name, "arguments": [argument], **TOKENS}


HERE: dict[str, object] = {"uri": GOOD, "range": PLACE}
FORMS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("textDocument/didOpen", {"textDocument": ITEM}),
    (
        "textDocument/didChange",
        {"textDocument": ITEM, "contentChanges": [{"range": PLACE, "text": "x"}, {"text": TEXT}]},
    ),
    ("textDocument/didSave", {"textDocument": ITEM, "text": TEXT}),
    ("textDocument/willSave", {"textDocument": ITEM, "reason": 1}),
    (
        "textDocument/codeAction",
        {
            "textDocument": ITEM,
            "range": PLACE,
            "context": {"diagnostics": [DIAGNOSTIC], "only": ["quickfix"], "triggerKind": 1},
            **TOKENS,
        },
    ),
    ("textDocument/codeLens", {"textDocument": ITEM, **TOKENS}),
    ("textDocument/hover", {"textDocument": ITEM, "position": PLACE["start"], **TOKENS}),
    ("textDocument/completion", {"textDocument": ITEM, "position": PLACE["start"]}),
    ("window/workDoneProgress/cancel", {"token": "midstream/s1/1"}),
    ("$/progress", {"token": "t", "value": {"kind": "end"}}),
    ("$/setTrace", {"value": "off"}),
    ("$/cancelRequest", {"id": 1}),
    ("workspace/didChangeConfiguration", {"settings": {"midstream": {"publish": "line"}}}),
    ("workspace/didChangeWatchedFiles", {"changes": [{"uri": GOOD, "type": 1}]}),
    ("workspace/didChangeWorkspaceFolders", {"event": {"added": [FOLDER], "removed": [FOLDER]}}),
    ("workspace/didRenameFiles", {"files": [{"oldUri": GOOD, "newUri": GOOD}]}),
    ("workspace/willRenameFiles", {"files": [{"oldUri": GOOD, "newUri": GOOD}]}),
    ("workspace/symbol", {"query": "x", **TOKENS}),
    (
        "notebookDocument/didOpen",
        {
            "notebookDocument": {"uri": GOOD, "notebookType": "x", "version": 1, "cells": []},
            "cellTextDocuments": [ITEM],
        },
    ),
    ("notebookDocument/didClose", {"notebookDocument": ITEM, "cellTextDocuments": [ITEM]}),
    ("midstream/keys", {"practice": "k"}),
    command("midstream.scope", **HERE, scope="function"),
    command(
        "midstream.edit",
        **HERE,
        instruction="sing",
        scope="smallest",
        profile="practice",
        version=1,
        diagnostics=[DIAGNOSTIC],
    ),
    command("midstream.editComment", **HERE, profile="practice"),
    command("midstream.redirect", **HERE, session="s1", instruction="sing", keep="none"),
    command("midstream.cancel", **HERE, session="s1", leave="raw"),
    command("midstream.accept", **HERE, session="s1", hunks=["h1"]),
    command("midstream.revert", **HERE, position=PLACE["start"], hunks=["h1"]),
    command("midstream.show", **HERE),
    command("midstream.attempts", **HERE, session="s1"),
    command("midstream.restore", **HERE, attempt=1),
    command("midstream.status"),
    command("midstream.promptEdit", **HERE),
)
INITIALIZE: dict[str, Any] = {
    "processId": 1,
    "clientInfo": {"name": "n", "version": "1"},
    "locale": "en",
    "rootPath": "/project",
    "rootUri": "file:///project",
    "workspaceFolders": [FOLDER, {"uri": "file:///other", "name": "other"}],
    "trace": "off",
    "workDoneToken": "t",
    "initializationOptions": {"publish": "line", "profiles": {"p": {"provider": "practice"}}},
    "capabilities": {
        "general": {"positionEncodings": ["utf-8"]},
        "workspace": {"applyEdit": True, "configuration": True, "workspaceFolders": True},
        "window": {"workDoneProgress": True, "showMessage": {"messageActionItem": {}}},
        "experimental": {"midstream": {"session": True, "prompt": True}},
    },
}

Path_ = tuple[str | int, ...]


def places(value: object, at: Path_ = ()) -> Iterator[Path_]:
    """Every field of a message, and the whole of it."""
    yield at
    pairs: Any = ()
    if isinstance(value, dict):
        pairs = value.items()
    elif isinstance(value, list):
        pairs = enumerate(value)
    for name, inner in pairs:
        yield from places(inner, (*at, name))


def spoilt(params: object, at: Path_, value: object) -> object:
    """The message with something else in one of its fields."""
    if not at:
        return value
    made: Any = copy.deepcopy(params)
    inner = made
    for name in at[:-1]:
        inner = inner[name]
    inner[at[-1]] = value
    return made


# -- a running server ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RawClient]:
    """A server process in which a document is open."""
    home = str(tmp_path_factory.mktemp("home"))
    env = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": home, "HOME": home}
    with RawClient.start([sys.executable, "-P", "-m", "lsp_server", "serve"], env) as started:
        started.initialize()
        started.open(GOOD, TEXT, "python")
        yield started


def survives(client: RawClient, method: str, params: object) -> None:
    """As a request and as a notification: a sentence or an answer, and it goes on."""
    try:
        client.request(method, params)
    except Failed as error:
        assert error.code != INTERNAL_ERROR, (method, params)
        assert error.message.strip().endswith((".", "?")), error.message
    client.notify(method, params)
    assert "sessions" in client.command("midstream.status", {})


@pytest.mark.parametrize("value", [*MALFORMED, *ODD], ids=ascii)
def test_in_every_place_of_a_uri_and_of_a_token(client: RawClient, value: object) -> None:
    for method, params in FORMS:
        for at in places(params):
            if at and at[-1] in ("uri", "oldUri", "newUri", "token", *TOKENS):
                survives(client, method, spoilt(params, at, value))


@settings(suppress_health_check=list(HealthCheck), deadline=None)
@given(st.sampled_from(FORMS), st.data())
def test_in_any_field(
    client: RawClient, form: tuple[str, dict[str, Any]], data: st.DataObject
) -> None:
    method, params = form
    at = data.draw(st.sampled_from(tuple(places(params))))
    survives(client, method, spoilt(params, at, data.draw(values)))


@pytest.mark.parametrize("uri", MALFORMED, ids=ascii)
def test_what_is_no_uri_is_named(client: RawClient, uri: str) -> None:
    for name in ("scope", "edit", "editComment", "redirect", "cancel"):
        more = {"instruction": "sing"} if name in ("edit", "redirect") else {}
        with pytest.raises(Failed, match="`uri` isn't a readable URI") as caught:
            client.command(f"midstream.{name}", {"uri": uri, "range": PLACE, **more})
        assert caught.value.code == -32602


def test_a_token_of_another_kind_is_named(client: RawClient) -> None:
    for token in ({}, {"a": 1}, [], [1], 1.5, True, None):
        with pytest.raises(Failed, match="`token` must be") as caught:
            client.request("window/workDoneProgress/cancel", {"token": token})
        assert caught.value.code == -32602
        client.notify("window/workDoneProgress/cancel", {"token": token})
    assert client.request("window/workDoneProgress/cancel", {"token": "of another server"}) is None


# -- the handshake ---------------------------------------------------------------------------------


class Written:
    """Takes what a server in this process says."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    def write(self, data: bytes) -> None:
        self.messages.append(json.loads(data.partition(b"\r\n\r\n")[2]))

    def close(self) -> None: ...


async def answers(*messages: object) -> list[dict[str, Any]]:
    """What a new server answers to these messages."""
    server, written = Server(), Written()
    server.protocol.set_writer(written)
    for message in messages:
        assert server.protocol.receive(json.dumps(message).encode())
        await asyncio.sleep(0)
        while server.server_state.loading.busy:  # What is said next waits for the settings.
            await asyncio.sleep(0.001)
    await server.aclose()
    return [message for message in written.messages if "method" not in message]


def handshake(params: object) -> dict[str, Any]:
    """The answer to `initialize`; the server answers after it as well."""
    first = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}
    then = {"jsonrpc": "2.0", "id": 2, "method": "shutdown"}
    answer, last = asyncio.run(answers(first, then))
    assert last["id"] == 2
    return answer


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nobody's settings are read."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


@settings(suppress_health_check=list(HealthCheck), deadline=None)
@given(st.sampled_from(tuple(places(INITIALIZE))), values)
def test_in_any_field_of_the_handshake(at: Path_, value: object) -> None:
    answer = handshake(spoilt(INITIALIZE, at, value))
    error = answer.get("error")
    assert error is None or (error["code"] == -32602 and error["message"].endswith("."))


@pytest.mark.parametrize("uri", MALFORMED, ids=ascii)
def test_a_root_that_cannot_be_read_is_named(uri: str) -> None:
    """Going on without it would be to forget what must not be sent from there."""
    for at in (("rootUri",), ("workspaceFolders", 0, "uri"), ("workspaceFolders", 1, "uri")):
        error = handshake(spoilt(INITIALIZE, at, uri))["error"]
        assert error["code"] == -32602
        assert f"`{'.'.join(word for word in at if isinstance(word, str))}`" in error["message"]


def test_a_handshake_that_was_refused_may_be_made_anew() -> None:
    bad = {"id": 1, "method": "initialize", "params": {**INITIALIZE, "rootUri": "file://["}}
    good = {"id": 2, "method": "initialize", "params": INITIALIZE}
    first, second = asyncio.run(answers(bad, good))
    assert "error" in first
    assert "capabilities" in second["result"]
