"""Kotlin that its grammar does not take is parsed all the same, at its places."""

import pytest

from lsp_server.syntax.languages.kotlin import KOTLIN


@pytest.mark.parametrize(
    "text",
    [
        "class A { val x = 1 }",
        "interface A { fun f() }",
        "enum class A { B, C }",
        'val a = object : B(), C { override fun f() = "}" }',
        "object A : B { override fun f() { g { it } } }",
        "class A { companion object { val B = 1 } }",
        "class A { }",
    ],
)
def test_a_class_in_one_line_of_kotlin_is_no_error(text: str) -> None:
    tree = KOTLIN.parse(text.encode())
    assert not tree.root_node.has_error
    assert tree.root_node.end_byte == len(text)


@pytest.mark.parametrize(
    "text",
    [
        b"class A { }",
        b"enum class A { B, C, }",
        b"val a = run { x }",
        b"if (A::class) { x }",
        b"{ }",
    ],
)
def test_what_is_taken_already_stays(text: bytes) -> None:
    assert KOTLIN.rewritten is not None and KOTLIN.rewritten(text) == text
