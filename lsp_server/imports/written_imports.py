"""Reads import statements that stand alone, such as one line that a model wrote."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from lsp_server.errors import TooCostly
from lsp_server.imports.imported import ImportStatement, Surroundings
from lsp_server.imports.rendering import rendered, renders
from lsp_server.imports.statements import read_imports
from lsp_server.syntax.language import Language
from lsp_server.syntax.tree import DocumentTree

__all__ = ["WrittenImport", "written_imports"]

_BEFORE = {"php": "<?php\n"}
"""What a file begins with before it may import."""
_TERMINATED = frozenset(
    ("javascript", "typescript", "typescriptreact", "rust", "java", "csharp", "php")
)
"""The languages whose import statements end in a semicolon."""
_AS_WRITTEN = frozenset(("javascript", "typescript", "typescriptreact"))
"""The languages where a statement with one module may hold more than is read of it."""
_NO_IMPORTS = frozenset(("export", "import()", "mod", "using namespace"))
"""Forms that read a module, but are no import that code elsewhere in the file needs."""
_LAST_COMMA = re.compile(r" ?, ?([)}\]])")
_BRACES = re.compile(r"\{ ?([^{}]*?) ?\}")


@dataclass(frozen=True, slots=True)
class WrittenImport:
    """One import statement with one module."""

    text: str
    """The statement on one line."""
    statement: ImportStatement
    """What it imports; its span means nothing."""


def written_imports(language: Language, text: str) -> tuple[WrittenImport, ...]:
    """What `text` imports, one statement for each module.

    Empty if `text` holds anything but import statements and comments. A missing semicolon does not
    matter, nor does one too many. Never raises.
    """
    text = text.strip("; \t\r\n")
    if not text:
        return ()
    # A comment at the end would hold a semicolon right behind it.
    for version in (f"{text};", f"{text}\n;") if language.id in _TERMINATED else (text,):
        try:
            found = tuple(_read(language, version))
        except TooCostly:
            return ()
        if found:
            return found
    return ()


def _read(language: Language, text: str) -> Iterator[WrittenImport]:
    before = _BEFORE.get(language.id, "")
    tree = DocumentTree(language, f"{before}{text}\n")
    if not tree.readable or tree.root.has_error:
        return
    found = [(way[-1], statements) for way, statements in read_imports(tree)]
    ends = {node.end_byte for node, _ in found}
    for child in tree.root.named_children:
        other = child.type not in language.nodes.comments and child.type != "php_tag"
        if other and child.end_byte not in ends and not _is_around(child, found):
            return
    for node, statements in found:
        if all(each.form not in _NO_IMPORTS for each in statements) and all(
            each.surroundings == Surroundings.TOP for each in statements
        ):
            yield from _written(tree, node, statements)


def _is_around(child: Node, found: list[tuple[Node, tuple[ImportStatement, ...]]]) -> bool:
    """Whether the node is a statement around an import, as for `require`."""
    return any(
        child.start_byte <= node.start_byte and node.end_byte <= child.end_byte for node, _ in found
    )


def _written(
    tree: DocumentTree, node: Node, statements: tuple[ImportStatement, ...]
) -> Iterator[WrittenImport]:
    language_id = tree.language.id
    as_written = len(statements) == 1 and (
        language_id in _AS_WRITTEN or not statements[0].form.startswith(("use", "import", "from"))
    )
    for each in statements:
        if as_written or not renders(language_id):
            yield WrittenImport(_on_one_line(tree, node, each), each)
        else:
            yield WrittenImport(rendered(language_id, each), each)


def _on_one_line(tree: DocumentTree, node: Node, statement: ImportStatement) -> str:
    """The statement as it is written, without comments and line ends."""
    start, end = (tree.byte_of(place) for place in (statement.span.start, statement.span.end))
    source = bytearray(tree.source[start:end])
    waiting = [node]
    while waiting:
        inner = waiting.pop()
        if inner.type in tree.language.nodes.comments:
            low, high = inner.start_byte - start, inner.end_byte - start
            source[max(low, 0) : high] = b" " * (high - max(low, 0))
        waiting += inner.children
    written = source.decode("utf-8", "replace")
    line = _LAST_COMMA.sub(r" \1", " ".join(written.split())).replace(" ;", ";")
    return _BRACES.sub(r"{ \1 }", line) if "\n" in written else line
