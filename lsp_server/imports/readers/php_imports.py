"""Import statements of PHP: `use`, and the files that `require` and `include` read."""

from collections.abc import Iterator

from tree_sitter import Node

from lsp_server.imports.imported import ImportedName, ImportStatement
from lsp_server.imports.readers.reader import reader_of_kinds
from lsp_server.imports.statement_text import StatementText
from lsp_server.syntax.node_rules import kinds
from lsp_server.text.span import Span

__all__ = ["PHP"]

_FILES = kinds(
    "require_expression require_once_expression include_expression include_once_expression"
)


def _read(node: Node, source: StatementText) -> Iterator[ImportStatement]:
    if node.type in _FILES:
        yield from _file(node, source)
        return
    span = source.span(node)
    outer = source.field(node, "type")
    group = node.child_by_field_name("body")
    prefix = "" if group is None else _prefix(node, source)
    for clause in source.children(node if group is None else group, "namespace_use_clause"):
        yield from _clause(span, clause, prefix, outer, source)


def _prefix(node: Node, source: StatementText) -> str:
    name = next(source.children(node, "namespace_name"), None)
    return source.plain(name).replace(" ", "") if name is not None else ""


def _clause(
    span: Span, clause: Node, prefix: str, kind: str, source: StatementText
) -> Iterator[ImportStatement]:
    alias = source.field(clause, "alias")
    kind = source.field(clause, "type") or kind
    path = next(source.children(clause, "qualified_name", "name"), None)
    if path is None:
        return
    text = source.plain(path).replace(" ", "").lstrip("\\")
    module, _, name = "\\".join(part for part in (prefix, text) if part).rpartition("\\")
    form = f"use {kind}".rstrip()
    if module:
        yield ImportStatement(span, module, (ImportedName(name, alias),), form=form)
    else:
        yield ImportStatement(span, name, alias=alias, form=form)


def _file(node: Node, source: StatementText) -> Iterator[ImportStatement]:
    """`require 'a.php'` and `require __DIR__ . '/a.php'`."""
    path: Node | None = node.named_child(0)
    while path is not None and path.type == "parenthesized_expression":
        path = path.named_child(0)
    if path is not None and path.type == "binary_expression":
        if source.field(path, "left") != "__DIR__":
            return
        path = path.child_by_field_name("right")
    module = source.literal(path)
    if module:
        around = node.parent
        whole = around if around is not None and around.type == "expression_statement" else node
        form = node.type.removesuffix("_expression")
        span = source.span(whole)
        yield ImportStatement(span, module.lstrip("/"), wildcard=True, local=True, form=form)


PHP = reader_of_kinds(
    " ".join(("namespace_use_declaration", *_FILES)),
    "use require require_once include include_once",
    _read,
)
