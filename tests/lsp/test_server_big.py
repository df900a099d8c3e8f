"""Big files keep their grammar, through a real server."""

from typing import Any

import pytest

from benchmarks.shapes import sound, text_of
from lsp_server.lsp.driver import TOO_COSTLY
from lsp_server.lsp.json_rpc import REQUEST_CANCELLED
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.tree import DocumentTree, count_errors
from tests.support.raw_client import Failed, Json
from tests.support.stage import Stage

URI = "file:///project/big.js"
BIG = sound("javascript", 30_000)
NAME = "f2000"
START = BIG.index(f"function {NAME}(")
SCOPE = BIG[START : BIG.index("\n}\n", START) + 2]
FITS = SCOPE.replace("sum > 3", "sum > 300")
BROKEN = FITS.replace("return { sum, a };", "return call({ sum, a };")


def errors(text: str) -> int:
    language = language_for("javascript")
    assert language is not None
    return count_errors(DocumentTree(language, text).root)


def asked_of(stage: Stage, command: str, **more: Any) -> int:
    """Ask for something in the function and go on."""
    argument = {"uri": URI, "range": stage.client.range_of(URI, f"{NAME}(a, b)"), **more}
    params = {"command": command, "arguments": [argument]}
    return stage.client.send_request("workspace/executeCommand", params)


def covered(stage: Stage, scope: Json) -> str:
    """What a scope covers."""
    start, end = (stage.client.offset(URI, scope["range"][edge]) for edge in ("start", "end"))
    return stage.client.text(URI)[start:end]


def test_the_scope_is_the_function_and_no_state_is_shown_that_does_not_parse(
    stage: Stage,
) -> None:
    stage.begin()
    stage.client.open(URI, BIG, "javascript")
    answer = stage.client.answer_to(
        asked_of(stage, "midstream.edit", instruction="do it", scope="function")
    )
    assert answer["scope"]["kind"] == "function_declaration"
    assert covered(stage, answer["scope"]) == SCOPE
    asked = stage.asked()
    half = FITS.index("return [") + len("return [sum")
    asked.say("```js\n" + BROKEN[:half])
    stage.shows(URI, "sum > 300")
    stage.client.type(URI, 0, 0, "// typed\n")  # Its gate is made anew.
    asked.say(BROKEN[half:] + "\n```\n")
    asked.finish()
    stage.reach(answer["session"], "review")
    assert "call({ sum, a };" in stage.last(answer["session"])["held"]["text"]
    stage.holds(URI, "// typed\n" + BIG.replace(SCOPE, FITS))
    assert errors(stage.client.text(URI)) == 0
    assert TOO_COSTLY not in str(stage.client.received("window/showMessage"))


def test_what_is_typed_while_it_is_read_is_not_lost(stage: Stage) -> None:
    stage.begin()
    stage.client.open(URI, BIG, "javascript")
    id_ = asked_of(stage, "midstream.edit", instruction="do it", scope="function")
    stage.client.type(URI, 0, 0, "// typed\n")
    answer = stage.client.answer_to(id_)
    assert covered(stage, answer["scope"]) == SCOPE
    stage.asked().answer(FITS)
    stage.reach(answer["session"], "review")
    stage.holds(URI, "// typed\n" + BIG.replace(SCOPE, FITS))


def test_a_stop_takes_back_an_edit_that_waits(stage: Stage) -> None:
    stage.begin()
    stage.client.open(URI, BIG, "javascript")
    id_ = asked_of(stage, "midstream.edit", instruction="do it")
    stopped = stage.client.command("midstream.cancel", {"uri": URI})
    assert stopped == {"session": "", "left": "original"}
    with pytest.raises(Failed) as caught:
        stage.client.answer_to(id_)
    assert caught.value.code == REQUEST_CANCELLED
    stage.client.answer_to(asked_of(stage, "midstream.scope"))  # It has been read by now.
    assert stage.client.command("midstream.status", {})["sessions"] == [] and stage.model.idle


def test_one_request_is_cancelled_and_the_other_answered(stage: Stage) -> None:
    stage.begin()
    stage.client.open(URI, BIG, "javascript")
    first = asked_of(stage, "midstream.edit", instruction="do it")
    second = asked_of(stage, "midstream.scope", scope="function")
    stage.client.notify("$/cancelRequest", {"id": first})
    with pytest.raises(Failed) as caught:
        stage.client.answer_to(first)
    assert caught.value.code == REQUEST_CANCELLED
    assert stage.client.answer_to(second)["scope"]["kind"] == "function_declaration"


def test_while_a_hostile_text_is_read_a_status_is_answered(stage: Stage) -> None:
    stage.begin()
    text = text_of(f"{NAME}(a, b)\n", "def f(x:\n  if (\n    return [\n", 740_000)
    stage.client.open(URI, text, "python")
    waits = asked_of(stage, "midstream.scope")
    for _ in range(3):
        stage.client.command("midstream.status", {})
    with pytest.raises(AssertionError):  # The answers came first.
        stage.client.answer_to(waits, patience=0.0)
    assert stage.client.answer_to(waits)["scope"]["language"] in ("python", "plaintext")
