"""Recipe: f-strings in Python, template literals in JavaScript and TypeScript.

Only where the result is the same. Unchanged are: a `%d` whose value is not known to be a whole
number (`%d` truncates a float, an f-string refuses it), values that would be evaluated twice or not
at all, formats that f-strings lack, backslashes or comments inside a value (not allowed in an
f-string before Python 3.12), and `+` without a string next to it.
"""

import re
from collections.abc import Iterator

from tree_sitter import Node

from lsp_server.practice.fragment import Edit, Fragment, first_child, walk
from lsp_server.practice.fstrings import from_format, from_percent
from lsp_server.practice.recipe import RecipeResult

_STRINGS = frozenset({"string", "template_string"})
_SUBSTITUTION = re.compile(r"\\.|`|\$\{", re.DOTALL)
_OCTAL = re.compile(r"(?<!\\)(?:\\\\)*\\[0-9]")


def interpolate_strings(fragment: Fragment) -> RecipeResult:
    """Turn the outermost formatted strings. Those inside their values follow in the next round."""
    if fragment.is_python:
        nothing = "No % or .format here is certain to mean the same as an f-string."
        return RecipeResult.of(_outermost(_python_edits(fragment)), nothing)
    nothing = "No string here is joined with + that a template literal could replace."
    return RecipeResult.of(_outermost(_script_edits(fragment)), nothing)


def _python_edits(fragment: Fragment) -> Iterator[Edit]:
    for node in walk(fragment.root):
        if node.type not in ("binary_operator", "call") or not fragment.holds(node):
            continue
        text = from_percent(fragment, node) or from_format(fragment, node)
        if text is not None:
            yield Edit(node.start_byte, node.end_byte, text)


def _script_edits(fragment: Fragment) -> Iterator[Edit]:
    for node in walk(fragment.root):
        text = _from_plus(fragment, node) if fragment.holds(node) else None
        if text is not None:
            yield Edit(node.start_byte, node.end_byte, text)


def _outermost(edits: Iterator[Edit]) -> Iterator[Edit]:
    """The edits that are not inside an earlier one. `edits` are in source order."""
    end = 0
    for edit in edits:
        if edit.start >= end:
            yield edit
            end = edit.end


def _from_plus(fragment: Fragment, node: Node) -> str | None:
    """The template literal that is the same as a chain of `+`; None where there is none.

    `+` adds numbers until it meets a string, so everything before the first string stays an
    expression of its own: `a + b + "x"` becomes `${a + b}x`.
    """
    if not _is_plus(fragment, node) or node.has_error or _part_of_chain(fragment, node):
        return None
    parts = _operands(fragment, node)
    first = next((n for n, part in enumerate(parts) if part.type in _STRINGS), None)
    if first is None or all(part.type in _STRINGS for part in parts):
        return None
    if any(part.type == "comment" for part in walk(node)):
        return None
    pieces = []
    if first > 0:
        head = fragment.slice(parts[0].start_byte, parts[first - 1].end_byte)
        pieces.append(f"${{{head}}}")
    for part in parts[first:]:
        piece = _piece(fragment, part)
        if piece is None:
            return None
        pieces.append(piece)
    return f"`{''.join(pieces)}`"


def _is_plus(fragment: Fragment, node: Node) -> bool:
    operator = node.child_by_field_name("operator")
    return (
        node.type == "binary_expression"
        and operator is not None
        and fragment.source_of(operator) == "+"
    )


def _part_of_chain(fragment: Fragment, node: Node) -> bool:
    """Whether the node is the left side of a longer chain."""
    above = node.parent
    if above is None or not _is_plus(fragment, above):
        return False
    left = above.child_by_field_name("left")
    return left is not None and left.id == node.id


def _operands(fragment: Fragment, node: Node) -> list[Node]:
    parts: list[Node] = []
    while _is_plus(fragment, node):
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            break
        parts.append(right)
        node = left
    return [node, *reversed(parts)]


def _piece(fragment: Fragment, node: Node) -> str | None:
    text = fragment.source_of(node)
    if node.type == "template_string":
        return text[1:-1]
    if node.type != "string":
        inner = first_child(node) if node.type == "parenthesized_expression" else None
        return f"${{{text if inner is None else fragment.source_of(inner)}}}"
    if _OCTAL.search(text):
        return None
    return _SUBSTITUTION.sub(_escaped, text[1:-1])


def _escaped(found: re.Match[str]) -> str:
    """Quotes need no backslash in a template; backticks and `${` do."""
    text = found[0]
    if text in ("\\'", '\\"'):
        return text[1]
    return text if text.startswith("\\") else f"\\{text}"
