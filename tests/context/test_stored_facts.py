"""What a file declares and imports survives being written and read back."""

import json
import zlib

import pytest

from lsp_server.context.file_facts import FileFacts, facts_of
from lsp_server.context.stored_facts import facts_in, stored
from lsp_server.imports.statements import import_statements
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.tree import DocumentTree

TEXTS = {
    "a.py": (
        "import os\nfrom ..shop import Money as M, rate\nif True:\n    from x import *\n\n"
        "# é\n@dec\nclass Cart:\n    total = 1\n\n"
        "    def add(self):\n        '''Doc.'''\n        pass\n"
    ),
    "a.ts": (
        "import type { A } from './a';\nexport * from './b';\n"
        "export default class C {\n  d = 1;\n}\n"
    ),
    "a.rs": "use crate::shop::{Money as M, *};\nimpl Cart {\n    fn add(&self) {}\n}\n",
}


def row(*lines: int) -> list[object]:
    return ["a", "function", "", *lines, 0]


def packed(*what: object) -> bytes:
    return zlib.compress(json.dumps(what).encode())


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_read_back_is_what_was_written(name: str) -> None:
    text = TEXTS[name]
    language = language_for(None, name, text)
    assert language is not None
    facts, imports = facts_of(text, language), import_statements(DocumentTree(language, text))
    assert facts.declared and imports
    found = facts_in(stored(facts, imports), text.count("\n") + 1, len(text))
    assert found is not None
    assert found.facts.declared == facts.declared
    assert found.imports == imports


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nothing",
        zlib.compress(b"[1"),
        zlib.compress(b"[" * 200_000),
        packed(1, 2),
        packed([row(0, 0, 0)], []),
        packed([row(0, 0, 0, 10)], []),
        packed([row(-1, 0, 0, 0)], []),
        packed([row(2, 1, 3, 3)], []),
        packed([], [[[0, 200], "m", [], "", [0, 0, 0], "", "top"]]),
        packed([], [[[0, 1], "m", [], "", [0, 0, 0], "", "nowhere"]]),
    ],
)
def test_what_does_not_fit_the_file_is_not_believed(data: bytes) -> None:
    assert facts_in(data, 10, 100) is None


def test_too_much_is_not_stored() -> None:
    (one,) = facts_of("def a(): pass\n", language_for(None, "a.py", "")).declared
    assert stored(FileFacts((one,) * 100), ())
    assert stored(FileFacts((one,) * 50_000), ()) == b""
