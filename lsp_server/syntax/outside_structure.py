"""What a syntax tree looks like outside of a scope: the part that no edit of the scope may change.

If two texts differ only in the scope, their trees have the same surroundings unless something
outside was swallowed, split, adopted or given another parent. This module reads the surroundings
and counts errors; `gate.py` decides what to parse and what follows. All numbers are bytes of the
parsed text.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from tree_sitter import Node

from lsp_server.syntax.languages import Language
from lsp_server.syntax.nearby_children import children_near

__all__ = [
    "BLANK",
    "Errors",
    "OutsideNode",
    "OutsideStructure",
    "Window",
    "entry_of",
    "errors_of",
    "is_roomy",
    "surroundings_of",
]

BLANK = b" \t\r\n\f\v"
"""What may be between a scope and its neighbours without belonging to either."""


def is_roomy(node: Node, language: Language) -> bool:
    """Whether `node` is a list of members that can be added and removed."""
    return node.type in language.nodes.rows


@dataclass(frozen=True, slots=True)
class Window:
    """Where the scope lies in a parsed text, by the characters around it that are not blank.

    Blanks at the edges belong to no node: grammars differ in which node gets them, and one grammar
    differs from one text to the next.

    Invariant: `before <= first`, `last <= after`, and both of the latter bound the same scope. In
    a blank scope `first == after` and `last == before`.
    """

    before: int
    """The end of the last character before the scope that is not blank."""
    first: int
    """The start of the first character after `before` that is not blank."""
    last: int
    """The end of the last character before `after` that is not blank."""
    after: int
    """The start of the first character after the scope that is not blank."""

    @classmethod
    def around(cls, head: bytes, scope: bytes, tail: bytes) -> "Window":
        """The window of the text `head + scope + tail`."""
        before = len(head.rstrip(BLANK))
        after = len(head) + len(scope) + len(tail) - len(tail.lstrip(BLANK))
        stripped = scope.strip(BLANK)
        if not stripped:
            return cls(before, after, before, after)
        first = len(head) + scope.index(stripped[:1])
        return cls(before, first, first + len(stripped), after)

    def holds(self, node: Node) -> bool:
        """Whether `node` lies within the scope, its blank edges included."""
        return node.start_byte >= self.before and node.end_byte <= self.after


@dataclass(frozen=True, slots=True)
class Errors:
    """How broken a text is."""

    count: int
    """ERROR and MISSING nodes."""
    silent: int
    """What `Language.silent_errors` finds, which others who parse the text do not count."""
    length: int
    """Bytes under ERROR nodes, those of nested ones once."""

    def no_more_than(self, other: "Errors") -> bool:
        """Whether there are as few errors as in `other`, of either kind."""
        return self.count <= other.count and self.silent <= other.silent


class OutsideNode(NamedTuple):
    """One node outside of the scope, or around it.

    Places before the scope count from the start of the text, those after it from `Window.after`.
    None is a place inside the scope, which the answer may move.
    """

    depth: int
    kind: str
    start: int | None
    end: int | None
    side: str
    """`before`, `after`, or `open` when the node reaches up to, into or around the scope."""


@dataclass(frozen=True, slots=True)
class OutsideStructure:
    """A tree outside of a scope, from the root down, in the order of the text.

    Equal surroundings are equal structure: each node that the scope does not hold is there, is of
    the same kind, is at the same place and has the same parents.
    """

    entries: tuple[OutsideNode, ...]
    holders: frozenset[int]
    """Which entries are nodes that end or begin inside the scope, hold a part of it directly and
    are no rows: an `if` that has its `else` in the scope, for example. An answer may remove such a
    node, but must not create one."""
    heads: frozenset[int]
    """Which entries are nodes that start exactly where the scope does."""
    broken: bool
    """Whether the scope lies in an ERROR: then there is no structure to keep."""
    cut: bool
    """Whether a node lies partly in the scope and partly outside."""

    @property
    def whole(self) -> bool:
        """Whether the scope is made of whole nodes, in sound surroundings."""
        return not (self.broken or self.cut)

    def kept_by(self, other: "OutsideStructure") -> bool:
        """Whether `other`, of the text with another scope, is the same outside of it.

        If the scope cuts a node, the rest of that node must not become the rest of another one: the
        nodes that start with the scope must still do so.
        """
        if self.cut and self.heads != other.heads:
            return False
        return self.entries == other.entries and other.holders <= self.holders


def surroundings_of(
    root: Node, window: Window, language: Language, *, near: bool = False
) -> OutsideStructure:
    """The surroundings of the scope at `window` in the tree at `root`.

    `O(depth + siblings of the scope and of its ancestors)`. With `near`, a row of many siblings is
    represented by those near the scope and the first and last ones; `broken` and `cut` are right
    all the same. Raises `TooCostly`.
    """
    walk = _OutsideWalk(window, language, near=near)
    walk.read(root)
    return OutsideStructure(
        tuple(walk.entries),
        frozenset(walk.holders),
        frozenset(walk.heads),
        walk.broken,
        walk.cut,
    )


class _NodeInReading:
    """A node whose children are being read."""

    __slots__ = ("children", "closed", "depth", "holds", "index")

    def __init__(self, children: Iterable[Node], depth: int, index: int, closed: bool) -> None:
        self.children = iter(children)
        self.depth = depth
        self.index = index
        """Which entry is the node's own; that of its parent for a transparent node."""
        self.closed = closed
        """Whether the node may hold anything: it is around the scope, or it is a row."""
        self.holds = False


class _OutsideWalk:
    """Walks down to the scope and records the nodes on the way.

    It keeps its own stack, because a tree may be deeper than Python's.
    """

    def __init__(self, window: Window, language: Language, *, near: bool) -> None:
        self._window = window
        self._near = near
        self._look_at_the_time = language.reading()
        self._language = language
        self._transparent = language.nodes.transparent
        self.entries: list[OutsideNode] = []
        self.holders: set[int] = set()
        self.heads: set[int] = set()
        self.broken = False
        self.cut = False

    def read(self, root: Node) -> None:
        """Record the root, which has no places of its own, and everything below it."""
        self.entries.append(OutsideNode(0, root.type, None, None, "open"))
        self.broken = root.is_error
        levels = [_NodeInReading(self._children(root), 1, 0, True)]
        while levels:
            self._look_at_the_time()
            level = levels[-1]
            child = next(level.children, None)
            if child is not None:
                deeper = self._note(child, level)
                if deeper is not None:
                    levels.append(deeper)
                continue
            levels.pop()
            if level.holds and not level.closed:
                self.holders.add(level.index)

    def _children(self, node: Node) -> Iterable[Node]:
        if not self._near:
            return node.children
        places = self._window.before, self._window.after
        return (child for child, _ in children_near(node, *places))

    def _note(self, node: Node, level: _NodeInReading) -> _NodeInReading | None:
        """Record a child of `level`. Returns a level if the child's own children count too."""
        window = self._window
        start, end = node.start_byte, node.end_byte
        if window.holds(node):
            level.holds = level.holds or end > start
            return None
        if node.type in self._transparent:
            return _NodeInReading(self._children(node), level.depth, level.index, level.closed)
        if self._is_before(node, start, end):
            place = OutsideNode(level.depth, node.type, start, min(end, window.before), "before")
        elif self._is_after(node, start, end):
            begin = max(start - window.after, 0)
            place = OutsideNode(level.depth, node.type, begin, end - window.after, "after")
        else:
            return self._open(node, start, end, level.depth)
        self.entries.append(place)
        return None

    def _is_before(self, node: Node, start: int, end: int) -> bool:
        """Whether `node` comes first and the scope cannot be a part of it.

        A node that ends where the blanks before the scope begin is looked into: without a closing
        word (a Python block) it may grow into the scope. Its leaves may not.
        """
        window = self._window
        if start >= window.before or end > window.first:
            return False
        return end < window.before or not node.child_count

    def _is_after(self, node: Node, start: int, end: int) -> bool:
        """Whether `node` comes later and the scope cannot be a part of it."""
        window = self._window
        if end <= window.after or start < window.last:
            return False
        return start > window.after or not node.child_count

    def _open(self, node: Node, start: int, end: int, depth: int) -> _NodeInReading:
        """Record a node that reaches up to, into or around the scope."""
        window = self._window
        index = len(self.entries)
        entry = entry_of(node, depth, window)
        self.entries.append(entry)
        around = start <= window.first and end >= window.last
        beside = end <= window.first or start >= window.last
        if node.is_error:
            self.broken = True
        elif not (around or beside):
            self.cut = True
        if start == window.first:
            self.heads.add(index)
        around_it = entry.start is not None and entry.end is not None
        closed = around_it or is_roomy(node, self._language)
        return _NodeInReading(self._children(node), depth + 1, index, closed)


def entry_of(node: Node, depth: int, window: Window) -> OutsideNode:
    """The entry of a node that reaches up to, into or around the scope."""
    start, end = node.start_byte, node.end_byte
    return OutsideNode(
        depth,
        node.type,
        start if start < window.before else None,
        end - window.after if end > window.after else None,
        "open",
    )


def errors_of(root: Node, source: bytes, language: Language) -> Errors:
    """The errors in the tree at `root`, parsed from `source`. Raises `TooCostly`.

    Walks only the parts of the tree with errors.
    """
    count_silent = language.silent_errors
    silent = 0 if count_silent is None else count_silent(root, source, language)
    if not (root.has_error or root.is_error):
        return Errors(0, silent, 0)
    count = length = 0
    look_at_the_time = language.reading()
    waiting = [(root, False)]
    while waiting:
        look_at_the_time()
        node, within = waiting.pop()
        if language.commas and _is_last_comma(node, source):
            continue
        if node.is_missing:
            count += 1
        elif node.is_error:
            count += 1
            length += 0 if within else node.end_byte - node.start_byte
            within = True
        elif not node.has_error:
            continue
        # `has_error` is false for an ERROR without children.
        waiting.extend((child, within) for child in node.children)
    return Errors(count, silent, length)


def _is_last_comma(error: Node, source: bytes) -> bool:
    """Whether `error` is about the comma after the last item, which the dialect takes.

    In an object the comma itself is the error; in an array an item is missing after it.
    """
    if not (error.is_error or error.is_missing):
        return False
    after, before = error.next_sibling, error.prev_sibling
    while after is not None and after.type == "comment":
        after = after.next_sibling
    while before is not None and before.type == "comment":
        before = before.prev_sibling
    if after is None or after.type not in ("}", "]") or before is None:
        return False
    if error.is_missing:
        return before.type == ","
    return source[error.start_byte : error.end_byte] == b"," and before.is_named
