"""An independent judge of what the editor showed: whole files, parsed from nothing.

Shares no code with the gate that it checks. It knows a document as it was before an edit, and
tells of each later one whether it has more syntax errors and whether anything outside the scope
reads differently.
"""

from collections.abc import Iterator

from tree_sitter import Node

from lsp_server.syntax.languages import Language
from lsp_server.text.span import Span

_Sight = tuple[str, int, int, str]
"""A node outside: its kind, its place (from the end of the file, if behind the scope), its tree."""


class Judge:
    """Compares documents with the one that an edit began with; all are UTF-8 parsed whole."""

    def __init__(self, language: Language, document: str, scope: Span) -> None:
        self._language = language
        self._head = len(document[: scope.start].encode())
        self._tail = len(document[scope.end :].encode())
        self.errors, self._outside = self._look(document)

    def parses(self, document: str) -> bool:
        """Whether it has no more errors than there were."""
        return self._look(document)[0] <= self.errors

    def verdict(self, document: str) -> tuple[bool, bool]:
        """Whether it has no more errors, and whether all outside of the scope is as it was."""
        errors, outside = self._look(document)
        return errors <= self.errors, outside == self._outside

    def _look(self, document: str) -> tuple[int, list[_Sight]]:
        source = document.encode()
        root = self._language.parse(source).root_node
        return _errors(root), list(self._outside_of(root, len(source)))

    def _outside_of(self, root: Node, length: int) -> Iterator[_Sight]:
        """What stands outside the scope, from the root down along the way to it."""
        start, end = self._head, length - self._tail
        node: Node | None = root
        while node is not None:
            way = None
            for child in node.children:
                if child.end_byte <= start and child.start_byte < start:
                    yield child.type, child.start_byte, child.end_byte, str(child)
                elif child.start_byte >= end and child.end_byte > end:
                    place = child.start_byte - length, child.end_byte - length
                    yield child.type, *place, str(child)
                elif child.start_byte < start or child.end_byte > end:
                    yield (
                        child.type,
                        min(child.start_byte, start),
                        max(child.end_byte, end) - end,
                        "",
                    )
                    if child.start_byte <= start and end <= child.end_byte:
                        way = child
            node = way


def _errors(root: Node) -> int:
    """How many ERROR and MISSING nodes a tree has."""
    if not root.has_error:
        return 0
    found = 0
    waiting = [root]
    while waiting:
        node = waiting.pop()
        found += node.is_error or node.is_missing
        waiting += [child for child in node.children if child.has_error or child.is_missing]
    return found
