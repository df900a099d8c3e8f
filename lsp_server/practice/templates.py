"""`"a" + b` as a template literal.

`+` adds numbers until it meets a string, so what stands before the first string stays an
expression of its own: `a + b + "x"` becomes `${a + b}x`.
"""

import re

from tree_sitter import Node

from lsp_server.practice.fragment import Fragment, first_child, walk

_STRINGS = frozenset({"string", "template_string"})
_SUBSTITUTION = re.compile(r"\\.|`|\$\{", re.DOTALL)
_OCTAL = re.compile(r"(?<!\\)(?:\\\\)*\\[0-9]")


def from_plus(fragment: Fragment, node: Node) -> str | None:
    """The template literal that is the same as a chain of `+`; `None` where there is none."""
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
        node.type == "binary_expression" and operator is not None and fragment.said(operator) == "+"
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
    text = fragment.said(node)
    if node.type == "template_string":
        return text[1:-1]
    if node.type != "string":
        inner = first_child(node) if node.type == "parenthesized_expression" else None
        return f"${{{text if inner is None else fragment.said(inner)}}}"
    if _OCTAL.search(text):
        return None
    return _SUBSTITUTION.sub(_escaped, text[1:-1])


def _escaped(found: re.Match[str]) -> str:
    """Quotes need no backslash in a template; backticks and `${` do."""
    text = found[0]
    if text in ("\\'", '\\"'):
        return text[1]
    return text if text.startswith("\\") else f"\\{text}"
