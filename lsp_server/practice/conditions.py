"""Negates a condition the way a person would write it, and only where that is correct.

`==`, `is` and `in` have an opposite. `<` has none in general: with NaN or sets both `a < b` and
`a >= b` may be false. So an order is flipped only between lengths and other numbers that are
certainly whole; `len(a) > 0` becomes `len(a) == 0`. `a and b` becomes `not a or not b` (the same
calls in the same order) where that reads better than `not (a and b)`.
"""

from tree_sitter import Node

from lsp_server.practice.fragment import Fragment, first_child
from lsp_server.practice.integers import is_whole
from lsp_server.practice.node_shapes import word_set

_OPPOSITE = {
    "==": "!=",
    "!=": "==",
    "===": "!==",
    "!==": "===",
    "is": "is not",
    "is not": "is",
    "in": "not in",
    "not in": "in",
}
_OPPOSITE_ORDER = {"<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_JUNCTIONS = {"and": "or", "or": "and", "&&": "||", "||": "&&"}

_TIGHT_IN_PYTHON = word_set(
    """
    identifier attribute subscript call await binary_operator unary_operator
    parenthesized_expression comparison_operator true false none integer string list tuple
    dictionary
    """
)
_TIGHT_IN_SCRIPT = word_set(
    """
    identifier member_expression subscript_expression call_expression await_expression
    unary_expression parenthesized_expression non_null_expression this super true false null
    undefined number string template_string array object regex new_expression
    """
)


def opposite(fragment: Fragment, condition: Node) -> str:
    """The source of a condition that is true exactly when `condition` is false."""
    if condition.type == "parenthesized_expression":
        return _of_parenthesized(fragment, condition)
    return (
        _without_not(fragment, condition)
        or _of_comparison(fragment, condition)
        or _of_junction(fragment, condition)
        or _negated(fragment, condition)
    )


def _of_parenthesized(fragment: Fragment, node: Node) -> str:
    inner = _inside(node)
    if inner is None or "\n" in fragment.source_of(node):
        return _negated(fragment, node)
    text = opposite(fragment, inner)
    python = fragment.is_python
    return text if python and text.startswith("not ") else f"({text})"


def _without_not(fragment: Fragment, node: Node) -> str:
    """The operand of `not x` or `!x`."""
    is_not = node.type == "not_operator" or (
        node.type == "unary_expression" and fragment.source_of(node).startswith("!")
    )
    argument = node.child_by_field_name("argument") if is_not else None
    if argument is None:
        return ""
    inner = _inside(argument)
    if inner is not None and "\n" not in fragment.source_of(argument):
        return fragment.source_of(inner)
    return fragment.source_of(argument)


def _of_comparison(fragment: Fragment, node: Node) -> str:
    """A comparison with one operator that has an opposite."""
    if node.type not in ("comparison_operator", "binary_expression") or node.child_count != 3:
        return ""
    left, middle, right = node.children
    operator = " ".join(fragment.source_of(middle).split())
    flipped = (
        _OPPOSITE.get(operator) if fragment.is_python or (operator not in ("in", "is")) else None
    )
    flipped = flipped or _flipped_order(fragment, left, operator, right)
    if flipped is None:
        return ""
    start = fragment.slice(node.start_byte, middle.start_byte)
    return start + flipped + fragment.slice(middle.end_byte, node.end_byte)


def _flipped_order(fragment: Fragment, left: Node, operator: str, right: Node) -> str | None:
    if operator == ">" and fragment.source_of(right) == "0" and _is_length(fragment, left):
        return "==" if fragment.is_python else "==="
    if fragment.is_python:
        certain = is_whole(fragment, left) and is_whole(fragment, right)
    else:
        sides = {_is_length(fragment, side) or side.type == "number" for side in (left, right)}
        certain = sides == {True}
    return _OPPOSITE_ORDER.get(operator) if certain else None


def _is_length(fragment: Fragment, node: Node) -> bool:
    """Whether it is a length, which is always a whole number."""
    text = fragment.source_of(node)
    if fragment.is_python:
        return node.type == "call" and text.startswith("len(")
    return node.type == "member_expression" and text.endswith(".length") and "?." not in text


def _of_junction(fragment: Fragment, node: Node) -> str:
    """De Morgan for a plain chain of `and` or of `or`, if that removes a negation."""
    operator = _junction(fragment, node)
    if operator is None:
        return ""
    parts = _chain(fragment, node, operator)
    if any(_junction(fragment, part) or "\n" in fragment.source_of(part) for part in parts):
        return ""
    if "\n" in fragment.source_of(node):
        return ""
    turned = [_without_not(fragment, part) or _of_comparison(fragment, part) for part in parts]
    if not any(turned):
        return ""
    texts = [new or _negated(fragment, part) for new, part in zip(turned, parts, strict=True)]
    if any(_junction_in(text) for text in texts):
        return ""
    return f" {_JUNCTIONS[operator]} ".join(texts)


def _junction_in(text: str) -> bool:
    """Whether a part would need brackets."""
    return any(f" {word} " in text for word in (*_JUNCTIONS, "if", "else", "??", "?", ":="))


def _junction(fragment: Fragment, node: Node) -> str | None:
    if node.type not in ("boolean_operator", "binary_expression"):
        return None
    operator = node.child_by_field_name("operator")
    text = fragment.source_of(operator) if operator else ""
    return text if text in _JUNCTIONS else None


def _chain(fragment: Fragment, node: Node, operator: str) -> list[Node]:
    """The operands of a chain of one operator, from left to right."""
    parts: list[Node] = []
    while _junction(fragment, node) == operator:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            break
        parts.append(right)
        node = left
    return [node, *reversed(parts)]


def _negated(fragment: Fragment, node: Node) -> str:
    text = fragment.source_of(node)
    if fragment.is_python:
        chained = node.type == "comparison_operator" and node.child_count > 3
        tight = node.type in _TIGHT_IN_PYTHON and not chained and "\n" not in text
        bracketed = node.type == "parenthesized_expression"
        return f"not {text}" if tight or bracketed else f"not ({text})"
    return f"!{text}" if node.type in _TIGHT_IN_SCRIPT else f"!({text})"


def _inside(node: Node) -> Node | None:
    """The expression in brackets, if there is only one and no comment."""
    if node.type != "parenthesized_expression" or node.named_child_count != 1:
        return None
    inner = first_child(node)
    return None if inner is None or inner.type in ("comment", "sequence_expression") else inner
