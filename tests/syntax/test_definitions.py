"""Where names are defined, in several languages."""

import pytest

from lsp_server.syntax.definitions import definitions, names_in
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.outline import outline
from lsp_server.syntax.tree import DocumentTree

_CASES = {
    "python": (
        "import os\nLIMIT = 10\nOTHER: int = 3\nif LIMIT == 3:\n    pass\n"
        "class Cart:\n    def total(self): return 1\ndef used(x):\n    return x\n"
        "def unused(): pass\n",
        "LIMIT used Cart os",
        ["LIMIT = 10", "class Cart:", "def used(x):"],
    ),
    "typescript": (
        "export const limit: number = 5;\nlet other = 1;\nexport type Id = string;\n"
        "function used(a: Id) { return a; }\n",
        "limit used Id",
        ["const limit", "type Id = string", "function used"],
    ),
    "go": (
        "package p\n\nconst (\n\tLimit = 1\n\tOther = 2\n)\n\nvar cache = map[string]int{}\n\n"
        "type Cart struct{ n int }\n\nfunc used() {}\n",
        "Limit cache Cart used",
        ["Limit = 1", "var cache", "Cart struct", "func used"],
    ),
    "rust": (
        "const LIMIT: u32 = 5;\nstatic NAME: &str = \"x\";\nfn used() {}\nfn other() {}\n",
        "LIMIT used",
        ["const LIMIT", "fn used"],
    ),
    "c": (
        "#define MOST 10\nstatic int count = 0;\nint used(void) { return MOST; }\n",
        "MOST used count",
        ["#define MOST 10", "static int count", "int used"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("language_id", sorted(_CASES))
def test_definitions_of_what_is_used(language_id: str) -> None:
    text, names, expected = _CASES[language_id]
    language = language_for(language_id, None, "")
    assert language is not None
    tree = DocumentTree(language, text)
    found = definitions(tree, outline(text, None, tree), names_in(names))
    begins = [span.text(text) for span in found]
    assert len(begins) == len(expected), begins
    assert all(any(head in b.partition("\n")[0] for head in expected) for b in begins), begins


def test_names() -> None:
    assert names_in('a.b(1, "x y") # Ü2') == {"a", "b", "x", "y", "Ü2"}
