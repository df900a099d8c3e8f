"""Every fault of the model's side, through the server as a process: what landed stays, one
sentence says what happened, the session can be redirected, and the next edit needs no restart."""

import ast
import asyncio
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest

from lsp_server.backends.base import Endpoint
from lsp_server.backends.pool import MAX_AGE_S
from lsp_server.backends.websocket import WebSocketBackend
from lsp_server.lsp import models
from tests.backends.servers import ManualClock, ManualTimer
from tests.support.scripted_model import Asked, ScriptedModel
from tests.support.stage import Clock, Stage

ROOT = Path(__file__).parents[2]
URI = "file:///project/a.py"
TEXT = "def add(a, b):\n    return a+b\n"
SCOPE = TEXT[:-1]
SUM = "def add(a, b):\n    # sum\n"
NEW = "def add(a, b):\n    # sum\n    return a + b"
NEXT = "def add(a, b):\n    # done\n    return a + b"
SECRET = "sk-test-0123456789abcdefghijklmnop"


@contextmanager
def process(folder: Path, model: ScriptedModel) -> Iterator[Stage]:
    """A server process of its own, whose log must hold no traceback in the end."""
    homes = ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "HOME", "APPDATA")
    env = {"PYTHONPATH": str(ROOT)} | {name: str(folder) for name in homes}
    log = folder / "log"
    with log.open("wb") as stderr:
        started = subprocess.Popen(
            [sys.executable, "-m", "lsp_server", "serve"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env={**os.environ, **env},
        )
        stage = Stage(cast(Any, started), model, Clock())
        with stage.client:
            yield stage
    said = log.read_text("utf-8", "replace")
    assert "Traceback" not in said, said[-3000:]
    assert SECRET not in said


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    """The model at fault."""
    with ScriptedModel() as made:
        yield made


@pytest.fixture
def served(tmp_path: Path, model: ScriptedModel) -> Iterator[Stage]:
    """A server process whose model is `model`; the handshake is the test's."""
    with process(tmp_path, model) as stage:
        yield stage


def begin(stage: Stage, **profile: Any) -> None:
    """Initialize and open the file; `profile` is added to the scripted model's."""
    scripted = {"url": stage.model.url, "model": "scripted-1", **profile}
    stage.begin(initializationOptions={"profiles": {"scripted": scripted}})
    stage.client.open(URI, TEXT, "python")


def sentences(stage: Stage, session: str) -> set[str]:
    """All that was said about a session."""
    return {body["message"]["text"] for body in stage.news(session) if "message" in body}


def faulty(stage: Stage, session: str, *words: str, level: str = "error") -> str:
    """The session is in review with one sentence, which holds `words`; the file is sound."""
    body = stage.reach(session, "review")
    assert body["message"]["level"] == level
    said = sentences(stage, session)
    assert said == {body["message"]["text"]}
    (sentence,) = said
    assert all(word in sentence for word in words), sentence
    assert SECRET not in json.dumps(stage.client.messages)
    ast.parse(stage.client.text(URI))
    return sentence


def goes_on(stage: Stage, session: str) -> None:
    """The redirect is a retry, and afterwards the next edit works in the same process."""
    attempt = stage.last(session)["attempt"] + 1
    answer = stage.client.command("midstream.redirect", {"instruction": "go on"})
    assert answer == {"session": session, "attempt": attempt}
    stage.asked().answer(NEW)
    stage.client.wait_for(lambda: stage.last(session)["attempt"] == attempt)
    stage.reach(session, "review")
    stage.holds(URI, NEW + "\n")
    stage.client.command("midstream.accept", {"session": session})
    stage.review(URI, NEW, NEXT)
    stage.holds(URI, NEXT + "\n")
    assert stage.client.command("midstream.status", {})["connection"] == "open"


# -- before an answer --------------------------------------------------------------------------


def test_never_there_until_it_is(tmp_path: Path) -> None:
    """Nobody listens; the server that is started there later is found without a restart."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    absent = ScriptedModel(port)
    absent.url = f"ws://127.0.0.1:{port}/v1/responses"
    with process(tmp_path, absent) as stage:
        begin(stage)
        session = stage.edit(URI, SCOPE)
        faulty(stage, session, "Nothing answers at", str(port), "Start that server")
        assert stage.client.text(URI) == TEXT
        again = stage.client.command("midstream.redirect", {"instruction": "again"})
        stage.client.wait_for(lambda: stage.last(session)["attempt"] == again["attempt"])
        faulty(stage, session, "Nothing answers at")
        with absent:
            goes_on(stage, session)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, ("asks for a key", "(401)", "apiKeyEnv")),
        (403, ("denies this key access", "(403)")),
        (429, ("rate limit", "(429)", "Wait 7 s")),
        (500, ("which is the server's fault", "(500)")),
    ],
)
def test_refused_at_the_upgrade(
    served: Stage, model: ScriptedModel, status: int, words: tuple[str, ...]
) -> None:
    model.refuse_with, model.refusal_headers = status, {"Retry-After": "7"}
    begin(served)
    session = served.edit(URI, SCOPE)
    faulty(served, session, *words)
    assert served.client.text(URI) == TEXT
    told = served.client.command("midstream.status", {})
    assert told["connection"] == "failed"
    model.refuse_with = None
    goes_on(served, session)


def test_a_slow_upgrade_holds_up_no_command(served: Stage, model: ScriptedModel) -> None:
    model.stall()
    begin(served)
    session = served.edit(URI, SCOPE)
    assert served.client.command("midstream.status", {})["connection"] == "connecting"
    redirected = served.client.command("midstream.redirect", {"instruction": "something else"})
    assert redirected["attempt"] == 2
    served.client.command("midstream.cancel", {"session": session})
    assert served.reach(session, "ended")["outcome"] == "cancelled"
    session = served.edit(URI, SCOPE, "the last one")
    model.go_on()
    asked = model.next()
    assert "the last one" in asked.prompt
    asked.answer(NEW)
    served.reach(session, "review")
    served.holds(URI, NEW + "\n")
    assert model.idle
    goes_on(served, session)


def test_an_upgrade_that_never_comes(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "Endpoint", partial(Endpoint, connect_timeout_ms=500))
    stage.model.stall()
    begin(stage)
    session = stage.edit(URI, SCOPE)
    faulty(stage, session, "didn't open the connection within 0.5 s")
    stage.model.go_on()
    goes_on(stage, session)


# -- in the middle of an answer ----------------------------------------------------------------


def _error(code: str, **more: object) -> Callable[[Asked], None]:
    return lambda asked: asked.send("error", error={"code": code, "message": SECRET}, **more)


FAULTS: dict[str, tuple[Callable[[Asked], None], str, tuple[str, ...]]] = {
    "dropped": (lambda a: a.drop(), "error", ("dropped during",)),
    "closed": (lambda a: a.close(1012), "error", ("is restarting",)),
    "malformed": (
        lambda a: a.send_frame("{" + SECRET),
        "error",
        ("isn't a JSON object", "the server's fault"),
    ),
    "nonsense": (
        lambda a: a.send("response.output_text.delta", delta=3),
        "error",
        ("text that isn't text",),
    ),
    "no websocket": (lambda a: a.send_bytes(b"\xff" * 40), "error", ("violated the WebSocket",)),
    "enormous": (
        lambda a: a.send_frame('{"type": "x", "pad": "' + "x" * (16 * 2**20) + '"}'),
        "error",
        ("more than 16 MiB",),
    ),
    "failed": (lambda a: a.fail("server_error"), "error", ("the server's fault",)),
    "quota": (_error("insufficient_quota", status=429), "error", ("enough credit",)),
    "overloaded": (_error("slow_down"), "error", ("overloaded",)),
    "too old": (_error("websocket_connection_limit_reached"), "error", ("age limit",)),
    "token limit": (lambda a: a.incomplete("max_output_tokens"), "warning", ("maxOutputTokens",)),
    "filtered": (lambda a: a.incomplete("content_filter"), "warning", ("content filter",)),
    "no end": (lambda a: a.finish(), "warning", ("ended inside a code block",)),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_in_the_middle_keeps_what_landed(
    served: Stage, model: ScriptedModel, name: str
) -> None:
    fault, level, words = FAULTS[name]
    begin(served)
    session = served.edit(URI, SCOPE)
    asked = served.asked()
    asked.say(f"````\n{SUM}", "    total = a + b\n", "    ret")
    served.shows(URI, "# sum")
    fault(asked)
    faulty(served, session, *words, level=level)
    text = served.client.text(URI)
    assert "# sum" in text and "return a+b" in text, "There is no proof of the end."
    goes_on(served, session)
    model.wait_open(2)


def test_each_fault_has_a_sentence_of_its_own() -> None:
    told = [words for _, _, words in FAULTS.values()]
    assert len(set(told)) == len(told)


def test_silence_beyond_the_idle_timeout(served: Stage, model: ScriptedModel) -> None:
    begin(served, idleTimeout=4)
    session = served.edit(URI, SCOPE)
    asked = served.asked()
    asked.say(f"````\n{SUM}", "    total = a + b\n")
    served.shows(URI, "# sum")
    faulty(served, session, "has sent nothing for 4 s", "idleTimeout")
    asked.wait_cut()
    goes_on(served, session)


def test_another_model_than_asked_for_is_reported_and_the_edit_goes_on(
    served: Stage, model: ScriptedModel
) -> None:
    begin(served)
    session = served.edit(URI, SCOPE)
    asked = served.asked()
    asked.begin("cheaper-model")
    asked.say(f"````\n{NEW}\n````\n")
    asked.finish("cheaper-model")
    served.reach(session, "review")
    served.holds(URI, NEW + "\n")
    (sentence,) = sentences(served, session)
    assert re.search("scripted-1.*cheaper-model", sentence)
    assert served.last(session)["model"] == {
        "requested": "scripted-1",
        "served": "cheaper-model",
    }
    goes_on(served, session)


# -- sockets that grow old ---------------------------------------------------------------------


def test_a_socket_at_its_age_limit_costs_the_user_nothing(
    served: Stage, model: ScriptedModel
) -> None:
    """The server says so only when the request has come: it is sent again on the spare."""
    begin(served)
    session = served.edit(URI, SCOPE)
    old = served.asked()
    _error("websocket_connection_limit_reached", status=400)(old)
    again = served.asked()
    assert again.create == old.create and again.connection is not old.connection
    again.answer(NEW)
    body = served.reach(session, "review")
    assert (body["attempt"], sentences(served, session)) == (1, set())
    served.holds(URI, NEW + "\n")
    old.wait_cut()
    goes_on(served, session)


class LoopClock(ManualClock):
    """A clock that stands still until a test, in another thread, moves it."""

    def __init__(self) -> None:
        super().__init__()
        self.loop: asyncio.AbstractEventLoop | None = None

    def call_later(self, delay: float, callback: Callable[[], object], /) -> ManualTimer:
        self.loop = asyncio.get_running_loop()
        return super().call_later(delay, callback)

    def skip(self, seconds: float) -> None:
        """Let time pass on the server's own loop."""
        assert self.loop is not None
        self.loop.call_soon_threadsafe(self.advance, seconds)


def test_sockets_are_renewed_before_they_are_an_hour_old(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = LoopClock()
    monkeypatch.setattr(models, "WebSocketBackend", partial(WebSocketBackend, clock=clock))
    begin(stage)
    stage.review(URI, SCOPE, NEW)
    stage.model.wait_open(2)
    young = stage.model.handshakes
    clock.skip(MAX_AGE_S + 1)
    stage.until(lambda: stage.model.handshakes == young + 2)
    stage.model.wait_open(2)
    stage.review(URI, NEW, NEXT)
    stage.holds(URI, NEXT + "\n")
    assert stage.model.handshakes == young + 2
