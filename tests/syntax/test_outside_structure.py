"""What is read off a tree outside of a scope, and how errors are counted."""

import pytest

from lsp_server.syntax.languages import Language, language_for
from lsp_server.syntax.outside_structure import (
    Errors,
    OutsideStructure,
    Window,
    errors_of,
    is_roomy,
    surroundings_of,
)
from lsp_server.syntax.tree import encode
from tests.syntax.gate_sources import marked


def grammar(name: str) -> Language:
    language = language_for(name)
    assert language is not None
    return language


def read(name: str, text: str) -> OutsideStructure:
    """The surroundings of the scope in a marked text."""
    document, scope = marked(text)
    head, tail = encode(document[: scope.start]), encode(document[scope.end :])
    window = Window.around(head, encode(scope.text(document)), tail)
    language = grammar(name)
    return surroundings_of(language.parse(encode(document)).root_node, window, language)


def count(name: str, text: str) -> Errors:
    source = encode(text)
    return errors_of(grammar(name).parse(source).root_node, source, grammar(name))


# -- windows -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "scope", "tail", "window"),
    [
        (b"a ", b"b", b" c", Window(1, 2, 3, 4)),
        (b"a\n", b"  b  ", b"\nc", Window(1, 4, 5, 8)),
        (b"a\n", b"", b"\nc", Window(1, 3, 1, 3)),
        (b"", b"", b"", Window(0, 0, 0, 0)),
        (b"a", b"b", b"c", Window(1, 1, 2, 2)),
    ],
)
def test_blanks_belong_to_nobody(head: bytes, scope: bytes, tail: bytes, window: Window) -> None:
    assert Window.around(head, scope, tail) == window


# -- surroundings ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "present", "changed"),
    [
        ("python", "a = 1\n«b = 2»\nc = 3\n", "a = 1\n«for x in y:\n    z()»\nc = 3\n"),
        ("python", "class A:\n    x = 1\n«»\n", "class A:\n    x = 1\n«    y = 2»\n"),
        ("python", "def f():\n«»\n    x = 1\n", "def f():\n«    y = 2»\n    x = 1\n"),
        ("python", "def f():\n    x = 1\n    «y = 2»\n", "def f():\n    x = 1\n    «»\n"),
        ("markdown", "# A\n\n«One.»\n\nTwo.\n", "# A\n\n«## B\n\nOne.»\n\nTwo.\n"),
        ("javascript", "f(«a», b)\n", "f(«c, ...d», b)\n"),
    ],
)
def test_kept(name: str, present: str, changed: str) -> None:
    assert read(name, present).kept_by(read(name, changed))


@pytest.mark.parametrize(
    ("name", "present", "changed"),
    [
        ("python", "a = 1\n«b = 2»\ndef f(): pass\n", "a = 1\n«@b»\ndef f(): pass\n"),
        ("python", "if a:\n    b()\n«c()»\n", "if a:\n    b()\n«else:\n    c()»\n"),
        ("javascript", "let a\n«b()»\n", "let a\n«= b()»\n"),
        ("javascript", "if (a)\n  «b()»\nelse\n  c()\n", "if (a)\n  «if (d) b()»\nelse\n  c()\n"),
        ("c", "int a;\n«int b;»\nint f(void) {}\n", "int a;\n«static»\nint f(void) {}\n"),
        ("markdown", "«One.»\n\nTwo.\n", "«```\nOne.»\n\nTwo.\n"),
    ],
)
def test_not_kept(name: str, present: str, changed: str) -> None:
    assert not read(name, present).kept_by(read(name, changed))


def test_whole_cut_and_broken_scopes() -> None:
    assert read("python", "a = 1\n«b = 2\nc = 3»\nd = 4\n").whole
    assert read("python", "a = b + «c * d»\n").whole
    assert read("python", "a = (b «+ c) + d»\n").cut
    assert read("python", "f(((\n\n«def g(:»\n    x = 1\n").broken


# -- errors ------------------------------------------------------------------------------------


def test_a_sound_text_has_no_errors() -> None:
    assert count("python", "if a:\n    b()\n") == Errors(0, 0, 0)


def test_bytes_under_nested_errors_count_once() -> None:
    text = "?#if A\n>=end\n"
    errors = count("css", text)
    assert errors.count > 1
    assert 0 < errors.length <= len(text)


def test_no_more_than() -> None:
    assert Errors(1, 0, 9).no_more_than(Errors(1, 0, 2))
    assert not Errors(2, 0, 2).no_more_than(Errors(1, 3, 2))
    assert not Errors(0, 1, 0).no_more_than(Errors(3, 0, 2))


def test_a_module_is_a_row_in_python_only() -> None:
    assert is_roomy(grammar("python").parse(b"a").root_node, grammar("python"))
    module = grammar("ruby").parse(b"module A\n  b\nend\n").root_node.children[0]
    assert module.type == "module" and not is_roomy(module, grammar("ruby"))
