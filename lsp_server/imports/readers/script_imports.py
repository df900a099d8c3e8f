"""Import statements of JavaScript and TypeScript, with re-exports, `require` and `import()`."""

from collections.abc import Iterator

from tree_sitter import Node

from lsp_server.imports.imported import ImportedName, ImportStatement
from lsp_server.imports.readers.reader import reader_of_kinds
from lsp_server.imports.statement_text import StatementText
from lsp_server.text.span import Span

__all__ = ["JAVASCRIPT", "TYPESCRIPT"]

_STATEMENTS = ("expression_statement", "lexical_declaration", "variable_declaration")
_PATTERNS = ("object_assignment_pattern", "assignment_pattern")


def _read(node: Node, source: StatementText) -> Iterator[ImportStatement]:
    if node.type == "call_expression":
        yield from _call(node, source)
        return
    span = source.span(node)
    only_types = any(child.type == "type" for child in node.children)
    requires = next(source.children(node, "import_require_clause"), None)
    if requires is not None:
        module = source.literal(requires.child_by_field_name("source"))
        alias = source.of(next(source.children(requires, "identifier"), None))
        if module:
            yield ImportStatement(span, module, alias=alias, type_only=only_types, form="import =")
        return
    module = source.literal(node.child_by_field_name("source"))
    if not module:
        return
    if node.type == "export_statement":
        yield from _re_export(span, module, node, only_types, source)
        return
    clause = next(source.children(node, "import_clause"), None)
    names, alias = ((), "") if clause is None else _clause(clause, source)
    yield ImportStatement(span, module, names, alias, type_only=only_types, form="import")


def _clause(clause: Node, source: StatementText) -> tuple[tuple[ImportedName, ...], str]:
    """The names of an import, and the alias of the module itself."""
    names: list[ImportedName] = []
    alias = ""
    for child in clause.named_children:
        if child.type == "identifier":
            names.append(ImportedName("default", source.of(child)))
        elif child.type == "namespace_import":
            alias = source.of(next(source.children(child, "identifier"), None))
        elif child.type == "named_imports":
            names += [_specifier(each, source) for each in source.children(child, _SPECIFIER)]
    return tuple(names), alias


_SPECIFIER = "import_specifier"


def _specifier(node: Node, source: StatementText) -> ImportedName:
    name = node.child_by_field_name("name")
    written = source.literal(name) or source.of(name)
    only_type = any(child.type in ("type", "typeof") for child in node.children)
    return ImportedName(written, source.field(node, "alias"), only_type)


def _re_export(
    span: Span, module: str, node: Node, only_types: bool, source: StatementText
) -> Iterator[ImportStatement]:
    """`export … from`: the names are those of the module."""
    clause = next(source.children(node, "export_clause"), None)
    whole = next(source.children(node, "namespace_export"), None)
    specifiers = () if clause is None else source.children(clause, "export_specifier")
    names = tuple(_specifier(each, source) for each in specifiers)
    alias = "" if whole is None else source.of(whole.named_child(0))
    yield ImportStatement(
        span,
        module,
        names,
        alias,
        wildcard=clause is None and whole is None,
        type_only=only_types,
        form="export",
    )


def _call(node: Node, source: StatementText) -> Iterator[ImportStatement]:
    """`const {a, b: c} = require("x")`, `const y = require("x").y`, `await import("x")`."""
    arguments = node.child_by_field_name("arguments")
    given = [] if arguments is None else arguments.named_children
    module = source.literal(given[0]) if given else None
    function = source.field(node, "function")
    if not module or function not in ("require", "import"):
        return
    whole, around = node, node.parent
    member = ""
    while around is not None and around.type in ("await_expression", "member_expression"):
        member = source.field(around, "property")
        whole, around = around, around.parent
    names: tuple[ImportedName, ...] = ()
    alias = ""
    if around is not None and around.type == "variable_declarator":
        names, alias = _bound(around, member, source)
        around = around.parent
    if around is not None and around.type in _STATEMENTS:
        whole = around
    form = "import()" if function == "import" else "require"
    yield ImportStatement(source.span(whole), module, names, alias, form=form)


def _bound(
    declarator: Node, member: str, source: StatementText
) -> tuple[tuple[ImportedName, ...], str]:
    """The names that a declaration gives to parts of a module, or to the module itself."""
    target = declarator.child_by_field_name("name")
    if target is None:
        return (), ""
    if target.type == "identifier":
        name = source.of(target)
        if not member:
            return (), name
        return (ImportedName(member, name if name != member else ""),), ""
    names: list[ImportedName] = []
    for part in target.named_children if target.type == "object_pattern" else ():
        if part.type == "shorthand_property_identifier_pattern":
            names.append(ImportedName(source.of(part)))
        elif part.type == "pair_pattern":
            names.append(ImportedName(source.field(part, "key"), source.field(part, "value")))
        elif part.type in _PATTERNS:
            names.append(ImportedName(source.field(part, "left")))
    return tuple(names), ""


JAVASCRIPT = reader_of_kinds(
    "import_statement export_statement call_expression", "import from require", _read
)
TYPESCRIPT = JAVASCRIPT
