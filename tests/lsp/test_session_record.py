"""A session has one record while it lives, and nothing keeps anything of it afterwards."""

from collections.abc import Iterator
from typing import Any

import pytest

from lsp_server.lsp.driver import Driver
from lsp_server.lsp.session_record import SessionRecord
from tests.support.raw_client import Json
from tests.support.stage import SESSION, Stage

URI = "file:///project/a.py"
ADD = "def add(a, b):\n    return a+b"
NEW_ADD = "def add(a, b):\n    return a + b"
OTHER = "def other():\n    return 1"
TEXT = f"{ADD}\n\n\n{OTHER}\n"
BEGINNING = "````\ndef add(a, b):\n    # sum\n    total = a + b\n"
CAPABILITIES: Json = {**SESSION, "window": {"workDoneProgress": True}}


@pytest.fixture
def open_stage(stage: Stage) -> Stage:
    """A stage with `URI` open and a client that shows a progress."""
    stage.begin(CAPABILITIES)
    stage.client.open(URI, TEXT, "python")
    return stage


def driver_of(stage: Stage) -> Driver:
    return stage.process.server.server_state.drivers.of(URI)


def records(stage: Stage) -> dict[str, SessionRecord]:
    """The records of `URI`, once the server has dealt with everything that was said before."""
    stage.client.command("midstream.status", {})
    return {record.id: record for record in driver_of(stage).records}


def kept_under(root: object, session: str) -> list[str]:
    """Where an object of `lsp_server.lsp` that can be reached from `root` keeps `session`."""
    return [where for where, key in _keys_in(root, "", set()) if key == session]


def _keys_in(value: Any, where: str, seen: set[int]) -> Iterator[tuple[str, object]]:
    if id(value) in seen:
        return
    seen.add(id(value))
    inner: list[tuple[str, Any]] = []
    if isinstance(value, dict):
        yield from ((where, key) for key in list(value))
        inner = [(f"{where}[{key!r}]", item) for key, item in list(value.items())]
    elif isinstance(value, list | tuple | set | frozenset):
        yield from ((where, item) for item in value if isinstance(item, str))
        inner = [(where, item) for item in value]
    elif type(value).__module__.startswith("lsp_server.lsp."):
        names = [*getattr(value, "__dict__", ()), *getattr(value, "__slots__", ())]
        inner = [(f"{where}.{name}", getattr(value, name, None)) for name in names]
    for place, item in inner:
        yield from _keys_in(item, place, seen)


def test_the_record_holds_what_belongs_to_a_live_session(open_stage: Stage) -> None:
    stage = open_stage
    diagnostics = [{"message": "too tight", "range": stage.client.range_of(URI, ADD)}]
    session = stage.edit(URI, ADD, diagnostics=diagnostics)
    asked = stage.asked()
    asked.say(BEGINNING)
    stage.shows(URI, "# sum")
    (record,) = records(stage).values()
    assert (record.id, record.scope_kind) == (session, "function_definition")
    assert record.diagnostics == ("too tight",)
    assert record.selection is not None
    assert record.notified.progress is not None
    assert record.notified.body == stage.last(session)
    assert kept_under(stage.process.server.server_state, session), "The search finds nothing."


@pytest.mark.parametrize("command", ["accept", "revert"])
def test_no_record_is_left_of_a_session_that_has_ended(open_stage: Stage, command: str) -> None:
    stage = open_stage
    session = stage.review(URI, ADD, NEW_ADD)
    assert set(records(stage)) == {session}
    stage.client.command(f"midstream.{command}", {})
    stage.reach(session, "ended")
    assert records(stage) == {}
    assert kept_under(stage.process.server.server_state, session) == []


def test_no_record_is_left_of_a_session_that_could_not_begin(open_stage: Stage) -> None:
    stage = open_stage
    session = stage.edit(URI, ADD)
    stage.asked()
    argument = {"uri": URI, "range": stage.client.range_of(URI, ADD), "instruction": "again"}
    assert "still writing there" in stage.refused("midstream.edit", argument).message
    assert set(records(stage)) == {session}
    stage.client.command("midstream.cancel", {"session": session})
    following = stage.edit(URI, OTHER)
    stage.asked()
    assert following in records(stage)
    refused = f"s{int(following[1:]) - 1}"
    assert refused != session, "The refused session had no id."
    assert kept_under(stage.process.server.server_state, refused) == []


def test_no_record_is_left_after_an_internal_error(
    open_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = open_stage
    session = stage.review(URI, ADD, NEW_ADD)

    def broken(*_: object) -> None:
        raise AssertionError("It is broken.")

    monkeypatch.setattr(driver_of(stage).document_edits, "handle", broken)
    argument = {"uri": URI, "range": stage.client.range_of(URI, OTHER), "instruction": "x"}
    assert "This is a bug" in stage.refused("midstream.edit", argument).message
    assert stage.reach(session, "ended")["outcome"] == "failed"
    assert records(stage) == {}
    assert kept_under(stage.process.server.server_state, session) == []


def test_no_record_is_left_of_a_closed_document(open_stage: Stage) -> None:
    stage = open_stage
    session = stage.edit(URI, ADD)
    stage.asked().say(BEGINNING)
    stage.shows(URI, "# sum")
    assert set(records(stage)) == {session}
    driver = driver_of(stage)
    stage.client.close(URI)
    stage.reach(session, "ended")
    stage.client.command("midstream.status", {})
    assert driver.records == ()
    assert kept_under(stage.process.server.server_state, session) == []


def test_no_record_is_left_after_a_shutdown(open_stage: Stage) -> None:
    stage = open_stage
    session = stage.edit(URI, ADD)
    stage.asked().say(BEGINNING)
    stage.shows(URI, "# sum")
    assert set(records(stage)) == {session}
    driver = driver_of(stage)
    stage.client.finish()
    assert driver.records == ()
    assert kept_under(stage.process.server.server_state, session) == []


def test_a_refused_redirect_leaves_the_kind_of_the_scope(open_stage: Stage) -> None:
    stage = open_stage
    session = stage.edit(URI, ADD)
    stage.asked().say(BEGINNING)
    stage.shows(URI, "# sum")
    other = stage.edit(URI, OTHER)
    stage.asked()
    wider = {"session": session, "instruction": "x", "scope": "file"}
    assert f"Another edit ({other})" in stage.refused("midstream.redirect", wider).message
    assert records(stage)[session].scope_kind == "function_definition"


def test_a_wider_scope_has_its_kind_from_then_on(open_stage: Stage) -> None:
    stage = open_stage
    session = stage.edit(URI, "return a+b", scope="statement")
    stage.asked().say("````\nreturn")
    stage.client.command(
        "midstream.redirect", {"session": session, "instruction": "x", "scope": "function"}
    )
    stage.asked()
    assert records(stage)[session].scope_kind == "function_definition"
    assert stage.last(session)["scope"]["kind"] == "function_definition"


def test_a_shown_wider_scope_has_its_kind_at_once(open_stage: Stage) -> None:
    stage = open_stage
    session = stage.edit(URI, "return a+b")
    asked = stage.asked()
    asked.answer("def add(a, b, c):\n    return a + b + c")
    assert stage.reach(session, "review")["held"]["scope"] == "function"
    before = len(stage.news(session))
    stage.client.command("midstream.show", {"session": session, "scope": "function"})
    stage.shows(URI, "a + b + c")
    stage.client.command("midstream.status", {})
    kinds = [body["scope"]["kind"] for body in stage.news(session)[before:]]
    assert kinds
    assert set(kinds) == {"function_definition"}
