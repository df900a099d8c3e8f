"""Which values are certain to be whole numbers, as far as a scope tells.

`%d` cuts the fraction of a float where an f-string with `:d` refuses it, so the two are the same
only for whole numbers.
"""

from tree_sitter import Node

from lsp_server.practice.fragment import Fragment, first_child, walk


def is_whole(fragment: Fragment, value: Node) -> bool:
    """Whether a value is certain to be an `int`, as far as the scope tells."""
    text = fragment.said(value)
    if value.type == "integer" or (value.type == "call" and text.startswith(("len(", "int("))):
        return True
    if value.type == "binary_operator":
        operator = value.child_by_field_name("operator")
        sides = (value.child_by_field_name("left"), value.child_by_field_name("right"))
        whole = all(side is not None and is_whole(fragment, side) for side in sides)
        return whole and operator is not None and fragment.said(operator) in ("+", "-", "*", "//")
    if value.type == "parenthesized_expression" and value.named_child_count == 1:
        inner = first_child(value)
        return inner is not None and is_whole(fragment, inner)
    return value.type == "identifier" and _is_whole_name(fragment, text)


def _is_whole_name(fragment: Fragment, name: str) -> bool:
    """Whether everything that the scope binds to a name is a whole number.

    The scope must bind it, and in no other way than `n: int`, `n = 1`, `n += 1` or by `enumerate`.
    """
    bound = False
    for node in walk(fragment.root):
        if node.type != "identifier" or fragment.said(node) != name or node.parent is None:
            continue
        above = node.parent
        if above.type in ("assignment", "augmented_assignment"):
            left, right = above.child_by_field_name("left"), above.child_by_field_name("right")
            if left is not None and left.id == node.id:
                if right is None or not (right.type == "integer" or _counts(fragment, right)):
                    return False
                bound = True
        elif above.type in ("typed_parameter", "typed_default_parameter"):
            kind = above.child_by_field_name("type")
            if kind is None or fragment.said(kind) != "int":
                return False
            bound = True
        elif above.type in ("pattern_list", "tuple_pattern"):
            if not _is_index(fragment, above, node):
                return False
            bound = True
        elif above.type in _OTHER_BINDINGS and _is_target(above, node):
            return False
    return bound


_OTHER_BINDINGS = frozenset(
    {
        "for_statement",
        "for_in_clause",
        "named_expression",
        "as_pattern_target",
        "parameters",
        "lambda_parameters",
        "default_parameter",
        "list_splat_pattern",
        "global_statement",
        "nonlocal_statement",
    }
)


def _is_target(above: Node, node: Node) -> bool:
    target = above.child_by_field_name("left") or above.child_by_field_name("name")
    return target is None or target.id == node.id


def _counts(fragment: Fragment, node: Node) -> bool:
    return node.type == "call" and fragment.said(node).startswith(("len(", "int("))


def _is_index(fragment: Fragment, pattern: Node, node: Node) -> bool:
    """Whether the pattern is `index, …` of a loop over `enumerate`."""
    loop, first = pattern.parent, first_child(pattern)
    source = loop.child_by_field_name("right") if loop is not None else None
    return (
        first is not None
        and first.id == node.id
        and source is not None
        and fragment.said(source).startswith("enumerate(")
    )
