"""The text of import statements, node by node."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from lsp_server.syntax.node_rules import kinds
from lsp_server.syntax.nodes import trim
from lsp_server.syntax.tree import DocumentTree
from lsp_server.text.span import Span

__all__ = ["StatementText"]

_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_STRINGS = kinds(
    "string string_literal interpreted_string_literal raw_string_literal encapsed_string"
)


class StatementText:
    """Reads the nodes of one document as text."""

    def __init__(self, tree: DocumentTree) -> None:
        self.tree = tree

    def span(self, node: Node) -> Span:
        """The code points of a node without white space at its ends."""
        return trim(self.tree.text, self.tree.span_of(node))

    def of(self, node: Node | None) -> str:
        """The text of a node; empty for None."""
        return "" if node is None else self.span(node).text(self.tree.text)

    def field(self, node: Node, name: str) -> str:
        """The text of a field of a node; empty where it has none."""
        return self.of(node.child_by_field_name(name))

    def plain(self, node: Node) -> str:
        """The text of a node on one line, without comments as C has them."""
        return " ".join(_COMMENT.sub(" ", self.of(node)).split())

    def literal(self, node: Node | None) -> str | None:
        """The contents of a plain string; None if it is none, or holds an expression."""
        if node is None or node.type not in _STRINGS:
            return None
        if any(child.type == "interpolation" for child in node.named_children):
            return None
        return self.of(node)[1:-1]

    def children(self, node: Node, *kinds: str) -> Iterator[Node]:
        """The named children of these kinds."""
        return (child for child in node.named_children if child.type in kinds)
