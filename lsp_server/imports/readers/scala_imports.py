"""Import statements of Scala: paths with dots, and selectors in braces."""

from collections.abc import Iterator

from tree_sitter import Node

from lsp_server.imports.imported import ImportedName, ImportStatement
from lsp_server.imports.readers.reader import reader_of_kinds
from lsp_server.imports.statement_text import StatementText
from lsp_server.text.span import Span

__all__ = ["SCALA"]

_RENAMED = ("arrow_renamed_identifier", "as_renamed_identifier")


def _read(node: Node, source: StatementText) -> Iterator[ImportStatement]:
    span = source.span(node)
    path: list[str] = []
    ends: list[Node] = []
    for child in [*node.children[1:], None]:
        if child is None or child.type == ",":
            yield from _clause(span, ".".join(path), ends, source)
            path, ends = [], []
        elif child.type in ("namespace_selectors", "namespace_wildcard", *_RENAMED):
            ends.append(child)
        elif child.is_named and child.type not in ("comment", "block_comment"):
            path.append(source.of(child))


def _clause(
    span: Span, path: str, ends: list[Node], source: StatementText
) -> Iterator[ImportStatement]:
    """What is between two commas: a path, with or without selectors."""
    if not path:
        return
    if not ends:
        module, _, name = path.rpartition(".")
        only = (ImportedName(name),) if module else ()
        yield ImportStatement(span, module or name, only, form="import")
        return
    end = ends[0]
    selectors = end.named_children if end.type == "namespace_selectors" else [end]
    selected = tuple(_selected(each, source) for each in selectors)
    names = tuple(each for each in selected if each is not None and each.alias != "_")
    wildcard = any(
        each.type == "namespace_wildcard" and source.of(each) != "given" for each in selectors
    )
    if names or wildcard:
        yield ImportStatement(span, path, names, wildcard=wildcard, form="import")


def _selected(node: Node, source: StatementText) -> ImportedName | None:
    if node.type in _RENAMED:
        return ImportedName(source.field(node, "name"), source.field(node, "alias"))
    if node.type == "identifier" or source.of(node) == "given":
        return ImportedName(source.of(node))
    return None


SCALA = reader_of_kinds("import_declaration", "import", _read)
