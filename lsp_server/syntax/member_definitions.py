"""Finds the definitions in a piece of a document, and the one that a text begins.

For answers that hold only the definitions that change; they are matched by name. Goes by the
outline (functions, classes, methods) and, for constants and fields, by the name that a statement
assigns to. Knows no answers and no edits.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tree_sitter import Node

from lsp_server.errors import TooCostly
from lsp_server.syntax.declarations import CLASS_NAME, IN_CLASS, Declarations
from lsp_server.syntax.language import Language
from lsp_server.syntax.nodes import Unit
from lsp_server.syntax.outline import OutlineReader, body_of, reader_of
from lsp_server.syntax.tree import DocumentTree, count_errors
from lsp_server.text.span import Span

__all__ = ["Definition", "MemberDefinitions"]

VALUE = "value"
"""The kind of a constant, a field and the like: a statement that gives a name."""
IMPORT = "import"
STATEMENT = "statement"
"""The kind of what has no name: a call, a loop."""
_METHODS = frozenset({"method", "function"})
_NAME = re.compile(r"[^\W\d][\w.$:@~-]*[?!]?|[$@][\w$@.]+")
_DEEPEST = 6
"""How many nodes deep the name that a statement gives is searched."""
_NAMING = ("name", "left", "declarator", "pattern", "key", "property")

_PAIRS = {"(": ")", "[": "]", "{": "}"}
_QUOTED = re.compile(r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`")


@dataclass(frozen=True, slots=True)
class Definition:
    """One definition. Places are in code points of the text that was read."""

    kind: str
    """As in the outline, or `value`, `import`, `statement`."""
    name: str
    signature: str
    path: tuple[str, ...]
    """The names of what contains it, the outermost first."""
    span: Span
    """With its decorators, attributes and the comments right above."""
    header: int
    """Where it begins behind those."""
    inner: Span | None = None
    """From its first member to its last, where it has members that are definitions themselves."""


class MemberDefinitions:
    """The definitions of one scope, and those that are written for it. Never raises."""

    def __init__(self, language: Language, before: str, scope: str, after: str) -> None:
        """`scope` is between `before` and `after`; all with "\\n" as line ends."""
        self._language = language
        self._document = before + scope + after
        self._scope = Span(len(before), len(before) + len(scope))
        facts = language.declarations
        self._facts = facts if isinstance(facts, Declarations) else None
        self._shells = facts.surroundings if isinstance(facts, Declarations) else ()
        self._all: tuple[Definition, ...] | None = None
        self._found: tuple[Definition, ...] | None = None

    def _everything(self) -> tuple[Definition, ...]:
        """All definitions of the document."""
        if self._all is None:
            self._all = _read(self._language, self._document)
        return self._all

    def document(self) -> tuple[str, str]:
        """All of the document in front of the scope and behind it."""
        return self._document[: self._scope.start], self._document[self._scope.end :]

    def known(self) -> Sequence[Definition]:
        """The definitions of the scope, in code points of it, each before what is in it."""
        if self._found is None:
            self._found = tuple(
                _moved(one, -self._scope.start)
                for one in self._everything()
                if self._scope.contains(one.span)
            )
        return self._found

    def around(self) -> Sequence[Definition]:
        """The definitions around the scope, the outermost first, in the document."""
        return [one for one in self._everything() if self._holds_scope(one)]

    def beside(self) -> Sequence[tuple[Definition, str]]:
        """What the document holds outside of the scope and of what stands in another definition
        than the scope does, with its text: statements and imports too."""
        within = self.around()
        paths = [(), *((*one.path, one.name) for one in within)]
        return [
            (one, one.span.text(self._document))
            for one in self._everything()
            if one.path in paths and not self._holds_scope(one) and not self._meets_scope(one)
        ]

    def _holds_scope(self, one: Definition) -> bool:
        named = one.kind not in (VALUE, IMPORT, STATEMENT)
        return named and one.span.contains(self._scope) and one.span != self._scope

    def _meets_scope(self, one: Definition) -> bool:
        return one.span.start < self._scope.end and self._scope.start < one.span.end

    def alone(self, text: str) -> Sequence[Definition]:
        """The definitions of a text by itself: a file, a class, or members of a class."""
        trees = [
            (head, DocumentTree(self._language, head + text + tail))
            for head, tail in self._shells
            if not (head.startswith("<?php") and text.lstrip().startswith("<?php"))
        ]
        sound = [(count_errors(tree.root), head, tree) for head, tree in trees if tree.readable]
        if not sound:
            return ()
        _, head, tree = min(sound, key=lambda each: each[0])
        shell = (CLASS_NAME,) if head.endswith(IN_CLASS[0]) else ()
        return [
            replace(_moved(one, -len(head)), path=one.path[len(shell) :])
            for one in _read(self._language, tree.text)
            if one.name != CLASS_NAME and one.span.start >= len(head)
        ]

    def begun(self, text: str) -> Definition | None:
        """The definition that `text`, at least one line long, begins.

        None if it begins none or that cannot be known yet.
        """
        closed = None if self._facts is None else _closed(text, self._facts)
        if closed is None:
            return None
        first = len(text) - len(text.lstrip())
        for head, tail in self._shells:
            found = _read(self._language, head + closed + tail)
            start = len(head) + first
            for one in found:
                named = one.kind == IMPORT or one.name not in ("", CLASS_NAME)
                if named and one.span.start <= start <= one.header:
                    return _moved(one, -len(head))
        return None

    def is_complete(self, text: str) -> bool:
        """Whether `text` is valid code alone, or as a member of a class."""
        for head, tail in self._shells:
            tree = DocumentTree(self._language, head + text + tail)
            if tree.readable and not count_errors(tree.root):
                return True
        return False


def _moved(one: Definition, by: int) -> Definition:
    """The same definition, `by` code points further on."""
    inner = one.inner and Span(one.inner.start + by, one.inner.end + by)
    span = Span(max(one.span.start + by, 0), max(one.span.end + by, 0))
    return Definition(one.kind, one.name, one.signature, one.path, span, one.header + by, inner)


def _read(language: Language, text: str) -> tuple[Definition, ...]:
    try:
        reader = reader_of(text, language, None)
        return () if reader is None else tuple(_Walk(reader, text).all())
    except TooCostly:
        return ()


def _closed(text: str, facts: Declarations) -> str | None:
    """`text` with what it opens closed; None where it ends between its parameters."""
    bare = _QUOTED.sub('""', text)
    waiting: list[str] = []
    for character in bare:
        if character in _PAIRS:
            waiting.append(_PAIRS[character])
        elif waiting and character == waiting[-1]:
            waiting.pop()
    if ")" in waiting[:1] or "]" in waiting[:1]:
        return None
    last = text.rstrip().rpartition("\n")[2]
    closed = text.rstrip()
    if facts.empty_body and last.endswith(":"):
        closed += "\n" + " " * (len(last) - len(last.lstrip()) + 4) + facts.empty_body
    closed += "".join("\n" + closer for closer in reversed(waiting))
    return f"{closed}\n{facts.end}" if facts.end else closed


class _Walk:
    """Collects the definitions of one document."""

    def __init__(self, reader: OutlineReader, text: str) -> None:
        self._reader = reader
        self._units = reader.units
        self._text = text

    def all(self) -> Iterator[Definition]:
        """All of them, in order."""
        return self._inside(self._reader.root, (), in_class=False)

    def _inside(self, node: Node, path: tuple[str, ...], *, in_class: bool) -> Iterator[Definition]:
        rules, reader = self._units.rules, self._reader
        for child in node.named_children:
            self._units.look_at_the_time()
            if child.type in rules.comments or child.type in rules.attributes:
                continue
            core = reader.core_of(child)
            if core is not None:
                yield from self._declared(child, core, path, in_class=in_class)
            elif reader.is_import(child):
                yield self._statement(child, IMPORT, path)
            elif child.type in rules.bodies:
                yield from self._inside(child, path, in_class=in_class)
            elif (carried := self._carried(child)) is not None:
                yield from self._declared(child, carried, path, in_class=in_class)
            elif (body := self._held(child)) is not None:
                yield from self._inside(body, path, in_class=in_class)
            elif child.is_error or child.child_count or child.type in rules.headers:
                kind = STATEMENT if child.is_error or not self._named(child) else VALUE
                yield self._statement(child, kind, path)

    def _declared(
        self, node: Node, core: Node, path: tuple[str, ...], *, in_class: bool
    ) -> Iterator[Definition]:
        entry = self._reader.entry(node, core, len(path), in_class=in_class)
        members: tuple[Definition, ...] = ()
        body = None
        if entry.kind not in _METHODS:
            body = body_of(core, self._units.rules.bodies)
            inside = body if body is not None else core
            within = self._inside(inside, (*path, entry.name), in_class=entry.kind != "module")
            members = tuple(within)
        inner = None
        if any(one.kind not in (VALUE, IMPORT, STATEMENT) for one in members):
            inner = Span(members[0].span.start, max(one.span.end for one in members))
        span = self._adorned(entry.span)
        header = self._reader.header_of(node, core)
        yield Definition(entry.kind, entry.name, entry.signature, path, span, header, inner)
        if inner is not None:
            yield from members

    def _carried(self, node: Node) -> Node | None:
        """What a `typedef` or a `template` around it declares."""
        if not self._reader.opens(node):
            return None
        cores = (self._reader.core_of(child) for child in node.named_children)
        return next((core for core in cores if core is not None), None)

    def _held(self, node: Node) -> Node | None:
        """The body of what only holds declarations, such as `extern "C" { … }`."""
        if not self._reader.opens(node):
            return None
        bodies = self._units.rules.bodies
        return next((child for child in node.named_children if child.type in bodies), None)

    def _statement(self, node: Node, kind: str, path: tuple[str, ...]) -> Definition:
        span = self._units.span(node)
        name = self._named(node) if kind == VALUE else ""
        return Definition(kind, name, "", path, self._adorned(span), span.start)

    def _adorned(self, span: Span) -> Span:
        """With the comments and attributes right above, and a `;` or `,` right behind."""
        end = span.end
        while end < len(self._text) and self._text[end] in ";,":
            end += 1
        return self._units.comments_above(Unit(Span(span.start, end), "", ()))

    def _named(self, node: Node) -> str:
        """The name that a statement gives a value or a type to; "" for none."""
        named: Node | None = None
        inner = node
        for _ in range(_DEEPEST):
            found = next(
                (f for field in _NAMING if (f := inner.child_by_field_name(field)) is not None),
                None,
            )
            if found is not None:
                named = found
            children = inner.named_children
            deeper = found if found is not None else (children[-1] if len(children) == 1 else None)
            if deeper is None:
                if named is not None or not children or inner is not node:
                    break
                deeper = children[-1]
            inner = deeper
        if named is None or named.type in ("call", "call_expression"):
            return ""
        text = self._units.span(named).text(self._text)
        return text if _NAME.fullmatch(text) else ""
