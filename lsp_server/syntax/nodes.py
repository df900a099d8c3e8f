"""Reads a tree: the nodes that a selection means, and what their kinds mean.

Works in code points. The meaning of the kinds comes from the language's `NodeRules`; `units.py`,
which builds on this, decides what belongs together.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tree_sitter import Node

from lsp_server.syntax.node_rules import HEADER_FIELDS, NodeRules
from lsp_server.syntax.tree import DocumentTree, TreeStep
from lsp_server.text.span import Span

__all__ = ["LINES", "SIBLINGS", "Nodes", "Unit", "blank", "trim", "union"]

SIBLINGS = "siblings"
"""The kind of several neighbours taken together."""
LINES = "lines"
"""The kind of whole lines."""
_MOST_CARRIERS = 16
"""How many nodes deep the load of a carrier is searched. People write three or four. Without the
limit, a walk up thousands of `x = x = ...` would walk down the rest of them from each."""


def blank(text: str) -> bool:
    """Whether `text` is nothing but white space. A byte order mark counts as white space."""
    return not text.replace("\ufeff", " ").strip()


def trim(text: str, span: Span) -> Span:
    """`span` without the white space at its ends; empty, at its start, if it is all white space."""
    if not span.empty and not blank(text[span.start]) and not blank(text[span.end - 1]):
        return span  # As nearly always: the text between need not be looked at.
    piece = span.text(text)
    if "\ufeff" in piece:
        piece = piece.replace("\ufeff", " ")
    bare = piece.strip()
    if not bare:
        return Span(span.start, span.start)
    start = span.start + len(piece) - len(piece.lstrip())
    return Span(start, start + len(bare))


def union(one: Span, other: Span) -> Span:
    """The smallest span that covers both."""
    return Span(min(one.start, other.start), max(one.end, other.end))


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of the document that may be rewritten on its own.

    Invariant: `span` has no white space at its ends, and covers `way[-1]` or lies in it.
    """

    span: Span
    kind: str
    """The kind of the node, `siblings` or `lines`."""
    way: tuple[TreeStep, ...]
    """From the root down to the node itself, or to the parent of several siblings."""

    @property
    def node(self) -> Node:
        """The node that the unit is, or the parent of its siblings."""
        return self.way[-1].node


class Nodes:
    """The nodes of one document, for one reading of it.

    Raises only `TooCostly`, when the language's `Watch` says so: tens of thousands of siblings take
    long to read.
    """

    def __init__(self, tree: DocumentTree) -> None:
        self.tree = tree
        self.text = tree.text
        self.lines = tree.lines
        self.rules: NodeRules = tree.language.nodes
        self.look_at_the_time = tree.language.reading()
        """Raises `TooCostly` when the reading has taken long enough."""
        self._loads: dict[int, Node | None] = {}

    # -- reading the tree --------------------------------------------------------------------

    def span(self, node: Node) -> Span:
        """What a node covers, in code points, without white space at its ends."""
        self.look_at_the_time()
        return trim(self.text, self.tree.span_of(node))

    def way(self, span: Span) -> tuple[TreeStep, ...]:
        """From the root down to the smallest node that covers `span`."""
        self.look_at_the_time()
        return tuple(self.tree.steps(span))

    def is_body(self, node: Node) -> bool:
        """Whether the node's children are statements or members."""
        return node.type in self.rules.bodies or node.parent is None

    def is_block(self, node: Node) -> bool:
        """Whether the node is a block of statements or members that can be named as one."""
        return node.type in self.rules.bodies and node.type not in self.rules.headers

    def holds_units(self, way: tuple[TreeStep, ...], index: int, *, loose: bool) -> bool:
        """Whether `way[index]` is a statement or member of the node above it.

        With `loose` also an element of a literal that is the first thing on its line.
        """
        node, field = way[index]
        parent = way[index - 1].node
        if not node.is_named or field in HEADER_FIELDS or node.type in self.rules.headers:
            return False
        if parent.type in self.rules.bodies or index == 1:
            return True
        return loose and parent.type in self.rules.loose and self.starts_line(self.span(node))

    def starts_line(self, span: Span) -> bool:
        """Whether only white space precedes `span` on its line."""
        line = self.lines.line_span(self.lines.line_of(span.start))
        return blank(self.text[line.start : span.start])

    def sound(self, way: tuple[TreeStep, ...]) -> int:
        """How many steps of `way` lead to its first ERROR node; all of them if there is none."""
        return next((i for i, step in enumerate(way) if step.node.is_error), len(way))

    def _reaches(self, root: Node, span: Span) -> bool:
        """Whether the tree covers `span`; a grammar that gives up may leave the rest out."""
        return self.tree.span_of(root).contains(span)

    def whole_lines(self, span: Span, way: tuple[TreeStep, ...]) -> Unit:
        """The whole lines of `span` inside the last node of `way`, without cutting a token."""
        # A root may be shorter than the text, or empty, where a grammar gave up at its start.
        whole = Span(0, len(self.text))
        bounds = trim(self.text, whole) if len(way) == 1 else union(span, self.span(way[-1].node))
        while True:
            first = self.lines.line_span(self.lines.line_of(span.start))
            last = self.lines.line_span(self.lines.line_of(span.end))
            wide = Span(max(first.start, bounds.start), min(last.end, bounds.end))
            wide = union(span, trim(self.text, wide))
            wide = union(self.token(wide.start), union(wide, self.token(wide.end - 1)))
            if wide == span:
                return Unit(span, LINES, way)
            span = wide

    def token(self, place: int) -> Span:
        """The token that holds the character at `place`; just that character between tokens."""
        span = Span(place, place + 1)
        node = self.way(span)[-1].node
        token = self.span(node)
        return token if node.child_count == 0 and token.contains(span) else span

    def token_around(self, way: tuple[TreeStep, ...], place: int) -> Span | None:
        """The token at the end of `way` when `place` is inside of it, not at its ends."""
        way = self._whole_tokens(way)
        node = way[-1].node
        if len(way) < 2 or (node.child_count and not self._is_token(node)):
            return None
        span = self.span(node)
        return span if span.start < place < span.end else None

    # -- from a selection to nodes -----------------------------------------------------------

    def _unit(self, way: tuple[TreeStep, ...]) -> Unit:
        """The last node of `way` as a unit."""
        return Unit(self.span(way[-1].node), way[-1].node.type, way)

    def _whole_tokens(self, way: tuple[TreeStep, ...]) -> tuple[TreeStep, ...]:
        """`way` up to the token it leads into: a string or comment is one, up to its holes."""
        atom: int | None = None
        for index, (node, _) in enumerate(way):
            if node.type in self.rules.holes and index + 1 < len(way):
                atom = None
            elif atom is None and (node.type in self.rules.atoms or self._is_comment(node)):
                atom = index
        return way if atom is None else way[: atom + 1]

    def _covered(self, way: tuple[TreeStep, ...], selection: Span) -> Unit:
        """The last node of `way`, or as many of its children as `selection` touches."""
        while len(way) > 1 and not way[-1].node.is_named:
            way = way[:-1]
        unit = self._unit(way)
        node = unit.node
        if unit.span == selection or node.child_count == 0 or not unit.span.contains(selection):
            return replace(unit, span=union(unit.span, selection))
        touched = list(self._touched(node, selection))
        named = [child for child, _ in touched if child.is_named]
        if not named or not self._divisible(node, touched, len(way) == 1):
            return unit
        if len(named) == 1:
            only = self._unit((*way, TreeStep(named[0], None)))
            if only.span.contains(selection):
                return only
        span = selection
        for child, _ in touched:
            span = union(span, self.span(child))
        return Unit(span, SIBLINGS, way)

    def _touched(self, node: Node, selection: Span) -> Iterator[TreeStep]:
        """The children of `node` that share a character with `selection`."""
        start, end = self.tree.byte_of(selection.start), self.tree.byte_of(selection.end)
        cursor = node.walk()
        if cursor.goto_first_child_for_byte(start) is None:
            return
        while True:
            child = cursor.node
            if child is None or child.start_byte >= end:
                return
            if self.span(child).overlaps(selection):
                yield TreeStep(child, cursor.field_name)
            if not cursor.goto_next_sibling():
                return

    def _divisible(self, node: Node, touched: list[TreeStep], is_root: bool) -> bool:
        """Whether a unit may be some neighbours among the children of `node`."""
        rules = self.rules
        if all(child.type in rules.repeats or self._is_comment(child) for child, _ in touched):
            return True
        if is_root:
            return not any(child.is_error for child, _ in touched)
        if node.type not in rules.bodies | rules.loose | rules.lists:
            return False
        edges = (node.child(0), node.child(node.child_count - 1))
        return not any(
            child.is_error
            or field in HEADER_FIELDS
            or (child.type in rules.headers and not _is_text(child))
            or (not child.is_named and child in edges)
            for child, field in touched
        )

    def _outermost(self, unit: Unit) -> Unit:
        """The outermost node that covers the same text, short of a whole body."""
        way = unit.way
        while len(way) > 2 and not self.is_body(way[-2].node):
            if self.span(way[-2].node) != unit.span or way[-2].node.is_error:
                break
            way = way[:-1]
        return Unit(unit.span, way[-1].node.type, way)

    def _stands_alone(self, way: tuple[TreeStep, ...], error: int) -> bool:
        """Whether the ERROR node at `way[error]` takes the place of a statement."""
        return error <= 1 or self.is_body(way[error - 1].node)

    def _is_token(self, node: Node) -> bool:
        """Whether the node is one token to a reader."""
        return node.child_count == 0 or node.type in self.rules.atoms or self._is_comment(node)

    def _is_comment(self, node: Node) -> bool:
        """Whether the node is a comment."""
        return node.type in self.rules.comments

    def _adorns(self, node: Node) -> bool:
        """Whether the node belongs to something else: a comment, decorator or attribute."""
        return self._is_comment(node) or node.type in self.rules.attributes

    def _wrapped_comment(self, way: tuple[TreeStep, ...]) -> bool:
        """Whether `way` ends at the wrapper of a comment, or at one of the wrapper's brackets."""
        return any(self._wraps_comment(step.node) for step in way[-2:])

    def _wraps_comment(self, node: Node) -> bool:
        """Whether the node holds a comment and nothing else."""
        if node.type not in self.rules.wrappers:
            return False
        return all(self._is_comment(child) for child in node.named_children) and bool(
            node.named_child_count
        )

    def wrapped(self, unit: Unit) -> Unit:
        """The whole wrapper, if `unit` is a comment that needs one, or a part of it."""
        for index in range(len(unit.way) - 1, max(len(unit.way) - 3, 0), -1):
            if self._wraps_comment(unit.way[index].node):
                return self._unit(unit.way[: index + 1])
        return unit

    def carried(self, way: tuple[TreeStep, ...], index: int) -> bool:
        """Whether `way[index]` is what makes the node above it a function or class."""
        if index < 1 or way[index - 1].node.type not in self.rules.carriers:
            return False
        return self.load(way[index - 1].node) == way[index].node

    def load(self, node: Node) -> Node | None:
        """What a carrier carries: its last child, if it has only one of that kind."""
        if node.type not in self.rules.carriers:
            return None
        if node.id not in self._loads:
            self.look_at_the_time()
            self._loads[node.id] = self._load(node)
        return self._loads[node.id]

    def _load(self, node: Node) -> Node | None:
        """`load` for a node that is known to be a carrier. Creates all of its children."""
        children = [child for child in node.named_children if not self._is_comment(child)]
        if not children or any(one.type == children[-1].type for one in children[:-1]):
            return None
        return children[-1]

    def carried_by(self, node: Node) -> Iterator[Node]:
        """The node, what it carries, what that carries, and so on, `_MOST_CARRIERS` at most."""
        inner: Node | None = node
        for _ in range(_MOST_CARRIERS):
            if inner is None:
                return
            yield inner
            inner = self.load(inner)


def _is_text(node: Node) -> bool:
    """Whether a header is prose between tags, which may be taken with its neighbours."""
    return node.type in ("text", "jsx_text", "CharData")
