"""What an edit sends of other files, as an editor and a model see it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lsp_server.context.query import ContextQuery
from lsp_server.lsp.context_search import NoLookup
from lsp_server.prompt.pieces import ContextPiece, Why
from tests.support.raw_client import Json
from tests.support.stage import Stage

TILL = "from shop.money import rounded\n\n\ndef due(cart):\n    return rounded(cart.total)\n"
MONEY = "def rounded(amount):\n    return round(amount, 2)\n\n\nRATE = 3\n"
SECRET = "ghp_" + "Zx9Kd3Qw7Lm2Pv5Tn8Rb4Yc6Hj1Gf0Sa3Dq5"
KEY_LINES = [f"{letter}{'QkZ8' * 15}{letter}" for letter in "ABCDEFGH"]
KEY = "\n".join(["-----BEGIN RSA PRIVATE KEY-----", *KEY_LINES, "-----END RSA PRIVATE KEY-----"])


class FilesByName(NoLookup):
    """Finds, for the names in the scope, each file of the folder that defines one of them."""

    def __init__(self, why: Why = Why.DEFINITION) -> None:
        self.why = why
        self.queries: list[ContextQuery] = []

    def look_up(
        self, query: ContextQuery, found: Callable[[ContextPiece], None], over: Callable[[], bool]
    ) -> None:
        if query.scope.length < len(query.document.text):  # A document that opens is read ahead.
            self.queries.append(query)
        names = set(re.findall(r"\w+", query.scope.text(query.document.text)))
        opened = {document.path: document.text for document in query.open_documents}
        for path in sorted(query.roots[0].rglob("*.py")):
            text = opened.get(path) or path.read_text("utf-8")
            for match in re.finditer(r"^def (\w+)\(.*\n(?: +.*\n)*", text, re.MULTILINE):
                if match[1] in names and path != query.document.path and query.may_send(path):
                    name = path.relative_to(query.roots[0]).as_posix()
                    line = text.count("\n", 0, match.start())
                    found(ContextPiece(path.as_uri(), name, "python", match[0], line, self.why))


class Shop:
    """A workspace with two files, in an editor."""

    def __init__(self, stage: Stage, root: Path, lookup: FilesByName) -> None:
        self.stage = stage
        self.root = root
        self.lookup = lookup
        self.uri = self.put("shop/till.py", TILL)
        self.money = self.put("shop/money.py", MONEY)
        stage.process.server.server_state.search.lookup = lookup

    def put(self, name: str, text: str) -> str:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path.as_uri()

    def begin(self, **options: Any) -> None:
        self.stage.begin(rootUri=self.root.as_uri(), initializationOptions=options)
        self.stage.client.open(self.uri, TILL, "python")

    def edit(self, instruction: str = "round up", **more: Any) -> str:
        return self.stage.edit(self.uri, "return", instruction, scope="function", **more)

    def prompt(self, instruction: str = "round up", **more: Any) -> str:
        """The prompt of an edit."""
        self.edit(instruction, **more)
        return self.stage.asked().prompt

    def warnings(self, session: str) -> list[str]:
        """Once there is one: it comes by another way than the request."""

        def found() -> list[str]:
            messages = [body.get("message", {}) for body in self.stage.news(session)]
            return [m["text"] for m in messages if m.get("level") == "warning"]

        self.stage.until(lambda: bool(found()))
        return found()

    def context(self, **more: Any) -> list[Json]:
        place = {"uri": self.uri, "range": self.stage.client.range_of(self.uri, "return")}
        answer = self.stage.client.command("midstream.context", {**place, **more})
        context: list[Json] = answer["context"]
        return context


@pytest.fixture
def shop(stage: Stage, tmp_path: Path) -> Shop:
    """The workspace, not open yet."""
    return Shop(stage, tmp_path / "project", FilesByName())


def _whys(context: list[Json]) -> list[tuple[str, str]]:
    return [(each["why"], each["uri"].rpartition("/")[2]) for each in context]


def test_a_definition_of_another_file_is_in_the_prompt_and_in_every_list(shop: Shop) -> None:
    shop.put("AGENTS.md", "Use tabs.\n")
    shop.begin()
    session = shop.edit()
    asked = shop.stage.asked()
    heading = 'The selected code uses this, defined in "shop/money.py":\n'
    assert f"{heading}```python\ndef rounded(amount):\n" in asked.prompt
    assert asked.prompt.index("Use tabs.") < asked.prompt.index('File "shop/till.py"')
    asked.answer("def due(cart):\n    return cart.total\n")
    ledger = shop.stage.reach(session, "review")["ledger"]
    expected = [
        ("rules", "AGENTS.md"),
        ("around", "till.py"),
        ("definition", "money.py"),
        ("scope", "till.py"),
    ]
    assert _whys(ledger["context"]) == expected
    assert ledger["context"][2]["range"] == {
        "start": {"line": 0, "character": 0},
        "end": {"line": 2, "character": 0},
    }
    assert all(each["tokens"] > 0 for each in ledger["context"])
    status = shop.stage.client.command("midstream.status", {})
    assert status["context"] == ledger["context"]
    shop.stage.client.command("midstream.accept", {"session": session})
    assert shop.stage.reach(session, "ended")["ledger"]["context"] == ledger["context"]


def test_the_text_in_the_editor_wins_over_the_file(shop: Shop) -> None:
    shop.begin()
    shop.stage.client.open(shop.money, MONEY.replace("2", "4"), "python")
    assert "return round(amount, 4)" in shop.prompt()
    assert shop.lookup.queries[0].open_documents[0].uri == shop.money


def test_the_settings_and_the_latest_documents_reach_the_search(shop: Shop) -> None:
    shop.begin(context={"callers": False, "open": False})
    uris = [shop.put(f"shop/{name}.py", "x = 1\n") for name in "abc"]
    for uri in uris:
        shop.stage.client.open(uri, "x = 1\n", "python")
    shop.stage.client.type(uris[1], 0, 0, "y = 1\n")
    shop.prompt()
    (query,) = shop.lookup.queries
    assert (query.definitions, query.callers, query.open) == (True, False, False)
    assert [document.uri for document in query.open_documents] == [uris[1], uris[2], uris[0]]
    assert query.open_documents[0].text == "y = 1\nx = 1\n"
    assert query.roots == (shop.root,)


def test_what_an_instruction_mentions_is_sent_or_a_message_names_it(shop: Shop) -> None:
    shop.put("docs/rules of.md", "no")
    shop.put(".gitignore", "*.key\n")
    shop.put("a.key", "key")
    shop.put("docs/style.md", "one\ntwo\nthree\n")
    shop.begin()
    session = shop.edit("as in #docs/style.md:2-3, #mony.py, #a.key and #todo")
    prompt = shop.stage.asked().prompt
    assert (
        'The user points to "docs/style.md", from line 2 on:\n```markdown\ntwo\nthree\n' in prompt
    )
    assert (
        "Change the selected code: as in #docs/style.md:2-3, #mony.py, #a.key and #todo" in prompt
    )
    assert shop.warnings(session) == [
        "`#mony.py` isn't sent: it doesn't exist. `#a.key` isn't sent: it is ignored (.gitignore)."
    ]


def test_what_does_not_fit_is_left_out_whole_and_named(shop: Shop) -> None:
    shop.put("big.py", "x = 1234567890\n" * 9000)
    shop.begin()
    session = shop.edit("as in #big.py")
    prompt = shop.stage.asked().prompt
    assert "1234567890" not in prompt
    (warning,) = shop.warnings(session)
    assert warning.startswith("`big.py` isn't sent: it takes about 38,572 tokens")
    assert "#big.py:1-40" in warning


def test_files_that_the_command_names(shop: Shop, tmp_path: Path) -> None:
    outside = tmp_path / "notes.md"
    outside.write_text("zero\none\ntwo\n", "utf-8")
    shop.begin()
    lines = {"start": {"line": 1, "character": 2}, "end": {"line": 2, "character": 0}}
    context = [
        {"uri": outside.as_uri(), "range": lines},
        {"uri": shop.money, "range": None},
        {"uri": "untitled:Untitled-1"},
        {"uri": (shop.root / "gone.py").as_uri()},
    ]
    session = shop.edit(context=context)
    prompt = shop.stage.asked().prompt
    assert 'The user points to "notes.md", from line 2 on:\n```markdown\none\n\n```' in prompt
    assert 'The user points to "shop/money.py":' in prompt
    assert "The selected code uses this, defined in" not in prompt  # The same lines.
    assert shop.warnings(session) == [
        "`untitled:Untitled-1` isn't sent: it isn't a file. `gone.py` isn't sent: it doesn't exist."
    ]


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("context", "a.py", "`context`"),
        ("context", ["a.py"], "`context[0]`"),
        ("context", [{}], "`context[0].uri`"),
        ("context", [{"uri": 7}], "`context[0].uri`"),
        ("context", [{"uri": "file:///a"}, {"uri": "file://["}], "`context[1].uri`"),
        ("context", [{"uri": "file:///a", "lines": 3}], "`context[0].lines`"),
        ("context", [{"uri": "file:///a", "range": 3}], "`context[0].range`"),
        ("context", [{"uri": "file:///a", "range": {}}], "`context[0].range.start`"),
        (
            "context",
            [{"uri": "file:///a", "range": {"start": {"line": -1, "character": 0}}}],
            "`context[0].range.start.line`",
        ),
        ("leaveOut", {}, "`leaveOut`"),
        ("leaveOut", [1], "`leaveOut[0]`"),
    ],
)
@pytest.mark.parametrize("command", ["midstream.edit", "midstream.context"])
def test_a_malformed_argument_is_refused_with_its_field(
    shop: Shop, command: str, field: str, value: object, named: str
) -> None:
    shop.begin()
    place = {"uri": shop.uri, "range": shop.stage.client.range_of(shop.uri, "return")}
    error = shop.stage.refused(command, {**place, "instruction": "x", field: value})
    assert error.code == -32602
    assert named in str(error)


def test_what_the_user_takes_out_is_not_sent(shop: Shop) -> None:
    shop.put("AGENTS.md", "Use tabs.\n")
    shop.begin()
    rules = (shop.root / "AGENTS.md").as_uri().replace("AGENTS", "%41GENTS")
    prompt = shop.prompt("see #shop/money.py", leaveOut=[shop.money, rules, shop.uri])
    assert "rounded(amount)" not in prompt
    assert "Use tabs." not in prompt
    assert 'File "shop/till.py"' in prompt


def test_a_redirect_repeats_everything_before_the_scope(shop: Shop) -> None:
    """Also where the files have changed, and although its instruction names another."""
    shop.put("AGENTS.md", "Use tabs.\n")
    shop.put("docs/style.md", "style\n")
    shop.put("docs/more.md", "more\n")
    shop.begin()
    session = shop.edit("as in #docs/style.md")
    first = shop.stage.asked()
    first.say("```python\ndef due(cart):\n    return rounded(cart.sum)\n\n\ndef other():\n")
    shop.stage.shows(shop.uri, "cart.sum")
    shop.put("AGENTS.md", "Use blanks.\n")
    shop.put("shop/money.py", MONEY.replace("2", "4"))
    redirect = {"session": session, "instruction": "rather as in #docs/more.md and #gone.md"}
    shop.stage.client.command("midstream.redirect", redirect)
    second = shop.stage.asked()
    shop.stage.client.command(
        "midstream.redirect", {"session": session, "instruction": "and shorter"}
    )
    third = shop.stage.asked()
    front, found, _ = first.prompt.partition("Selected code in ")
    assert found
    for later in (second, third):
        assert later.prompt.startswith(front + found)
        assert later.prompt.count('The user now also points to "docs/more.md":') == 1
    assert len(shop.lookup.queries) == 1
    assert shop.warnings(session) == ["`#gone.md` isn't sent: it doesn't exist."]


def test_a_redirect_before_the_context_is_known_searches_again(shop: Shop) -> None:
    shop.put("docs/style.md", "style\n")
    shop.begin()
    shop.lookup.why = Why.CALLER
    session = shop.edit("as in #docs/style.md")
    shop.stage.client.command("midstream.redirect", {"session": session, "instruction": "shorter"})
    asked = shop.stage.asked()
    while "shorter" not in asked.prompt:  # The first may have left.
        asked = shop.stage.asked()
    assert 'The user points to "docs/style.md":' in asked.prompt
    assert 'The selected code is used in "shop/money.py":' in asked.prompt


def test_a_stop_while_the_context_is_searched_sends_nothing(shop: Shop) -> None:
    shop.begin()
    held: list[Callable[[], None]] = []
    search = shop.stage.process.server.server_state.search
    search.in_thread = lambda order, name, done: held.append(  # type: ignore[method-assign]
        lambda: done(search.at_once(order))
    )
    session = shop.edit()
    assert len(held) == 1
    shop.stage.client.command("midstream.cancel", {"session": session})
    assert shop.stage.reach(session, "ended")["outcome"] == "cancelled"
    held[0]()
    del search.in_thread
    shop.edit("the second")
    assert "the second" in shop.stage.asked().prompt


def test_a_comment_mentions_as_well(shop: Shop) -> None:
    shop.put("docs/style.md", "style\n")
    shop.begin()
    text = TILL.replace("    return", "    # ms: as in #docs/style.md\n    return")
    uri = shop.put("shop/other.py", text)
    shop.stage.client.open(uri, text, "python")
    place = {"uri": uri, "range": shop.stage.client.range_of(uri, "ms:")}
    shop.stage.client.command("midstream.editComment", place)
    assert 'The user points to "docs/style.md":' in shop.stage.asked().prompt


def test_files_that_go_with_every_edit(shop: Shop) -> None:
    shop.put("docs/style.md", "style\n")
    shop.put("types/a.pyi", "a: int\n")
    shop.begin(context={"files": ["docs/style.md", "types/*.pyi"], "definitions": False})
    prompt = shop.prompt()
    for name in ("docs/style.md", "types/a.pyi"):
        assert f'The user points to "{name}":' in prompt


def test_the_command_lists_what_an_edit_would_send_and_changes_nothing(shop: Shop) -> None:
    shop.put("docs/style.md", "style\n")
    shop.begin()
    listed = shop.context(instruction="as in #docs/style.md", scope="function")
    assert _whys(listed) == [
        ("around", "till.py"),
        ("definition", "money.py"),
        ("mention", "style.md"),
        ("scope", "till.py"),
    ]
    more = [{"uri": shop.money}]
    named = shop.context(scope="function", context=more, leaveOut=[shop.uri])
    assert _whys(named) == [("around", "till.py"), ("mention", "money.py"), ("scope", "till.py")]
    status = shop.stage.client.command("midstream.status", {})
    assert status["sessions"] == status["context"] == []
    assert shop.stage.model.idle
    session = shop.edit("as in #docs/style.md")
    shop.stage.asked().answer("def due(cart):\n    return 1\n")
    assert shop.stage.reach(session, "review")["ledger"]["context"] == listed


def test_reading_ahead_sends_what_the_edit_sends_before_the_scope(shop: Shop) -> None:
    shop.put("AGENTS.md", "Use tabs.\n")
    shop.begin()
    stage = shop.stage
    stage.until(lambda: stage.client.command("midstream.status", {})["connection"] == "open")
    place = stage.client.range_of(shop.uri, "return rounded(cart.total)")
    actions = {
        "textDocument": {"uri": shop.uri},
        "range": place,
        "context": {"diagnostics": [], "triggerKind": 1},
    }
    stage.client.request("textDocument/codeAction", actions)
    ahead = stage.model.read_ahead.get(timeout=20)
    argument = {"uri": shop.uri, "range": place, "instruction": "round up"}
    stage.client.command("midstream.edit", argument)
    create = stage.asked().create
    text, read = (str(each["input"]) for each in (create, ahead))
    front, found, _ = text.partition("Selected code in ")
    assert found
    assert "The selected code uses this, defined in" in front
    assert front in read


@pytest.mark.parametrize("why", [Why.DEFINITION, Why.CALLER, Why.OPEN])
def test_a_secret_in_a_piece_does_not_leave(shop: Shop, why: Why) -> None:
    shop.lookup.why = why
    shop.put("shop/money.py", f'def rounded(a):\n    return a + "{SECRET}"\n')
    shop.begin()
    prompt = shop.prompt()
    assert "def rounded(a)" in prompt
    assert SECRET not in prompt
    assert "MIDSTREAM_SECRET_1_" in prompt


def test_a_secret_in_rules_and_in_what_is_named_does_not_leave(shop: Shop) -> None:
    shop.put("AGENTS.md", f"Log in with {SECRET}\n")
    shop.put("docs/login.md", f"Log in with {SECRET[::-1]} or {SECRET}\n")
    shop.put("docs/more.md", f"password: hunter2x {SECRET}\n")
    shop.begin()
    session = shop.edit("as in #docs/login.md", context=[{"uri": shop.money}])
    first = shop.stage.asked().prompt
    redirect = {"session": session, "instruction": "and #docs/more.md"}
    shop.stage.client.command("midstream.redirect", redirect)
    second = shop.stage.asked().prompt
    assert "Log in with" in first
    assert "password" in second
    for prompt in (first, second):
        assert SECRET not in prompt


@pytest.mark.parametrize("later", [False, True])
def test_the_middle_of_a_key_does_not_leave(shop: Shop, later: bool) -> None:
    """Lines of which nothing says by itself that they are a key."""
    shop.put("docs/key.md", f"A key:\n{KEY}\n")
    shop.begin()
    session = shop.edit("as in #docs/style.md" if later else "as in #docs/key.md:4-6")
    prompt = shop.stage.asked().prompt
    if later:
        redirect = {"session": session, "instruction": "as in #docs/key.md:4-6"}
        shop.stage.client.command("midstream.redirect", redirect)
        prompt = shop.stage.asked().prompt
    assert '"docs/key.md", from line 4 on:' in prompt
    for line in KEY_LINES:
        assert line not in prompt


def test_an_ignored_file_and_one_outside_are_in_no_prompt(shop: Shop, tmp_path: Path) -> None:
    shop.put(".midstreamignore", "shop/money.py\n")
    (tmp_path / "private.py").write_text("def rounded(mine):\n    return mine\n", "utf-8")
    (shop.root / "link.py").symlink_to(tmp_path / "private.py")
    shop.begin()
    prompt = shop.prompt("as in #link.py, #../private.py and #money.py")
    assert "mine" not in prompt
    assert "rounded(amount)" not in prompt
