"""Import statements that name files or packages in quotes: Go, C, C++ and Ruby."""

from collections.abc import Iterator

from tree_sitter import Node

from lsp_server.imports.imported import ImportedName, ImportStatement
from lsp_server.imports.readers.reader import reader_of_kinds
from lsp_server.imports.statement_text import StatementText
from lsp_server.text.span import Span

__all__ = ["CPP", "GO", "RUBY", "C"]

_REQUIRING = ("require", "require_relative", "load", "autoload")


def _go(node: Node, source: StatementText) -> Iterator[ImportStatement]:
    span = source.span(node)
    for outer in node.named_children:
        for spec in outer.named_children if outer.type == "import_spec_list" else (outer,):
            if spec.type == "import_spec":
                yield from _go_spec(span, spec, source)


def _go_spec(span: Span, spec: Node, source: StatementText) -> Iterator[ImportStatement]:
    module = source.literal(spec.child_by_field_name("path"))
    alias = source.field(spec, "name")
    if module:
        everything = alias == "."
        alias = "" if everything else alias
        yield ImportStatement(span, module, alias=alias, wildcard=everything, form="import")


def _c(node: Node, source: StatementText) -> Iterator[ImportStatement]:
    span = source.span(node)
    if node.type == "using_declaration":
        yield from _using(span, node, source)
        return
    path = node.child_by_field_name("path")
    if path is not None and path.type in ("system_lib_string", "string_literal"):
        module, local = source.of(path)[1:-1], path.type == "string_literal"
        yield ImportStatement(span, module, wildcard=True, local=local, form="#include")


def _using(span: Span, node: Node, source: StatementText) -> Iterator[ImportStatement]:
    """`using a::b;` and `using namespace a;`."""
    words = source.plain(node).rstrip("; ").split(" ")
    path = words[-1].removeprefix("::")
    if words[:2] == ["using", "namespace"]:
        yield ImportStatement(span, path, wildcard=True, form="using namespace")
        return
    module, _, name = path.rpartition("::")
    if len(words) == 2 and module:
        yield ImportStatement(span, module, (ImportedName(name),), form="using")


def _ruby(node: Node, source: StatementText) -> Iterator[ImportStatement]:
    form = source.field(node, "method")
    arguments = node.child_by_field_name("arguments")
    bare = form in _REQUIRING and node.child_by_field_name("receiver") is None
    if arguments is None or not bare:
        return
    given = arguments.named_children
    wanted = 2 if form == "autoload" else 1
    module = source.literal(given[wanted - 1]) if len(given) == wanted else None
    if not module:
        return
    names = (ImportedName(source.of(given[0]).lstrip(":")),) if wanted == 2 else ()
    yield ImportStatement(
        source.span(node),
        module,
        names,
        wildcard=not names,
        local=form == "require_relative",
        form=form,
    )


GO = reader_of_kinds("import_declaration", "import", _go)
C = reader_of_kinds("preproc_include", "include", _c)
CPP = reader_of_kinds("preproc_include using_declaration", "include using", _c)
RUBY = reader_of_kinds("call", " ".join(_REQUIRING), _ruby)
