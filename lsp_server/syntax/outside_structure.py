"""What a syntax tree looks like outside of a scope: the part that no edit of the scope may change.

Two trees of texts that differ in the scope alone have the same surroundings when nothing outside
was swallowed, split, adopted or re-parented. This module reads the surroundings off a tree and
counts a tree's errors; which text is parsed, and what to do with the answer, is `gate.py`'s
business. All numbers are bytes of the parsed text.
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
"""What may stand between a scope and its neighbours without belonging to either."""


def is_roomy(node: Node, language: Language) -> bool:
    """Whether `node` holds a row of members, any of which may come or go."""
    return node.type in language.nodes.rows


@dataclass(frozen=True, slots=True)
class Window:
    """Where the scope lies in a parsed text, by the characters around it that are not blank.

    Blanks at the edges belong to nobody: grammars differ in which node gets them, and so does one
    grammar from one text to the next.

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

    Places before the scope count from the start of the text, places after it from
    `Window.after`; None is a place within the scope, which the answer may move.
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
    """Which entries are nodes that end or begin within the scope, hold something of it directly,
    and are not made to hold a row: an `if` that has an `else` in the scope, for example. Such a
    node must not come by what the answer writes; losing it is the answer's right."""
    heads: frozenset[int]
    """Which entries are nodes that start exactly where the scope does."""
    broken: bool
    """Whether the scope lies in an ERROR: there is no structure to hold on to."""
    cut: bool
    """Whether the scope is not made of whole nodes: one lies partly in it, partly outside."""

    @property
    def whole(self) -> bool:
        """Whether the scope is made of whole nodes, in sound surroundings."""
        return not (self.broken or self.cut)

    def kept_by(self, other: "OutsideStructure") -> bool:
        """Whether `other`, read off the text with another scope, is the same outside of it.

        The rest of a node that the scope cuts must not become the rest of another one: then what
        starts with the scope must still do so.
        """
        if self.cut and self.heads != other.heads:
            return False
        return self.entries == other.entries and other.holders <= self.holders


def surroundings_of(
    root: Node, window: Window, language: Language, *, near: bool = False
) -> OutsideStructure:
    """The surroundings of the scope at `window` in the tree at `root`.

    `O(depth + siblings of the scope and of its ancestors)`. With `near`, of siblings by the
    thousand only those are in them that are near the scope, or the first and last of their row;
    what is `broken` or `cut` is known all the same. Raises `TooCostly` where that takes too long.
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
    """A node whose children are being noted, and what is known of it so far."""

    __slots__ = ("children", "closed", "depth", "holds", "index")

    def __init__(self, children: Iterable[Node], depth: int, index: int, closed: bool) -> None:
        self.children = iter(children)
        self.depth = depth
        self.index = index
        """Which entry is the node's own; that of its parent for a transparent node."""
        self.closed = closed
        """Whether the node may hold what it likes: it is around the scope, or made for rows."""
        self.holds = False


class _OutsideWalk:
    """Walks down to the scope and notes what is passed on the way.

    With a stack of its own, for a tree may be deeper than Python's.
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
        """Note the root, which has no places of its own, and all below it."""
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
        """Note a child of `level`; the level to go on with when it is to be looked into."""
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
        """Whether the scope cannot be a part of `node`, which comes first.

        A node that ends where the blanks before the scope begin is looked into, because without a
        closing word of its own (a Python block) it may grow into the scope; its leaves may not.
        """
        window = self._window
        if start >= window.before or end > window.first:
            return False
        return end < window.before or not node.child_count

    def _is_after(self, node: Node, start: int, end: int) -> bool:
        """Whether the scope cannot be a part of `node`, which comes later."""
        window = self._window
        if end <= window.after or start < window.last:
            return False
        return start > window.after or not node.child_count

    def _open(self, node: Node, start: int, end: int, depth: int) -> _NodeInReading:
        """Note a node that reaches up to, into or around the scope."""
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
    """How broken the tree at `root`, parsed from `source`, is. Walks only the parts with errors.

    Raises `TooCostly` where that takes too long.
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
        # An ERROR without children does not say of itself that it has one.
        waiting.extend((child, within) for child in node.children)
    return Errors(count, silent, length)


def _is_last_comma(error: Node, source: bytes) -> bool:
    """Whether it is the comma behind the last item of a row, which the dialect takes.

    In an object that comma is the error; in an array it is an item that is missing behind it.
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
