"""The children of a node that can matter to a scope, where it has thousands of them.

Those at the node's ends and those around the ends of the scope. A cursor finds them in logarithmic
time, so a row of a hundred thousand costs no more than one of a hundred. All numbers are bytes.
"""

from collections.abc import Iterator

from tree_sitter import Node, TreeCursor

__all__ = ["near_children"]

_NEAR = 32
"""So many children are looked at on either side of a place, and at either end of the node."""
_FEW = 8 * _NEAR
"""Of a node with no more children than this, all are."""


def near_children(node: Node, *places: int) -> Iterator[tuple[Node, str | None]]:
    """The children of `node` with their fields, in order; of many, those near `places`."""
    cursor = node.walk()
    if not cursor.goto_first_child():
        return
    if node.child_count <= _FEW:
        yield from _row(cursor, node.child_count)
        return
    last = (-1, -1)  # Where the last child lies that was yielded.
    for place in (None, *sorted(places), node.end_byte):
        count = _NEAR if place is None else _to(cursor, node, place)
        for child, field in _row(cursor, count):
            if (lies := (child.start_byte, child.end_byte)) > last:
                yield child, field
                last = lies


def _to(cursor: TreeCursor, node: Node, place: int) -> int:
    """Go to the first child of `node` that is near `place`; how many are from there on."""
    cursor.reset(node)
    # What no node shows that is seen from here (Go's line ends) leads to none.
    if all(cursor.goto_first_child_for_byte(near) is None for near in (place, max(place - 1, 0))):
        cursor.goto_last_child()
    for passed in range(_NEAR):
        if not cursor.goto_previous_sibling():
            return passed + _NEAR
    return 2 * _NEAR


def _row(cursor: TreeCursor, count: int) -> Iterator[tuple[Node, str | None]]:
    """The node at `cursor` and those behind it, `count` at most."""
    for left in range(count - 1, -1, -1):
        if cursor.node is not None:
            yield cursor.node, cursor.field_name
        if not left or not cursor.goto_next_sibling():
            return
