"""What the editor learns about a session: notification, progress, sentences."""

import re
from itertools import pairwise
from typing import Any

import pytest

from lsp_server.lsp import driver, timing
from lsp_server.wording import LSP
from tests.support.raw_client import Failed, Json
from tests.support.stage import SESSION, Stage

URI = "file:///project/a.py"
TEXT = "def add(a, b):\n    return a+b\n"
ADD = TEXT[:-1]
NEW_ADD = "def add(a, b):\n    return a + b"
PLAIN: Json = {}

FIELDS = {
    *("session", "uri", "version", "phase", "attempt", "instruction", "scope", "hunks", "model"),
    *("tokens", "tokensPerSecond"),
}
LEDGER = {
    "context",
    *("requestToWire", "firstToken", "firstEdit", "held", "applyRoundTrip", "frameToEdit"),
    *(
        "tokens",
        "tokensPerSecond",
        "edits",
        "imports",
        "refused",
        "unchecked",
        "charsInserted",
        "charsDeleted",
    ),
    *("charsMinimal", "cancel", "redirect", "models", "mended"),
}


@pytest.fixture
def open_stage(stage: Stage) -> Stage:
    """A stage with `URI` open and a client that wants the notification."""
    stage.begin()
    stage.client.open(URI, TEXT, "python")
    return stage


@pytest.fixture
def plain_stage(stage: Stage) -> Stage:
    """A stage with `URI` open and a client that knows nothing of us."""
    stage.begin(PLAIN)
    stage.client.open(URI, TEXT, "python")
    return stage


def progress(stage: Stage) -> list[tuple[str, Json]]:
    """All `$/progress`, each with its token."""
    return [(p["token"], p["value"]) for p in stage.client.received("$/progress")]


def shown(stage: Stage) -> list[Json]:
    return stage.client.received("window/showMessage")


# -- the notification --------------------------------------------------------------------------


def test_each_phase_is_reported_in_its_order_with_the_fields_of_the_contract(
    open_stage: Stage,
) -> None:
    stage = open_stage
    session = stage.review(URI, ADD, NEW_ADD, instruction="add spaces")
    stage.client.command("midstream.accept", {})
    stage.reach(session, "ended")
    news = stage.news(session)
    phases = [body["phase"] for body in news]
    assert list(dict.fromkeys(phases)) == [
        "starting",
        "streaming",
        "settling",
        "review",
        "ended",
    ]
    for body in news:
        optional = {"held"} | ({"ledger"} if body["phase"] in ("review", "ended") else set())
        ended = {"outcome"} if body["phase"] == "ended" else set()
        assert FIELDS | ended <= set(body) <= FIELDS | ended | optional
        assert set(body["scope"]) == {"range", "kind", "language"}
        assert set(body["model"]) == {"requested", "served"}
        assert (body["uri"], body["attempt"], body["instruction"]) == (URI, 1, "add spaces")
        for hunk in body["hunks"]:
            assert set(hunk) == {"id", "range", "before", "state"}
    assert news[0]["model"] == {"requested": "scripted-1", "served": None}
    assert news[-1]["model"] == {"requested": "scripted-1", "served": "scripted-1"}
    review = next(body for body in news if body["phase"] == "review")
    assert set(review["ledger"]) == set(news[-1]["ledger"]) == LEDGER
    (hunk,) = review["hunks"]
    assert hunk["range"] == {
        "start": {"line": 1, "character": 12},
        "end": {"line": 1, "character": 15},
    }
    assert (hunk["before"], hunk["state"]) == ("+", "open")


def test_the_ledger_counts(open_stage: Stage) -> None:
    stage = open_stage
    session = stage.review(URI, ADD, NEW_ADD)
    ledger = stage.last(session)["ledger"]
    assert ledger["tokens"] == len(range(0, len(f"````\n{NEW_ADD}\n````\n"), 7))
    assert (ledger["charsInserted"], ledger["charsDeleted"], ledger["charsMinimal"]) == (2, 0, 2)
    assert (ledger["edits"], ledger["refused"]) == (1, 0)
    assert 0 <= ledger["requestToWire"] <= ledger["firstToken"] <= ledger["firstEdit"]
    for name in ("held", "applyRoundTrip", "frameToEdit"):
        assert set(ledger[name]) == {"p50", "p95"}
    assert (ledger["cancel"], ledger["redirect"]) == (None, None)
    stage.client.command("midstream.redirect", {"instruction": "more"})
    stage.asked().say("````\n")
    stage.client.command("midstream.cancel", {})
    ledger = stage.reach(session, "review")["ledger"]
    assert ledger["redirect"] >= 0
    assert ledger["cancel"] >= 0


def test_hunks_keep_their_ids(open_stage: Stage) -> None:
    stage = open_stage
    uri = "file:///project/b.py"
    body = "def f():\n    a=1\n    print()\n    print()\n    b=2\n"
    stage.client.open(uri, "# first\n" + body, "python")
    session = stage.review(uri, body[:-1], body[:-1].replace("=", " = "))
    before = {hunk["id"]: hunk["before"] for hunk in stage.last(session)["hunks"]}
    assert len(before) == 2
    stage.client.type(uri, 0, 0, "# top\n")
    stage.client.command("midstream.redirect", {"instruction": "x"})
    stage.asked().answer(body[:-1].replace("a=", "a = ").replace("b=2", "b = 3"))
    stage.reach(session, "review")
    assert [hunk["id"] for hunk in stage.last(session)["hunks"]] == list(before)


def test_at_most_ten_notifications_a_second_while_it_streams(
    open_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted by the times at which they were sent, not by a clock of the test's."""
    stage = open_stage
    sent: list[tuple[float, str]] = []
    client = stage.process.server.server_state.context.client
    notify = client.notify

    def spy(method: str, params: Any) -> None:
        if method == "midstream/session":
            sent.append((timing.now_ms(), params["phase"]))
        notify(method, params)

    monkeypatch.setattr(client, "notify", spy)
    session = stage.edit(URI, ADD)
    asked = stage.asked()
    lines = [f"    x{i} = {i}\n" for i in range(300)]
    asked.say("````\ndef add(a, b):\n", *lines)
    stage.shows(URI, "x295 = 295")
    asked.say("    return a + b\n````\n")
    asked.finish()
    stage.reach(session, "review")
    streaming = [at for at, phase in sent if phase == "streaming"]
    assert streaming
    gaps = [after - before for before, after in pairwise(streaming)]
    assert all(gap >= 99 for gap in gaps)


def test_what_is_held_is_reported_for_a_preview(open_stage: Stage) -> None:
    stage = open_stage
    session = stage.edit(URI, ADD)
    asked = stage.asked()
    asked.say("````\ndef add(a, b):\n    total = (\n        a\n")
    stage.client.wait_for(lambda: "held" in stage.last(session))
    held = stage.last(session)["held"]
    assert set(held) == {"position", "text"}
    assert "total = (" in held["text"]


def test_a_long_hold_is_reported_once_and_names_the_command(open_stage: Stage) -> None:
    stage = open_stage
    session = stage.edit(URI, ADD)
    asked = stage.asked()
    asked.say(
        "````\ndef add(a, b):\n    total = (\n", *(f"        a * {at} +\n" for at in range(160))
    )

    def told() -> list[Json]:
        return [body["message"] for body in stage.news(session) if "message" in body]

    stage.client.wait_for(
        lambda: stage.last(session).get("held", {}).get("text", "").count("a *") == 160
    )
    assert told() == []
    stage.clock.skip(1600)
    stage.client.wait_for(told)
    stage.clock.skip(5000)
    asked.say("        a * 160 +\n")
    stage.client.wait_for(
        lambda: stage.last(session).get("held", {}).get("text", "").count("a *") == 161
    )
    (message,) = told()
    assert message["level"] == "info"
    assert "midstream.show" in message["text"]


def test_a_client_without_the_notification_gets_none(plain_stage: Stage) -> None:
    stage = plain_stage
    stage.edit(URI, ADD)
    stage.asked().answer(NEW_ADD)
    stage.holds(URI, NEW_ADD + "\n")
    stage.client.command("midstream.accept", {})
    assert stage.client.received("midstream/session") == []


def test_after_a_mistake_of_ours_the_session_has_ended_for_everybody(
    open_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = open_stage
    session = stage.edit(URI, ADD)
    asked = stage.asked()

    def broken(*args: object) -> None:
        raise RuntimeError("secret")

    (one,) = stage.process.server.server_state.drivers.sessions()
    monkeypatch.setattr(one[0].document_edits, "handle", broken)
    asked.say("````\n")
    body = stage.reach(session, "ended")
    assert body["outcome"] == "failed"
    assert body["message"] == {"level": "error", "text": LSP.render(driver.OUR_MISTAKE)}
    asked.wait_cut()
    assert stage.client.command("midstream.status", {})["sessions"] == []
    again = stage.review(URI, ADD, NEW_ADD)
    assert stage.last(again)["hunks"]


# -- sentences ---------------------------------------------------------------------------------


def test_sentences_are_shown_to_clients_without_the_notification(plain_stage: Stage) -> None:
    stage = plain_stage
    stage.edit(URI, ADD)
    stage.asked().fail("server_error")
    stage.client.wait_for(lambda: shown(stage))
    (message,) = shown(stage)
    assert message["type"] == 1
    assert "which is the server's fault" in message["message"]


def test_sentences_are_not_shown_twice_to_clients_with_it(open_stage: Stage) -> None:
    stage = open_stage
    session = stage.edit(URI, ADD)
    stage.asked().fail("server_error")
    body = stage.reach(session, "review")
    assert body["message"]["level"] == "error"
    assert "which is the server's fault" in body["message"]["text"]
    stage.client.command("midstream.status", {})
    assert shown(stage) == []


@pytest.mark.parametrize("knows", [True, False])
def test_another_model_than_asked_for_is_reported(stage: Stage, knows: bool) -> None:
    stage.begin(SESSION if knows else PLAIN)
    stage.client.open(URI, TEXT, "python")
    session = stage.edit(URI, ADD)
    asked = stage.asked()
    asked.begin(served="cheaper-0")

    def told() -> list[str]:
        if not knows:
            return [message["message"] for message in shown(stage) if message["type"] == 2]
        messages = [body["message"] for body in stage.news(session) if "message" in body]
        return [message["text"] for message in messages if message["level"] == "warning"]

    stage.client.wait_for(told)
    asked.answer(NEW_ADD)
    stage.holds(URI, NEW_ADD + "\n")
    stage.client.command("midstream.accept", {})
    (sentence,) = told()
    assert "scripted-1" in sentence
    assert "cheaper-0" in sentence


def test_another_model_is_reported_also_when_only_the_end_says_so(open_stage: Stage) -> None:
    stage = open_stage
    session = stage.edit(URI, ADD)
    asked = stage.asked()
    asked.say(f"````\n{NEW_ADD}\n````\n")
    asked.finish(served="cheaper-0")
    stage.reach(session, "review")
    stage.client.wait_for(
        lambda: any(
            "cheaper-0" in b.get("message", {}).get("text", "") for b in stage.news(session)
        )
    )
    assert stage.last(session)["model"] == {"requested": "scripted-1", "served": "cheaper-0"}


def test_another_model_in_the_headers_is_reported(stage: Stage) -> None:
    stage.model.served_header = "cheaper-0"
    stage.begin()
    stage.client.open(URI, TEXT, "python")
    session = stage.edit(URI, ADD)
    stage.asked().begin()
    stage.client.wait_for(
        lambda: any(
            "cheaper-0" in b.get("message", {}).get("text", "") for b in stage.news(session)
        )
    )


def test_another_model_is_reported_at_once(
    open_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other news of an answer wait for their turn; with this much patience, for ever."""
    monkeypatch.setattr("lsp_server.lsp.notifications.NOTIFY_MS", 1e9)
    stage = open_stage
    session = stage.edit(URI, ADD)
    asked = stage.asked()
    asked.begin()
    asked.say("````\ndef")
    stage.reach(session, "streaming")
    asked.send("response.in_progress", response={"model": "cheaper-0"})
    stage.client.wait_for(lambda: "message" in stage.last(session))
    told = stage.last(session)
    assert (told["phase"], told["message"]["level"]) == ("streaming", "warning")
    assert told["model"] == {"requested": "scripted-1", "served": "cheaper-0"}


def test_the_same_other_model_is_reported_once_for_its_profile(open_stage: Stage) -> None:
    stage = open_stage

    def edited(served: str) -> list[str]:
        session = stage.edit(URI, ADD)
        asked = stage.asked()
        asked.begin(served=served)
        asked.answer(f"{ADD}\n    # {served}")
        stage.reach(session, "review")
        stage.client.command("midstream.revert", {})
        bodies = [body.get("message", {}).get("text", "") for body in stage.news(session)]
        return [text for text in bodies if "asked for the model" in text]

    told = [len(edited(served)) for served in ("my-alias", "my-alias", "other", "my-alias")]
    assert told == [1, 0, 1, 0]


def test_a_dated_snapshot_is_the_model_that_was_asked_for(open_stage: Stage) -> None:
    stage = open_stage
    session = stage.edit(URI, ADD)
    asked = stage.asked()
    asked.begin(served="scripted-1-2026-01-31")
    asked.answer(NEW_ADD)
    assert "message" not in stage.reach(session, "review")


# -- progress ----------------------------------------------------------------------------------


def test_progress_is_created_once_for_each_attempt(plain_stage: Stage) -> None:
    stage = plain_stage
    stage.edit(URI, ADD, instruction="first")
    first = stage.asked()
    first.say("````\ndef add(a, b):\n")
    stage.client.wait_for(lambda: progress(stage))
    stage.client.command("midstream.redirect", {"instruction": "second"})
    stage.asked().answer(NEW_ADD)
    stage.client.wait_for(lambda: [value["kind"] for _, value in progress(stage)].count("end") == 2)
    created = stage.client.received("window/workDoneProgress/create")
    assert len({item["token"] for item in created}) == len(created) == 2
    for item, title, end in zip(
        created,
        ("first", "second"),
        ("Redirected.", "1 change to review. scripted-1 answered."),
        strict=True,
    ):
        values = [value for token, value in progress(stage) if token == item["token"]]
        assert values[0]["kind"] == "begin"
        assert title in values[0]["title"]
        assert values[0]["cancellable"] is True
        assert [value["kind"] for value in values[1:-1]] == ["report"] * (len(values) - 2)
        assert values[-1] == {"kind": "end", "message": end}


def test_progress_tells_phase_tokens_and_rate(plain_stage: Stage) -> None:
    stage = plain_stage
    stage.edit(URI, ADD)
    asked = stage.asked()
    asked.say("````\n", "def add(a, b):\n", "    return")
    stage.client.wait_for(lambda: any("3 tokens" in str(v) for _, v in progress(stage)))
    value = [value for _, value in progress(stage) if "3 tokens" in str(value)][-1]
    words = r"streaming, 3 tokens, [\d,]+ tokens/s, scripted-1 answers"
    assert re.fullmatch(words, value["message"])


def test_progress_tells_who_answers_how_and_after_what_wait(plain_stage: Stage) -> None:
    stage = plain_stage
    stage.edit(URI, ADD)
    asked = stage.asked()

    def tells(words: str, kind: str = "report") -> None:
        stage.client.wait_for(
            lambda: any(
                v["kind"] == kind and words in v.get("message", "") for _, v in progress(stage)
            )
        )

    stage.client.wait_for(
        lambda: any("asking scripted-1" in v.get("message", "") for _, v in progress(stage))
    )
    asked.begin()
    tells("starting, 0 tokens, scripted-1 answers")
    asked.say("````\n")
    # What is told while it streams, without a word of text, is shown as well.
    told = {"model": "cheaper-0", "service_tier": "default"}
    asked.send("response.in_progress", response=told, headers={"x-queue-time-ms": "1234.4"})
    how = "cheaper-0 answers instead of scripted-1, service tier default, 1,234 ms in its queue"
    tells(how)
    asked.say(NEW_ADD, "\n````\n")
    done = asked.response("completed", "cheaper-0") | {"service_tier": "priority"}
    asked.send("response.completed", response=done)
    answered = how.replace("answers", "answered").replace("default", "priority")
    tells(f"1 change to review. {answered}.", "end")


def test_the_clients_cancel_button_is_stop(plain_stage: Stage) -> None:
    stage = plain_stage
    stage.edit(URI, ADD)
    asked = stage.asked()
    asked.say("````\ndef add(a, b):\n    # sum\n    total = a + b\n")
    stage.shows(URI, "# sum")
    (created,) = stage.client.received("window/workDoneProgress/create")
    stage.client.notify("window/workDoneProgress/cancel", {"token": "of another"})
    stage.client.notify("window/workDoneProgress/cancel", {"token": created["token"]})
    asked.wait_cut()
    stage.client.wait_for(lambda: progress(stage)[-1][1]["kind"] == "end")
    assert "# sum" in stage.client.text(URI)
    assert stage.client.command("midstream.status", {})["sessions"][0]["phase"] == "review"
    stage.client.notify("window/workDoneProgress/cancel", {"token": created["token"]})
    stage.client.notify("window/workDoneProgress/cancel", None)
    assert stage.client.command("midstream.status", {})["sessions"][0]["phase"] == "review"


@pytest.mark.parametrize(
    ("end", "words"),
    [("fail", "which is the server's fault"), ("stop", "Nothing was changed"), ("close", "closed")],
)
def test_the_end_says_how_it_ended(plain_stage: Stage, end: str, words: str) -> None:
    stage = plain_stage
    stage.edit(URI, ADD)
    asked = stage.asked()
    match end:
        case "fail":
            asked.fail("server_error")
        case "stop":
            stage.client.command("midstream.cancel", {})
        case _:
            stage.client.close(URI)
    stage.client.wait_for(lambda: progress(stage) and progress(stage)[-1][1]["kind"] == "end")
    assert words in progress(stage)[-1][1]["message"]


def test_without_the_capability_there_is_no_progress(stage: Stage) -> None:
    stage.begin({**SESSION, "window": {}})
    stage.client.open(URI, TEXT, "python")
    stage.review(URI, ADD, NEW_ADD)
    assert stage.client.received("window/workDoneProgress/create") == []
    assert progress(stage) == []


def test_a_client_that_refuses_the_progress_gets_none(stage: Stage) -> None:
    stage.begin()

    def no(params: object) -> None:
        raise Failed(-32603, "No.")

    stage.client.on_request("window/workDoneProgress/create", no)
    stage.client.open(URI, TEXT, "python")
    stage.review(URI, ADD, NEW_ADD)
    assert len(stage.client.received("window/workDoneProgress/create")) == 1
    assert progress(stage) == []


def test_a_client_that_agrees_too_late_sees_begin_and_end(stage: Stage) -> None:
    stage.begin()
    stage.client.on_request("window/workDoneProgress/create", lambda params: NotImplemented)
    stage.client.open(URI, TEXT, "python")
    stage.review(URI, ADD, NEW_ADD)
    (request,) = [
        m for m in stage.client.messages if m.get("method") == "window/workDoneProgress/create"
    ]
    assert progress(stage) == []
    stage.client.send({"jsonrpc": "2.0", "id": request["id"], "result": None})
    stage.client.wait_for(lambda: len(progress(stage)) == 2)
    assert [value["kind"] for _, value in progress(stage)] == ["begin", "end"]
