"""Which Python values are certain to be whole numbers, as far as a scope tells.

`%d` truncates a float where an f-string with `:d` refuses it, and `a < b` has an opposite only if
neither can be NaN. So both are rewritten only for whole numbers.
"""

from tree_sitter import Node

from lsp_server.practice.fragment import Fragment, walk
from lsp_server.practice.node_shapes import word_set

_OTHER_BINDINGS = word_set(
    """
    for_statement for_in_clause named_expression as_pattern_target parameters lambda_parameters
    default_parameter typed_parameter typed_default_parameter list_splat_pattern pattern_list
    tuple_pattern global_statement nonlocal_statement
    """
)


def is_whole(fragment: Fragment, value: Node) -> bool:
    """Whether a value is certain to be an `int`: an integer, `len(…)`, `int(…)`, or a name that
    the scope binds to nothing else."""
    return _is_integer(fragment, value) or (
        value.type == "identifier" and _is_whole_name(fragment, fragment.source_of(value))
    )


def _is_integer(fragment: Fragment, value: Node) -> bool:
    called = value.type == "call" and fragment.source_of(value).startswith(("len(", "int("))
    return value.type == "integer" or called


def _is_whole_name(fragment: Fragment, name: str) -> bool:
    bound = False
    for node in walk(fragment.root):
        above = node.parent
        if node.type != "identifier" or above is None or fragment.source_of(node) != name:
            continue
        target = above.child_by_field_name("left") or above.child_by_field_name("name")
        if target is not None and target.id != node.id:
            continue
        if above.type in ("assignment", "augmented_assignment"):
            right = above.child_by_field_name("right")
            if right is None or not _is_integer(fragment, right):
                return False
            bound = True
        elif above.type in _OTHER_BINDINGS:
            return False
    return bound
