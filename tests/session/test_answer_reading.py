"""An answer is read in the form that it comes in, whatever form was requested."""

import pytest

from lsp_server.edit.definitions import DefinitionReader, NoDefinitions
from lsp_server.session.answer_reading import AnswerReading
from lsp_server.session.request import Form
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.member_definitions import MemberDefinitions

SCOPE = (
    "def first():\n    return 1\n\n\ndef second():\n    return 2\n\n\ndef third():\n    return 3\n"
)
WANTED = SCOPE.replace("return 2", "return 5")
DIFF = "@@ -5,2 +5,2 @@\n def second():\n-    return 2\n+    return 5\n"
ANSWERS = {
    "whole": f"```python\n{WANTED}```\n",
    "diff": f"```diff\n--- a/x.py\n+++ b/x.py\n{DIFF}```\n",
    "diff in a block of code": f"```python\n{DIFF}```\n",
    "diff without a fence": f"--- a/x.py\n+++ b/x.py\n{DIFF}",
    "apply_patch": f"*** Begin Patch\n*** Update File: x.py\n{DIFF}*** End Patch\n",
    "search and replace": (
        "x.py\n```python\n<<<<<<< SEARCH\n    return 2\n=======\n    return 5\n"
        ">>>>>>> REPLACE\n```\n"
    ),
    "one definition": "```python\ndef second():\n    return 5\n```\n",
}


def names(scope: str) -> DefinitionReader:
    language = language_for("python", "", "")
    return NoDefinitions() if language is None else MemberDefinitions(language, "", scope, "")


@pytest.mark.parametrize(
    ("form", "answer"),
    # One function where the whole was requested may mean that the others go.
    [(f, a) for f in Form for a in ANSWERS if (f, a) != (Form.REWRITE, "one definition")],
)
@pytest.mark.parametrize("step", [1, 5, 10**6])
def test_an_answer_in_another_form_is_read_in_that_form(form: Form, answer: str, step: int) -> None:
    reading = AnswerReading(form, SCOPE, names, language="python")
    raw = ANSWERS[answer]
    text = "".join(reading.push(raw[at : at + step]) for at in range(0, len(raw), step))
    text += reading.finish(True)
    assert text == reading.text
    assert reading.proven
    assert reading.text.rstrip("\n") == WANTED.rstrip("\n")


TABLE = "[tool]\nname = one\nsize = 2\nkind = three\nrate = 4\n[end]\n"


@pytest.mark.parametrize("around", ["```toml\n{}```\n", "{}", "Here it is:\n\n```\n{}```\n\nDone."])
def test_code_from_the_first_line_to_the_last_is_all_of_it(around: str) -> None:
    wanted = "[tool]\nlabel = five\nwidth = 6\nheight = 7\nrate = 8\n[end]\n"
    reading = AnswerReading(Form.PATCH, TABLE, lambda scope: NoDefinitions(), language="toml")
    reading.push(around.format(wanted))
    reading.finish(True)
    assert reading.proven
    assert reading.text.rstrip("\n") == wanted.rstrip("\n")


@pytest.mark.parametrize(
    "piece", ["[tool]\nlabel = five\n[end]\n", "[tool]\nlabel = five\nwidth = 6\nheight = 7\n"]
)
def test_code_that_is_shorter_or_ends_before_the_last_line_is_not(piece: str) -> None:
    reading = AnswerReading(Form.PATCH, TABLE, lambda scope: NoDefinitions(), language="toml")
    reading.push(f"```toml\n{piece}```\n")
    reading.finish(True)
    assert reading.text == ""
    assert reading.refusal is not None and "its place isn't clear" in reading.refusal


def test_blanks_at_line_ends_are_put_back_unless_the_answer_keeps_others() -> None:
    original = "def f():  \n    a = 1  \n    return a"
    for answer, wanted in (
        ("def f():\n    a = 1\n    return b", "def f():  \n    a = 1  \n    return b"),
        ("def f():\n    a = 1  \n    return b", "def f():\n    a = 1  \n    return b"),
        ("def f():  \n    a = 1\n    return b", "def f():  \n    a = 1\n    return b"),
    ):
        reading = AnswerReading(Form.REWRITE, original, NoDefinitions.of, language="python")
        reading.push(f"```\n{answer}\n```\n")
        reading.finish(completed=True)
        assert (reading.new_scope_text or reading.text) == wanted
        assert reading.proven


def test_an_answer_of_nothing_but_neighbours_deletes_only_where_that_is_asked_for() -> None:
    for instruction, proven in (("Go on.", False), ("Remove this line.", True)):
        reading = AnswerReading(
            Form.REWRITE,
            "scope()",
            NoDefinitions.of,
            before="{\n  above()\n  ",
            after="\n  below()\n}\n",
            instruction=instruction,
        )
        reading.push("```\n  above()\n  below()\n```\n")
        reading.finish(completed=True)
        assert (reading.text, reading.proven) == ("", proven)
