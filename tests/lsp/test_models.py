"""What the editor sees of a model's faults, of keys and of the gateway."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lsp_server.errors import RequestFailed
from lsp_server.lsp.models import Models, model_request, stays_here
from lsp_server.prompt.compose import Prompt
from lsp_server.session.request import EditRequest, Form
from lsp_server.session.runaway import most_tokens_for
from lsp_server.settings import Profile, Provider
from tests.support.raw_client import Failed, Json
from tests.support.scripted_model import Asked
from tests.support.stage import SESSION, Stage

URI = "file:///project/a.py"
TEXT = "def add(a, b):\n    return a+b\n"
ADD = TEXT[:-1]
NEW_ADD = "def add(a, b):\n    return a + b"
SUM = "def add(a, b):\n    # sum\n"
KEY = "sk-test-0123456789abcdefghijklmnop"


def begin(stage: Stage, **profiles: Json) -> None:
    """Initialize with more profiles, and open `URI`."""
    stage.begin(initializationOptions={"profiles": profiles})
    stage.client.open(URI, TEXT, "python")


def closed_port() -> str:
    """An address at which nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"ws://127.0.0.1:{taken.getsockname()[1]}/v1/responses"


def goes_on(stage: Stage, session: str) -> None:
    """After every fault the session can be redirected."""
    attempt = stage.last(session)["attempt"]
    answer = stage.client.command(
        "midstream.redirect", {"instruction": "go on", "profile": "scripted"}
    )
    assert answer == {"session": session, "attempt": attempt + 1}
    stage.asked().answer(NEW_ADD)
    stage.reach(session, "review")
    stage.holds(URI, NEW_ADD + "\n")


# -- faults ------------------------------------------------------------------------------------

FAULTS: list[tuple[str, Callable[[Asked], None], str, str]] = [
    ("drop", lambda asked: asked.drop(), "error", "dropped during"),
    ("failed", lambda asked: asked.fail("server_error"), "error", "the server's fault"),
    ("incomplete", lambda a: a.incomplete("max_output_tokens"), "warning", "maxOutputTokens"),
    (
        "error",
        lambda asked: asked.send("error", error={"code": "slow_down", "message": KEY}),
        "error",
        "overloaded",
    ),
    (
        "quota",
        lambda asked: asked.send("error", status=429, error={"code": "insufficient_quota"}),
        "error",
        "credit",
    ),
    (
        "nonsense",
        lambda asked: asked.send("response.created", response=3),
        "error",
        "the server's fault",
    ),
    ("refused", lambda asked: _refuses(asked), "warning", "refused to do this"),
    ("no fence", lambda asked: asked.finish(), "warning", "ended inside a code block"),
]


def _refuses(asked: Asked) -> None:
    asked.send("response.refusal.delta", delta="no")
    asked.finish()


@pytest.mark.parametrize(
    ("fault", "level", "words"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS]
)
def test_a_fault_keeps_what_landed_and_says_whose_it_is(
    stage: Stage, fault: Callable[[Asked], None], level: str, words: str
) -> None:
    begin(stage)
    session = stage.edit(URI, ADD)
    asked = stage.asked()
    asked.say(f"````\n{SUM}", "    total = a + b\n", "    ret")
    stage.shows(URI, "# sum")
    fault(asked)
    body = stage.reach(session, "review")
    assert body["message"]["level"] == level
    assert words in body["message"]["text"]
    assert KEY not in json.dumps(stage.client.messages)
    assert "# sum" in stage.client.text(URI)
    assert "return a+b" in stage.client.text(URI), "There is no proof of the end."
    assert [hunk["state"] for hunk in body["hunks"]] == ["open"]
    goes_on(stage, session)


def test_a_model_that_is_not_there(stage: Stage) -> None:
    begin(stage, gone={"url": closed_port(), "model": "m"})
    session = stage.edit(URI, ADD, profile="gone")
    body = stage.reach(session, "review")
    assert (body["hunks"], body["message"]["level"]) == ([], "error")
    assert "Nothing answers at" in body["message"]["text"]
    goes_on(stage, session)


@pytest.mark.parametrize(
    ("status", "words"), [(401, "apiKeyEnv"), (404, "url"), (503, "overloaded")]
)
def test_a_model_that_does_not_let_us_in(stage: Stage, status: int, words: str) -> None:
    stage.model.refuse_with = status
    begin(stage)
    session = stage.edit(URI, ADD)
    body = stage.reach(session, "review")
    assert f"({status})" in body["message"]["text"]
    assert words in body["message"]["text"]
    told = stage.client.command("midstream.status", {})
    assert told["connection"] == "failed"
    assert f"({status})" in told["sentence"]
    stage.model.refuse_with = None
    goes_on(stage, session)


def test_a_model_that_falls_silent(stage: Stage) -> None:
    url = stage.model.url
    begin(stage, short={"url": url, "model": "m", "idleTimeout": 4})
    session = stage.edit(URI, ADD, profile="short")
    stage.asked().begin()
    body = stage.reach(session, "review")
    assert "idleTimeout" in body["message"]["text"]
    goes_on(stage, session)


def test_two_streams_have_two_sockets_and_a_cut_takes_one(stage: Stage) -> None:
    begin(stage)
    other = "file:///project/b.py"
    stage.client.open(other, TEXT, "python")
    one, first = stage.edit(URI, ADD), stage.asked()
    two, second = stage.edit(other, ADD), stage.asked()
    assert first.connection is not second.connection
    stage.client.command("midstream.cancel", {"session": one})
    first.wait_cut()
    second.answer(NEW_ADD)
    stage.reach(two, "review")


def test_the_socket_is_open_before_the_first_edit(stage: Stage) -> None:
    stage.begin()
    stage.model.dialled.get(timeout=20)
    stage.until(lambda: stage.client.command("midstream.status", {})["connection"] == "open")


# -- keys --------------------------------------------------------------------------------------


def test_a_profile_without_its_key_is_refused_and_another_works(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MIDSTREAM_TEST_KEY", raising=False)
    begin(stage, keyed={"url": stage.model.url, "model": "m", "apiKeyEnv": "MIDSTREAM_TEST_KEY"})
    argument = {"uri": URI, "range": stage.client.range_of(URI, ADD), "instruction": "x"}
    error = stage.refused("midstream.edit", {**argument, "profile": "keyed"})
    assert error.code == -32803
    assert "MIDSTREAM_TEST_KEY" in error.message
    session = stage.edit(URI, ADD)
    asked = stage.asked()
    asked.say("````\n")
    error = stage.refused("midstream.redirect", {"instruction": "x", "profile": "keyed"})
    assert (error.code, "MIDSTREAM_TEST_KEY" in error.message) == (-32803, True)
    asked.answer(NEW_ADD)
    stage.reach(session, "review")
    assert stage.last(session)["attempt"] == 1


def test_a_key_command_that_fails_leaves_the_session_in_review(stage: Stage) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit(3)"]
    begin(stage, keyed={"url": stage.model.url, "model": "m", "apiKeyCommand": command})
    session = stage.edit(URI, ADD, profile="keyed")
    body = stage.reach(session, "review")
    assert (body["hunks"], body["message"]["level"]) == ([], "error")
    assert "key command" in body["message"]["text"]
    goes_on(stage, session)


def test_keys_are_handed_over_in_memory(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MIDSTREAM_TEST_KEY", raising=False)
    begin(stage, keyed={"url": stage.model.url, "model": "m", "apiKeyEnv": "MIDSTREAM_TEST_KEY"})
    assert stage.client.request("midstream/keys", {"keyed": KEY}) is None
    session = stage.edit(URI, ADD, profile="keyed")
    asked = stage.asked()
    headers = {name.lower(): value for name, value in asked.headers.items()}
    assert headers["authorization"] == f"Bearer {KEY}"
    asked.answer(NEW_ADD)
    stage.reach(session, "review")
    assert KEY not in json.dumps(stage.client.messages)


def test_a_new_key_opens_a_new_connection(stage: Stage) -> None:
    begin(stage, keyed={"url": stage.model.url, "model": "m", "apiKeyEnv": "MIDSTREAM_TEST_KEY"})
    for number in (1, 2, 2):
        stage.client.request("midstream/keys", {"keyed": f"{KEY}{number}"})
        session = stage.edit(URI, ADD, profile="keyed")
        asked = stage.asked()
        headers = {name.lower(): value for name, value in asked.headers.items()}
        assert headers["authorization"] == f"Bearer {KEY}{number}"
        asked.answer(NEW_ADD)
        stage.reach(session, "review")
        stage.client.command("midstream.revert", {"session": session})


def test_an_empty_key_forgets_the_one_before(stage: Stage) -> None:
    begin(stage, keyed={"url": stage.model.url, "model": "m"})
    for key in (KEY, ""):
        stage.client.request("midstream/keys", {"keyed": key})
        session = stage.edit(URI, ADD, profile="keyed")
        asked = stage.asked()
        headers = {name.lower(): value for name, value in asked.headers.items()}
        assert headers.get("authorization") == (f"Bearer {key}" if key else None)
        asked.answer(NEW_ADD)
        stage.reach(session, "review")
        stage.client.command("midstream.revert", {"session": session})


@pytest.mark.parametrize("params", [None, [], "x", {"keyed": 3}, {"keyed": None}])
def test_keys_are_texts_by_profile(stage: Stage, params: object) -> None:
    begin(stage)
    with pytest.raises(Failed) as caught:
        stage.client.request("midstream/keys", params)
    assert (caught.value.code, "midstream/keys" in caught.value.message) == (-32602, True)


def test_a_provider_whose_package_is_missing_is_refused(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lsp_server.gateway.providers.find_spec", lambda name: None)
    begin(stage, chat={"provider": "openai-chat", "model": "m"})
    argument = {"uri": URI, "range": stage.client.range_of(URI, ADD), "instruction": "x"}
    error = stage.refused("midstream.edit", {**argument, "profile": "chat"})
    assert (error.code, '-m pip install "openai>=' in error.message) == (-32803, True)
    with pytest.raises(RequestFailed):
        Models().refuse_unusable(Profile("p", "m", provider=Provider.ANTHROPIC))


def test_model_request_takes_everything_over() -> None:
    profile = Profile(
        "p", "m", url="x", reasoning_effort="low", service_tier="flex", max_output_tokens=7
    )
    asked = model_request(profile, Prompt("be brief", "code"), "k")
    assert (asked.model, asked.instructions, asked.input) == ("m", "be brief", "code")
    assert (asked.reasoning_effort, asked.service_tier) == ("low", "flex")
    assert (asked.max_output_tokens, asked.prompt_cache_key) == (7, "k")


def test_only_our_own_gateway_knows_what_an_answer_may_repeat() -> None:
    prompt = Prompt("be brief", "code")
    request = EditRequest("do", "a\nb\nc\n", "A\nb\nc\n", "p", cut=3)
    local = Profile("p", "m", provider=Provider.OPENAI_CHAT)
    asked = model_request(local, prompt, "k", request, "python")
    assert (asked.prediction, asked.prefix) == ("A\nb\nc\n", "```python\n")
    assert asked.enough == most_tokens_for(request)
    asked = model_request(local, prompt, "k", replace(request, form=Form.PATCH), "python")
    assert (asked.prediction, asked.prefix) == (None, "```diff\n")
    for other in (Profile("p", "m", url="x"), Profile("p", "m", provider=Provider.PRACTICE)):
        asked = model_request(other, prompt, "k", request, "python")
        assert (asked.prediction, asked.prefix, asked.enough) == (None, None, None)


# -- the gateway -------------------------------------------------------------------------------

LONG = "def f(a):\n" + "".join(f'    x{i} = "%s" % a\n' for i in range(1500)) + "    return a\n"
"""So long that the practice model, which says a thousand tokens in a second, is not done with it
before whoever saw its first lines has done something about it."""


def test_a_gateway_that_dies_in_the_middle_is_started_anew(stage: Stage) -> None:
    stage.client.initialize(SESSION, initializationOptions={"patchFromLines": 10_000})
    stage.client.open(URI, LONG, "python")
    session = stage.edit(URI, LONG[:-1], "use f-strings")
    stage.shows(URI, 'f"')
    pid = stage.process.server.server_state.models._gateway.pid
    assert pid is not None
    os.kill(pid, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
    body = stage.reach(session, "review")
    assert body["message"]["level"] == "error"
    assert "return a" in stage.client.text(URI)
    answer = stage.client.command("midstream.redirect", {"instruction": "use f-strings"})
    assert answer["attempt"] == 2
    seen = stage.client.text(URI)
    stage.client.wait_for(lambda: stage.client.text(URI) != seen)
    assert stage.last(session)["attempt"] == 2
    stage.client.command("midstream.revert", {"session": session})
    stage.holds(URI, LONG)
    assert stage.process.server.server_state.models._gateway.pid != pid
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize(
    ("profile", "here"),
    [
        (Profile("p", "m", provider=Provider.PRACTICE), True),
        (Profile("p", "m", url="ws://127.0.0.1:8000/v1/responses"), True),
        (Profile("p", "m", url="wss://[::1]/v1/responses"), True),
        (Profile("p", "m", url="wss://models.example/v1/responses"), False),
        (Profile("p", "m", provider=Provider.OPENAI_CHAT), False),
        (
            Profile("p", "m", provider=Provider.OPENAI_CHAT, base_url="http://localhost:11434/v1"),
            True,
        ),
    ],
)
def test_it_is_known_which_profiles_leave_this_machine(profile: Profile, here: bool) -> None:
    assert stays_here(profile) is here


def test_a_profile_that_is_gone_leaves_no_connection(stage: Stage, config: Path) -> None:
    config.parent.mkdir(exist_ok=True)
    config.write_text(f'[profiles.other]\nurl = "{stage.model.url}"\nmodel = "o"\n')
    stage.begin()
    stage.client.open(URI, TEXT, "python")
    stage.edit(URI, ADD, profile="other")
    asked = stage.asked()
    asked.begin()
    config.write_text("")
    stage.client.notify("workspace/didChangeWatchedFiles", {"changes": []})
    stage.client.command("midstream.status", {})  # It has been read before the answer comes.
    asked.answer(ADD.replace("a+b", "a + b"))
    stage.shows(URI, "a + b")
    stage.until(lambda: not stage.process.server.server_state.drivers.sessions()[0][1].busy)
    assert not asked.cut.is_set(), "Its answer was heard to the end."
    stage.client.notify("workspace/didChangeWatchedFiles", {"changes": []})
    asked.wait_cut()


def test_a_profile_that_stays_keeps_its_connection(stage: Stage) -> None:
    stage.begin()
    stage.client.open(URI, TEXT, "python")
    stage.review(URI, ADD, ADD.replace("a+b", "a + b"))
    before = stage.process.server.server_state.models.backend(
        stage.process.server.server_state.context.settings.in_use()
    )
    stage.client.notify("workspace/didChangeWatchedFiles", {"changes": []})
    stage.client.command("midstream.status", {})
    server_state = stage.process.server.server_state
    assert server_state.models.backend(server_state.context.settings.in_use()) is before


@pytest.mark.parametrize(
    ("url", "near"),
    [("ws://127.0.0.1:9/v1/responses", True), ("wss://models.example/v1/responses", False)],
)
def test_a_server_nearby_has_time_to_read(url: str, near: bool) -> None:
    place = asyncio.run(Models()._locate(Profile("p", "m", url=url)))
    assert (place.reads_per_s is not None) == near
