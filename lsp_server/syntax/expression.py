"""Whether the code around a scope inside an expression still means what it did.

An operand may become a part of a larger expression: `a.b` becomes `a.b()`, `a == b` becomes
`a == b and c`, `[a]` becomes `[a for a in b]`. Then new nodes surround old ones, so the tree
outside of the scope changes, but nothing outside is swallowed, split or closed by something else.
What must stay: the statement, everything outside of it, each piece of it outside of the scope, and
each node that has such pieces on both sides.

A sum in place of a factor and "or" in place of one side of an "and" are refused: the operator
outside would take only a part of them. All numbers are bytes of the parsed text.
"""

from dataclasses import dataclass
from typing import NamedTuple

from tree_sitter import Node

from lsp_server.syntax.languages import Language
from lsp_server.syntax.outside_structure import (
    OutsideNode,
    OutsideStructure,
    Window,
    entry_of,
    is_roomy,
)

__all__ = ["goes_on"]

_LITERALS = frozenset(
    {"object", "array", "list", "dictionary", "table_constructor", "initializer_list"}
)
"""Rows that are operands of an expression and hold no statements."""

_BRACKETS = frozenset("()[]{}<>")

_STRENGTH = {
    **dict.fromkeys(("*", "/", "%", "//", "@"), ("arithmetic", 2)),
    **dict.fromkeys(("+", "-"), ("arithmetic", 1)),
    **dict.fromkeys(("&&", "and"), ("logic", 2)),
    **dict.fromkeys(("||", "or"), ("logic", 1)),
}
"""Of each operator its family and how strongly it binds among that family."""


class _OutsidePiece(NamedTuple):
    """A node outside of the scope whose parent reaches into it."""

    start: int
    """From the start of the text, or for a piece behind the scope from `Window.after`."""
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class _Straddling:
    """A node with pieces on both sides of the scope; `kind` is None if they are only brackets."""

    kind: str | None
    before: tuple[_OutsidePiece, ...]
    after: tuple[_OutsidePiece, ...]


@dataclass(frozen=True, slots=True)
class _Statement:
    """The parts outside of the scope of the statement around it."""

    row: tuple[OutsideNode, ...]
    """What is outside of the statement, and the statement itself."""
    holders: frozenset[OutsideNode]
    before: tuple[_OutsidePiece, ...]
    after: tuple[_OutsidePiece, ...]
    straddling: tuple[_Straddling, ...]
    outer: tuple[tuple[str, int], ...]
    """The operators outside of the scope that have all of it as an operand."""
    inner: tuple[tuple[str, int], ...]
    """The operators inside the scope whose operands reach beyond it."""


def goes_on(
    base: tuple[Node, Window, OutsideStructure],
    new: tuple[Node, Window, OutsideStructure],
    language: Language,
) -> bool:
    """Whether the expression in `new` is the one in `base` with another operand in the scope.

    Each is the root of a tree, the scope's window in it and its surroundings. The cost grows with
    the children of the nodes between the statement and the scope.
    """
    if not language.text.operands or not base[2].whole or new[2].broken:
        return False
    old, now = _statement(*base, language), _statement(*new, language)
    if old is None or now is None or not now.holders <= old.holders:
        return False
    if (old.row, old.before, old.after) != (now.row, now.before, now.after):
        return False
    if old.straddling != now.straddling:
        return False
    lost = [strength for strength in old.outer if strength not in now.outer]
    return not any(
        family == other and weak < strong for family, strong in lost for other, weak in now.inner
    )


def _statement(
    root: Node, window: Window, surroundings: OutsideStructure, language: Language
) -> _Statement | None:
    """The statement around the scope; None when the scope is no part of one."""
    path = _path(root, window) if window.first < window.last else [root]
    rows = [i for i, node in enumerate(path) if not i or _holds_statements(node, language)]
    depth = rows[-1] + 1
    if depth == len(path):
        return None
    entries = surroundings.entries
    own = entry_of(path[depth], depth, window)
    index = entries.index(own)
    end = index + 1
    while end < len(entries) and entries[end].depth > depth:
        end += 1
    # A statement that begins in the scope may become one of another kind.
    row = (*entries[:index], own if own.start is not None else own._replace(kind=""))
    holders = frozenset(entries[i] for i in surroundings.holders if not index <= i < end)
    walk = _StatementWalk(window)
    walk.read(path[depth])
    return _Statement(
        row + entries[end:],
        holders,
        tuple(sorted(walk.before)),
        tuple(sorted(walk.after)),
        tuple(walk.straddling),
        tuple(walk.outer),
        tuple(walk.inner),
    )


def _path(root: Node, window: Window) -> list[Node]:
    """The nodes that hold the scope and more, from the root down."""
    path = [root]
    while True:
        around = (
            child
            for child in path[-1].children
            if child.start_byte <= window.first and child.end_byte >= window.last
        )
        node = next(around, None)
        if node is None or window.holds(node):
            return path
        path.append(node)


def _holds_statements(node: Node, language: Language) -> bool:
    return is_roomy(node, language) and node.type not in _LITERALS


class _StatementWalk:
    """Walks the nodes of a statement that lie partly inside the scope."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self.before: list[_OutsidePiece] = []
        self.after: list[_OutsidePiece] = []
        self.straddling: list[_Straddling] = []
        self.outer: list[tuple[str, int]] = []
        self.inner: list[tuple[str, int]] = []

    def read(self, statement: Node) -> None:
        """Record the statement and everything below it, with a stack of its own."""
        waiting = [statement]
        while waiting:
            node = waiting.pop()
            waiting.extend(reversed(self._note(node)))

    def _note(self, node: Node) -> list[Node]:
        """Record the pieces among the children of `node`. Returns the children to look into."""
        window = self._window
        before: list[_OutsidePiece] = []
        after: list[_OutsidePiece] = []
        open_: list[Node] = []
        covers = node.start_byte <= window.first and node.end_byte >= window.last
        for child in node.children:
            if window.holds(child):
                if covers and child.type in _STRENGTH:
                    self.inner.append(_STRENGTH[child.type])
                continue
            if child.end_byte <= window.before:
                before.append(_OutsidePiece(child.start_byte, child.end_byte, child.type))
            elif child.start_byte >= window.after:
                start, end = child.start_byte - window.after, child.end_byte - window.after
                after.append(_OutsidePiece(start, end, child.type))
            else:
                open_.append(child)
                continue
            if covers and child.type in _STRENGTH:
                self.outer.append(_STRENGTH[child.type])
        if before and after:
            bare = all(piece.kind in _BRACKETS for piece in before + after)
            self.straddling.append(
                _Straddling(None if bare else node.type, tuple(before), tuple(after))
            )
        self.before += before
        self.after += after
        return open_
