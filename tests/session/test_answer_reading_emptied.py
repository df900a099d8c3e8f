"""An answer that leaves a body empty is held, unless the instruction asks for that."""

import pytest

from lsp_server.edit.reply import Doubt
from lsp_server.session.answer_reading import AnswerReading
from lsp_server.session.request import Form
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.member_definitions import MemberDefinitions

CLASS = """\
class A {
  a() {
    one(this);
    return two(this);
  }

  b() {
    return three(this);
  }
}"""


def reading(answer: str, instruction: str = "Add one.") -> AnswerReading:
    """A complete answer to an edit of the class."""
    language = language_for("typescript", "a.ts")
    assert language is not None
    found = AnswerReading(
        Form.REWRITE,
        CLASS,
        lambda scope: MemberDefinitions(language, "", scope, "\n"),
        after="\n",
        language="typescript",
        instruction=instruction,
    )
    found.push(f"```ts\n{answer}\n```\n")
    found.finish(completed=True)
    return found


def with_body(body: str) -> str:
    """The class with this body in its first method, and a change in the second."""
    start, end = CLASS.index("{\n    one"), CLASS.index("\n\n  b()")
    return CLASS[:start] + body + CLASS[end:].replace("three(this)", "three(this) + 1")


@pytest.mark.parametrize(
    "body", ["{}", "{ ... }", "{ /* as before */ }", "{\n    // a\n    // b\n  }"]
)
def test_a_body_that_goes_is_held(body: str) -> None:
    found = reading(with_body(body))
    assert found.doubt is Doubt.EMPTIED
    assert not found.proven
    assert reading(with_body(body), "Remove the body of a.").proven


def test_a_body_that_says_something_is_not() -> None:
    for body in ("{ return {}; }", "{\n    // less\n    return 1;\n  }"):
        assert reading(with_body(body)).proven
    assert reading(CLASS.replace("three(this)", "three({})")).proven


@pytest.mark.parametrize("body", ["...", "pass  # as before"])
def test_a_docstring_alone_is_no_body(body: str) -> None:
    original = "def f(a):\n    b = a + 1\n    return b\n"
    answer = f'def f(a):\n    """Add one.\n\n    And more.\n    """\n    {body}\n'
    kept = answer.replace(body, "b = a + 1\n    return b")
    language = language_for("python", "a.py")
    assert language is not None
    for text, doubt in ((answer, Doubt.EMPTIED), (kept, None)):
        found = AnswerReading(
            Form.REWRITE,
            original,
            lambda scope: MemberDefinitions(language, "", scope, "\n"),
            language="python",
            instruction="Say what it does.",
        )
        found.push(f"```python\n{text}```\n")
        found.finish(completed=True)
        assert found.doubt is doubt
