"""Expressions that go on with another operand, and those that would be read differently."""

import pytest
from tree_sitter import Node

from lsp_server.syntax.expression import goes_on
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.outside_structure import OutsideStructure, Window, surroundings_of
from lsp_server.syntax.tree import encode
from tests.syntax.gate_sources import marked


def seen(name: str, head: str, scope: str, tail: str) -> tuple[Node, Window, OutsideStructure]:
    language = language_for(name)
    assert language is not None
    window = Window.around(encode(head), encode(scope), encode(tail))
    root = language.parse(encode(head + scope + tail)).root_node
    return root, window, surroundings_of(root, window, language)


def reads_on(name: str, text: str, candidate: str) -> bool:
    document, scope = marked(text)
    head, tail = document[: scope.start], document[scope.end :]
    language = language_for(name)
    assert language is not None
    base, new = seen(name, head, scope.text(document), tail), seen(name, head, candidate, tail)
    return goes_on(base, new, language)


@pytest.mark.parametrize(
    ("name", "text", "candidate"),
    [
        ("python", "x = a.«b»\n", "b()"),
        ("python", "x = a.«b»\n", "b.c[0]"),
        ("python", "x = not «a»\n", "a and b"),
        ("python", "x = a - «b»\n", "b - c"),
        ("python", "x = [«a»]\n", "a for a in b"),
        ("python", "x = a + «b»\n", "b if c else d"),
        ("typescript", "const x = a.«b»;\n", "b!.c"),
        ("javascript", "f(a === «b»);\n", "b || c"),
        ("java", "class A { int x = a.«b»; }\n", "b().c()"),
        ("go", "package m\n\nvar x = a.«b»\n", "b(1)"),
        ("rust", "fn f() {\n    let x = a.«b»;\n}\n", "b?.c()"),
        ("lua", "local x = a.«b»\n", "b(1)"),
        ("ruby", "x = a == «b»\ny\n", "b || c"),
        ("c", "«int» f(void) { return 1; }\n", "char *"),
    ],
)
def test_an_operand_may_go_on_with_its_expression(name: str, text: str, candidate: str) -> None:
    assert reads_on(name, text, candidate)


@pytest.mark.parametrize(
    ("name", "text", "candidate"),
    [
        ("python", "x = a * «b»\n", "b + c"),
        ("python", "x = «a» * b\n", "c + a"),
        ("javascript", "x = a && «b»;\n", "b || c"),
        ("javascript", "f(«a», b);\n", "a), (c"),
        ("javascript", "if (a) «b();» else c();\n", "if (d) b();"),
        ("javascript", "x = a\n«b()»\nc()\n", "+ b()"),
        ("python", "«x = 1»\ny = 2\n", "x = 2"),
        ("python", "x = 1\n«»\n", "y = 2"),
        ("json", "[«1»]", "2"),
    ],
)
def test_what_is_no_such_expression(name: str, text: str, candidate: str) -> None:
    assert not reads_on(name, text, candidate)
