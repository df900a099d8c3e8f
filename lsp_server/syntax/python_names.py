"""Python's errors in parameters, arguments and targets that the grammar does not report.

A name given twice, a default before a parameter without one, anything after `**`, a `global` after
the use of its name, an assignment to something that is no target. Goes by the tree. All numbers are
bytes.
"""

import re
from functools import cache

import tree_sitter
from tree_sitter import Node, Query

from lsp_server.syntax.captures import captures
from lsp_server.syntax.language import Language

__all__ = ["errors_in_names"]

_QUERY = """
[(parameters) (lambda_parameters)] @parameters
(argument_list) @arguments
[(global_statement) (nonlocal_statement)] @late
(expression_statement (named_expression) @found)
(as_pattern_target [(call) (integer) (float) (string)] @found)
(delete_statement [(call) (integer) (float) (string)] @found)
(assignment left: (pattern_list) @found type: (_))
(augmented_assignment left: [(tuple_pattern) (list_pattern) (pattern_list)] @found)
(assignment right: (list_splat) @found)
(return_statement (list_splat) @found)
(for_in_clause "," @found)
"""
"""The nodes that are looked into, and those that are errors wherever they are found."""

_TICKS = '((string_start) @found (#match? @found "`"))'
"""A text between backticks, which the grammar takes for a string."""

_SCOPES = frozenset({"function_definition", "class_definition", "lambda", "module"})
_STARS = frozenset({"list_splat_pattern", "keyword_separator"})


def errors_in_names(root: Node, source: bytes, language: Language) -> int:
    """The number of such errors in the tree at `root`, parsed from `source`."""
    captured = captures(_query(language.grammar), root, language)
    found = len(captured.get("found", ()))
    if b"`" in source:
        found += len(captures(_query(language.grammar, _TICKS), root, language).get("found", ()))
    found += sum(_in_parameters(node) for node in captured.get("parameters", ()))
    for node in captured.get("arguments", ()):
        text = source[node.start_byte : node.end_byte]
        if b"," in text and (b"=" in text or b"**" in text):
            found += _in_arguments(node)
    return found + sum(_comes_late(node, source) for node in captured.get("late", ()))


@cache
def _query(grammar: tree_sitter.Language, query: str = _QUERY) -> Query:
    return Query(grammar, query)


def _in_parameters(row: Node) -> int:
    """The errors in a row of parameters."""
    found, valued, starred, last, bare = 0, False, False, False, False
    names: set[bytes] = set()
    for one in row.named_children:
        kind = one.type
        if one.is_extra:
            continue
        inner = one.named_children[0] if kind == "typed_parameter" else one
        name = one.child_by_field_name("name") if kind.endswith("default_parameter") else inner
        found += last  # Nothing may follow `**`.
        if kind == "positional_separator":
            continue
        found += bare and inner.type == "dictionary_splat_pattern"
        bare = kind == "keyword_separator"
        if inner.type in _STARS:
            found += starred
            starred = True
        elif inner.type == "dictionary_splat_pattern":
            last = True
        elif kind.endswith("default_parameter"):
            valued = True
        else:
            found += valued and not starred
        text = (name.text or b"").lstrip(b"* ") if name is not None and not bare else b""
        found += bool(text) and text in names
        names.add(text)
    return found + bare


def _in_arguments(row: Node) -> int:
    """The errors in the arguments of a call, or of a class."""
    found, named, unpacked = 0, False, False
    names: set[bytes] = set()
    for one in row.named_children:
        kind = one.type
        if kind == "keyword_argument":
            named = True
            name = one.child_by_field_name("name")
            text = (name.text or b"") if name is not None else b""
            found += text in names
            names.add(text)
        elif kind == "dictionary_splat":
            unpacked = True
        elif kind == "list_splat":
            found += unpacked
        elif not (one.is_extra or one.is_error):
            found += named or unpacked
    return found


def _comes_late(statement: Node, source: bytes) -> bool:
    """Whether a name is declared to be another scope's where its own has used it already."""
    owner = _scope_of(statement)
    if owner is None or owner.type == "module":
        return statement.type == "nonlocal_statement"
    start, end = owner.start_byte, statement.start_byte
    for name in statement.named_children:
        word = re.compile(rb"\b" + re.escape(name.text or b"") + rb"\b")
        for match in word.finditer(source, start, end):
            node = owner.descendant_for_byte_range(*match.span())
            if node is not None and node.type == "identifier" and _is_used(node, owner):
                return True
    return False


def _is_used(name: Node, owner: Node) -> bool:
    """Whether the word is a variable of that function's own."""
    parent = name.parent
    if parent is None or parent.type in ("global_statement", "nonlocal_statement"):
        return False
    if parent.type == "attribute" and parent.child_by_field_name("attribute") == name:
        return False
    if parent.type == "keyword_argument" and parent.child_by_field_name("name") == name:
        return False
    if parent == owner:
        return False  # Its own name belongs to the scope around it.
    header = parent if parent.type in _SCOPES else None
    return _scope_of(name if header is None else header) == owner


def _scope_of(node: Node) -> Node | None:
    """The function, class or module whose names those of `node` are."""
    parent = node.parent
    while parent is not None and parent.type not in _SCOPES:
        parent = parent.parent
    return parent
