"""Code actions and lenses: what any editor gets without a plugin."""

from typing import Any

import pytest

from tests.support.raw_client import Json
from tests.support.stage import SESSION, Stage

URI = "file:///project/a.py"
TEXT = "def add(a, b):\n    return a+b\n\n\ndef other():\n    pass\n"
ADD = "def add(a, b):\n    return a+b"
NEW_ADD = "def add(a, b):\n    one = 1\n    return a + b"
PROMPTS = {"Simplify": "", "Add docstrings": "", "Add type hints": "", "Guard clauses": ""}
PROMPT: Json = {"experimental": {"midstream": {"session": True, "prompt": True}}}


@pytest.fixture
def open_stage(stage: Stage) -> Stage:
    """A stage with `URI` open and two prompts."""
    prompts = dict.fromkeys([*PROMPTS, "Remove debug prints"], "") | {
        "Tidy": "Tidy this up.",
        "Explain": "Explain in comments.",
    }
    stage.begin(PROMPT, initializationOptions={"prompts": prompts})
    stage.client.open(URI, TEXT, "python")
    return stage


def actions(stage: Stage, piece: str = ADD, uri: str = URI, **context: Any) -> list[Json]:
    """What is offered for a selection."""
    found: list[Json] = stage.client.request(
        "textDocument/codeAction",
        {
            "textDocument": {"uri": uri},
            "range": stage.client.range_of(uri, piece),
            "context": {"diagnostics": [], **context},
        },
    )
    return found


def titles(found: list[Json]) -> list[str]:
    return [action["title"] for action in found]


def run(stage: Stage, found: list[Json], title: str) -> Any:
    """What an editor does with a chosen action."""
    (chosen,) = [action for action in found if action["title"] == title]
    return stage.client.request("workspace/executeCommand", chosen["command"])


def lenses(stage: Stage, uri: str = URI) -> list[Json]:
    found: list[Json] = stage.client.request(
        "textDocument/codeLens", {"textDocument": {"uri": uri}}
    )
    return found


def test_the_capabilities_name_the_kinds(stage: Stage) -> None:
    offered = stage.begin()["capabilities"]
    assert set(offered["codeActionProvider"]["codeActionKinds"]) == {
        "refactor.rewrite",
        "quickfix",
    }
    assert "codeLensProvider" in offered


def test_the_users_prompts_are_offered_and_run(open_stage: Stage) -> None:
    stage = open_stage
    found = actions(stage)
    assert titles(found) == ["Midstream: Tidy", "Midstream: Explain", "Edit with instruction…"]
    assert all(action["kind"].startswith("refactor.rewrite.midstream") for action in found)
    answer = run(stage, found, "Midstream: Tidy")
    assert answer["scope"]["kind"] == "function_definition"
    assert "Tidy this up." in stage.asked().prompt


def test_the_client_is_asked_for_an_instruction_only_where_it_can(open_stage: Stage) -> None:
    stage = open_stage
    (action,) = [a for a in actions(stage) if a["title"] == "Edit with instruction…"]
    assert action["command"]["command"] == "midstream.promptEdit"
    assert action["command"]["arguments"] == [
        {"uri": URI, "range": stage.client.range_of(URI, ADD)}
    ]
    session = stage.edit(URI, ADD)
    (action,) = [a for a in actions(stage) if a["title"] == "Redirect…"]
    assert action["command"]["command"] == "midstream.promptEdit"
    assert action["command"]["arguments"] == [{"session": session}]


def test_other_clients_are_not_asked_for_an_instruction(stage: Stage) -> None:
    stage.begin(SESSION)
    stage.client.open(URI, TEXT, "python")
    stage.edit(URI, ADD)
    found = titles(actions(stage, "def other")) + titles(actions(stage))
    assert "Midstream: Simplify" in found
    assert not {"Edit with instruction…", "Redirect…"} & set(found)


def test_each_diagnostic_has_its_fix(open_stage: Stage) -> None:
    stage = open_stage
    diagnostics = [
        {"message": "missing\nwhitespace", "range": stage.client.range_of(URI, "a+b")},
        {"message": "x" * 200, "range": stage.client.range_of(URI, "def")},
    ]
    found = actions(stage, diagnostics=diagnostics, only=["quickfix"])
    assert [action["kind"] for action in found] == ["quickfix.midstream"] * 2
    assert found[0]["title"] == "Fix: missing whitespace"
    assert len(found[1]["title"]) <= 80
    assert found[0]["diagnostics"] == diagnostics[:1]
    answer = run(stage, found, "Fix: missing whitespace")
    assert answer["scope"]["kind"] == "binary_operator"
    assert "missing\nwhitespace" in stage.asked().prompt


def test_strange_diagnostics_break_nothing(open_stage: Stage) -> None:
    assert (
        actions(open_stage, diagnostics=[1, {}, {"message": 3}, {"message": " "}], only=["x"]) == []
    )
    assert actions(open_stage, diagnostics=None, only=["quickfix"]) == []


@pytest.mark.parametrize(
    ("only", "offered"),
    [
        (None, True),
        ([""], True),
        (["refactor"], True),
        (["refactor.rewrite"], True),
        (["refactor.rewrite.midstream"], True),
        (["refactor.rewrite.other"], False),
        (["refactor.rew"], False),
        (["source"], False),
        ([], False),
        ([3], False),
    ],
)
def test_only_the_kinds_that_are_asked_for(
    open_stage: Stage, only: list[str] | None, offered: bool
) -> None:
    context: Json = {} if only is None else {"only": only}
    assert ("Midstream: Tidy" in titles(actions(open_stage, **context))) is offered


def test_a_live_session_can_be_redirected_in_place(open_stage: Stage) -> None:
    stage = open_stage
    session = stage.edit(URI, ADD)
    stage.asked()
    found = actions(stage)
    assert titles(found) == [
        "Midstream: Stop",
        "Midstream: Accept",
        "Midstream: Revert",
        "Redirect: Tidy",
        "Redirect: Explain",
        "Redirect…",
    ]
    assert not any("Redirect" in title for title in titles(actions(stage, "def other")))
    assert run(stage, found, "Redirect: Explain") == {"session": session, "attempt": 2}
    asked = stage.asked()
    assert "Explain in comments." in asked.prompt
    asked.answer(NEW_ADD)
    stage.reach(session, "review")
    found = actions(stage, NEW_ADD)
    assert "Midstream: Stop" not in titles(found)
    assert "Midstream: Tidy" in titles(found)
    assert run(stage, found, "Midstream: Revert") == {"session": session, "remaining": 0}
    stage.holds(URI, TEXT)
    assert "Midstream: Accept" not in titles(actions(stage))


TWO = "def add(a, b):\n    one = 1\n    return a + b\n\n\ndef other():\n    two = 2\n    pass"


def test_the_changes_at_the_cursor_are_decided_alone(open_stage: Stage) -> None:
    stage = open_stage
    session = stage.edit(URI, TEXT.rstrip(), scope="file")
    stage.model.next().answer(TWO)
    hunks = stage.reach(session, "review")["hunks"]
    assert len(hunks) == 2
    one, both = "Midstream: Accept this change", "Midstream: Accept these 2 changes"
    assert one in titles(actions(stage, "one = 1"))
    everything = titles(actions(stage, stage.client.text(URI)))
    assert not {one, both} & set(everything), "That is what Accept and Revert do already."
    assert one not in titles(actions(stage, "def other"))
    run(stage, actions(stage, "two = 2"), "Midstream: Revert this change")
    stage.holds(URI, NEW_ADD + TEXT.removeprefix(ADD))
    assert run(stage, actions(stage, "one = 1"), "Midstream: Accept")["remaining"] == 0


def test_changes_can_be_locked_while_the_rest_streams(open_stage: Stage) -> None:
    stage = open_stage
    session = stage.edit(URI, TEXT.rstrip(), scope="file")
    asked = stage.model.next()
    asked.say(f"````\n{NEW_ADD}\n\n\ndef other():\n    # more\n")
    stage.shows(URI, "one = 1")
    stage.client.wait_for(lambda: stage.last(session).get("hunks"))
    run(stage, actions(stage, "one = 1"), "Midstream: Accept this change")
    asked.say("    pass\n````\n")
    asked.finish()
    body = stage.reach(session, "review")
    states = [hunk["state"] for hunk in body["hunks"]]
    assert "locked" in states
    stage.client.command("midstream.revert", {})
    stage.shows(URI, "one = 1")


def test_stop_stops(open_stage: Stage) -> None:
    stage = open_stage
    session = stage.edit(URI, ADD)
    asked = stage.asked()
    assert run(stage, actions(stage), "Midstream: Stop") == {"session": session, "left": "valid"}
    asked.wait_cut()


@pytest.mark.parametrize(
    ("language", "name", "text", "rest"),
    [
        ("python", "a.py", "# ms: say 1\nx = 2\n", "x = 2\n"),
        ("javascript", "a.js", "// ms: say 1\nlet x = 2;\n", "let x = 2;\n"),
        ("go", "a.go", "package a\n\n/* ms: say 1 */\nvar x = 2\n", "package a\n\nvar x = 2\n"),
        ("html", "a.html", "<!-- ms: say 1 -->\n<p>x</p>\n", "<p>x</p>\n"),
        ("lua", "a.lua", "-- ms: say 1\nx = 2\n", "x = 2\n"),
        ("unheard-of", "a.unheard", "; ms: say 1\nx = 2\n", "x = 2\n"),
    ],
)
def test_a_comment_with_an_instruction_is_offered_and_goes(
    open_stage: Stage, language: str, name: str, text: str, rest: str
) -> None:
    stage = open_stage
    uri = f"file:///project/{name}"
    stage.client.open(uri, text, language)
    found = actions(stage, "ms:", uri)
    answer = run(stage, found, "Midstream: say 1")
    stage.holds(uri, rest)
    asked = stage.asked()
    assert "say 1" in asked.prompt
    asked.answer(rest.strip().rpartition("\n")[2])
    stage.reach(answer["session"], "review")
    stage.client.command("midstream.revert", {})
    stage.holds(uri, text)


def test_no_comment_no_action(open_stage: Stage) -> None:
    assert not [a for a in actions(open_stage) if a["kind"].endswith(".comment")]


def test_lenses_stand_above_a_live_scope_and_tell_the_phase(open_stage: Stage) -> None:
    stage = open_stage
    assert lenses(stage) == []
    session = stage.edit(URI, ADD)
    found = lenses(stage)
    assert [lens["command"]["title"] for lens in found] == [
        "Midstream starting · Stop",
        "Midstream starting · Accept",
        "Midstream starting · Revert",
    ]
    assert [lens["command"]["command"] for lens in found] == [
        "midstream.cancel",
        "midstream.accept",
        "midstream.revert",
    ]
    assert {lens["range"]["start"]["line"] for lens in found} == {0}
    assert all(lens["command"]["arguments"] == [{"session": session}] for lens in found)
    stage.asked().answer(NEW_ADD)
    body = stage.reach(session, "review")
    ids = [hunk["id"] for hunk in body["hunks"]]
    found = lenses(stage)
    own = [lens for lens in found if "hunks" not in lens["command"]["arguments"][0]]
    assert [lens["command"]["title"].partition("· ")[2] for lens in own] == ["Accept", "Revert"]
    hunks = [lens for lens in found if "hunks" in lens["command"]["arguments"][0]]
    assert [lens["command"]["arguments"][0]["hunks"] for lens in hunks] == [
        [id_] for id_ in ids for _ in range(2)
    ]
    answer = stage.client.request("workspace/executeCommand", hunks[0]["command"])
    assert answer["remaining"] == len(ids) - 1
    if answer["remaining"]:
        stage.client.command("midstream.accept", {})
    assert lenses(stage) == []


def test_fresh_lenses_are_announced_where_the_client_can(stage: Stage) -> None:
    stage.begin({**SESSION, "workspace": {"applyEdit": True, "codeLens": {"refreshSupport": True}}})
    stage.client.on_request("workspace/codeLens/refresh", lambda params: None)
    stage.client.open(URI, TEXT, "python")
    stage.review(URI, ADD, NEW_ADD)
    assert stage.client.received("workspace/codeLens/refresh")


@pytest.mark.parametrize("method", ["textDocument/codeAction", "textDocument/codeLens"])
def test_what_is_not_open_has_nothing(open_stage: Stage, method: str) -> None:
    params: list[object] = [{}, {"textDocument": {"uri": "file:///no.py"}}, [], None]
    params += [{"textDocument": [URI]}, {"textDocument": {"uri": [URI]}}]
    for value in params:
        assert open_stage.client.request(method, value) == []
