"""The children of a node that has hundreds or thousands of them: those near a place.

To ask for all of them takes longer than an edit may wait: a file of 30,000 lines has as many
top-level nodes. All places are bytes.
"""

from collections.abc import Callable, Iterator

from tree_sitter import Node, TreeCursor

__all__ = ["FEW", "children_near", "first_members", "members_near"]

FEW = 400
"""Of a node with no more children than this, `members_near` and `first_members` return all."""
_MANY = 2_500
"""Of a node with more children than this, `members_near` does not ask for those far away."""
_MANY_FIRST = 1_500
"""Of a node with more children than this, `first_members` returns only the first `FEW`."""
_MEMBERS_NEAR = 100
"""How many members on either side of a place are near it."""

_NEAR = 32
"""How many children on either side of a place are near it for `children_near`."""
_FEW_TO_WALK = 8 * _NEAR
"""Of a node with no more children than this, `children_near` yields all."""


def children_near(node: Node, *places: int) -> Iterator[tuple[Node, str | None]]:
    """The children of `node` with their fields, in order.

    Of many only those near `places`, and the first and the last ones. A cursor finds them in
    logarithmic time.
    """
    cursor = node.walk()
    if not cursor.goto_first_child():
        return
    if node.child_count <= _FEW_TO_WALK:
        yield from _siblings(cursor, node.child_count)
        return
    last = (-1, -1)  # Start and end of the last child that was yielded.
    for place in (None, *sorted(places), node.end_byte):
        count = _NEAR if place is None else _move_near(cursor, node, place)
        for child, field in _siblings(cursor, count):
            if (position := (child.start_byte, child.end_byte)) > last:
                yield child, field
                last = position


def _move_near(cursor: TreeCursor, node: Node, place: int) -> int:
    """Move to the first child of `node` near `place`. Returns how many are near from there on."""
    cursor.reset(node)
    # A child that the node hides (Go's line ends) is found for a byte, but cannot be gone to.
    if all(cursor.goto_first_child_for_byte(near) is None for near in (place, max(place - 1, 0))):
        cursor.goto_last_child()
    for passed in range(_NEAR):
        if not cursor.goto_previous_sibling():
            return passed + _NEAR
    return 2 * _NEAR


def _siblings(cursor: TreeCursor, count: int) -> Iterator[tuple[Node, str | None]]:
    """The node at `cursor` and those after it, `count` at most."""
    for left in range(count - 1, -1, -1):
        if cursor.node is not None:
            yield cursor.node, cursor.field_name
        if not left or not cursor.goto_next_sibling():
            return


def members_near(node: Node, byte: int, wanted: Callable[[Node], bool]) -> list[Node]:
    """The named children of `node`, in order.

    Of many only those near `byte` and, up to `_MANY`, those that are `wanted`.
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
    near = _between(node, low - _MEMBERS_NEAR, low + _MEMBERS_NEAR)
    if count > _MANY or not near:
        return near
    first, last = near[0].start_byte, near[-1].end_byte
    return [c for c in node.named_children if first <= c.start_byte < last or wanted(c)]


def first_members(node: Node) -> list[Node]:
    """The named children of `node`; of many only the first ones."""
    return node.named_children if node.child_count <= _MANY_FIRST else _between(node, 0, FEW)


def _between(node: Node, first: int, last: int) -> list[Node]:
    """The named children among those with the numbers from `first` up to `last`."""
    places = range(max(first, 0), min(last, node.child_count))
    children = (node.child(place) for place in places)
    return [child for child in children if child is not None and child.is_named]
