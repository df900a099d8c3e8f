"""Where a document defines names at its top level and in its classes, for a set of names.

The prompt tells a model with it what the names in the scope mean. Goes by the outline and, for
constants and the like, by the left side of an assignment. So it is quick and works in every
language with an outline; it does not resolve names as a compiler would.
"""

import re
from collections.abc import Iterable, Iterator

from tree_sitter import Node

from lsp_server.errors import TooCostly
from lsp_server.syntax.nearby_children import members_near
from lsp_server.syntax.outline import OutlineEntry
from lsp_server.syntax.tree import DocumentTree
from lsp_server.text.span import Span

_WORD = re.compile(r"[^\W\d]\w*")
_ASSIGNS = re.compile(r"[^=\n]*[^=!<>\n]=(?![=>])|\s*#\s*define\s+\w+")
_LONGEST_HEAD = 300
"""Code points of a statement in which the name that it defines is looked for."""
_BLOCKS = frozenset({"const_declaration", "var_declaration", "var_spec_list", "export_statement"})
"""Nodes whose lines define one name each, or that hold the statement that does."""


def names_in(text: str) -> frozenset[str]:
    """The words of a text that may be names."""
    return frozenset(_WORD.findall(text))


def definitions(
    tree: DocumentTree,
    entries: Iterable[OutlineEntry],
    names: frozenset[str],
    near: int | None = None,
) -> tuple[Span, ...]:
    """Where `names` are defined, in code points and in the order of the document.

    `entries` is the outline of the same document. One span may define several names. If the search
    takes too long, assignments are left out. In a very long document only the statements around
    `near` (code points) are searched, if it is given.
    """
    declared = [entry.span for entry in entries if entry.name in names]
    try:
        assigned = [tree.span_of(node) for node in _assignments(tree, names, near)]
    except TooCostly:
        assigned = []
    taken = {(span.start, span.end) for span in declared}
    return tuple(sorted([*declared, *(s for s in assigned if (s.start, s.end) not in taken)]))


def _near(tree: DocumentTree, near: int) -> list[Node]:
    """The statements to search; of very many those at the place."""
    return members_near(tree.root, tree.byte_of(near), lambda node: True)


def _assignments(tree: DocumentTree, names: frozenset[str], near: int | None) -> Iterator[Node]:
    """Statements outside of everything else that give a value to one of `names`."""
    over = tree.language.watch() if tree.language.watch is not None else None
    nodes = tree.root.named_children if near is None else _near(tree, near)
    waiting = list(reversed(nodes))
    while waiting:
        if over is not None and over():
            raise TooCostly("The statements of this text take too long to read.")
        node = waiting.pop()
        if node.type in _BLOCKS and node.start_point.row != node.end_point.row:
            waiting.extend(reversed(node.named_children))
            continue
        start = tree.offset_of(node.start_byte)
        head = _ASSIGNS.match(tree.text, start, start + _LONGEST_HEAD)
        if head is not None and names & names_in(head[0]):
            yield node
