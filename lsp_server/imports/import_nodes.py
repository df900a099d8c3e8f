"""Finds the nodes that import, and what they stand in."""

from collections.abc import Iterator
from functools import cache

from tree_sitter import Node, Query, QueryCursor

from lsp_server.imports.imported import Surroundings
from lsp_server.imports.readers import READERS
from lsp_server.imports.statement_text import StatementText
from lsp_server.syntax.language import Language
from lsp_server.syntax.node_rules import kinds
from lsp_server.syntax.tree import DocumentTree

__all__ = ["import_nodes", "is_include_guard", "statement_around", "surroundings_of"]

_MOST_NODES = 2_000
"""A subtree of up to this many nodes is searched in one piece, without a look at the time."""
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
_TYPE_CHECKING = ("TYPE_CHECKING", "typing.TYPE_CHECKING", "t.TYPE_CHECKING")


def import_nodes(tree: DocumentTree) -> Iterator[Node]:
    """The nodes of a readable document that may import, in order. Raises `TooCostly`."""
    reader = READERS[tree.language.id]
    look_at_the_time = tree.language.reading()
    query = _query(tree.language, reader.pattern)
    waiting = [tree.root]
    while waiting:
        look_at_the_time()
        node = waiting.pop()
        if node.descendant_count > _MOST_NODES:
            if node.type in reader.kinds:
                yield node
            waiting.extend(reversed(node.children))
        elif node.child_count:
            found = QueryCursor(query).captures(node).get("found", [])
            yield from sorted(found, key=lambda each: each.start_byte)


@cache
def _query(language: Language, pattern: str) -> Query:
    return Query(language.grammar, pattern)


def surroundings_of(node: Node, source: StatementText) -> Surroundings:
    """What a statement stands in."""
    found = Surroundings.TOP
    around = node.parent
    while around is not None and around.parent is not None:
        kind = around.type
        if kind == "if_statement" and source.field(around, "condition") in _TYPE_CHECKING:
            found = Surroundings.TYPES
        elif kind in _CONDITIONS and not is_include_guard(around, source):
            found = found if found == Surroundings.TYPES else Surroundings.CONDITION
        elif not (kind in _NAMESPACES or kind in _STATEMENTS or is_include_guard(around, source)):
            return Surroundings.INSIDE
        around = around.parent
    return found


def is_include_guard(node: Node, source: StatementText) -> bool:
    """Whether the node is `#ifndef NAME` with `#define NAME` as the first thing in it."""
    if node.type != "preproc_ifdef" or not source.of(node).startswith("#ifndef"):
        return False
    name = source.field(node, "name")
    defines = next(source.children(node, "preproc_def"), None)
    return defines is not None and source.field(defines, "name") == name


def statement_around(node: Node) -> Node:
    """The whole statement, for a call that imports."""
    around = node.parent
    while around is not None and around.type in _STATEMENTS:
        node, around = around, around.parent
    return node
