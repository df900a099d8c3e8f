"""Import statements of Python."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from lsp_server.imports.imported import ImportedName, ImportStatement
from lsp_server.imports.readers.reader import reader_of_kinds
from lsp_server.imports.statement_text import StatementText

__all__ = ["PYTHON"]

_SPACE = re.compile(r"\s+")


def _read(node: Node, source: StatementText) -> Iterator[ImportStatement]:
    span = source.span(node)
    names = [
        _name(child, source)
        for child in node.children_by_field_name("name")
        if child.type in ("dotted_name", "aliased_import")
    ]
    if node.type == "import_statement":
        for each in names:
            yield ImportStatement(span, each.name, alias=each.alias, form="import")
        return
    module = _SPACE.sub("", source.field(node, "module_name"))
    if node.type == "future_import_statement":
        module = "__future__"
    wildcard = any(source.children(node, "wildcard_import"))
    if module and (names or wildcard):
        yield ImportStatement(span, module, tuple(names), wildcard=wildcard, form="from")


def _name(node: Node, source: StatementText) -> ImportedName:
    if node.type == "dotted_name":
        return ImportedName(_SPACE.sub("", source.of(node)))
    name = _SPACE.sub("", source.field(node, "name"))
    return ImportedName(name, source.field(node, "alias"))


PYTHON = reader_of_kinds(
    "import_statement import_from_statement future_import_statement", "import", _read
)
