"""Which edits may name imports that they need, and where a document would get them."""

import pytest

from lsp_server.lsp.import_places import LANGUAGES, may_name_imports, placed_lines
from lsp_server.settings import Imports, Settings
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.tree import DocumentTree
from lsp_server.text.span import Span

SAMPLES = {
    "python": "import os\n\n\ndef f():\n    pass\n",
    "go": 'package a\n\nimport "fmt"\n\nfunc f() {\n\tfmt.Println(1)\n}\n',
    "c": "#include <stdio.h>\n\nint f(void)\n{\n    return 1;\n}\n",
}


@pytest.mark.parametrize("language", SAMPLES)
def test_a_scope_that_is_the_file_or_has_all_imports_names_none(language: str) -> None:
    text = SAMPLES[language]
    grammar = language_for(language)
    assert grammar is not None
    tree = DocumentTree(grammar, text)
    function = Span(text.index("f("), len(text) - 1)
    head = Span(0, text.rindex("\n\n", 0, function.start))
    for scope, may in ((function, True), (Span(0, len(text)), False), (head, False)):
        assert may_name_imports(Settings(), language, tree, scope, "module") is may
    assert not may_name_imports(Settings(imports=Imports.NEVER), language, tree, function, "")
    assert not may_name_imports(Settings(), language, None, function, "")
    assert not may_name_imports(Settings(), "json", tree, function, "")


def test_a_function_that_is_alone_in_its_file_may_name_imports() -> None:
    text = "def f():\n    return json\n"
    grammar = language_for("python")
    assert grammar is not None
    tree, whole = DocumentTree(grammar, text), Span(0, len(text) - 1)
    for kind, may in (("function_definition", True), ("module", False), ("selection", False)):
        assert may_name_imports(Settings(), "python", tree, whole, kind) is may


@pytest.mark.parametrize("language", sorted(LANGUAGES - {"kotlin", "swift", "scala"}))
def test_every_language_has_a_grammar(language: str) -> None:
    assert language_for(language) is not None


def test_without_a_tree_no_line_has_a_place() -> None:
    assert placed_lines(None, ["import os"]) == ()
