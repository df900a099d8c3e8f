"""The import statements of a document."""

from collections.abc import Iterator
from dataclasses import replace

from tree_sitter import Node

from lsp_server.errors import TooCostly
from lsp_server.imports.import_nodes import import_ways, surroundings_of
from lsp_server.imports.imported import ImportedName, ImportStatement, Surroundings
from lsp_server.imports.readers import READERS
from lsp_server.imports.statement_text import StatementText
from lsp_server.syntax.tree import DocumentTree

__all__ = [
    "ImportStatement",
    "ImportedName",
    "Surroundings",
    "import_statements",
    "read_imports",
    "reads_imports",
]


def reads_imports(language_id: str) -> bool:
    """Whether import statements of the language are read."""
    return language_id in READERS


def import_statements(tree: DocumentTree) -> tuple[ImportStatement, ...]:
    """All import statements of a document in order, also those in functions.

    Re-exports count (`export … from`, `pub use`), and so do `require("x")` and `import("x")`. Empty
    if the language has none, and for a text that takes too long to parse or to read. Never raises.
    """
    try:
        found = [each for _, imported in read_imports(tree) for each in imported]
    except TooCostly:
        return ()
    return tuple(found)


def read_imports(
    tree: DocumentTree,
) -> Iterator[tuple[tuple[Node, ...], tuple[ImportStatement, ...]]]:
    """What each statement imports, with the nodes from the root to it. Raises `TooCostly`.

    In the order of the document.
    """
    reader = READERS.get(tree.language.id)
    if reader is None or not tree.readable:
        return
    source = StatementText(tree)
    for way in import_ways(tree):
        imported = tuple(reader.read(way[-1], source))
        if imported:
            surroundings = surroundings_of(way, source)
            yield way, tuple(replace(each, surroundings=surroundings) for each in imported)
