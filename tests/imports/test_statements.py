"""Import statements of whole documents: their order, places and surroundings."""

import pytest

from lsp_server.imports.statements import Surroundings, import_statements, reads_imports
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.tree import DocumentTree


def _tree(language_id: str, text: str) -> DocumentTree:
    language = language_for(language_id)
    assert language is not None
    return DocumentTree(language, text)


def _modules(language_id: str, text: str) -> list[tuple[str, str]]:
    tree = _tree(language_id, text)
    return [(each.module, each.surroundings) for each in import_statements(tree)]


@pytest.mark.parametrize(
    ("language_id", "text", "expected"),
    [
        (
            "python",
            "import a\nif TYPE_CHECKING:\n    import b\ntry:\n    import c\nexcept ImportError:\n"
            "    import d\n\ndef f():\n    import e\n",
            [("a", "top"), ("b", "types"), ("c", "condition"), ("d", "condition"), ("e", "inside")],
        ),
        (
            "c",
            "#ifndef A_H\n#define A_H\n#include <a.h>\n#ifdef B\n#include <b.h>\n#endif\n#endif\n",
            [("a.h", "top"), ("b.h", "condition")],
        ),
        (
            "csharp",
            "using A;\nnamespace B\n{\n    using C;\n    class D {}\n}\n",
            [("A", "top"), ("C", "top")],
        ),
        ("php", "<?php\nnamespace A {\nuse B\\C;\n}\n", [("B", "top")]),
        (
            "javascript",
            "const a = require('a');\nfunction f() { return require('b'); }\n"
            "const c = () => import('c');\nexport const d = async () => { await import('d'); };\n",
            [("a", "top"), ("b", "inside"), ("c", "inside"), ("d", "inside")],
        ),
        (
            "rust",
            "use a::b;\nmod c {\n    use d::e;\n}\nfn f() { use g::h; }\n",
            [("a", "top"), ("d", "inside"), ("g", "inside")],
        ),
        (
            "ruby",
            "require 'a'\nmodule M\n  autoload :B, 'b'\nend\n",
            [("a", "top"), ("b", "inside")],
        ),
    ],
)
def test_what_statements_stand_in(
    language_id: str, text: str, expected: list[tuple[str, str]]
) -> None:
    assert _modules(language_id, text) == expected


def test_spans_are_the_statements_in_code_points() -> None:
    text = '"""Größe 🎉."""\nfrom a import (\n    b,\n)\nimport c\n'
    found = import_statements(_tree("python", text))
    assert [each.span.text(text) for each in found] == ["from a import (\n    b,\n)", "import c"]


def test_a_long_document_and_a_long_statement_are_read_in_order() -> None:
    block = "".join(f'\t"example.com/package{n}"\n' for n in range(900))
    body = "".join(f"func f{n}() int {{ return {n} }}\n" for n in range(3000))
    text = f'package p\n\nimport (\n{block})\n\nimport "last"\n{body}'
    found = import_statements(_tree("go", text))
    assert [each.module for each in found] == [
        *(f"example.com/package{n}" for n in range(900)),
        "last",
    ]


def test_inside_a_module_of_thousands_of_nodes() -> None:
    body = "".join(f"    pub fn f{n}() -> usize {{ {n} }}\n" for n in range(900))
    text = f"mod long {{\n    use a::b;\n{body}    use c::d;\n}}\n"
    found = import_statements(_tree("rust", text))
    assert [(each.module, each.surroundings) for each in found] == [
        ("a", Surroundings.INSIDE),
        ("c", Surroundings.INSIDE),
    ]


def test_broken_text_around_an_import() -> None:
    assert ("a", "top") in _modules("python", "import a\ndef f(:\n    retrn ((\nfrom b import\n")
    assert ("./a", "top") in _modules("typescript", "import {a} from './a';\nconst = = {{\n")


def test_a_reading_that_takes_too_long_finds_nothing() -> None:
    tree = _tree("python", "import a\n" * 3000)
    assert len(import_statements(tree)) == 3000
    tree.language = tree.language.bounded(lambda: lambda: True)
    assert import_statements(tree) == ()


def test_which_languages_import() -> None:
    assert reads_imports("python")
    assert not reads_imports("json")
    assert import_statements(_tree("json", "{}")) == ()
