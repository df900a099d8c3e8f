"""Every request gets its answer, and nothing that comes in breaks or blocks the conversation."""

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.lsp import json_rpc as codes
from tests.support.echo_server import EchoServer, add_features

INITIALIZE: dict[str, Any] = {"processId": None, "rootUri": None, "capabilities": {}}


class Talk:
    """A conversation without a process: messages in, messages out."""

    def __init__(self, *, begun: bool = True) -> None:
        self.server = EchoServer()
        add_features(self.server)
        self.out: list[dict[str, Any]] = []
        self.server.protocol.set_writer(self)
        self._next = 0
        if begun:
            self.ask("initialize", INITIALIZE)
            self.tell("initialized", {})
            self.out.clear()

    def write(self, data: bytes) -> None:
        header, _, body = data.partition(b"\r\n\r\n")
        assert header == b"Content-Length: %d" % len(body)
        self.out.append(json.loads(body))

    def close(self) -> None: ...

    def send(self, message: object) -> None:
        assert self.server.protocol.receive(json.dumps(message).encode())

    def tell(self, method: str, params: object) -> None:
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def ask(self, method: str, params: object = None) -> dict[str, Any]:
        """The answer, which must come at once."""
        self._next += 1
        self.send({"jsonrpc": "2.0", "id": self._next, "method": method, "params": params})
        assert self.out[-1]["id"] == self._next
        return self.out[-1]

    def error(self, method: str, params: object = None) -> tuple[int, str]:
        answer = self.ask(method, params)
        assert set(answer) == {"jsonrpc", "id", "error"}
        assert set(answer["error"]) == {"code", "message"}
        return answer["error"]["code"], answer["error"]["message"]

    def command(self, name: str, *arguments: object) -> dict[str, Any]:
        return self.ask("workspace/executeCommand", {"command": name, "arguments": arguments})


def in_loop(scene: Callable[[Talk], Any]) -> None:
    async def run() -> None:
        await scene(Talk())

    asyncio.run(run())


async def turn() -> None:
    """Let what is ready in the loop happen."""
    for _ in range(5):
        await asyncio.sleep(0)


# -- parameters ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        (None, "`textDocument` is missing in the parameters of textDocument/hover."),
        ({"textDocument": {"uri": "a"}}, "`position` is missing"),
        (
            {"textDocument": {"uri": "a"}, "position": {"line": "x", "character": 0}},
            "`position.line` in the parameters of textDocument/hover must be of type int.",
        ),
        ({"textDocument": {}, "position": {"line": 0, "character": 0}}, "`textDocument.uri` is"),
        ([1, 2], "textDocument/hover"),
        ("secret", "textDocument/hover"),
    ],
)
def test_parameters_that_do_not_fit_are_answered_with_the_field(
    params: object, sentence: str
) -> None:
    code, message = Talk().error("textDocument/hover", params)
    assert code == codes.INVALID_PARAMS
    assert sentence in message
    assert "secret" not in message


def test_a_key_named_jsonrpc_is_just_a_key() -> None:
    nested = {"a": {"jsonrpc": "2.0", "id": 3, "method": "exit"}}
    assert Talk().ask("echo/echo", nested)["result"] == nested


def test_typed_features_get_and_give_the_types_of_the_lsp() -> None:
    params = {"textDocument": {"uri": "a"}, "position": {"line": 3, "character": 0}}
    assert Talk().ask("textDocument/hover", params)["result"] == {"contents": "3"}


def test_lone_surrogates_go_in_and_out() -> None:
    talk = Talk()
    body = b'{"jsonrpc":"2.0","id":7,"method":"echo/echo","params":{"a":"\\ud83d"}}'
    assert talk.server.protocol.receive(body)
    assert talk.out[-1]["result"] == {"a": "\ud83d"}


# -- failures --------------------------------------------------------------------------------------


@pytest.mark.parametrize("later", [False, True])
@pytest.mark.parametrize(
    ("how", "code", "sentence"),
    [
        ("params", codes.INVALID_PARAMS, "`x` must be a string."),
        ("failed", codes.REQUEST_FAILED, "Not now."),
        ("contract", codes.INTERNAL_ERROR, "Midstream failed"),
        ("bug", codes.INTERNAL_ERROR, "Midstream failed"),
    ],
)
def test_what_a_command_raises_becomes_a_sentence(
    later: bool, how: str, code: int, sentence: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene(talk: Talk) -> None:
        arguments = [{"how": how, "later": later}]
        talk.send(
            {
                "id": 9,
                "method": "workspace/executeCommand",
                "params": {"command": "echo.fail", "arguments": arguments},
            }
        )
        await turn()
        error = talk.out[-1]["error"]
        assert error["code"] == code
        assert error["message"].startswith(sentence)
        assert "secret" not in error["message"]
        assert ("Traceback" in caplog.text) is (code == codes.INTERNAL_ERROR)

    in_loop(scene)


def test_a_feature_or_a_notification_that_raises_is_not_shown(
    caplog: pytest.LogCaptureFixture,
) -> None:
    talk = Talk()
    params = {"textDocument": {"uri": "a"}, "position": {"line": 13, "character": 0}}
    code, message = talk.error("textDocument/hover", params)
    assert (code, "secret" in message) == (codes.INTERNAL_ERROR, False)
    talk.out.clear()
    talk.tell("echo/raise", {})
    talk.tell("textDocument/didOpen", {"textDocument": 3})
    talk.tell("textDocument/didSave", {"x": 1})
    talk.tell("nobody/knows", {"x": 1})
    assert talk.out == []
    assert "`textDocument` must be a JSON object." in caplog.text


def test_what_is_no_json_is_an_answer_still() -> None:
    assert Talk().error("echo/no-json")[0] == codes.INTERNAL_ERROR


def test_an_unknown_method() -> None:
    assert Talk().error("no/such") == (
        codes.METHOD_NOT_FOUND,
        "There is no method `no/such`.",
    )


# -- commands --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "params",
    [
        {"command": "echo.echo"},
        {"command": "echo.echo", "arguments": None},
        {"command": "echo.echo", "arguments": []},
        {"command": "echo.echo", "arguments": [None]},
        {"command": "echo.echo", "arguments": [{}]},
    ],
)
def test_no_argument_in_all_ways_is_an_empty_object(params: object) -> None:
    assert Talk().ask("workspace/executeCommand", params)["result"] == {}


def test_the_argument_comes_as_it_is() -> None:
    argument = {"uri": "a", "x": [None, {"jsonrpc": 1}]}
    assert Talk().command("echo.echo", argument)["result"] == argument


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        (None, "`command` must be a string."),
        ({"command": 3}, "`command` must be a string."),
        ({"command": "echo.ehco"}, "There is no command `echo.ehco`. Did you mean `echo.echo`?"),
        ({"command": "zzz"}, "There is no command `zzz`."),
        ({"command": "echo.echo", "arguments": {}}, "`arguments` of `echo.echo` must be one"),
        ({"command": "echo.echo", "arguments": ["a"]}, "must be one JSON object in a list."),
        ({"command": "echo.echo", "arguments": [{}, {}]}, "must be one JSON object in a list."),
    ],
)
def test_a_command_that_is_not_meant_so(params: object, sentence: str) -> None:
    code, message = Talk().error("workspace/executeCommand", params)
    assert code == codes.INVALID_PARAMS
    assert sentence in message


# -- cancelling ------------------------------------------------------------------------------------


def test_a_cancel_reaches_the_editors_request() -> None:
    async def scene(talk: Talk) -> None:
        talk.send({"id": "w", "method": "echo/wait"})
        await turn()
        talk.tell("$/cancelRequest", {"id": "w"})
        await turn()
        assert talk.out[-1]["id"] == "w"
        assert talk.out[-1]["error"]["code"] == codes.REQUEST_CANCELLED
        assert talk.server.cancelled == 1

    in_loop(scene)


def test_a_cancel_never_reaches_a_request_of_ours() -> None:
    async def scene(talk: Talk) -> None:
        future = talk.server.protocol.client.request("x/y", {})
        ours = talk.out[-1]["id"]
        ids: tuple[object, ...] = (ours, 1, None, [1], {})
        for id_ in ids:
            talk.tell("$/cancelRequest", {"id": id_})
        talk.tell("$/cancelRequest", None)
        await turn()
        assert not future.done()
        talk.send({"id": ours, "result": 5})
        assert (await future).result == 5

    in_loop(scene)


# -- order -----------------------------------------------------------------------------------------


def test_answers_and_changes_are_delivered_as_they_come() -> None:
    talk = Talk()
    talk.tell(
        "textDocument/didOpen",
        {"textDocument": {"uri": "a", "languageId": "x", "version": 1, "text": ""}},
    )
    change = {"textDocument": {"uri": "a", "version": 2}, "contentChanges": []}
    for echo_first in (True, False):
        talk.out.clear()
        talk.command("echo.edit", {"uri": "a", "text": "x"})
        id_ = talk.out[0]["id"]
        if echo_first:
            talk.tell("textDocument/didChange", change)
        talk.send({"id": id_, "result": {"applied": True}})
        if not echo_first:
            talk.tell("textDocument/didChange", change)
        order = ["echo/changed", "echo/outcome"]
        told = [message["method"] for message in talk.out if "echo/" in message.get("method", "")]
        assert told == (order if echo_first else order[::-1])


# -- the course of a conversation ------------------------------------------------------------------


def test_nothing_is_done_before_initialize() -> None:
    talk = Talk(begun=False)
    assert talk.error("echo/echo", {})[0] == codes.NOT_INITIALIZED
    talk.tell("echo/raise", {})
    assert "capabilities" in talk.ask("initialize", INITIALIZE)["result"]
    assert talk.error("initialize", INITIALIZE)[0] == codes.INVALID_REQUEST
    began = talk.server.protocol.initialize_params
    talk.tell("initialize", {**INITIALIZE, "initializationOptions": {"profile": "other"}})
    assert talk.server.protocol.initialize_params is began


@pytest.mark.parametrize("params", [None, [], 3])
def test_an_initialize_that_says_nothing_can_be_tried_again(params: object) -> None:
    talk = Talk(begun=False)
    assert talk.error("initialize", params)[0] == codes.INVALID_PARAMS
    assert "result" in talk.ask("initialize", INITIALIZE)


@pytest.mark.parametrize(
    "capabilities",
    [
        {"textDocument": {"completion": {"completionItemKind": {"valueSet": "all"}}}},
        {"general": {"positionEncodings": ["utf-8"]}, "workspace": 7},
        {"experimental": {"midstream": {"session": True}}},
        None,
    ],
)
def test_capabilities_unheard_of_do_not_shut_anybody_out(capabilities: Any) -> None:
    talk = Talk(begun=False)
    params = {"processId": None, "rootUri": None, "capabilities": capabilities}
    result = talk.ask("initialize", params)["result"]
    general = (capabilities or {}).get("general", {})
    assert (
        result["capabilities"]["positionEncoding"]
        == (general.get("positionEncodings", ["utf-16"])[0])
    )
    assert talk.server.protocol.initialize_params["capabilities"] == capabilities


@pytest.mark.parametrize("params", [None, {}, []])
def test_shutdown_then_exit(params: object) -> None:
    talk = Talk()
    over: list[bool] = []
    talk.server.protocol.when_over = lambda: over.append(True)
    assert talk.ask("shutdown", params) == {"jsonrpc": "2.0", "id": 2, "result": None}
    assert talk.error("echo/echo")[0] == codes.INVALID_REQUEST
    talk.tell("exit", params)
    assert talk.server.protocol.exit_code == 0
    assert over == [True]


def test_exit_without_shutdown_and_nothing_after_it() -> None:
    talk = Talk()
    talk.tell("exit", None)
    assert talk.server.protocol.exit_code == 1
    talk.server.protocol.over()
    talk.send({"id": 99, "method": "echo/echo", "params": 1})
    assert talk.out == []


def test_after_shutdown_our_own_requests_are_still_answered() -> None:
    async def scene(talk: Talk) -> None:
        future = talk.server.protocol.client.request("x/y", {})
        id_ = talk.out[-1]["id"]
        talk.ask("shutdown")
        talk.send({"id": id_, "result": 5})
        assert (await future).result == 5

    in_loop(scene)


# -- anything at all -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (3, codes.INVALID_REQUEST),
        ([], codes.INVALID_REQUEST),
        ({}, codes.INVALID_REQUEST),
        ({"method": 3}, codes.INVALID_REQUEST),
        ({"method": "x", "id": None}, codes.INVALID_REQUEST),
        ({"method": "x", "id": [1]}, codes.INVALID_REQUEST),
        ({"method": "x", "id": True}, codes.INVALID_REQUEST),
    ],
)
def test_what_is_no_message_is_said_to_be_none(message: object, code: int) -> None:
    talk = Talk()
    talk.send(message)
    assert talk.out[-1]["error"]["code"] == code
    assert talk.out[-1]["id"] is None


def test_several_messages_in_one() -> None:
    talk = Talk()
    talk.send([{"id": i, "method": "echo/echo", "params": i} for i in (1, 2)])
    assert [message["result"] for message in talk.out] == [1, 2]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"nul", b"[" * 100_000])
def test_what_is_no_json_is_said_to_be_none(body: bytes) -> None:
    assert not Talk().server.protocol.receive(body)


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["textDocument", "uri", "id", "command", "arguments", "position"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
METHODS = [
    "$/cancelRequest",
    "$/setTrace",
    "initialized",
    "notebookDocument/didOpen",
    "textDocument/didChange",
    "textDocument/didClose",
    "textDocument/didOpen",
    "textDocument/hover",
    "window/logMessage",
    "window/workDoneProgress/cancel",
    "workspace/didChangeConfiguration",
    "workspace/didChangeWorkspaceFolders",
    "workspace/executeCommand",
    "x",
]
methods = st.sampled_from(METHODS)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(methods, anything), max_size=6))
def test_every_request_is_answered_once_whatever_it_holds(asked: list[tuple[str, Any]]) -> None:
    logging.disable(logging.CRITICAL)
    try:
        talk = Talk()
        for number, (method, params) in enumerate(asked):
            talk.tell(method, params)
            talk.send({"id": 100 + number, "method": method, "params": params})
        answered = [message["id"] for message in talk.out if "method" not in message]
        assert answered == [100 + number for number in range(len(asked))]
    finally:
        logging.disable(logging.NOTSET)


def test_nothing_of_a_body_is_logged_at_info(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    talk = Talk()
    talk.tell(
        "textDocument/didOpen",
        {"textDocument": {"uri": "a", "languageId": "x", "version": 1, "text": "secret"}},
    )
    talk.ask("echo/text", {"uri": "a"})
    talk.command("echo.edit", {"uri": "a", "text": "secret"})
    talk.error("textDocument/hover", {"textDocument": "secret"})
    assert "secret" not in caplog.text
