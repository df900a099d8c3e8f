"""Import statements of Rust: `use` with its groups, `mod x;` and `extern crate`."""

from collections.abc import Iterator

from tree_sitter import Node

from lsp_server.imports.imported import ImportedName, ImportStatement
from lsp_server.imports.readers.reader import reader_of_kinds
from lsp_server.imports.statement_text import StatementText
from lsp_server.syntax.node_rules import kinds

__all__ = ["RUST"]

_PATHS = kinds("identifier scoped_identifier self crate super use_wildcard")


def _read(node: Node, source: StatementText) -> Iterator[ImportStatement]:
    span = source.span(node)
    if node.type == "mod_item":
        if node.child_by_field_name("body") is None:
            name = source.field(node, "name")
            yield ImportStatement(span, name, local=True, form="mod")
        return
    if node.type == "extern_crate_declaration":
        alias = source.field(node, "alias")
        name = source.field(node, "name")
        yield ImportStatement(span, name, alias=alias, form="extern crate")
        return
    argument = node.child_by_field_name("argument")
    if argument is None:
        return
    visibility = next(source.children(node, "visibility_modifier"), None)
    form = f"{source.of(visibility)} use".lstrip()
    # One for each module, in the order in which the modules are first named.
    names: dict[str, list[ImportedName]] = {}
    found: list[ImportStatement] = []
    for path, alias in _paths(argument, "", source):
        module, _, name = path.rpartition("::")
        if name == "*":
            found.append(ImportStatement(span, module, wildcard=True, form=form))
        elif not module:
            found.append(ImportStatement(span, name, alias=alias, form=form))
        else:
            names.setdefault(module, []).append(ImportedName(name, alias))
    yield from (ImportStatement(span, each, tuple(of), form=form) for each, of in names.items())
    yield from found


def _paths(node: Node, prefix: str, source: StatementText) -> Iterator[tuple[str, str]]:
    """The whole paths that a tree of `use` imports, each with its alias."""
    # Grammars nest as deep as the text does, so the tree is walked without recursion.
    waiting = [(node, prefix)]
    while waiting:
        node, prefix = waiting.pop()
        if node.type == "scoped_use_list":
            path = _joined(prefix, source.field(node, "path"))
            inside = node.child_by_field_name("list")
            if inside is not None:
                waiting += [(child, path) for child in reversed(inside.named_children)]
        elif node.type == "use_list":
            waiting += [(child, prefix) for child in reversed(node.named_children)]
        elif node.type == "use_as_clause":
            yield _joined(prefix, source.field(node, "path")), source.field(node, "alias")
        elif node.type in _PATHS:
            yield _joined(prefix, source.plain(node)), ""


def _joined(prefix: str, path: str) -> str:
    """A path below another one; `self` below one is that one itself."""
    path = path.replace(" ", "")
    if prefix and path == "self":
        return prefix
    return f"{prefix}::{path}".strip() if prefix and path else prefix or path


RUST = reader_of_kinds("use_declaration mod_item extern_crate_declaration", "use mod extern", _read)
