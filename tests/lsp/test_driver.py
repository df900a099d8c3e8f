"""Every manner of taking edits, and every kind of text, ends with the right text."""

from typing import Any

import pytest

from lsp_server.session.edit_in_flight import UNREPORTED
from tests.support.raw_client import Failed, Json, Manner
from tests.support.stage import SESSION, Stage

URI = "file:///project/a.py"
TEXT = "def add(a, b):\n    return a+b\n\n\ndef other():\n    pass\n"
ADD = "def add(a, b):\n    return a+b"
BEGINNING = "````\ndef add(a, b):\n    # sum\n    total = a + b\n"
REST = "    return total\n````\n"
DONE = TEXT.replace("return a+b", "# sum\n    total = a + b\n    return total")


@pytest.fixture
def open_stage(stage: Stage) -> Stage:
    """A stage with `URI` open."""
    stage.begin()
    stage.client.open(URI, TEXT, "python")
    return stage


# -- manners -----------------------------------------------------------------------------------


@pytest.mark.parametrize("manner", [Manner.ANSWER_FIRST, Manner.CHANGE_FIRST])
def test_answer_and_change_in_either_order(open_stage: Stage, manner: Manner) -> None:
    stage = open_stage
    stage.client.manner = manner
    session = stage.edit(URI, ADD)
    asked = stage.asked()
    asked.say(BEGINNING)
    stage.shows(URI, "# sum")
    asked.say(REST)
    asked.finish()
    assert stage.reach(session, "review")["ledger"]["refused"] == 0
    stage.holds(URI, DONE)


@pytest.mark.parametrize(
    "stale", [Manner.REFUSE, Manner.REFUSE_NULL, Manner.REFUSE_ERROR, Manner.LIE]
)
def test_an_edit_that_crosses_with_typing_is_sent_again(open_stage: Stage, stale: Manner) -> None:
    """The four ways in which editors refuse what is stale; one of them says it had been applied."""
    stage = open_stage
    stage.client.stale_is = stale
    seen: list[Json] = []

    def crossed(params: Json) -> object:
        seen.append(params)
        if len(seen) == 1:
            stage.client.type(URI, 0, 0, "# typed\n")
        return stage.client.take_edit(params)

    stage.client.on_request("workspace/applyEdit", crossed)
    session = stage.edit(URI, ADD)
    asked = stage.asked()
    asked.say(BEGINNING, REST)
    asked.finish()
    body = stage.reach(session, "review")
    stage.holds(URI, "# typed\n" + DONE)
    assert body["ledger"]["refused"] == 1
    versions = [edit["edit"]["documentChanges"][0]["textDocument"]["version"] for edit in seen]
    assert versions[:2] == [1, 2]


@pytest.mark.parametrize("refusal", [Manner.REFUSE, Manner.REFUSE_NULL, Manner.REFUSE_ERROR])
def test_an_editor_that_always_refuses_ends_the_session_with_a_sentence(
    open_stage: Stage, refusal: Manner
) -> None:
    stage = open_stage
    stage.client.manner = refusal
    session = stage.edit(URI, ADD)
    asked = stage.asked()
    asked.say(BEGINNING)
    stage.client.wait_for(lambda: stage.client.edits)
    stage.client.command("midstream.status", {})  # Behind the refusal on the wire.
    stage.clock.skip(2001)
    body = stage.reach(session, "ended")
    assert (body["outcome"], body["message"]["level"]) == ("failed", "error")
    assert "refused" in body["message"]["text"]
    asked.wait_cut()
    stage.holds(URI, TEXT)


def test_an_editor_that_settles_nothing_ends_the_session_with_a_sentence(
    open_stage: Stage,
) -> None:
    stage = open_stage
    stage.client.manner = Manner.SILENT
    session = stage.edit(URI, ADD)
    asked = stage.asked()
    asked.say(BEGINNING)
    stage.client.wait_for(lambda: stage.client.edits)
    stage.clock.skip(10_001)
    body = stage.reach(session, "ended")
    assert (body["outcome"], body["message"]["level"]) == ("failed", "error")
    asked.wait_cut()
    assert len(stage.client.edits) == 1
    stage.holds(URI, TEXT)


def test_an_editor_that_says_applied_and_reports_nothing_is_waited_for(open_stage: Stage) -> None:
    stage = open_stage
    stage.client.manner = Manner.LIE
    session = stage.edit(URI, ADD)
    asked = stage.asked()
    asked.say(BEGINNING)
    stage.client.wait_for(lambda: stage.client.edits)
    stage.client.command("midstream.status", {})  # Behind its answer on the wire.
    stage.clock.skip(10_001)
    stage.client.wait_for(lambda: UNREPORTED in str(stage.client.received("midstream/session")))
    assert stage.client.received("midstream/session")[-1]["phase"] == "streaming"
    assert len(stage.client.edits) == 1
    stage.client.manner = Manner.CHANGE_FIRST
    stage.client.type(URI, 0, 0, "# mine\n")  # What it dropped is written now.
    stage.client.wait_for(lambda: len(stage.client.edits) == 2)
    stage.client.command("midstream.revert", {"session": session})
    stage.holds(URI, f"# mine\n{TEXT}")


def test_edits_are_versioned_document_changes_one_at_a_time(open_stage: Stage) -> None:
    stage = open_stage
    waiting = 0

    def one_at_a_time(params: Json) -> object:
        nonlocal waiting
        waiting += 1
        assert waiting == 1
        (part,) = params["edit"]["documentChanges"]
        assert set(params["edit"]) == {"documentChanges"}
        assert part["textDocument"] == {"uri": URI, "version": stage.client.documents[URI].version}
        waiting -= 1
        return stage.client.take_edit(params)

    stage.client.on_request("workspace/applyEdit", one_at_a_time)
    session = stage.edit(URI, ADD)
    asked = stage.asked()
    asked.say(BEGINNING, *(f"    x{i} = {i}\n" for i in range(100)), REST)
    asked.finish()
    stage.reach(session, "review")
    assert waiting == 0
    assert len(stage.client.edits) < 60


def test_the_cap_on_edits_spares_the_first_of_an_attempt(stage: Stage) -> None:
    stage.begin(initializationOptions={"maxEditsPerSecond": 0.1})
    stage.client.open(URI, TEXT, "python")
    session = stage.edit(URI, ADD)
    asked = stage.asked()
    asked.say(BEGINNING)
    stage.shows(URI, "# sum")
    asked.say("    x = 1\n    y = 2\n    z = 3\n")
    stage.client.wait_for(lambda: "z = 3" in stage.last(session).get("held", {}).get("text", ""))
    assert len(stage.client.edits) == 1
    stage.client.command("midstream.redirect", {"instruction": "again"})
    second = stage.asked()
    second.say("````\ndef add(a, b):\n    # total\n    total = a + b\n    return total\n")
    stage.shows(URI, "# total")
    assert len(stage.client.edits) == 2
    second.say("````\n")
    second.finish()
    stage.reach(session, "review")


# -- typing and undo ---------------------------------------------------------------------------


def test_what_the_user_types_on_the_way_stays(open_stage: Stage) -> None:
    stage = open_stage
    session = stage.edit(URI, ADD)
    asked = stage.asked()
    asked.say(BEGINNING)
    stage.shows(URI, "# sum")
    at = stage.client.text(URI).index("sum") + 3
    for offset, letter in enumerate(" of both"):
        stage.client.type(URI, at + offset, at + offset, letter)
    asked.say(REST)
    asked.finish()
    stage.reach(session, "review")
    stage.holds(URI, DONE.replace("# sum", "# sum of both"))
    stage.client.command("midstream.revert", {})
    assert " of both" in stage.client.text(URI)


def test_undo_stops_the_model_and_redo_gives_the_text_back(open_stage: Stage) -> None:
    stage = open_stage
    session = stage.edit(URI, ADD)
    asked = stage.asked()
    asked.say(BEGINNING)
    stage.shows(URI, "# sum")
    landed = stage.client.text(URI)
    stage.client.replace(URI, TEXT)
    asked.wait_cut()
    body = stage.reach(session, "review")
    assert body["hunks"] == []
    stage.client.replace(URI, landed)
    stage.client.wait_for(lambda: stage.last(session)["hunks"])
    stage.client.command("midstream.revert", {})
    stage.holds(URI, TEXT)


@pytest.mark.parametrize("whole", [False, True], ids=["formatter", "reload"])
def test_what_a_program_does_to_the_file_in_the_middle_is_the_users(
    open_stage: Stage, whole: bool
) -> None:
    """A formatter on save changes places all over the file; a reload sends all of it anew."""
    stage = open_stage
    session = stage.edit(URI, ADD)
    asked = stage.asked()
    asked.say(BEGINNING)
    stage.shows(URI, "# sum")
    stage.client.whole = whole
    formatted = "import os\n\n" + stage.client.text(URI).replace("    pass", "    return None")
    stage.client.replace(URI, formatted)
    asked.say(REST)
    asked.finish()
    stage.reach(session, "review")
    stage.holds(URI, "import os\n\n" + DONE.replace("    pass", "    return None"))
    stage.client.command("midstream.revert", {})
    stage.holds(URI, "import os\n\n" + TEXT.replace("    pass", "    return None"))


def test_deleting_the_scope_ends_the_session(open_stage: Stage) -> None:
    stage = open_stage
    session = stage.edit(URI, ADD)
    asked = stage.asked()
    stage.client.type(URI, 0, len(ADD) + 1, "")
    body = stage.reach(session, "ended")
    assert body["outcome"] == "failed"
    assert "deleted" in body["message"]["text"]
    asked.wait_cut()


def test_a_whole_document_sync_keeps_what_was_typed(open_stage: Stage) -> None:
    stage = open_stage
    stage.client.whole = True
    session = stage.edit(URI, ADD)
    asked = stage.asked()
    asked.say(BEGINNING)
    stage.shows(URI, "# sum")
    at = stage.client.text(URI).index("pass")
    stage.client.type(URI, at, at, "# mine\n    ")
    asked.say(REST)
    asked.finish()
    stage.reach(session, "review")
    stage.holds(URI, DONE.replace("pass", "# mine\n    pass"))


# -- texts -------------------------------------------------------------------------------------

STRANGE = 'def f():\n    s = "🎉 e\u0301 \u2028 \x0c 漢字"; a=1; t = "🎉"\n    return a+s\n'


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (["utf-8"], "utf-8"),
        (["utf-32", "utf-16"], "utf-32"),
        (["utf-16", "utf-8"], "utf-16"),
        (["ebcdic", "utf-8"], "utf-8"),
        (None, None),
    ],
)
def test_position_encodings(stage: Stage, offered: list[str] | None, chosen: str | None) -> None:
    general = {} if offered is None else {"general": {"positionEncodings": offered}}
    result = stage.begin({**SESSION, **general})
    assert result["capabilities"].get("positionEncoding") in (chosen, chosen or "utf-16")
    stage.client.open(URI, STRANGE, "python")
    new = STRANGE.replace("a=1", "a = '🎉'").replace("a+s", "a + s + '🎉'")
    session = stage.review(URI, STRANGE[:-1], new[:-1])
    stage.holds(URI, new)
    hunks = stage.last(session)["hunks"]
    ids = [hunk["id"] for hunk in hunks]
    for hunk in hunks:
        for place in hunk["range"].values():
            stage.client.offset(URI, place)
    at = stage.client.text(URI).index("漢字")
    stage.client.type(URI, at, at, "🎉typed🎉")
    stage.client.command("midstream.revert", {"hunks": ids})
    stage.holds(URI, STRANGE.replace("漢字", "🎉typed🎉漢字"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("def f():\r\n    return 1\r\n", "def f():\r\n    x = 1\r\n    return x\r\n"),
        ("def f():\r    return 1\r", "def f():\r    x = 1\r    return x\r"),
        ("\ufeffdef f():\n    return 1\n", "\ufeffdef f():\n    x = 1\n    return x\n"),
        ("def f():\n    return 1", "def f():\n    x = 1\n    return x"),
        ("def f():\n\treturn 1  \n", "def f():\n\tx = 1\n\treturn x\n"),
    ],
)
def test_line_ends_mark_and_missing_newline_stay(
    open_stage: Stage, before: str, after: str
) -> None:
    stage = open_stage
    uri = "file:///project/strange.py"
    stage.client.open(uri, before, "python")
    scope = stage.client.text(uri).lstrip("\ufeff").rstrip("\r\n ")
    tab = "\t" if "\t" in before else "    "
    session = stage.review(uri, scope, f"def f():\n{tab}x = 1\n{tab}return x")
    text = stage.client.text(uri)
    assert text.rstrip(" \r\n") == after.rstrip(" \r\n")
    assert text[-1:] == after[-1:] or before[-1:] == text[-1:]
    stage.client.command("midstream.revert", {"session": session})
    stage.holds(uri, before)


def test_a_file_without_a_grammar(open_stage: Stage) -> None:
    stage = open_stage
    uri = "file:///project/notes"
    stage.client.open(uri, "one\ntwo\n\nthree\n", "")
    session = stage.review(uri, "two", "2")
    assert stage.last(session)["scope"]["language"] == "plaintext"
    stage.holds(uri, "one\n2\n\nthree\n")


@pytest.mark.parametrize(
    ("name", "said", "before", "selected", "answer", "after"),
    [
        (
            "A.kt",
            "kotlin",
            "class A {\n\tfun b() = 1\n\n\tfun a() {\n\t\tx()\n\t}\n}\n",
            "fun a() {\n\t\tx()\n\t}",
            "    fun a() {\n        y {\n            x()\n        }\n    }",
            "class A {\n\tfun b() = 1\n\n\tfun a() {\n\t\ty {\n\t\t\tx()\n\t\t}\n\t}\n}\n",
        ),
        (
            "build.zig",
            "plaintext",
            "fn f() void {\n    a();\n    b();\n    c();\n}\n",
            "a();\n    b();\n    c();",
            "    a(1);\n    ...\n    c(3);",
            "fn f() void {\n    a(1);\n    b();\n    c(3);\n}\n",
        ),
        (
            "page.heard-of-nowhere",
            "",
            "f()\n\ta()\n\tb()\n\tc()\n",
            "a()\n\tb()\n\tc()",
            "    a(1)\n    ...\n    c(\n        3)",
            "f()\n\ta(1)\n\tb()\n\tc(\n\t\t3)\n",
        ),
    ],
)
def test_code_without_a_grammar_is_no_prose(
    open_stage: Stage, name: str, said: str, before: str, selected: str, answer: str, after: str
) -> None:
    stage = open_stage
    uri = f"file:///project/{name}"
    stage.client.open(uri, before, said)
    stage.review(uri, selected, answer)
    stage.holds(uri, after)


@pytest.mark.parametrize(
    ("name", "before", "selected", "answer", "after"),
    [
        (
            "c.py",
            "def f():\n<<<<<<< ours\n    b = 2\n=======\n    b = 3\n>>>>>>> theirs\n    return b\n",
            "<<<<<<< ours\n    b = 2\n=======\n    b = 3\n>>>>>>> theirs",
            "    b = 3",
            "def f():\n    b = 3\n    return b\n",
        ),
        (
            "c.js",
            "f(() => {\n  a()\n<<<<<<< ours\n  b()\n=======\n  c()\n>>>>>>> theirs\n  d()\n})\n",
            "<<<<<<< ours",
            "  b()\n  c()",
            "f(() => {\n  a()\n  b()\n  c()\n  d()\n})\n",
        ),
        (
            "a.html",
            "<script>\nfunction a() {\n  return b;\n}\n</script>\n",
            "return b;",
            "  return b + 1;",
            "<script>\nfunction a() {\n  return b + 1;\n}\n</script>\n",
        ),
        (
            "a.md",
            "# A\n\n```python\ndef f():\n    return a\n\nb = 1\n```\n",
            "return a",
            "    return a + 1",
            "# A\n\n```python\ndef f():\n    return a + 1\n\nb = 1\n```\n",
        ),
        (
            "b.md",
            "---\ntitle: a\nb: c\n---\n\n# A\n",
            "title: a",
            "title: d",
            "---\ntitle: d\nb: c\n---\n\n# A\n",
        ),
    ],
)
def test_what_the_grammar_has_no_words_for(
    open_stage: Stage, name: str, before: str, selected: str, answer: str, after: str
) -> None:
    stage = open_stage
    uri = f"file:///project/{name}"
    stage.client.open(uri, before, "")
    stage.review(uri, selected, answer)
    stage.holds(uri, after)


def test_markdown_without_a_grammar_is_markdown(open_stage: Stage) -> None:
    stage = open_stage
    uri = "file:///project/a.mdx"
    before = "One text.\n\n```js\nx\n```\n\nLast text."
    stage.client.open(uri, f"{before}\n", "plaintext")
    session = stage.edit(uri, before)
    asked = stage.model.next()
    asked.say(before.replace("One", "First").replace("x\n", "y\n"))
    asked.finish()
    stage.reach(session, "review")
    stage.holds(uri, "First text.\n\n```js\ny\n```\n\nLast text.\n")


def test_an_answer_that_swallows_what_follows_is_held(open_stage: Stage) -> None:
    stage = open_stage
    session = stage.edit(URI, ADD)
    stage.asked().answer('def add(a, b):\n    return """')
    body = stage.reach(session, "review")
    stage.holds(URI, TEXT)
    assert body["message"]["level"] == "warning"
    assert "midstream.show" in body["message"]["text"]


def test_no_proof_of_the_end_no_deletion_of_the_tail(open_stage: Stage) -> None:
    stage = open_stage
    scope = "def add(a, b):\n    one = 1\n    two = 2\n    three = 3\n    return a+b"
    uri = "file:///project/long.py"
    stage.client.open(uri, scope + "\n", "python")
    session = stage.edit(uri, scope)
    asked = stage.asked()
    asked.say("````\ndef add(a, b):\n    one = 11\n    two = 2\n")
    asked.drop()
    body = stage.reach(session, "review")
    assert body["message"]["level"] == "error"
    stage.holds(uri, scope.replace("one = 1", "one = 11") + "\n")


@pytest.mark.parametrize("broken", ["refuse", "silent"])
def test_one_document_that_cannot_be_written_stops_no_other(open_stage: Stage, broken: str) -> None:
    stage = open_stage
    other = "file:///project/readonly.py"
    stage.client.open(other, TEXT, "python")

    def only_one(params: Json) -> object:
        uri = params["edit"]["documentChanges"][0]["textDocument"]["uri"]
        if uri != other:
            return stage.client.take_edit(params)
        if broken == "silent":
            return NotImplemented
        raise Failed(-32603, "It is read-only.")

    stage.client.on_request("workspace/applyEdit", only_one)
    stage.edit(other, ADD)
    asked: Any = stage.asked()
    asked.say(BEGINNING)
    session = stage.edit(URI, ADD)
    second = stage.asked()
    second.say(BEGINNING, REST)
    second.finish()
    stage.reach(session, "review")
    stage.holds(URI, DONE)
