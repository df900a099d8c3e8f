"""What a document declares: functions, classes and their members, and what it imports.

The prompt tells a model with it where the lines are that it rewrites. Goes by the `declarations` of
the language; data and markup have none.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from tree_sitter import Node

from lsp_server.errors import TooCostly
from lsp_server.syntax.declarations import Declarations
from lsp_server.syntax.language import Language
from lsp_server.syntax.nearby_children import FEW, first_members, members_near
from lsp_server.syntax.nodes import union
from lsp_server.syntax.scope import PARSE_LIMIT
from lsp_server.syntax.tree import DocumentTree
from lsp_server.syntax.units import Units
from lsp_server.text.span import Span

__all__ = ["OutlineEntry", "OutlineReader", "enclosing", "imports", "outline", "reader_of"]

_TAIL = re.compile(r"\s*(?:\{|;|=|\bend)\s*$")
"""What may be between a signature and its body."""
_TAILS = ("{", ";", "=", "end")
_BODY = "function_body"
"""A body in Kotlin, a block or an expression with its `=`."""
_WORD = re.compile(r"[^\W\d]\w*")
_HEAD = re.compile(r"(?:func\s*\([^)\n]*\))?([^(=:{<\n]*)")
"""What comes before parameters, types and values; behind a receiver in Go."""
_LATEST_IMPORT = 40
"""Code points behind a `=` that may contain a word that imports."""
_SIGNATURE_LIMIT = 300
"""Longer signatures, in code points, are cut and end in `…`."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """One declaration."""

    kind: str
    """`function`, `method`, `class`, `struct`, `interface`, `enum`, `trait`, `impl`, `type`,
    `module`, `macro`."""
    name: str
    """Empty where it has none, as an anonymous function."""
    signature: str
    """The text before its body, on one line, without decorators and comments. Annotations that are
    modifiers, as in Java, stay."""
    span: Span
    """Its code points, without white space at the ends."""
    depth: int
    """How many declarations it lies in."""


def outline(
    text: str,
    language: Language | None,
    tree: DocumentTree | None = None,
    near: tuple[int, frozenset[str]] | None = None,
) -> tuple[OutlineEntry, ...]:
    """The declarations of a document in order, each before those inside it.

    Leaves out what is declared inside a function. `near` is a place in code points and a set of
    names: then a long document gives only the declarations around the place and those with one of
    the names. Never raises.
    """
    return _read(text, language, tree, lambda reader: reader.entries(near))


def enclosing(
    text: str, offset: int, language: Language | None, tree: DocumentTree | None = None
) -> tuple[OutlineEntry, ...]:
    """The declarations around `offset` (code points), the outermost first; also in functions."""
    place = min(max(offset, 0), len(text))
    return _read(text, language, tree, lambda reader: reader.around(place))


def imports(
    text: str, language: Language | None, tree: DocumentTree | None = None
) -> tuple[Span, ...]:
    """Where a document imports, outside of its functions: one span for each statement."""
    return _read(text, language, tree, OutlineReader.imported)


def _read(
    text: str,
    language: Language | None,
    tree: DocumentTree | None,
    what: Callable[["OutlineReader"], Iterable[T]],
) -> tuple[T, ...]:
    """What the document declares; nothing where that takes too long to find."""
    try:
        reader = reader_of(text, language, tree)
        return () if reader is None else tuple(what(reader))
    except TooCostly:
        return ()


def reader_of(
    text: str, language: Language | None, tree: DocumentTree | None
) -> "OutlineReader | None":
    """What reads the document, if its language declares anything."""
    if tree is None or tree.text != text:
        if language is None or len(text) > PARSE_LIMIT:
            return None
        tree = DocumentTree(language, text)
    facts = tree.language.declarations
    return OutlineReader(tree, facts) if isinstance(facts, Declarations) and tree.readable else None


class OutlineReader:
    """Reads the declarations of one document. Raises `TooCostly` where that takes too long."""

    def __init__(self, tree: DocumentTree, declarations: Declarations) -> None:
        self._tree = tree
        self.units = Units(tree)
        self._table = declarations
        self.root = tree.root

    def entries(self, near: tuple[int, frozenset[str]] | None = None) -> Iterator[OutlineEntry]:
        """All declarations outside of functions, in their order; of many those `near`."""
        nodes = [self.root]
        if near is not None and self.root.child_count > FEW:
            byte = self._tree.byte_of(near[0])
            nodes = members_near(self.root, byte, lambda node: self._begins_with(node, near[1]))
        waiting = [(node, 0, False) for node in reversed(nodes)]
        while waiting:
            node, depth, in_class = waiting.pop()
            core = self.core_of(node)
            if core is not None:
                entry = self.entry(node, core, depth, in_class=in_class)
                yield entry
                if entry.kind in ("function", "method"):
                    continue
                depth, in_class = depth + 1, entry.kind != "module"
            if core is not None or self.opens(node):
                inside = core or node
                children = reversed(inside.named_children)
                waiting.extend((child, depth, in_class) for child in children)

    def _begins_with(self, node: Node, names: frozenset[str]) -> bool:
        """Whether the node declares one of these names."""
        start = self._tree.offset_of(node.start_byte)
        head = _HEAD.match(self._tree.text, start, start + _SIGNATURE_LIMIT)
        return head is not None and not names.isdisjoint(_WORD.findall(head[1]))

    def around(self, offset: int) -> Iterator[OutlineEntry]:
        """The declarations around a place, from the root down."""
        end = min(offset + 1, len(self._tree.text))
        way = self._tree.path(Span(min(offset, end), end))
        depth = 0
        in_class = False
        carried: Node | None = None
        for node in way:
            core = self.core_of(node)
            if core is None or core == carried:
                continue
            carried = core
            entry = self.entry(node, core, depth, in_class=in_class)
            yield entry
            depth, in_class = depth + 1, entry.kind not in ("function", "method", "module")

    def imported(self) -> Iterator[Span]:
        """The statements that import, outside of functions; of a very long text at its start."""
        waiting = list(reversed(first_members(self.root)))
        while waiting:
            node = waiting.pop()
            self.units.look_at_the_time()
            if self.is_import(node):
                yield self.units.span(node)
            elif self.opens(node) or self._table.kinds.get(node.type) == "module":
                waiting.extend(reversed(node.named_children))

    def is_import(self, node: Node) -> bool:
        """Whether the node imports something."""
        word = self._table.imports_behind.get(node.type)
        words = self._table.imports.get(node.type)
        if word is None and not words:
            return words is not None
        text = self.units.span(node).text(self._tree.text)
        if word is not None:
            return word in text.partition("=")[2][:_LATEST_IMPORT]
        return words is not None and text.startswith(words)

    def opens(self, node: Node) -> bool:
        """Whether declarations may lie in the node."""
        rules = self.units.rules
        kind = node.type
        return (
            kind in rules.bodies
            or kind in rules.carriers
            or kind in self._table.through
            # Last: to find a parent, tree-sitter walks down from the root.
            or node == self.root
        )

    def core_of(self, node: Node) -> Node | None:
        """What the node declares: itself, or what it carries."""
        self.units.look_at_the_time()
        for inner in self.units.carried_by(node):
            if inner.type in self._table.kinds and not self._is_bare_type(inner):
                return inner
        return None

    def _is_bare_type(self, node: Node) -> bool:
        """Whether the node only mentions a type: `struct item i;` declares no `struct item`."""
        return node.type.endswith("_specifier") and node.child_by_field_name("body") is None

    def entry(self, node: Node, core: Node, depth: int, *, in_class: bool) -> OutlineEntry:
        """The entry of a declaration; `node` is `core` or carries it."""
        kind = self._table.kinds[core.type]
        if kind == "function" and in_class:
            kind = "method"
        span = self.units.span(node)
        if core != node:
            span = union(span, self.units.span(core))
        return OutlineEntry(kind, self._name(node, core), self._signature(node, core), span, depth)

    def _name(self, node: Node, core: Node) -> str:
        """The name of a declaration, looked for in the node itself, then in what carries it."""
        named = core.child_by_field_name("name") or _declared(core)
        named = named or core.child_by_field_name("type")
        if named is None and core.parent is not None and core.parent.type in self._table.through:
            named = _declared(core.parent)
        outer = node
        while named is None and outer != core:
            for field in ("name", "left", "key", "property"):
                named = named or outer.child_by_field_name(field)
            inner = self.units.load(outer)
            if inner is None:
                break
            if named is None and outer.named_child_count > 1:
                named = outer.named_child(0)
            outer = inner
        return "" if named is None else self._line(self._tree.span_of(named))

    def _signature(self, node: Node, core: Node) -> str:
        """The text before the body, without decorators and comments before it."""
        rules = self.units.rules
        parts = core.children  # Asked for once: each asking makes them anew.
        start = self.header_byte(node, core, parts)
        own = [child for child in core.named_children if child.type == _BODY]
        body = own[0] if own else body_of(core, rules.bodies)
        end = core.end_byte if body is None else body.start_byte
        comments = [c for c in parts if c.type in rules.comments and c.start_byte < end]
        if comments:
            end = min(max(comments[0].start_byte, start), end)
        line = self._line(self._tree.index.span_of(start, max(start, end)))
        return _TAIL.sub("", line) if line.endswith(_TAILS) else line

    def header_byte(self, node: Node, core: Node, parts: list[Node]) -> int:
        """The byte at which a declaration begins behind its decorators and comments; `parts` are
        core's children."""
        rules = self.units.rules
        start = node.start_byte
        for children in (parts,) if node == core else (node.children, parts):
            for child in children:
                adorns = child.type in rules.attributes and child.type != "modifiers"
                if not adorns and child.type not in rules.comments:
                    break
                start = max(start, child.end_byte)
        return start

    def header_of(self, node: Node, core: Node) -> int:
        """The code point at which a declaration begins behind its decorators and comments."""
        start = self._tree.offset_of(self.header_byte(node, core, core.children))
        text = self._tree.text
        return start + len(text[start:]) - len(text[start:].lstrip())

    def _line(self, span: Span) -> str:
        """A piece of the text on one line, cut when it is long."""
        line = " ".join(span.text(self._tree.text).split())
        return line if len(line) <= _SIGNATURE_LIMIT else line[: _SIGNATURE_LIMIT - 1] + "…"


def _declared(node: Node) -> Node | None:
    """The name inside C's declarators: `*area(int w)` declares `area`."""
    inner = node.child_by_field_name("declarator")
    while inner is not None:
        deeper = inner.child_by_field_name("declarator")
        if deeper is None:
            return inner
        inner = deeper
    return None


def body_of(node: Node, bodies: frozenset[str]) -> Node | None:
    """The body of a declaration."""
    body = node.child_by_field_name("body")
    if body is not None:
        return body
    for child in node.named_children:
        if child.type in bodies or child.child_by_field_name("body") is not None:
            return child
        for inner in child.named_children:
            if inner.type in bodies:
                return inner
    return None
