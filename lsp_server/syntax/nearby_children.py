"""The children of a node that has hundreds of them: those at a place, and few of the others.

A reading of all top-level nodes of a file of 30,000 lines takes longer than an edit may wait. Knows
nodes and bytes only.
"""

from collections.abc import Callable

from tree_sitter import Node

__all__ = ["FEW", "first_children", "near_children"]

FEW = 400
"""Up to so many children all of them are looked at."""
_MANY = 2_500
"""Of more children those far from a place are not even asked for: to list them takes too long."""
_MANY_FIRST = 1_500
"""The same where the first are meant."""
_NEAR = 100
"""So many on either side of a place are looked at where there are more than a few."""


def near_children(node: Node, byte: int, wanted: Callable[[Node], bool]) -> list[Node]:
    """The named children of `node` in their order.

    Where they are more than a few those nearest to `byte`, and of the others those that are
    `wanted`, unless there are too many to ask.
    """
    count = node.child_count
    if count <= FEW:
        return node.named_children
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        child = node.child(middle)
        if child is not None and child.end_byte <= byte:
            low = middle + 1
        else:
            high = middle
    near = _between(node, low - _NEAR, low + _NEAR)
    if count > _MANY or not near:
        return near
    first, last = near[0].start_byte, near[-1].end_byte
    return [c for c in node.named_children if first <= c.start_byte < last or wanted(c)]


def first_children(node: Node) -> list[Node]:
    """The named children of `node`; of many only the first ones."""
    return node.named_children if node.child_count <= _MANY_FIRST else _between(node, 0, FEW)


def _between(node: Node, first: int, last: int) -> list[Node]:
    places = range(max(first, 0), min(last, node.child_count))
    children = (node.child(place) for place in places)
    return [child for child in children if child is not None and child.is_named]
