"""What a file has without importing it: its own package, and what the language always imports."""

from lsp_server.imports.imported import ImportStatement
from lsp_server.imports.statement_text import StatementText
from lsp_server.syntax.nearby_children import first_members
from lsp_server.syntax.node_rules import kinds
from lsp_server.syntax.tree import DocumentTree

__all__ = ["ImplicitImports"]

_ALWAYS = {
    "java": kinds("java.lang"),
    # https://kotlinlang.org/docs/packages.html#default-imports, those of every platform
    "kotlin": kinds(
        "kotlin kotlin.annotation kotlin.collections kotlin.comparisons kotlin.io"
        " kotlin.ranges kotlin.sequences kotlin.text"
    ),
    "scala": kinds("java.lang scala scala.Predef"),
}
_PACKAGES = ("package_declaration", "package_header", "package_clause")


class ImplicitImports:
    """Knows the packages that one document has without an import."""

    def __init__(self, tree: DocumentTree) -> None:
        self._packages = _ALWAYS.get(tree.language.id, frozenset())
        if not self._packages:
            return
        source = StatementText(tree)
        for node in first_members(tree.root):
            if node.type in _PACKAGES:
                words = source.plain(node).removeprefix("package ").rstrip("; ")
                self._packages |= {words.replace(" ", "")}
                break

    def holds(self, wanted: ImportStatement) -> bool:
        """Whether a file has this without importing it, under the same name."""
        renamed = any(name.alias for name in wanted.names)
        return wanted.form == "import" and not renamed and wanted.module in self._packages
