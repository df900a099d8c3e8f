"""What is asked of the editor always comes to an end, whatever it answers."""

import asyncio
from typing import Any

import pytest

from lsp_server.lsp.client import (
    CONNECTION_LOST,
    ApplyOutcome,
    EditorClient,
    MessageType,
    Reply,
    ReplyError,
)


class Wire:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.client = EditorClient(self.sent.append)

    def answer(self, **answer: object) -> None:
        self.client.receive({"jsonrpc": "2.0", "id": self.sent[-1]["id"], **answer})


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ({"result": {"applied": True}}, ApplyOutcome(True, None, False)),
        ({"result": {"applied": True}, "error": None}, ApplyOutcome(True, None, False)),
        (
            {"result": {"applied": False, "failureReason": "stale"}},
            ApplyOutcome(False, "stale", False),
        ),
        ({"result": {"applied": None}}, ApplyOutcome(None, None, False)),
        ({"result": {"applied": "yes", "failureReason": 3}}, ApplyOutcome(None, None, False)),
        ({"result": {}}, ApplyOutcome(None, None, False)),
        ({"result": None}, ApplyOutcome(None, None, False)),
        ({"result": [1]}, ApplyOutcome(None, None, False)),
        ({}, ApplyOutcome(None, None, False)),
        (
            {"error": {"code": -32603, "message": "Edits require version 3"}},
            ApplyOutcome(None, "Edits require version 3", True),
        ),
        ({"error": {}}, ApplyOutcome(None, None, True)),
        ({"error": "no"}, ApplyOutcome(None, None, True)),
    ],
)
def test_every_answer_to_an_edit_has_an_outcome(
    answer: dict[str, object], outcome: ApplyOutcome
) -> None:
    wire = Wire()
    outcomes: list[ApplyOutcome] = []
    wire.client.apply_edit({"documentChanges": []}, outcomes.append)
    assert wire.sent[-1]["method"] == "workspace/applyEdit"
    assert wire.sent[-1]["params"] == {"edit": {"documentChanges": []}}
    wire.answer(**answer)
    wire.answer(**answer)  # A second answer to the same request does nothing.
    assert outcomes == [outcome]


def test_ids_are_texts_of_our_own_and_never_the_same() -> None:
    wire = Wire()
    for _ in range(3):
        wire.client.call("x", None, lambda reply: None)
    ids = [message["id"] for message in wire.sent]
    assert len(set(ids)) == 3
    assert all(isinstance(id_, str) and not id_.isdigit() for id_ in ids)


@pytest.mark.parametrize("id_", [1, None, "midstream-99", ["midstream-1"], {}])
def test_an_answer_to_nothing_is_left_out(id_: object) -> None:
    wire = Wire()
    replies: list[Reply] = []
    wire.client.call("x", None, replies.append)
    wire.client.receive({"id": id_, "result": 1})
    assert replies == []


def test_a_future_gets_a_reply_for_an_error_too() -> None:
    async def scene() -> None:
        wire = Wire()
        future = wire.client.request("x", {})
        wire.answer(error={"code": 5, "message": "no"})
        assert await future == Reply(error=ReplyError(5, "no"))
        cancelled = wire.client.request("x", {})
        cancelled.cancel()
        wire.answer(result=1)

    asyncio.run(scene())


def test_a_lost_connection_answers_what_is_open() -> None:
    wire = Wire()
    replies: list[Reply] = []
    wire.client.call("x", None, replies.append)
    wire.client.call("y", None, replies.append)
    wire.client.lost()
    wire.client.lost()
    assert [reply.error.code for reply in replies if reply.error] == [CONNECTION_LOST] * 2


def test_what_cannot_be_sent_is_answered_too() -> None:
    def broken(message: object) -> None:
        raise TypeError("no JSON")

    replies: list[Reply] = []
    client = EditorClient(broken)
    client.call("x", object(), replies.append)
    client.notify("x", object())
    assert [reply.error.code for reply in replies if reply.error] == [CONNECTION_LOST]


def test_a_callback_that_raises_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    wire = Wire()
    wire.client.call("x", None, lambda reply: [][1])
    wire.answer(result=1)
    assert "couldn't be processed" in caplog.text


def test_sentences_for_the_user_and_for_the_log() -> None:
    wire = Wire()
    wire.client.show_message(MessageType.WARNING, "Mind this.")
    wire.client.log(MessageType.LOG, "By the way.")
    assert wire.sent == [
        {
            "jsonrpc": "2.0",
            "method": "window/showMessage",
            "params": {"type": 2, "message": "Mind this."},
        },
        {
            "jsonrpc": "2.0",
            "method": "window/logMessage",
            "params": {"type": 4, "message": "By the way."},
        },
    ]
