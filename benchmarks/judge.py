"""An independent judge of what the editor showed: whole files, parsed from nothing.

Shares no code with the gate that it checks. It knows a document as it was before an edit, and
decides for each later one whether it has more syntax errors and whether anything outside the scope
reads differently.
"""

from collections.abc import Iterator

from tree_sitter import Node

from lsp_server.syntax.languages import Language
from lsp_server.text.span import Span

_Sight = tuple[str, int, int, str]
"""A node outside: its kind, its place (from the end of the file, if behind the scope), its tree."""

_INTO, _UP_TO = 0, -1
"""The place in which a node ends that has something in the scope, or nothing but comments."""

_GROUPING = {"markdown": frozenset({"section"})}
"""Nodes without a text of their own. A heading puts all that follows into a section, so each new
one makes new sections of what is outside, whose headings and paragraphs stay what they are."""


class Judge:
    """Compares documents with the one that an edit began with; all are UTF-8 parsed whole."""

    def __init__(self, language: Language, document: str, scope: Span) -> None:
        self._language = language
        self._grouping = _GROUPING.get(language.id, frozenset())
        head, tail = document[: scope.start].encode(), document[scope.end :].encode()
        self._head, self._tail = len(head), len(tail)
        # Blanks between the scope and its neighbours are nobody's: a grammar gives them to one
        # node or the other.
        self._before, self._after = len(head.rstrip()), len(tail.lstrip())
        self.errors, self._outside = self._look(document)

    def parses(self, document: str) -> bool:
        """Whether it has no more errors than there were."""
        return self._look(document)[0] <= self.errors

    def verdict(self, document: str) -> tuple[bool, bool]:
        """Whether it has no more errors, and whether all outside of the scope is as it was."""
        errors, outside = self._look(document)
        return errors <= self.errors, _kept(self._outside, outside)

    def _look(self, document: str) -> tuple[int, list[_Sight]]:
        source = document.encode()
        root = self._language.parse(source).root_node
        return _errors(root), list(self._outside_of(root, len(source)))

    def _outside_of(self, root: Node, length: int) -> Iterator[_Sight]:
        """What stands outside the scope, from the root down; looks into what reaches into it.

        An answer may well end the node that the scope was the rest of, and begin another one: a
        function's body that is followed by one more function. So a node need not hold all of the
        scope to be looked into.
        """
        start, end = self._head, length - self._tail
        before, after = self._before, length - self._after
        waiting = root.children[::-1]
        while waiting:
            node = waiting.pop()
            if node.type in self._grouping:
                waiting += node.children[::-1]
            elif node.end_byte < before:
                yield node.type, node.start_byte, node.end_byte, str(node)
            elif node.start_byte >= end and node.end_byte > after:
                place = max(node.start_byte, after) - length
                yield node.type, place, node.end_byte - length, str(node)
            elif node.start_byte < before or node.end_byte > after:
                beyond = node.end_byte - after
                if beyond <= 0:
                    beyond = _INTO if _last_word(node) > start else _UP_TO
                yield node.type, min(node.start_byte, before), beyond, ""
                waiting += node.children[::-1]


def _kept(outside: list[_Sight], later: list[_Sight]) -> bool:
    """Whether all is as it was. A node may lose what it had in the scope."""
    return len(outside) == len(later) and all(
        now == was or (now == (*was[:2], _UP_TO, was[3]) and was[2] == _INTO)
        for was, now in zip(outside, later, strict=True)
    )


def _last_word(node: Node) -> int:
    """Where a node ends, but for the comments after it that its grammar gives it."""
    while node.children:
        words = [child for child in node.children if child.type != "comment"]
        if not words:
            break
        node = words[-1]
    return node.end_byte


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
