"""Queries over a tree, within the time that a reading of it may take.

A query costs the square of a node's children, for example in a long list. So a big tree is searched
piece by piece, with a look at the time in between.
"""

from functools import cache

from tree_sitter import Node, Query, QueryCursor

from lsp_server.syntax.language import Language

__all__ = ["captured", "captures"]

_MOST_NODES = 2_000
"""A subtree of up to this many nodes is searched in one piece."""


def captures(query: Query, root: Node, language: Language) -> dict[str, list[Node]]:
    """The nodes at and below `root` that `query` captures, by capture name.

    A match that spans a node of more than `_MOST_NODES` and its children is not found. Raises
    `TooCostly` when it takes longer than a reading of a tree may.
    """
    look_at_the_time = language.reading()
    found: dict[str, list[Node]] = {}
    todo = [root]
    while todo:
        look_at_the_time()
        node = todo.pop()
        if node.descendant_count > _MOST_NODES:
            todo.extend(reversed(node.children))
            continue
        if node.child_count:
            for name, nodes in QueryCursor(query).captures(node).items():
                found.setdefault(name, []).extend(nodes)
    return found


def captured(pattern: str, root: Node, language: Language) -> list[Node]:
    """The nodes at and below `root` that `pattern` captures as `@found`. Raises `TooCostly`."""
    return captures(_query(language, pattern), root, language).get("found", [])


@cache
def _query(language: Language, pattern: str) -> Query:
    return Query(language.grammar, pattern)
