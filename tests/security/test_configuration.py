"""What the editor has configured holds from the first edit on, and never stands in a Stop's way."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lsp_server.choices import Publish
from lsp_server.cli.edit_flow import own_words
from lsp_server.lsp import server, settings_loading
from lsp_server.lsp import server_state as server_states
from lsp_server.lsp.settings_loading import trusts
from lsp_server.settings import load
from tests.support.raw_client import Failed, Json
from tests.support.stage import SESSION, Stage, staged

URI = "file:///project/secret.py"
TEXT = "def f():\n    return 1\n"
CONFIGURES: Json = {**SESSION, "workspace": {"applyEdit": True, "configuration": True}}
IGNORE = [{"ignore": ["secret.py"]}]


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Stage]:
    """A server that has not been spoken to yet."""
    with staged(monkeypatch, tmp_path / "user" / "config.toml") as stage:
        yield stage


def silent(stage: Stage) -> Json:
    """An editor that has not answered the first question yet; the question."""
    stage.client.on_request("workspace/configuration", lambda params: NotImplemented)
    stage.begin(CONFIGURES)
    stage.client.wait_for(lambda: stage.client.received("workspace/configuration"))
    stage.client.open(URI, TEXT, "python")
    asked = (m for m in stage.client.messages if m.get("method") == "workspace/configuration")
    return next(asked)


def send(stage: Stage, name: str, **more: object) -> int:
    argument = {"uri": URI, "range": stage.client.range_of(URI, TEXT), **more}
    params = {"command": f"midstream.{name}", "arguments": [argument]}
    return stage.client.send_request("workspace/executeCommand", params)


def command(stage: Stage, name: str, **argument: object) -> int:
    params = {"command": f"midstream.{name}", "arguments": [argument]}
    return stage.client.send_request("workspace/executeCommand", params)


def test_an_edit_waits_for_what_is_ignored(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "CONFIGURED_S", 60.0)
    question = silent(stage)
    edit = send(stage, "edit", instruction="x")
    stage.client.type(URI, len(TEXT), len(TEXT), "# more\n")
    assert stage.client.command("midstream.status", {})["sessions"] == []
    stage.client.send({"jsonrpc": "2.0", "id": question["id"], "result": IGNORE})
    with pytest.raises(Failed, match="ignore"):
        stage.client.answer_to(edit)
    assert stage.model.idle


@pytest.mark.parametrize("answered", [True, False])
def test_an_error_or_no_answer_holds_nothing_up(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, answered: bool
) -> None:
    monkeypatch.setattr(server, "CONFIGURED_S", 60.0 if answered else 0.3)
    question = silent(stage)
    edit = send(stage, "edit", instruction="x")
    if answered:
        error = {"code": -32601, "message": "no"}
        stage.client.send({"jsonrpc": "2.0", "id": question["id"], "error": error})
    assert stage.client.answer_to(edit)["session"] == "s1"


def slow(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> tuple[threading.Event, list[Any]]:
    """From now on reading settings takes until the event; how they were read."""
    go, read = threading.Event(), list[Any]()

    def reading(**places: Any) -> object:
        read.append(places)
        go.wait(20)
        return load(**places)

    monkeypatch.setattr(settings_loading, "READ_S", 20.0)
    monkeypatch.setattr(server_states, "load", reading)
    stage.process.server.server_state.load = reading  # type: ignore[assignment]
    return go, read


@pytest.mark.parametrize("how", ["command", "button"])
def test_a_storm_of_settings_is_read_twice_and_a_stop_overtakes_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    stage.begin()
    stage.client.open(URI, TEXT, "python")
    session = stage.edit(URI, TEXT[:-1])
    asked = stage.asked()
    asked.say("````\ndef f():\n")
    stage.client.wait_for(lambda: stage.client.received("window/workDoneProgress/create"))
    go, read = slow(stage, monkeypatch)
    for number in range(300):
        publish = {"publish": "line" if number % 2 else "syntax"}
        stage.client.notify(
            "workspace/didChangeConfiguration", {"settings": {"midstream": publish}}
        )
        stage.client.notify("workspace/didChangeWatchedFiles", {"changes": []})
    status = command(stage, "status")
    if how == "command":
        stage.client.answer_to(command(stage, "cancel", session=session))
    else:
        (created,) = stage.client.received("window/workDoneProgress/create")
        stage.client.notify("window/workDoneProgress/cancel", {"token": created["token"]})
    asked.wait_cut()
    stage.client.answer_to(status)
    assert len(read) == 1
    go.set()
    stage.client.command("midstream.scope", {"uri": URI, "range": stage.client.range(URI, 0, 1)})
    assert len(read) == 2
    assert stage.process.server.server_state.context.settings.publish is Publish.LINE


def test_a_mistake_is_not_reported_as_slowness(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**places: object) -> object:
        raise ZeroDivisionError

    monkeypatch.setattr(server_states, "load", broken)
    stage.process.server.server_state.load = broken  # type: ignore[assignment]
    began = time.monotonic()
    stage.client.initialize(SESSION)
    stage.client.open(URI, TEXT, "python")
    with pytest.raises(Failed, match="which is a bug"):
        stage.client.answer_to(send(stage, "edit", instruction="x"))
    assert time.monotonic() - began < 60


def test_without_trust_a_configuration_can_only_ignore(stage: Stage) -> None:
    theirs = {"ignore": ["*.pem"], "publish": "token", "prompts": {"Tidy": "rm"}, "profile": "x"}
    stage.client.on_request("workspace/configuration", lambda params: [theirs])
    stage.begin(CONFIGURES, initializationOptions={"trusted": False})
    server_state = stage.process.server.server_state
    stage.until(lambda: server_state.context.settings.ignore == ("*.pem",))
    assert server_state.context.settings.publish is Publish.SYNTAX
    assert "Tidy" not in server_state.context.settings.prompts
    assert server_state.context.settings.profile == "scripted"


@pytest.mark.parametrize(
    "name",
    ["isTrusted", "Trusted", "trust", "workspaceTrusted", "trsuted", "is_trusted", "TRUSTED"],
)
def test_a_misspelt_trusted_counts(name: str) -> None:
    assert not trusts({name: False})
    assert not trusts({"trusted": True, name: "no"})
    assert trusts({name: True, "publish": "line", "profiles": {}})


def test_who_says_untrusted_is_understood() -> None:
    assert not trusts({"untrusted": True})
    assert trusts({"untrusted": False})


def test_a_key_of_the_settings_is_no_option() -> None:
    assert own_words("`profile`: there is none").startswith("--profile:")
    assert own_words("`profile` in x/config.toml names").startswith("`profile` in")


def test_the_cancel_button_ends_one_of_several(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.begin()
    stage.client.open(URI, f"{TEXT}\n\ndef g():\n    return 2\n", "python")
    first, _ = stage.edit(URI, TEXT[:-1]), stage.edit(URI, "def g():\n    return 2")
    created = "window/workDoneProgress/create"
    stage.client.wait_for(lambda: len(stage.client.received(created)) == 2)
    token = stage.client.received(created)[0]["token"]
    stage.client.notify("window/workDoneProgress/cancel", {"token": token})
    stage.reach(first, "ended")
    stage.client.command("midstream.status", {})
    assert "couldn't be processed" not in caplog.text


def test_nothing_is_read_ahead_before_it_is_known_what_is_ignored(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "CONFIGURED_S", 60.0)
    question = silent(stage)
    stage.until(lambda: stage.client.command("midstream.status", {})["connection"] == "open")
    params = {
        "textDocument": {"uri": URI},
        "range": stage.client.range_of(URI, TEXT),
        "context": {"diagnostics": [], "triggerKind": 1},
    }
    stage.client.request("textDocument/codeAction", params)
    stage.client.send({"jsonrpc": "2.0", "id": question["id"], "result": [None]})
    stage.client.answer_to(send(stage, "edit", instruction="x"))
    stage.asked()
    assert stage.model.read_ahead.empty()
