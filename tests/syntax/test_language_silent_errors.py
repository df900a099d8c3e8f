"""Errors that a grammar does not mind, and texts that only look as if they had one."""

from pathlib import Path

import pytest

import lsp_server
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.outside_structure import errors_of
from lsp_server.syntax.tree import encode


def count(name: str, text: str) -> int:
    language = language_for(name)
    assert language is not None
    source = encode(text)
    root = language.parse(source).root_node
    assert not root.has_error
    return errors_of(root, source, language).silent


@pytest.mark.parametrize(
    ("name", "text", "errors"),
    [
        ("python", "if a:\nb()\n", 1),
        ("python", "if a:  # why\n\nb()\n", 1),
        ("python", "def f():\n    if a:\n    b()\n", 1),
        ("python", "def f(a,\n      b):", 1),
        ("python", "x = {\n    1:\n    2,\n}\n", 0),
        ("python", "if a: b()\n", 0),
        ("python", "if a:\r\n    b()\r\n", 0),
        ("python", "if a:\r\nb()\r\n", 1),
        ("python", "a()\n    b()\n", 1),
        ("python", "def f():\n    a()\n        b()\n        c()\n", 1),
        ("python", "def f():\n    # c\n    a()\n\n    b()\n", 0),
        ("python", "def f():\n  # c\n    a()\n    b()\n", 0),
        ("python", "if a:\n    if b:\n        c()\n      d()\n", 1),
        ("python", "x = [\n    1,\n        2,\n  3]\n", 0),
        ("python", 'x = """\n    try:\n  a\n      b:\n"""\n', 0),
        ("python", "a = b + \\\n      c\n", 0),
        ("python", "try:\n    a()\n", 1),
        ("python", "try:\n    a()\nfinally:\n    b()\n", 0),
        ("python", "try:\n    a()\nexcept* E:\n    b()\n", 0),
        ("python", "try:\n    try:\n        a()\nexcept E:\n    b()\n", 1),
        ("python", "retry: int = 1\n", 0),
        ("html", "<p>a</div></p>", 1),
        ("html", "<p>a</p>", 0),
        ("ruby", "a = <<~B\n  c\n", 1),
        ("ruby", "a = <<~B\n  c\nB\n", 0),
        ("css", "a { width: 10.5.5px }", 1),
        ("css", "a { margin: 1px2px .5em.5em }", 2),
        ("css", "a { border: 1px solid #fff#000; inset: .5.5.5 }", 3),
        ("css", "a { margin: 1px 2px; width: 10px\\9; inset: -1-1; top: calc(1e3px + 2.5px) }", 0),
        ("css", "a { --b: 1.2.3; background: url(5f68d.2.3.5.woff2) }", 0),
        ("javascript", "a()\n    b()\n", 0),
    ],
)
def test_what_a_grammar_does_not_mind(name: str, text: str, errors: int) -> None:
    assert count(name, text) == errors


def test_python_that_compiles_has_none() -> None:
    for path in sorted(Path(lsp_server.__file__).parent.rglob("*.py")):
        assert count("python", path.read_text(encoding="utf-8")) == 0, path
