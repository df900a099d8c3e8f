"""What one file declares, by lines: the definitions that an edit elsewhere may need to see.

Reads the declarations of the outline, their members one level down, and the names of constants and
fields. Never looks into functions. Lines are counted as an editor counts them, from 0.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from lsp_server.errors import TooCostly
from lsp_server.syntax.language import Language
from lsp_server.syntax.node_rules import kinds
from lsp_server.syntax.outline import OutlineReader, body_of, reader_of
from lsp_server.syntax.tree import DocumentTree

__all__ = ["VALUE", "Declared", "FileFacts", "facts_of"]

VALUE = "value"
"""The kind of a constant, a field and the like."""
FUNCTIONS = frozenset({"function", "method", "macro"})
"""Kinds that have no members."""
_MOST_DECLARED = 5_000
"""Declarations of one file. Written files have fewer; a generated table has any number."""
_MOST_DOC_LINES = 12
"""Lines of a doc comment that count: the first lines say what a thing is for."""
_DEEPEST_NAME = 5
"""How many nodes deep the name of a value is looked for; C's declarators nest most."""
_MOST_PARTS = 40
"""Parts of one statement in which names are looked for, such as the constants of a block in Go."""
_LONGEST_BLOCK = 12
"""Lines of a block of constants that is shown whole; of a longer one only the line of a name is."""
_HEAD = 200
"""Bytes of a statement in which it says that it imports."""
_NAMING = ("name", "left", "declarator", "pattern", "property", "key")
_PARTS = re.compile(
    r"(?:_declarator|_spec|_spec_list|_element|declaration|_definition|assignment|_statement"
    r"|declaration_list|class_parameter|argument_list|symbol|pattern_list|tuple_pattern)$"
)
_FIRST_NAMES = frozenset({"identifier", "simple_identifier", "name"})
"""Nodes that are the name of what they begin."""
_LONE_NAMES = frozenset({"name", "simple_symbol"})
_NO_VALUES = frozenset({"package_clause", "package_declaration", "package_header", "call"}) | {
    "export_clause",
    "qualified_name",
}
_BRANCHES = kinds(
    """
    if_statement else_clause elif_clause try_statement except_clause finally_clause with_statement
    """
)
"""Statements at the top of a file or class in which Python code declares names too."""
_WORD = re.compile(r"[$@:]{0,2}([^\W\d]\w*[?!]?)")
_RECEIVER = re.compile(r"func\s*\(\s*(?:\w+\s+)?\*?\s*(\w+)[^)]*\)")
_SEPARATOR = re.compile(r"::|[.:]")
_INK = re.compile(rb"\S")
_LINE_END = re.compile(rb"\r\n|\n|\r")
_EXPORTED_NAME = re.compile(rb"export\s+default\s+[\w$]+\s*;?\s*")
_ACCESSORS = re.compile(rb"attr_(?:reader|writer|accessor)\b")


@dataclass(frozen=True, slots=True)
class Declared:
    """One declaration. `first <= head <= signature_end <= last`, all lines of the file."""

    name: str
    kind: str
    """As in the outline, or `value`."""
    container: str
    """The name of the class, module or implementation that it lies in; "" at the top."""
    first: int
    """The first line, with decorators and the comment right above."""
    head: int
    """The first line of the signature."""
    signature_end: int
    """The last line of the signature, with the doc string below it."""
    last: int
    exported: bool = False
    """Whether it is the file's default export (JavaScript)."""


class FileFacts:
    """All declarations of a file in order, each before its members."""

    def __init__(self, declared: Sequence[Declared] = ()) -> None:
        self.declared = tuple(declared)
        modules = {one.name for one in declared if one.kind == "module"} | {""}
        self._named: dict[str, list[Declared]] = {}
        self._members: dict[str, list[Declared]] = {}
        for one in declared:
            if one.container in modules or one.kind == "impl":
                self._named.setdefault(one.name, []).append(one)
            self._members.setdefault(one.container, []).append(one)

    def named(self, name: str) -> Sequence[Declared]:
        """What is declared under a name outside of classes, or in a namespace."""
        return self._named.get(name, ())

    def members(self, container: str) -> Sequence[Declared]:
        """What is declared in a class or module."""
        return self._members.get(container, ())

    def member_names(self, container: str) -> frozenset[str]:
        """The names of what is declared in a class or module."""
        return frozenset(one.name for one in self.members(container))


def facts_of(text: str, language: Language | None, tree: DocumentTree | None = None) -> FileFacts:
    """What a text declares; nothing where that takes too long to find. Never raises."""
    try:
        reader = reader_of(text, language, tree)
        if reader is None:
            return FileFacts()
        return FileFacts(tuple(_Walk(reader).all()))
    except (TooCostly, RecursionError):
        return FileFacts()


def _only_names(node: Node) -> bool:
    """Whether a statement only says in C that there is a type: `struct item;`, also with
    `typedef` and the same name again."""
    again = None
    if node.type == "type_definition":
        again, inner = node.child_by_field_name("declarator"), node.child_by_field_name("type")
        if again is None or inner is None:
            return False
        node = inner
    if not node.type.endswith("_specifier") or node.child_by_field_name("body") is not None:
        return False
    name = node.child_by_field_name("name")
    return name is not None and (again is None or again.text == name.text)


def _qualified(name: str, signature: str, container: str) -> tuple[str, str]:
    """The name and the container of a declaration that names the container itself: `Shop::total`
    in C++, `Shop.total` in Lua, a method with a receiver in Go."""
    receiver = _RECEIVER.match(signature)
    if receiver is not None:
        return name, receiver[1]
    parts = _SEPARATOR.split(name)
    if parts[0] in ("exports", "module") and len(parts) > 1:
        return parts[-1], container
    return (parts[-1], parts[-2]) if len(parts) > 1 and parts[-1] else (name, container)


class _Walk:
    """Collects the declarations of one document."""

    def __init__(self, reader: OutlineReader) -> None:
        self._reader = reader
        self._rules = reader.units.rules
        self._source = reader.units.tree.source
        self._starts = [0, *(found.end() for found in _LINE_END.finditer(self._source))]
        self._count = 0

    def all(self) -> Iterator[Declared]:
        """All declarations, in order."""
        return self._inside(self._reader.root, "", in_class=False)

    def _line(self, byte: int) -> int:
        return bisect_right(self._starts, byte) - 1

    def _ink(self, byte: int) -> int:
        """The first byte from here on that is no white space."""
        found = _INK.search(self._source, byte)
        return byte if found is None else found.start()

    def _last_line(self, node: Node) -> int:
        """The line of a node's last character; some grammars' nodes end behind a line end."""
        end = len(self._source[node.start_byte : node.end_byte].rstrip()) + node.start_byte
        return self._line(max(end - 1, node.start_byte))

    def _inside(self, node: Node, container: str, *, in_class: bool) -> Iterator[Declared]:
        """The declarations among a node's children, with the comments above each."""
        rules = self._rules
        above: tuple[int, int] | None = None  # The lines of the comments right above.
        behind = -1
        for child in node.named_children:
            if self._count > _MOST_DECLARED:
                return
            if child.type in rules.comments or child.type in rules.attributes:
                line = self._line(child.start_byte)
                if line != behind:
                    start = above[0] if above is not None and above[1] + 1 >= line else line
                    above = (start, self._last_line(child))
                continue
            line = self._line(child.start_byte)
            first = above[0] if above is not None and above[1] + 1 >= line else line
            yield from self._child(child, container, max(first, line - _MOST_DOC_LINES), in_class)
            above, behind = None, self._line(child.end_byte)

    def _child(self, child: Node, container: str, first: int, in_class: bool) -> Iterator[Declared]:
        core = self._reader.core_of(child)
        if core is not None:
            yield from self._declaration(child, core, container, first, in_class)
        elif self._reader.is_import(child) or _only_names(child):
            return
        elif self._is_holder(child):
            if child.type == "type_definition":  # C: `typedef struct item {…} item_t`.
                yield from self._value(child, container, first)
            yield from self._inside(child, container, in_class=in_class)
        else:
            yield from self._value(child, container, first)

    def _is_holder(self, child: Node) -> bool:
        """Whether a node only holds declarations: a body, `extern "C" { … }`, `type ( … )`."""
        if child.type in self._rules.bodies or child.type in _BRANCHES or child.is_error:
            return True
        inside = child.child_by_field_name("body")
        if inside is not None and inside.type in self._rules.bodies and self._reader.opens(child):
            return True
        if not self._reader.opens(child) or child.child_by_field_name("value") is not None:
            return False
        return any(
            inner.type in self._rules.bodies or self._reader.core_of(inner) is not None
            for inner in child.named_children
        )

    def _declaration(
        self, node: Node, core: Node, container: str, first: int, in_class: bool
    ) -> Iterator[Declared]:
        entry = self._reader.entry(node, core, 0, in_class=in_class)
        body = body_of(core, self._rules.bodies)
        last = self._last_line(node if node.end_byte >= core.end_byte else core)
        head = self._line(self._ink(self._reader.header_byte(node, core, core.children)))
        end = last
        if body is not None and body.start_byte > core.start_byte:
            before = self._source[core.start_byte : body.start_byte].rstrip()
            end = self._doc_end(body, self._line(core.start_byte + max(len(before) - 1, 0)))
        exported = self._source.startswith((b"export default", b"module.exports"), node.start_byte)
        self._count += 1
        head = min(head, last)
        end = min(max(end, head), last)
        name, within = entry.name, container
        if entry.kind != "module":
            name, within = _qualified(entry.name, entry.signature, container)
        lines = min(first, head), head, end, last
        yield Declared(name, entry.kind, within, *lines, exported)
        if entry.kind not in FUNCTIONS and (body is not None or entry.kind != "type"):
            inside = body if body is not None else core
            yield from self._inside(
                inside, entry.name or container, in_class=entry.kind != "module"
            )
            yield from self._parameters(core, entry.name)

    def _doc_end(self, body: Node, line: int) -> int:
        """The last line of the doc string that a body begins with; `line` where there is none."""
        inner = body.named_child(0) if body.named_child_count else None
        if inner is not None and inner.type == "expression_statement":
            inner = inner.named_child(0)
        if inner is None or inner.type != "string":
            return line
        return min(self._last_line(inner), line + _MOST_DOC_LINES)

    def _parameters(self, core: Node, name: str) -> Iterator[Declared]:
        """The fields that a class has as parameters, as in Kotlin, Scala and records of Java."""
        for child in core.named_children:
            if child.type in ("primary_constructor", "class_parameters", "formal_parameters"):
                inner = child.named_children
                if len(inner) == 1 and inner[0].type == "class_parameters":
                    inner = inner[0].named_children
                for parameter in inner[:_MOST_PARTS]:
                    yield from self._value(parameter, name, self._line(parameter.start_byte))

    def _value(self, node: Node, container: str, first: int) -> Iterator[Declared]:
        """The constants and fields that a statement gives a value or a type to."""
        if _EXPORTED_NAME.fullmatch(self._source, node.start_byte, node.end_byte):
            return  # The name is declared elsewhere.
        names = dict(self._names(node, 0))
        if not names or b"require(" in self._source[node.start_byte : node.end_byte][:_HEAD]:
            return  # `const x = require("y")` imports.
        head, last = self._line(node.start_byte), self._last_line(node)
        default = self._source.startswith(b"export default", node.start_byte)
        for name, line in names.items():
            self._count += 1
            lines = min(first, head), head, last, last
            if last - head > _LONGEST_BLOCK and len(names) > 1:
                lines = line, line, line, line
            yield Declared(name, VALUE, container, *lines, default)

    def _names(self, node: Node, depth: int) -> Iterator[tuple[str, int]]:
        """The names that a statement gives something to, and the line of each."""
        if depth > _DEEPEST_NAME:
            return
        named = [one for field in _NAMING for one in node.children_by_field_name(field)]
        if not named and not node.named_child_count:
            named = (
                [node] if (depth and "identifier" in node.type) or node.type in _LONE_NAMES else []
            )
        if node.type in _NO_VALUES and not self._is_accessor(node):
            return
        if not named:
            children = node.named_children[:_MOST_PARTS]
            first = depth > 0 and node.child_by_field_name("type") is None
            if first and children and children[0].type in _FIRST_NAMES and "list" not in node.type:
                children = children[:1]
            few = len(children) == 1 or (depth > 0 and "list" in node.type)
            for child in children:
                if few or _PARTS.search(child.type):
                    yield from self._names(child, depth + 1)
            return
        for one in named:
            name = self._name_of(one)
            if name:
                yield name, self._line(one.start_byte)
            elif one != node:
                yield from self._names(one, depth + 1)

    def _is_accessor(self, node: Node) -> bool:
        """Whether a call declares attributes, as `attr_reader :name` in Ruby does."""
        return _ACCESSORS.match(self._source, node.start_byte) is not None

    def _name_of(self, node: Node) -> str:
        """The name that a node is; of `exports.name` the last part; "" if it is none."""
        last = node
        while last.named_child_count and last.type in ("member_expression", "attribute"):
            last = last.named_children[-1]
        if last.named_child_count > 1 or (last.named_child_count and last.type != "variable_name"):
            return ""
        text = self._source[last.start_byte : last.end_byte].decode("utf-8", "replace")
        found = _WORD.fullmatch(text)
        return "" if found is None else found[1]
