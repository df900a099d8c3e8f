"""Import statements of Java, Kotlin, C# and Swift: words, and a path with dots."""

import re
from collections.abc import Callable, Iterator

from tree_sitter import Node

from lsp_server.imports.imported import ImportedName, ImportStatement
from lsp_server.imports.readers.reader import ImportReader, reader_of_kinds
from lsp_server.imports.statement_text import StatementText
from lsp_server.text.span import Span

__all__ = ["CSHARP", "JAVA", "KOTLIN", "SWIFT"]

_PATH = r"(?P<path>[\w$`]+(?: ?\. ?[\w$`]+)*)"
_JAVA = re.compile(rf"(?P<form>import(?: static)?) {_PATH}(?P<star> ?\. ?\*)? ?;?")
_KOTLIN = re.compile(rf"(?P<form>import) {_PATH}(?P<star> ?\. ?\*)?(?: as (?P<alias>[\w`]+))? ?;?")
_SWIFT = re.compile(
    r"(?:@\w+(?:\([^)]*\))? )*(?:(?:public|package|internal|fileprivate|private) )?"
    r"(?P<form>import(?: (?:struct|class|enum|protocol|typealias|func|let|var|actor))?) " + _PATH
)
_CSHARP = re.compile(
    r"(?P<form>(?:global )?using(?: static| unsafe)?) (?:(?P<alias>[\w@]+) ?= ?)?"
    r"(?:global ?:: ?)?(?P<path>[\w@]+(?: ?\. ?[\w@]+)*) ?;?"
)


def _reader(
    kind: str, statement: re.Pattern[str], build: Callable[[Span, re.Match[str]], ImportStatement]
) -> ImportReader:
    """A reader of the statements that match a pattern as a whole."""

    def read(node: Node, source: StatementText) -> Iterator[ImportStatement]:
        found = statement.fullmatch(source.plain(node))
        if found is not None:
            yield build(source.span(node), found)

    return reader_of_kinds(kind, "using" if kind == "using_directive" else "import", read)


def _path(found: re.Match[str]) -> str:
    return found["path"].replace(" ", "")


def _member(span: Span, found: re.Match[str]) -> ImportStatement:
    """The last part of the path, or everything in it, is imported."""
    path, form = _path(found), found["form"]
    if found["star"]:
        return ImportStatement(span, path, wildcard=True, form=form)
    module, _, name = path.rpartition(".")
    alias = found.groupdict().get("alias") or ""
    if not module:
        return ImportStatement(span, name, alias=alias, form=form)
    return ImportStatement(span, module, (ImportedName(name, alias),), form=form)


def _swift(span: Span, found: re.Match[str]) -> ImportStatement:
    path, form = _path(found), found["form"]
    module, _, name = path.rpartition(".")
    if form == "import" and "@testable" in found[0]:
        form = "@testable import"
    if form.endswith("import") or not module:
        return ImportStatement(span, path, wildcard=True, form=form)
    return ImportStatement(span, module, (ImportedName(name),), form=form)


def _csharp(span: Span, found: re.Match[str]) -> ImportStatement:
    alias = found["alias"] or ""
    return ImportStatement(span, _path(found), alias=alias, wildcard=not alias, form=found["form"])


JAVA = _reader("import_declaration", _JAVA, _member)
KOTLIN = _reader("import", _KOTLIN, _member)
SWIFT = _reader("import_declaration", _SWIFT, _swift)
CSHARP = _reader("using_directive", _CSHARP, _csharp)
