"""Declarations that a new text leaves out."""

import pytest

from lsp_server.syntax.languages import language_for
from lsp_server.syntax.lost import lost

TWO = "def one():\n    return 1\n\n\ndef two():\n    return 2"
ONE = "def one():\n    return 1"


@pytest.mark.parametrize(
    ("before", "after", "gone"),
    [
        (TWO, ONE, ["two"]),
        (TWO, "import math", ["one", "two"]),
        (TWO, TWO.replace("two", "second"), []),  # a new name in its place
        (ONE, TWO, []),
        (TWO, TWO, []),
        (f"TAX = 1\n\n\n{ONE}", ONE, ["TAX"]),
        (f"TAX = 1\n\n\n{ONE}", f"RATE = 1\n\n\n{ONE}", []),
        (f"TAX = 1\n\n\n{ONE}", f"from a import TAX\n\n\n{ONE}", []),
        ("result = 0\nprint(result)", "print(0)", []),
        ("class A:\n    pass\n\n\n" + ONE, ONE, ["A"]),
        (
            "def one():\n        pass\n\n    def two():\n        pass",
            "def one():\n        pass",
            ["two"],
        ),
    ],
)
def test_what_is_gone(before: str, after: str, gone: list[str]) -> None:
    indent = "    " if "\n    def" in before else ""
    assert lost(before, after, language_for("python"), indent) == gone


def test_a_name_in_another_language() -> None:
    before = "export const a = 1;\nfunction f() {\n  return a;\n}\nconst g = () => 2;"
    assert lost(before, "function f() {\n  return 1;\n}", language_for("javascript")) == ["g", "a"]


def test_without_a_grammar_nothing_is_known() -> None:
    assert lost(TWO, "", None) == []
