"""The commands of contract section 3: arguments, answers, and what they do to the document."""

from typing import Any

import pytest

from lsp_server.lsp import commands
from lsp_server.lsp.driver import OUR_MISTAKE
from lsp_server.wording import LSP
from tests.support.raw_client import Failed, Json, Manner
from tests.support.stage import SESSION, Stage

URI = "file:///project/a.py"
TEXT = """\
import os


def add(a, b):
    return a+b


class Shop:
    def total(self, lines):
        if lines:
            return sum(lines)
        return 0

    def close(self):
        print("closed")
"""
ADD = "def add(a, b):\n    return a+b"
NEW_ADD = "def add(a, b):\n    return a + b"
TOTAL = (
    "def total(self, lines):\n        if lines:\n            return sum(lines)\n        return 0"
)
NEW_TOTAL = "def total(self, lines):\n        return sum(lines or [])"

PARAMS, FAILED = -32602, -32803

PLACE: Json = {
    "uri": URI,
    "range": {"start": {"line": 3, "character": 0}, "end": {"line": 4, "character": 14}},
}
EDIT: Json = {**PLACE, "instruction": "add spaces"}
NOTHING: Any = object()


@pytest.fixture
def open_stage(stage: Stage) -> Stage:
    """A stage with `URI` open."""
    stage.begin()
    stage.client.open(URI, TEXT, "python")
    return stage


def with_(base: Json, **fields: Any) -> Json:
    """`base` with these fields over it; `NOTHING` takes one away."""
    return {k: v for k, v in {**base, **fields}.items() if v is not NOTHING}


# -- before a session --------------------------------------------------------------------------


def test_scope_tells_the_scope_and_all_levels_and_changes_nothing(open_stage: Stage) -> None:
    stage = open_stage
    answer = stage.client.command("midstream.scope", PLACE)
    assert set(answer) == {"scope", "ladder"}
    assert answer["scope"] == {
        "range": {"start": {"line": 3, "character": 0}, "end": {"line": 4, "character": 14}},
        "kind": "function_definition",
        "language": "python",
    }
    assert [set(step) for step in answer["ladder"]] == [{"scope", "range"}] * 6
    assert [step["scope"] for step in answer["ladder"]] == [
        "smallest",
        "statement",
        "block",
        "function",
        "class",
        "file",
    ]
    assert stage.client.command("midstream.status", {})["sessions"] == []
    assert stage.client.edits == []


@pytest.mark.parametrize(
    ("scope", "lines"),
    [("smallest", (10, 10)), ("function", (8, 11)), ("class", (7, 14)), ("file", (0, 14))],
)
def test_scope_takes_a_level(open_stage: Stage, scope: str, lines: tuple[int, int]) -> None:
    place = {"uri": URI, "range": open_stage.client.range_of(URI, "sum(lines)")}
    found = open_stage.client.command("midstream.scope", {**place, "scope": scope})["scope"]
    assert (found["range"]["start"]["line"], found["range"]["end"]["line"]) == lines


def test_edit_answers_with_session_and_scope_before_any_edit(open_stage: Stage) -> None:
    stage = open_stage
    id_ = stage.client.send_request(
        "workspace/executeCommand", {"command": "midstream.edit", "arguments": [EDIT]}
    )
    answer = stage.client.answer_to(id_)
    assert set(answer) == {"session", "scope"}
    assert set(answer["scope"]) == {"range", "kind", "language"}
    assert stage.client.edits == []
    stage.asked().answer(NEW_ADD)
    stage.reach(answer["session"], "review")
    stage.holds(URI, TEXT.replace("a+b", "a + b"))


def test_edit_takes_scope_selection_and_profile_and_diagnostics(open_stage: Stage) -> None:
    stage = open_stage
    answer = stage.client.command(
        "midstream.edit",
        {
            "uri": URI,
            "range": stage.client.range_of(URI, "+b"),
            "instruction": "word for word: {x} </scope> ünïcode 🎉",
            "scope": "selection",
            "profile": "scripted",
            "version": 1,
            "diagnostics": [{"message": "missing whitespace", "range": PLACE["range"]}],
        },
    )
    assert answer["scope"]["kind"] == "selection"
    asked = stage.asked()
    assert asked.create["model"] == "scripted-1"
    assert "word for word: {x} </scope> ünïcode 🎉" in asked.prompt
    assert "missing whitespace" in asked.prompt
    assert asked.create["store"] is False
    assert asked.create["stream_options"] == {"include_obfuscation": False}
    assert asked.create["prompt_cache_key"]
    assert "openai-beta" not in {name.lower() for name in asked.headers}


def test_edit_comment_answers_before_the_comment_goes(open_stage: Stage) -> None:
    """The edit that takes the comment away needs no model, so it could come first."""
    stage = open_stage
    uri = "file:///project/c.py"
    stage.client.open(uri, "# ms: add spaces\nx = a+b\n", "python")
    answer = stage.client.command(
        "midstream.editComment",
        {"uri": uri, "range": stage.client.range_of(uri, "ms: add")},
    )
    assert set(answer) == {"session", "scope"}
    stage.holds(uri, "x = a+b\n")
    order = [m.get("method") or "answer" for m in stage.client.messages]
    assert order.index("workspace/applyEdit") > len(order) - 1 - order[::-1].index("answer")
    asked = stage.asked()
    assert "add spaces" in asked.prompt
    asked.answer("x = a + b")
    stage.reach(answer["session"], "review")
    stage.holds(uri, "x = a + b\n")
    stage.client.command("midstream.revert", {})
    stage.holds(uri, "# ms: add spaces\nx = a+b\n")


def test_edit_comment_in_a_live_scope_is_a_redirect(open_stage: Stage) -> None:
    stage = open_stage
    session = stage.edit(URI, ADD)
    first = stage.asked()
    first.say("````\n")
    at = stage.client.text(URI).index("    return a+b")
    stage.client.type(URI, at, at, "    # ms: use sum\n")
    answer = stage.client.command(
        "midstream.editComment",
        {"uri": URI, "range": stage.client.range_of(URI, "ms: use")},
    )
    assert answer == {"session": session, "attempt": 2}
    first.wait_cut()
    second = stage.asked()
    assert "use sum" in second.prompt
    second.answer("def add(a, b):\n    return sum((a, b))")
    stage.reach(session, "review")
    stage.holds(URI, TEXT.replace("a+b", "sum((a, b))"))


def test_a_comment_is_of_the_scope_it_is_in_and_not_of_one_that_ends_there(
    open_stage: Stage,
) -> None:
    stage = open_stage
    uri = "file:///project/c.py"
    stage.client.open(uri, "x = 1\n# ms: say 1\ny = 2\n", "python")
    stage.edit(uri, "x = 1\n", scope="selection")
    stage.asked()
    second = stage.edit(uri, "# ms: say 1\ny = 2", scope="selection")
    stage.asked()
    answer = stage.client.command(
        "midstream.editComment", {"uri": uri, "range": stage.client.range_of(uri, "ms: say")}
    )
    assert answer == {"session": second, "attempt": 2}


def test_the_cache_key_fits_and_names_no_folder(open_stage: Stage) -> None:
    """OpenAI refuses a request whose key has more than 64 characters."""
    stage = open_stage
    uri = f"file:///people/ann/{'deep/' * 40}a.py"
    stage.client.open(uri, TEXT, "python")
    stage.edit(uri, ADD)
    first = stage.asked().create["prompt_cache_key"]
    assert len(first) <= 64
    assert "ann" not in first
    stage.client.command("midstream.redirect", {"instruction": "use sum"})
    assert stage.asked().create["prompt_cache_key"] == first
    stage.edit(URI, ADD)
    assert stage.asked().create["prompt_cache_key"] != first


def test_a_session_that_a_mistake_of_ours_lost_at_its_beginning_is_refused(
    open_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = open_stage

    def broken(*args: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(stage.process.server.server_state, "ask", broken)
    error = stage.refused("midstream.edit", EDIT)
    assert (error.code, error.message) == (FAILED, LSP.render(OUR_MISTAKE))
    assert stage.client.command("midstream.status", {})["sessions"] == []


# -- bad arguments -----------------------------------------------------------------------------

BAD: list[tuple[str, Json, str]] = [
    *(
        (name, with_(base, **{field: value}), field)
        for name, base in (("midstream.scope", PLACE), ("midstream.edit", EDIT))
        for field, value in [
            ("uri", NOTHING),
            ("uri", None),
            ("uri", 7),
            ("uri", ""),
            ("range", NOTHING),
            ("range", None),
            ("range", []),
            ("range", {}),
            ("range", {"start": {"line": 0, "character": 0}}),
            ("range", {"start": {"line": -1, "character": 0}, "end": {"line": 0, "character": 0}}),
            ("range", {"start": {"line": 0.5, "character": 0}, "end": {"line": 0, "character": 0}}),
            ("scope", "sentence"),
            ("scope", 3),
            ("colour", "red"),
        ]
    ),
    *(
        ("midstream.edit", with_(EDIT, **{field: value}), field)
        for field, value in [
            ("instruction", NOTHING),
            ("instruction", None),
            ("instruction", ""),
            ("instruction", " \n"),
            ("instruction", ["x"]),
            ("profile", "nobody"),
            ("profile", 1),
            ("profile", ""),
            ("version", "1"),
            ("version", True),
            ("version", 1.5),
            ("diagnostics", {}),
            ("diagnostics", [1]),
            ("diagnostics", [{"text": "x"}]),
            ("session", "s1"),
        ]
    ),
]

OF_A_SESSION: list[tuple[str, Json]] = [
    ("midstream.redirect", {"instruction": "x"}),
    ("midstream.cancel", {}),
    ("midstream.accept", {}),
    ("midstream.revert", {}),
    ("midstream.show", {}),
    ("midstream.attempts", {}),
    ("midstream.restore", {"attempt": 1}),
]

BAD_LATER: list[tuple[str, Json, str]] = [
    *(
        (name, with_(base, **{field: value}), field)
        for name, base in OF_A_SESSION
        for field, value in [
            ("session", 1),
            ("session", ""),
            ("session", "s999"),
            ("uri", 5),
            ("bogus", None),
            ("bogus", 1),
        ]
    ),
    ("midstream.redirect", {}, "instruction"),
    ("midstream.redirect", {"instruction": None}, "instruction"),
    ("midstream.redirect", {"instruction": 3}, "instruction"),
    ("midstream.redirect", {"instruction": "x", "keep": "some"}, "keep"),
    ("midstream.redirect", {"instruction": "x", "keep": False}, "keep"),
    ("midstream.redirect", {"instruction": "x", "profile": "nobody"}, "profile"),
    ("midstream.redirect", {"instruction": "x", "profile": []}, "profile"),
    ("midstream.redirect", {"instruction": "x", "scope": "galaxy"}, "scope"),
    ("midstream.cancel", {"leave": "half"}, "leave"),
    ("midstream.cancel", {"leave": 0}, "leave"),
    ("midstream.cancel", {"range": PLACE["range"]}, "uri"),
    ("midstream.cancel", {"uri": URI, "range": 3}, "range"),
    ("midstream.cancel", {"uri": URI, "position": {"line": "1"}}, "position.line"),
    ("midstream.accept", {"hunks": "h1"}, "hunks"),
    ("midstream.accept", {"hunks": []}, "hunks"),
    ("midstream.accept", {"hunks": [1]}, "hunks"),
    ("midstream.accept", {"hunks": ["h99"]}, "hunks"),
    ("midstream.revert", {"hunks": {}}, "hunks"),
    ("midstream.revert", {"hunks": ["nonsense"]}, "hunks"),
    ("midstream.revert", {"hunks": ["h" + "9" * 5000]}, "hunks"),
    ("midstream.restore", {}, "attempt"),
    ("midstream.restore", {"attempt": "1"}, "attempt"),
    ("midstream.restore", {"attempt": True}, "attempt"),
    ("midstream.restore", {"attempt": 9}, "attempt"),
    ("midstream.restore", {"attempt": -1}, "attempt"),
    ("midstream.status", {"session": "s1"}, "session"),
]


def test_every_bad_argument_names_its_field(open_stage: Stage) -> None:
    """One server for all, for nothing of this may leave a trace."""
    stage = open_stage
    for name, argument, field in BAD:
        error = stage.refused(name, argument)
        assert error.code == PARAMS, (name, argument, error)
        assert f"`{field}" in error.message, (name, argument, error)
    assert stage.client.command("midstream.status", {})["sessions"] == []
    assert stage.model.idle
    session = stage.review(URI, ADD, NEW_ADD)
    before = stage.last(session)
    for name, argument, field in BAD_LATER:
        error = stage.refused(name, argument)
        assert error.code == PARAMS, (name, argument, error)
        assert f"`{field}" in error.message, (name, argument, error)
    assert stage.last(session) == before
    stage.holds(URI, TEXT.replace("a+b", "a + b"))


def test_null_stands_for_an_optional_field_that_is_left_out(open_stage: Stage) -> None:
    stage = open_stage
    optional: Json = dict.fromkeys(("scope", "profile", "version", "diagnostics"))
    stage.client.command("midstream.edit", EDIT | optional)
    stage.client.command("midstream.cancel", {"session": None, "leave": None})


@pytest.mark.parametrize("arguments", [None, [], [None], [{}]])
def test_a_command_without_arguments_is_one_with_none(open_stage: Stage, arguments: object) -> None:
    answer = open_stage.client.request(
        "workspace/executeCommand", {"command": "midstream.status", "arguments": arguments}
    )
    assert answer["sessions"] == []


@pytest.mark.parametrize("arguments", [[{}, {}], ["x"], {}, [[]], 3])
def test_a_command_takes_one_object(open_stage: Stage, arguments: object) -> None:
    with pytest.raises(Failed) as caught:
        open_stage.client.request(
            "workspace/executeCommand", {"command": "midstream.status", "arguments": arguments}
        )
    assert caught.value.code == PARAMS
    assert "`arguments`" in caught.value.message


# -- what cannot be done now -------------------------------------------------------------------


def test_what_cannot_be_done_now(open_stage: Stage) -> None:
    stage = open_stage
    other = "file:///project/unopened.py"
    for name, argument, words in [
        ("midstream.edit", EDIT | {"uri": other}, "hasn't opened"),
        ("midstream.scope", PLACE | {"uri": other}, "hasn't opened"),
        ("midstream.cancel", {"uri": other}, "hasn't opened"),
        ("midstream.edit", EDIT | {"version": 0}, "has changed"),
        ("midstream.edit", EDIT | {"version": 2}, "has changed"),
        ("midstream.redirect", {"instruction": "x"}, "no edit here"),
        ("midstream.cancel", {}, "no edit here"),
        ("midstream.accept", {}, "no edit here"),
        ("midstream.revert", {}, "no edit here"),
        ("midstream.show", {}, "no edit here"),
        ("midstream.attempts", {}, "no edit here"),
        ("midstream.restore", {"attempt": 1}, "no edit here"),
        ("midstream.editComment", PLACE, "no `ms:` comment"),
    ]:
        error = stage.refused(name, argument)
        assert error.code == FAILED, (name, argument, error)
        assert words in error.message, (name, argument, error)
    assert stage.model.idle


def test_an_overlapping_stream_names_the_other_session(open_stage: Stage) -> None:
    stage = open_stage
    session = stage.edit(URI, ADD)
    error = stage.refused("midstream.edit", EDIT)
    assert (error.code, session in error.message) == (FAILED, True)
    stage.asked().say("````\ndef add")
    stage.reach(session, "streaming")
    error = stage.refused("midstream.edit", EDIT | {"scope": "file"})
    assert (error.code, session in error.message) == (FAILED, True)


def test_touching_is_not_overlapping_and_two_may_write_at_once(open_stage: Stage) -> None:
    stage = open_stage
    uri = "file:///project/t.py"
    stage.client.open(uri, "a=1;b=2\n", "python")
    one = stage.edit(uri, "a=1", scope="selection")
    first = stage.asked()
    two = stage.edit(uri, ";b=2", scope="selection")
    second = stage.asked()
    first.say("````\na = 1")
    second.say("````\n; b = 2")
    first.say("\n````\n")
    second.say("\n````\n")
    second.finish()
    first.finish()
    stage.reach(one, "review")
    stage.reach(two, "review")
    stage.holds(uri, "a = 1; b = 2\n")


def test_a_new_edit_over_one_in_review_accepts_that(open_stage: Stage) -> None:
    stage = open_stage
    one = stage.review(URI, ADD, NEW_ADD)
    two = stage.edit(URI, NEW_ADD)
    assert stage.reach(one, "ended")["outcome"] == "accepted"
    asked = stage.asked()
    asked.answer("def add(a, b):\n    return b + a")
    stage.reach(two, "review")
    assert stage.client.command("midstream.revert", {})["session"] == two
    stage.holds(URI, TEXT.replace("a+b", "a + b"))


def test_an_ended_session_says_so(open_stage: Stage) -> None:
    stage = open_stage
    session = stage.review(URI, ADD, NEW_ADD)
    stage.client.command("midstream.accept", {"session": session})
    for name, more in OF_A_SESSION:
        error = stage.refused(name, {"session": session, **more})
        assert error.code == FAILED, (name, error)
        assert "ended" in error.message


def test_an_editor_without_apply_edit_gets_a_message(stage: Stage) -> None:
    stage.begin({"workspace": {}, **SESSION})
    stage.client.open(URI, TEXT, "python")
    error = stage.refused("midstream.edit", EDIT)
    assert (error.code, "workspace/applyEdit" in error.message) == (FAILED, True)
    assert stage.client.command("midstream.scope", PLACE)["scope"]["kind"] == "function_definition"


# -- which session is meant --------------------------------------------------------------------


def test_without_a_session_it_is_the_one_at_the_place_else_the_latest(open_stage: Stage) -> None:
    stage = open_stage
    other = "file:///project/b.py"
    stage.client.open(other, TEXT, "python")
    first = stage.review(URI, ADD, NEW_ADD)
    second = stage.review(URI, TOTAL, NEW_TOTAL)
    third = stage.review(other, ADD, NEW_ADD)

    def meant(**argument: object) -> str:
        return str(stage.client.command("midstream.attempts", argument)["session"])

    assert meant() == third
    assert meant(uri=URI) == second
    assert meant(uri=URI, range=PLACE["range"]) == first
    assert meant(uri=URI, position={"line": 4, "character": 0}) == first
    assert meant(uri=URI, position={"line": 0, "character": 0}) == second
    assert meant(session=first, uri=other) == first
    stage.client.command("midstream.accept", {})
    assert meant() == second
    assert meant(uri=other) == second


# -- redirect ----------------------------------------------------------------------------------


def streaming(
    stage: Stage, text: str = "````\ndef add(a, b):\n    # sum\n    total = a + b\n"
) -> Any:
    """A session of which the beginning has landed, and the model's end of it."""
    session = stage.edit(URI, ADD)
    asked = stage.asked()
    asked.say(text)
    return session, asked


def test_redirect_keeps_what_landed(open_stage: Stage) -> None:
    stage = open_stage
    session, first = streaming(stage)
    stage.shows(URI, "# sum")
    edits = len(stage.client.edits)
    answer = stage.client.command("midstream.redirect", {"instruction": "and return it"})
    assert answer == {"session": session, "attempt": 2}
    first.wait_cut()
    second = stage.asked()
    assert "# sum" in second.prompt
    assert "do it" in second.prompt
    assert "and return it" in second.prompt
    landed = stage.client.text(URI)
    second.say("````\ndef add(a, b):\n    # sum\n")
    assert stage.client.text(URI) == landed, "What is the same is not touched."
    second.say("    total = a + b\n    return total\n````\n")
    second.finish()
    stage.reach(session, "review")
    stage.holds(URI, TEXT.replace("return a+b", "# sum\n    total = a + b\n    return total"))
    assert all(
        "# sum" not in part["newText"]
        for edit in stage.client.edits[edits:]
        for part in edit["edit"]["documentChanges"][0]["edits"]
    )


def test_redirect_with_keep_none_brings_the_original_back_first(open_stage: Stage) -> None:
    stage = open_stage
    session, _ = streaming(stage)
    stage.shows(URI, "# sum")
    answer = stage.client.command("midstream.redirect", {"instruction": "anew", "keep": "none"})
    assert answer == {"session": session, "attempt": 2}
    second = stage.asked()
    stage.holds(URI, TEXT)
    assert "# sum" not in second.prompt
    second.answer(NEW_ADD)
    stage.reach(session, "review")
    stage.holds(URI, TEXT.replace("a+b", "a + b"))


def test_redirect_works_in_review_and_takes_another_profile(stage: Stage) -> None:
    profiles = {"other": {"url": stage.model.url, "model": "scripted-2"}}
    stage.begin(initializationOptions={"profiles": profiles})
    stage.client.open(URI, TEXT, "python")
    session = stage.review(URI, ADD, NEW_ADD)
    answer = stage.client.command(
        "midstream.redirect", {"instruction": "follow up", "profile": "other"}
    )
    assert answer == {"session": session, "attempt": 2}
    second = stage.asked()
    assert second.create["model"] == "scripted-2"
    assert stage.last(session)["model"] == {"requested": "scripted-2", "served": None}
    second.answer("def add(a, b):\n    return b + a")
    stage.reach(session, "review")
    stage.holds(URI, TEXT.replace("a+b", "b + a"))
    listed = stage.client.command("midstream.attempts", {})["attempts"]
    assert [a["profile"] for a in listed] == ["scripted", "other"]


def test_redirect_while_it_settles_counts_the_edit_in_flight_as_landed(open_stage: Stage) -> None:
    stage = open_stage
    session = stage.edit(URI, ADD)
    asked = stage.asked()
    held: list[Json] = []

    def slowly(params: Json) -> object:
        held.append(params)
        return NotImplemented

    stage.client.on_request("workspace/applyEdit", slowly)
    asked.answer("def add(a, b):\n    # sum\n    return a + b")
    stage.reach(session, "settling")
    answer = stage.client.command("midstream.redirect", {"instruction": "shout"})
    assert answer == {"session": session, "attempt": 2}
    second = stage.asked()
    assert "# sum" in second.prompt
    stage.client.on_request("workspace/applyEdit", stage.client.take_edit)
    stage.client.type(URI, 0, 0, "# top\n")
    stage.client.perform(held[0])  # It comes too late: the document is at another version.
    stage.shows(URI, "# sum")
    second.answer("def add(a, b):\n    # SUM\n    return a + b")
    stage.reach(session, "review")
    stage.holds(URI, "# top\n" + TEXT.replace("return a+b", "# SUM\n    return a + b"))


def test_redirect_to_a_wider_level_while_it_streams(open_stage: Stage) -> None:
    stage = open_stage
    session = stage.edit(URI, "return sum(lines)")
    stage.asked().say("````\nreturn sum(")
    answer = stage.client.command(
        "midstream.redirect", {"instruction": "shorter", "scope": "function"}
    )
    assert answer == {"session": session, "attempt": 2}
    asked = stage.asked()
    assert "def total" in asked.prompt
    assert stage.last(session)["scope"]["kind"] == "function_definition"
    asked.answer(NEW_TOTAL)
    stage.reach(session, "review")
    stage.holds(URI, TEXT.replace(TOTAL, NEW_TOTAL))
    stage.client.command("midstream.revert", {})
    stage.holds(URI, TEXT)


def test_redirect_to_a_wider_level_in_review_and_back_to_a_narrower_one(open_stage: Stage) -> None:
    stage = open_stage
    session = stage.review(URI, "return sum(lines)", "return sum(list(lines))")
    stage.client.command("midstream.redirect", {"instruction": "more", "scope": "function"})
    stage.asked().answer(TOTAL.replace("sum(lines)", "sum(iter(lines))"))
    stage.reach(session, "review")
    stage.holds(URI, TEXT.replace("sum(lines)", "sum(iter(lines))"))
    stage.client.command("midstream.redirect", {"instruction": "less", "scope": "statement"})
    asked = stage.asked()
    scope = stage.last(session)["scope"]
    assert scope["kind"] == "return_statement"
    asked.answer("return sum(lines) + 0")
    stage.reach(session, "review")
    stage.holds(URI, TEXT.replace("sum(lines)", "sum(lines) + 0"))


def test_redirect_to_a_level_that_leaves_out_what_was_changed_is_refused(open_stage: Stage) -> None:
    stage = open_stage
    place = stage.client.range_of(URI, "return sum(lines)")
    session = stage.client.command(
        "midstream.edit",
        {"uri": URI, "range": place, "instruction": "x", "scope": "function"},
    )["session"]
    stage.asked().answer(TOTAL.replace("return 0", "return None"))
    before = stage.reach(session, "review")
    error = stage.refused("midstream.redirect", {"instruction": "less", "scope": "statement"})
    assert (error.code, "Revert" in error.message) == (FAILED, True)
    assert stage.last(session) == before
    assert stage.model.idle


def test_redirect_to_a_level_where_another_session_is_at_work_is_refused(open_stage: Stage) -> None:
    stage = open_stage
    other = stage.edit(URI, 'print("closed")')
    stage.edit(URI, "return sum(lines)")
    error = stage.refused("midstream.redirect", {"instruction": "x", "scope": "class"})
    assert (error.code, other in error.message) == (FAILED, True)


def test_redirect_after_a_failure_is_a_retry(open_stage: Stage) -> None:
    stage = open_stage
    session = stage.edit(URI, ADD)
    stage.asked().fail("server_error")
    body = stage.reach(session, "review")
    assert body["hunks"] == []
    assert body["message"]["level"] == "error"
    answer = stage.client.command("midstream.redirect", {"instruction": "again"})
    assert answer == {"session": session, "attempt": 2}
    stage.asked().answer(NEW_ADD)
    stage.reach(session, "review")
    stage.holds(URI, TEXT.replace("a+b", "a + b"))


# -- cancel ------------------------------------------------------------------------------------


def test_cancel_leaves_what_was_shown_and_settles_into_review(open_stage: Stage) -> None:
    stage = open_stage
    session, asked = streaming(stage)
    stage.shows(URI, "# sum")
    answer = stage.client.command("midstream.cancel", {})
    assert answer == {"session": session, "left": "valid"}
    edits = len(stage.client.edits)
    asked.wait_cut()
    body = stage.reach(session, "review")
    assert [hunk["state"] for hunk in body["hunks"]] == ["open"]
    assert body["ledger"]["cancel"] is not None
    assert len(stage.client.edits) == edits
    assert "# sum" in stage.client.text(URI)
    assert stage.client.command("midstream.cancel", {}) == answer, "Nothing is decided by it."
    stage.client.command("midstream.revert", {})
    stage.holds(URI, TEXT)


def test_cancel_raw_leaves_all_that_came(open_stage: Stage) -> None:
    stage = open_stage
    session = stage.edit(URI, ADD)
    stage.asked().say("````\ndef add(a, b):\n    total = (a +")
    stage.reach(session, "streaming")
    stage.client.wait_for(lambda: "(a +" in stage.last(session).get("held", {}).get("text", ""))
    assert stage.client.command("midstream.cancel", {"leave": "raw"}) == {
        "session": session,
        "left": "raw",
    }
    assert "total = (a +" in stage.client.text(URI), "It has landed when the answer comes."
    assert stage.last(session)["phase"] == "review"


def test_cancel_original_brings_the_text_back_and_ends(open_stage: Stage) -> None:
    stage = open_stage
    session, _ = streaming(stage)
    stage.shows(URI, "# sum")
    at = stage.client.text(URI).index("# sum")
    stage.client.type(URI, at, at, "# mine: ")
    answer = stage.client.command("midstream.cancel", {"leave": "original"})
    assert answer == {"session": session, "left": "original"}
    assert stage.reach(session, "ended")["outcome"] == "cancelled"
    text = stage.client.text(URI)
    # Nothing is left of the model's line but what was typed into it, on a line of its own.
    assert [line for line in text.split("\n") if line.strip() != "# mine:"] == TEXT.split("\n")
    assert "# mine: " in text


def test_cancel_before_anything_landed_ends_the_session(open_stage: Stage) -> None:
    stage = open_stage
    session = stage.edit(URI, ADD)
    asked = stage.asked()
    assert stage.client.command("midstream.cancel", {})["left"] == "valid"
    assert stage.reach(session, "ended")["outcome"] == "cancelled"
    asked.wait_cut()
    assert stage.client.edits == []


def test_cancel_leaves_what_the_settings_say(stage: Stage) -> None:
    stage.begin(initializationOptions={"cancelLeaves": "original"})
    stage.client.open(URI, TEXT, "python")
    session, _ = streaming(stage)
    stage.shows(URI, "# sum")
    assert stage.client.command("midstream.cancel", {})["left"] == "original"
    assert stage.reach(session, "ended")["outcome"] == "cancelled"
    stage.holds(URI, TEXT)


def test_cancel_where_unparsable_text_is_shown_leaves_what_parses(stage: Stage) -> None:
    stage.begin(initializationOptions={"publish": "line"})
    stage.client.open(URI, TEXT, "python")
    session = stage.edit(URI, ADD)
    stage.asked().say(
        "````\ndef add(a, b):\n    # sum\n    total = (a +\n        b +\n        0 +\n"
    )
    stage.shows(URI, "total = (a +")
    assert stage.client.command("midstream.cancel", {})["left"] == "valid"
    assert "(a +" not in stage.client.text(URI)
    stage.reach(session, "review")


def test_cancel_is_answered_after_two_seconds_and_no_edit_follows(open_stage: Stage) -> None:
    stage = open_stage
    session = stage.edit(URI, ADD)
    asked = stage.asked()
    stage.client.manner = Manner.SILENT
    asked.say("````\ndef add(a, b):\n    # sum\n    total = a + b\n")
    stage.client.wait_for(lambda: stage.client.edits)
    id_ = stage.client.send_request(
        "workspace/executeCommand", {"command": "midstream.cancel", "arguments": [{}]}
    )
    asked.wait_cut()
    stage.clock.skip(2001)
    assert stage.client.answer_to(id_) == {"session": session, "left": "valid"}
    assert len(stage.client.edits) == 1
    stage.clock.skip(10_000)
    body = stage.reach(session, "ended")
    assert body["outcome"] == "failed"
    assert body["message"]["level"] == "error"
    assert len(stage.client.edits) == 1


@pytest.mark.parametrize("manner", [Manner.CHANGE_FIRST, Manner.REFUSE, Manner.REFUSE_ERROR])
def test_after_the_answer_to_cancel_nothing_is_sent_again(
    open_stage: Stage, manner: Manner
) -> None:
    """The editor takes or refuses the last edit after the two seconds."""
    stage = open_stage
    session = stage.edit(URI, ADD)
    asked = stage.asked()
    held: list[Json] = []

    def slowly(params: Json) -> object:
        held.append(params)
        return NotImplemented

    stage.client.on_request("workspace/applyEdit", slowly)
    asked.say("````\ndef add(a, b):\n    # sum\n    total = a + b\n")
    stage.client.wait_for(lambda: held)
    waits = stage.client.send_request(
        "workspace/executeCommand", {"command": "midstream.cancel", "arguments": [{}]}
    )
    asked.wait_cut()
    stage.clock.skip(2001)
    stage.client.answer_to(waits)
    if manner is not Manner.CHANGE_FIRST:
        stage.client.type(URI, 0, 0, "# top\n")
    stage.client.perform(held[0], manner)
    stage.client.wait_for(lambda: stage.last(session)["phase"] in ("review", "ended"))
    stage.client.command("midstream.status", {})
    assert len(held) == 1
    if manner is Manner.CHANGE_FIRST:
        assert stage.last(session)["phase"] == "review"
        assert "# sum" in stage.client.text(URI)
    else:
        assert stage.last(session)["outcome"] == "cancelled"
        stage.holds(URI, "# top\n" + TEXT)


def test_cancel_waits_for_a_slow_editor_and_sends_nothing_more(open_stage: Stage) -> None:
    stage = open_stage
    session = stage.edit(URI, ADD)
    asked = stage.asked()
    held: list[Json] = []

    def slowly(params: Json) -> object:
        held.append(params)
        stage.client.edits.append(params)
        return NotImplemented

    stage.client.on_request("workspace/applyEdit", slowly)
    asked.say("````\ndef add(a, b):\n    # sum\n    total = 0\n    total = a\n")
    stage.client.wait_for(lambda: held)
    asked.say("    return total\n````\n")
    request = stage.client.send_request(
        "workspace/executeCommand", {"command": "midstream.cancel", "arguments": [{}]}
    )
    asked.wait_cut()
    stage.client.perform(held[0])
    assert stage.client.answer_to(request) == {"session": session, "left": "valid"}
    stage.reach(session, "review")
    assert len(held) == 1
    assert "# sum" in stage.client.text(URI)


# -- accept and revert -------------------------------------------------------------------------

TWO = "def add(a, b):\n    one = 1\n    print(a)\n    print(b)\n    return a+b\n"
NEW_TWO = "def add(a, b):\n    one = 10\n    print(a)\n    print(b)\n    return a + b"


def two_hunks(stage: Stage) -> tuple[str, str, list[str]]:
    """A session in review with two hunks; its document, its id and theirs."""
    uri = "file:///project/two.py"
    stage.client.open(uri, TWO, "python")
    session = stage.review(uri, TWO[:-1], NEW_TWO)
    ids = [hunk["id"] for hunk in stage.last(session)["hunks"]]
    assert len(ids) == 2
    return uri, session, ids


def test_accept_ends_the_session(open_stage: Stage) -> None:
    stage = open_stage
    session = stage.review(URI, ADD, NEW_ADD)
    assert stage.client.command("midstream.accept", {}) == {"session": session, "remaining": 0}
    assert stage.reach(session, "ended")["outcome"] == "accepted"
    stage.holds(URI, TEXT.replace("a+b", "a + b"))


def test_accept_of_hunks_counts_those_that_are_left(open_stage: Stage) -> None:
    stage = open_stage
    uri, session, (first, second) = two_hunks(stage)
    assert stage.client.command("midstream.accept", {"hunks": [first]}) == {
        "session": session,
        "remaining": 1,
    }
    states = {h["id"]: h["state"] for h in stage.client.received("midstream/session")[-1]["hunks"]}
    stage.client.wait_for(
        lambda: (
            {h["id"]: h["state"] for h in stage.last(session)["hunks"]}
            == {first: "locked", second: "open"}
        )
    )
    assert set(states) == {first, second}
    error = stage.refused("midstream.revert", {"hunks": [first]})
    assert (error.code, "was accepted" in error.message) == (FAILED, True)
    assert stage.client.command("midstream.accept", {"hunks": [second]})["remaining"] == 0
    assert stage.reach(session, "ended")["outcome"] == "accepted"
    stage.holds(uri, NEW_TWO + "\n")


def test_revert_of_a_hunk_brings_back_what_was_there(open_stage: Stage) -> None:
    stage = open_stage
    uri, session, (first, second) = two_hunks(stage)
    assert stage.client.command("midstream.revert", {"hunks": [first]}) == {
        "session": session,
        "remaining": 1,
    }
    stage.holds(uri, TWO.replace("a+b", "a + b"))
    error = stage.refused("midstream.accept", {"hunks": [first]})
    assert (error.code, "is gone" in error.message) == (FAILED, True)
    assert stage.client.command("midstream.revert", {"hunks": [second]})["remaining"] == 0
    assert stage.reach(session, "ended")["outcome"] == "reverted"
    stage.holds(uri, TWO)


def test_revert_of_a_hunk_keeps_what_the_user_typed_into_it(open_stage: Stage) -> None:
    stage = open_stage
    uri, _, (first, _) = two_hunks(stage)
    at = stage.client.text(uri).index("10") + 1
    stage.client.type(uri, at, at, "_")
    stage.client.command("midstream.revert", {"hunks": [first]})
    text = stage.client.text(uri)
    assert text.count("_") == 1
    assert "one = 1" in text.replace("_", "")


def test_revert_while_it_streams_brings_the_original_back(open_stage: Stage) -> None:
    stage = open_stage
    session, asked = streaming(stage)
    stage.shows(URI, "# sum")
    assert stage.client.command("midstream.revert", {}) == {"session": session, "remaining": 0}
    asked.wait_cut()
    assert stage.reach(session, "ended")["outcome"] == "reverted"
    stage.holds(URI, TEXT)


def test_accept_while_it_streams_keeps_what_was_shown(open_stage: Stage) -> None:
    stage = open_stage
    session, asked = streaming(stage)
    stage.shows(URI, "# sum")
    assert stage.client.command("midstream.accept", {}) == {"session": session, "remaining": 0}
    asked.wait_cut()
    assert stage.reach(session, "ended")["outcome"] == "accepted"
    assert "# sum" in stage.client.text(URI)


def test_a_hunk_accepted_while_it_streams_stays_whatever_comes(open_stage: Stage) -> None:
    stage = open_stage
    session, _ = streaming(stage)
    stage.shows(URI, "# sum")
    hunk = stage.last(session)
    stage.client.wait_for(lambda: stage.last(session)["hunks"])
    hunk = stage.last(session)["hunks"][0]
    stage.client.command("midstream.accept", {"hunks": [hunk["id"]]})
    locked = stage.client.text(URI)
    stage.client.command("midstream.cancel", {"leave": "original"})
    stage.holds(URI, locked)
    stage.client.wait_for(lambda: stage.last(session)["phase"] in ("review", "ended"))


def test_a_line_that_the_user_touches_is_withheld_and_can_be_had(open_stage: Stage) -> None:
    stage = open_stage
    uri = "file:///project/two.py"
    stage.client.open(uri, TWO, "python")
    session = stage.edit(uri, TWO[:-1])
    asked = stage.asked()
    asked.say("````\ndef add(a, b):\n    one = 10\n    print(a)\n")
    at = stage.client.text(uri).index("a+b") + 3
    stage.client.type(uri, at, at, "  # mine")
    stage.client.command(
        "midstream.scope", {"uri": uri, "range": stage.client.range_of(uri, "a+b")}
    )
    asked.say("    print(b)\n    return a + b\n````\n")
    asked.finish()
    body = stage.reach(session, "review")
    stage.holds(uri, TWO.replace("= 1", "= 10").replace("a+b", "a+b  # mine"))
    withheld = [hunk for hunk in body["hunks"] if hunk["state"] == "withheld"]
    assert [hunk["offer"] for hunk in withheld] == [" ", " "]
    ids = [hunk["id"] for hunk in withheld]
    answer = stage.client.command("midstream.accept", {"hunks": ids})
    assert answer["remaining"] == 1
    stage.shows(uri, "a + b")


# -- show, attempts, restore, status -----------------------------------------------------------


def test_show_shows_what_is_held(open_stage: Stage) -> None:
    stage = open_stage
    session = stage.edit(URI, ADD)
    asked = stage.asked()
    asked.say("````\ndef add(a, b):\n    total = (\n        a +\n        b +\n")
    stage.client.wait_for(lambda: "held" in stage.last(session))
    assert "(" not in stage.client.text(URI).partition("add(a, b)")[2].partition("class")[0]
    assert stage.client.command("midstream.show", {}) == {"session": session}
    stage.shows(URI, "total = (")
    asked.say("        0\n    )\n    return total\n````\n")
    asked.finish()
    stage.reach(session, "review")
    new = "total = (\n        a +\n        b +\n        0\n    )\n    return total"
    stage.holds(URI, TEXT.replace("return a+b", new))


def test_attempts_tells_instruction_model_outcome_and_text(open_stage: Stage) -> None:
    stage = open_stage
    session = stage.edit(URI, ADD, instruction="first")
    asked = stage.asked()
    asked.send(
        "response.created",
        response={"model": "scripted-1", "service_tier": "flex"},
        headers={"x-queue-time-ms": "12.5"},
    )
    asked.begun = True
    asked.answer(NEW_ADD)
    stage.reach(session, "review")
    stage.client.command("midstream.redirect", {"instruction": "second"})
    asked = stage.asked()
    asked.begin()
    stage.client.wait_for(lambda: stage.last(session)["model"]["served"])
    answer = stage.client.command("midstream.attempts", {})
    assert set(answer) == {"session", "attempts"}
    first, second = answer["attempts"]
    assert first == {
        "attempt": 1,
        "instruction": "first",
        "profile": "scripted",
        "requested": "scripted-1",
        "model": "scripted-1",
        "serviceTier": "flex",
        "queueMs": 12.5,
        "outcome": "finished",
        "held": False,
        "answer": f"````\n{NEW_ADD}\n````\n",
        "lost": [],
        "text": NEW_ADD,
    }
    assert (second["attempt"], second["outcome"]) == (2, "starting")
    assert (second["serviceTier"], second["queueMs"]) == (None, None), "Not the first one's."


def test_restore_goes_back_and_keeps_what_was_typed(open_stage: Stage) -> None:
    stage = open_stage
    session = stage.review(URI, ADD, NEW_ADD)
    stage.client.command("midstream.redirect", {"instruction": "second"})
    stage.asked().answer("def add(a, b):\n    return sum((a, b))")
    stage.reach(session, "review")
    stage.client.type(URI, 0, 0, "# above\n")
    at = stage.client.text(URI).index("def add") + 7
    stage.client.type(URI, at, at, "_up")
    answer = stage.client.command("midstream.restore", {"attempt": 1})
    assert answer == {"session": session, "attempt": 1}
    first = "# above\n" + TEXT.replace("a+b", "a + b").replace("add", "add_up")
    stage.holds(URI, first)
    stage.reach(session, "review")
    stage.client.command("midstream.restore", {"attempt": 2})
    stage.holds(URI, first.replace("a + b", "sum((a, b))"))
    stage.client.command("midstream.restore", {"attempt": 1})
    stage.holds(URI, first)


def test_restore_of_an_attempt_without_a_result_is_refused(open_stage: Stage) -> None:
    stage = open_stage
    stage.edit(URI, ADD)
    stage.asked()
    error = stage.refused("midstream.restore", {"attempt": 1})
    assert (error.code, "Attempt 1" in error.message) == (FAILED, True)


def test_status_has_the_fields_of_the_contract(stage: Stage) -> None:
    stage.model.limits = {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "59",
        "x-ratelimit-reset-requests": "1s",
    }
    stage.begin()
    stage.client.open(URI, TEXT, "python")
    status = stage.client.command("midstream.status", {})
    assert status["last"] is None
    assert status["model"] == {"requested": "scripted-1", "served": None}
    session = stage.review(URI, ADD, NEW_ADD)
    status = stage.client.command("midstream.status", {})
    assert {
        "sessions",
        "profile",
        "model",
        "connection",
        "rateLimits",
        "serviceTier",
        "usage",
        "context",
        "queueMs",
        "last",
    } <= set(status)
    assert status["sessions"] == [{"session": session, "uri": URI, "phase": "review"}]
    assert status["profile"] == "scripted"
    rows = {row["name"]: row for row in status["profiles"]}
    assert rows["scripted"]["model"] == "scripted-1"
    assert rows["scripted"]["local"] and rows["scripted"]["usable"]
    assert not rows["scripted"]["insecure"]
    assert all(isinstance(words, str) for words in status["prompts"].values())
    assert status["model"] == {"requested": "scripted-1", "served": "scripted-1"}
    assert status["connection"] == "open"
    (limit,) = status["rateLimits"]
    assert set(limit) == {"name", "limit", "remaining", "resetsAt"}
    assert (limit["name"], limit["limit"], limit["remaining"]) == ("requests", 60, 59)
    stage.client.command("midstream.accept", {})
    assert stage.client.command("midstream.status", {})["last"]["tokens"] > 0


def test_status_tells_what_the_last_answer_took(stage: Stage) -> None:
    stage.begin()
    stage.client.open(URI, TEXT, "python")
    status = stage.client.command("midstream.status", {})
    assert (status["serviceTier"], status["usage"], status["queueMs"]) == (None, None, None)
    session = stage.edit(URI, ADD)
    asked = stage.asked()
    asked.say(f"```\n{NEW_ADD}\n```\n")
    usage = {
        "input_tokens": 90,
        "input_tokens_details": {"cached_tokens": 64},
        "output_tokens": 20,
        "output_tokens_details": {"reasoning_tokens": 3},
    }
    response = {**asked.response("completed"), "service_tier": "priority", "usage": usage}
    asked.send("response.completed", response=response, headers={"X-Queue-Time-Ms": "12.5"})
    stage.reach(session, "review")
    status = stage.client.command("midstream.status", {})
    assert (status["serviceTier"], status["queueMs"]) == ("priority", 12.5)
    assert status["usage"] == {
        "inputTokens": 90,
        "cachedTokens": 64,
        "outputTokens": 20,
        "reasoningTokens": 3,
    }


def test_every_command_of_the_contract_is_offered(stage: Stage) -> None:
    offered = stage.begin()["capabilities"]["executeCommandProvider"]["commands"]
    assert set(offered) == set(commands.COMMANDS)
    assert {f"midstream.{name}" for name in CONTRACT} <= set(offered)


CONTRACT = (
    "scope",
    "edit",
    "redirect",
    "cancel",
    "accept",
    "revert",
    "show",
    "attempts",
    "restore",
    "status",
)
