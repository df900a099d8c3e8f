"""Finds the nodes that import, and what they stand in."""

import re
from collections.abc import Iterator, Sequence

from tree_sitter import Node

from lsp_server.imports.imported import Surroundings
from lsp_server.imports.readers import READERS
from lsp_server.imports.statement_text import StatementText
from lsp_server.syntax.node_rules import kinds
from lsp_server.syntax.tree import DocumentTree
from lsp_server.text.span import Span

__all__ = ["import_ways", "is_include_guard", "statement_around", "surroundings_of"]

_NAMESPACES = kinds(
    "namespace_declaration file_scoped_namespace_declaration namespace_definition "
    "declaration_list compound_statement package_clause template_body ERROR"
)
"""What may be around an import that stands where imports belong."""
_STATEMENTS = kinds(
    "expression_statement lexical_declaration variable_declaration variable_declarator "
    "await_expression member_expression"
)
"""What a call that imports may be part of."""
_CONDITIONS = kinds(
    "if_statement else_clause elif_clause try_statement except_clause finally_clause block "
    "with_statement preproc_if preproc_ifdef preproc_else preproc_elif preproc_elifdef "
    "linkage_specification statement_block catch_clause if unless begin then else rescue ensure "
    "body_statement if_modifier unless_modifier rescue_modifier if_directive"
)
_IF = re.compile(r"^[ \t]*#if\b", re.MULTILINE)
_END_IF = re.compile(r"^[ \t]*#endif\b", re.MULTILINE)
_TYPE_CHECKING = ("TYPE_CHECKING", "typing.TYPE_CHECKING", "t.TYPE_CHECKING")


def import_ways(tree: DocumentTree) -> Iterator[tuple[Node, ...]]:
    """The nodes of a readable document that may import, each with those around it, root first.

    Goes by the words that such a statement holds: to look at all nodes takes too long. Raises
    `TooCostly`.
    """
    reader = READERS[tree.language.id]
    look_at_the_time = tree.language.reading()
    seen = set[tuple[int, int]]()
    for place in _places_of(reader.words, tree.text):
        look_at_the_time()
        way = tree.path(place)
        # A word has the name of a statement in some grammars.
        while way and not (way[-1].is_named and way[-1].type in reader.kinds):
            way.pop()
        if way and (found := (way[-1].start_byte, way[-1].end_byte)) not in seen:
            seen.add(found)
            yield tuple(way)


def _places_of(words: Sequence[str], text: str) -> list[Span]:
    """Where the words are in a text, in its order; no part of a longer word counts."""
    places = []
    for word in words:
        start = text.find(word)
        while start >= 0:
            end = start + len(word)
            if not (_continues(text[end : end + 1]) or _continues(text[max(start - 1, 0) : start])):
                places.append(Span(start, end))
            start = text.find(word, end)
    return sorted(places)


def _continues(character: str) -> bool:
    """Whether a word goes on with the character."""
    return character == "_" or character.isalnum()


def surroundings_of(way: Sequence[Node], source: StatementText) -> Surroundings:
    """What the last node of `way` stands in."""
    found = Surroundings.TOP
    for around in reversed(way[1:-1]):
        kind = around.type
        if kind == "if_statement" and source.field(around, "condition") in _TYPE_CHECKING:
            found = Surroundings.TYPES
        elif kind in _CONDITIONS and not is_include_guard(around, source):
            found = found if found == Surroundings.TYPES else Surroundings.CONDITION
        elif not (kind in _NAMESPACES or kind in _STATEMENTS or is_include_guard(around, source)):
            return Surroundings.INSIDE
    if source.tree.language.id == "swift" and found == Surroundings.TOP:
        # The grammar has no node around what stands between directives.
        above = source.tree.text[: source.span(way[-1]).start]
        if len(_IF.findall(above)) > len(_END_IF.findall(above)):
            return Surroundings.CONDITION
    return found


def statement_around(way: Sequence[Node]) -> Node:
    """The whole statement that the last node of `way` is or is part of."""
    node = way[-1]
    for around in reversed(way[:-1]):
        if around.type not in _STATEMENTS:
            break
        node = around
    return node


def is_include_guard(node: Node, source: StatementText) -> bool:
    """Whether the node is `#ifndef NAME` with `#define NAME` as the first thing in it."""
    if node.type != "preproc_ifdef" or not source.of(node).startswith("#ifndef"):
        return False
    name = source.field(node, "name")
    defines = next(source.children(node, "preproc_def"), None)
    return defines is not None and source.field(defines, "name") == name
