"""JSON with comments and headers of C++, recognised by name and text."""

import pytest

from lsp_server.syntax.gate import make_gate
from lsp_server.syntax.languages import language_for
from tests.syntax.gate_sources import marked

PLAIN = (
    "#pragma once\n#include <stdio.h>\nstruct class_of { int x; };\nint f(struct class_of *c);\n"
)


@pytest.mark.parametrize(
    "text",
    [
        "class A {\npublic:\n  int x;\n};\n",
        "struct A {\nprivate:\n  int x;\n};\n",
        "namespace a {\nint f();\n}\n",
        "template <typename T>\nT f(T a);\n",
        "#include <vector>\nint f();\n",
        "using A = int;\n",
        "enum class A { B };\n",
        "struct A {\n  virtual int f() = 0;\n};\n",
    ],
)
def test_a_header_that_holds_cpp_is_cpp(text: str) -> None:
    for name in ("c", None):
        found = language_for(name, "file:///a/b.h", "// A.\n" + text)
        assert found is not None and found.id == "cpp"
    source = language_for("c", "file:///a/b.c", text)
    assert source is not None and source.id == "c"


def test_a_header_of_c_stays_c() -> None:
    for text in (PLAIN, "", "/* class A {\n * template */\nint f(int public);\n"):
        found = language_for("c", "a.h", text)
        assert found is not None and found.id == "c"


COMMAS = '{\n  // a\n  «"b": {\n    "c": 1\n  }»\n}\n'


@pytest.mark.parametrize(
    ("name", "path", "taken"),
    [
        ("jsonc", "a.json", True),
        ("json5", None, True),
        ("json", "file:///a/tsconfig.build.json", True),
        (None, "a.code-workspace", True),
        ("json", "a/.eslintrc.json", True),
        ("json", "package.json", False),
        ("json", None, False),
    ],
)
def test_a_comma_behind_the_last_item(name: str | None, path: str | None, taken: bool) -> None:
    gate = make_gate(*marked(COMMAS), language_for(name, path))
    for answer in ('"b": {\n    "c": [1, 2, ],\n  }', '"b": {\n    "c": 1, // d\n  },'):
        assert gate.settled(answer) is taken
    for answer in ('"b": {,}', '"b": {"c": 1,, }', '"b": {"c": 1, "d"}'):
        assert not gate.settled(answer)
        assert gate.unknown(answer) is None
