"""An answer that holds more than its scope, through a real server: it is held, the level is named,
and it can be taken for that level without asking the model again."""

from dataclasses import dataclass

import pytest

from tests.support.raw_client import Json
from tests.support.stage import Stage


@dataclass(frozen=True, slots=True)
class Case:
    """What is selected (between « and »), the code that comes, and the file once it is taken."""

    language: str
    marked: str
    code: str
    level: str
    taken: str

    @property
    def text(self) -> str:
        """The file."""
        return self.marked.replace("«", "").replace("»", "")

    @property
    def place(self) -> tuple[int, int]:
        """What of it is selected."""
        return self.marked.index("«"), self.marked.index("»") - 1


PYTHON = Case(
    "python",
    "import os\n\n\ndef total(items):\n    «return sum(items)»\n\n\ndef last():\n    return 1\n",
    "def total(items: list[int], start: int = 0) -> int:\n    return sum(items, start)",
    "function",
    "import os\n\n\ndef total(items: list[int], start: int = 0) -> int:\n"
    "    return sum(items, start)\n\n\ndef last():\n    return 1\n",
)
CASES = {
    "function": PYTHON,
    "renamed": Case(
        "python",
        "def total(items):\n    «return sum(items)»\n",
        "def add_up(items):\n    return sum(items)",
        "function",
        "def add_up(items):\n    return sum(items)\n",
    ),
    "decorated": Case(
        "python",
        "@route('/x')\n# Says it.\ndef say(a):\n    «return a»\n",
        "async def say(a):\n    return a + 1",
        "function",
        "@route('/x')\n# Says it.\nasync def say(a):\n    return a + 1\n",
    ),
    "condition": Case(
        "python",
        "for item in items:\n    if item.ok:\n        «run(item)\n        log(item)»\n",
        "    if item.ok and item.ready:\n        run(item)\n        log(item)",
        "statement",
        "for item in items:\n    if item.ok and item.ready:\n        run(item)\n"
        "        log(item)\n",
    ),
    "callback": Case(
        "javascript",
        "app.get('/x', (req, res) => {\n  «res.send(1);»\n});\n",
        "app.get('/x', async (req, res) => {\n  res.send(await one());\n});",
        "file",
        "app.get('/x', async (req, res) => {\n  res.send(await one());\n});\n",
    ),
    "class": Case(
        "python",
        "class Shop:\n    «def a(self):\n        return 1»\n\n    def b(self):\n        pass\n",
        "class Shop(Base):\n    def a(self):\n        return 3\n\n    def b(self):\n        pass",
        "class",
        "class Shop(Base):\n    def a(self):\n        return 3\n\n    def b(self):\n        pass\n",
    ),
    "line above": Case(
        "python",
        "def f(items):\n    first()\n    check(items)\n    «return sum(items)»\n",
        "    check(items, strict=True)\n    return sum(items, 1)",
        "block",
        "def f(items):\n    first()\n    check(items, strict=True)\n    return sum(items, 1)\n",
    ),
    "go": Case(
        "go",
        "package a\n\nfunc Load(id int) string {\n\t«s := get(id)\n\treturn s»\n}\n",
        "func Load(id int) (string, error) {\n\treturn get(id)\n}",
        "function",
        "package a\n\nfunc Load(id int) (string, error) {\n\treturn get(id)\n}\n",
    ),
    "no grammar": Case(
        "a-language-of-mine",
        "class A {\n    fun f(a: Int): Int {\n        «val x = a\n        return x»\n    }\n}\n",
        "    fun f(a: Long): Long {\n        return a\n    }",
        "function",
        "class A {\n    fun f(a: Long): Long {\n        return a\n    }\n}\n",
    ),
    "no grammar, Windows": Case(
        "a-language-of-mine",
        "struct A {\r\n    func f(a: Int) -> Int {\r\n        «return a»\r\n    }\r\n}\r\n",
        "func f(a: Int, by: Int) -> Int {\n    return a + by\n}",
        "function",
        "struct A {\r\n    func f(a: Int, by: Int) -> Int {\r\n        return a + by\r\n"
        "    }\r\n}\r\n",
    ),
    "no grammar, braces on lines of their own": Case(
        "a-language-of-mine",
        "class A\n{\n    int f(int a)\n    {\n        «return a;»\n    }\n}\n",
        "long f(long a)\n{\n    return a;\n}",
        "function",
        "class A\n{\n    long f(long a)\n    {\n        return a;\n    }\n}\n",
    ),
}
URI = "file:///project/a.txt"


def held(stage: Stage, case: Case) -> tuple[str, Json]:
    """A session with an answer that came and is held; what was told of it."""
    stage.begin()
    stage.client.open(URI, case.text, case.language)
    where = stage.client.range(URI, *case.place)
    argument = {"uri": URI, "range": where, "instruction": "make it right"}
    session = str(stage.client.command("midstream.edit", argument)["session"])
    stage.asked().answer(case.code)
    return session, stage.reach(session, "review")


@pytest.mark.parametrize("name", CASES)
def test_it_is_held_and_can_be_taken_for_the_level_that_is_named(stage: Stage, name: str) -> None:
    case = CASES[name]
    session, body = held(stage, case)
    assert stage.client.text(URI) == case.text
    assert body["message"]["level"] == "warning"
    assert f"midstream.show with scope {case.level}" in body["message"]["text"]
    assert body["held"]["scope"] == case.level
    before = body["scope"]["range"]
    assert stage.client.command("midstream.show", {"session": session, "scope": case.level}) == {
        "session": session
    }
    stage.holds(URI, case.taken)
    body = stage.reach(session, "review")
    assert "message" not in body and "held" not in body
    assert body["scope"]["range"] != before
    listed = stage.client.command("midstream.attempts", {"session": session})["attempts"]
    assert [entry["attempt"] for entry in listed] == [1]
    assert listed[0]["outcome"] == "finished" and listed[0]["text"] in case.taken
    stage.client.command("midstream.revert", {"session": session})
    stage.holds(URI, case.text)


def test_the_editor_offers_the_level_without_a_plugin(stage: Stage) -> None:
    session, body = held(stage, PYTHON)
    params = {"textDocument": {"uri": URI}, "range": body["scope"]["range"], "context": {}}
    actions = stage.client.request("textDocument/codeAction", params)
    wanted = {"session": session, "scope": "function"}
    found = [a for a in actions if a["command"]["arguments"] == [wanted]]
    assert [a["command"]["command"] for a in found] == ["midstream.show"]
    assert "function" in found[0]["title"]
    lenses = stage.client.request("textDocument/codeLens", {"textDocument": {"uri": URI}})
    assert [
        one["command"]["command"] for one in lenses if wanted in one["command"]["arguments"]
    ] == ["midstream.show"]
    stage.client.command("midstream.show", wanted)
    stage.holds(URI, PYTHON.taken)
    assert not [
        a
        for a in stage.client.request("textDocument/codeAction", params)
        if a["command"]["command"] == "midstream.show"
    ]


def test_what_the_user_typed_in_the_scope_and_around_it_stays(stage: Stage) -> None:
    text = (
        "def total(items):\n    # one\n    first()\n    second()\n    «return sum(items)»\n"
        "    # two\n"
    )
    code = (
        "def total(items, by):\n    # one\n    first(by)\n    second()\n    third()\n"
        "    return sum(items)\n    # two"
    )
    session, _ = held(stage, Case("python", text, code, "function", ""))
    client = stage.client
    client.type(URI, client.text(URI).index("second"), client.text(URI).index("second"), "x = 1; ")
    place = client.text(URI).index("return")
    client.type(URI, place, place, "# mine\n    ")
    client.type(URI, len(client.text(URI)) - 1, len(client.text(URI)) - 1, ", mine too")
    client.command("midstream.show", {"session": session, "scope": "function"})
    wanted = (
        "def total(items, by):\n    # one\n    first(by)\n    x = 1; second()\n    third()\n"
        "    # mine\n    return sum(items)\n    # two, mine too\n"
    )
    stage.holds(URI, wanted)
    stage.reach(session, "review")
    client.command("midstream.revert", {"session": session})
    typed = text.replace("«", "# mine\n    ").replace("»", "").replace("second", "x = 1; second")
    stage.holds(URI, typed.replace("two", "two, mine too"))


def test_a_redirect_goes_on_in_the_wider_scope(stage: Stage) -> None:
    session, _ = held(stage, PYTHON)
    stage.client.command("midstream.show", {"session": session, "scope": "function"})
    stage.holds(URI, PYTHON.taken)
    stage.client.command("midstream.redirect", {"session": session, "instruction": "shorter"})
    asked = stage.asked()
    assert "def total(items):\n    return sum(items)" in asked.prompt
    assert "def total(items: list[int], start: int = 0)" in asked.prompt
    asked.answer("def total(items):\n    return 0")
    stage.shows(URI, "return 0")
    stage.reach(session, "review")
    listed = stage.client.command("midstream.attempts", {"session": session})["attempts"]
    assert [(a["attempt"], a["instruction"]) for a in listed] == [
        (1, "make it right"),
        (2, "shorter"),
    ]
    stage.client.command("midstream.restore", {"session": session, "attempt": 1})
    stage.holds(URI, PYTHON.taken)
    stage.client.command("midstream.accept", {"session": session})
    stage.holds(URI, PYTHON.taken)


def test_without_a_scope_it_is_shown_in_place_of_the_selection(stage: Stage) -> None:
    session, _ = held(stage, PYTHON)
    stage.client.command("midstream.show", {"session": session})
    stage.shows(URI, "def total(items):\n    def total(items: list[int], start: int = 0) -> int:")


def test_what_cannot_be_taken_is_refused_in_a_sentence(stage: Stage) -> None:
    session, _ = held(stage, PYTHON)
    named = {"session": session}
    for scope, said in [
        ("smallest", "must be wider"),
        ("selection", "must be wider"),
        ("planet", "must be one of"),
    ]:
        assert said in str(stage.refused("midstream.show", {**named, "scope": scope}))
    assert stage.client.text(URI) == PYTHON.text
    stage.client.command("midstream.show", {**named, "scope": "function"})
    stage.holds(URI, PYTHON.taken)
    stage.reach(session, "review")
    nothing = stage.refused("midstream.show", {**named, "scope": "file"})
    assert "No text is held" in str(nothing)
    stage.client.command("midstream.redirect", {**named, "instruction": "go on"})
    stage.asked().say("def total(")
    coming = stage.refused("midstream.show", {**named, "scope": "file"})
    assert "still arriving" in str(coming)


def test_an_answer_that_is_none_for_the_scope_changes_nothing(stage: Stage) -> None:
    case = Case("python", PYTHON.marked, "return sum(items))", "", "")
    session, _ = held(stage, case)
    refused = stage.refused("midstream.show", {"session": session, "scope": "function"})
    assert "doesn't fit that scope" in str(refused)
    assert stage.client.text(URI) == case.text
    assert stage.last(session)["held"]["text"] == "return sum(items))"
