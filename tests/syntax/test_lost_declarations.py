"""Declarations that a new text leaves out."""

import pytest

from lsp_server.syntax.languages import language_for
from lsp_server.syntax.lost_declarations import lost

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


@pytest.mark.parametrize(
    ("language", "before", "after", "gone"),
    [
        ("json", '{"a": 1, "b": {"c": 2}}', '{"a": 2}', ["b"]),
        ("json", '{"a": 1, "b": {"c": 2}}', '{"a": 1, "d": {}}', []),  # a new name in its place
        ("yaml", "a:\n  b: 1\nd:\n  e: 3", "d:\n  e: 4", ["a"]),
        ("yaml", "a:\n  b: 1\nd:\n  e: 3", "a: {b: 1}\nd: [3]", []),
        ("toml", "x = 1\n[t]\ny = 2", "[t]\ny = 3", ["x"]),
        ("css", "a { top: 0 }\n\n.b, b:hover { top: 0 }", "a { top: 1px }", [".b, b:hover"]),
    ],
)
def test_entries_of_texts_without_functions(
    language: str, before: str, after: str, gone: list[str]
) -> None:
    assert lost(before, after, language_for(language)) == gone
