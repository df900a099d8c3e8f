"""The smallest part of a document that has to be parsed to judge a change of one scope.

The skeleton is the document without the siblings of the scope and of its ancestors. Headers,
closers and indentation stay, so the scope keeps its place. Its nearest neighbours stay too, because
they are the first that an open bracket in an answer swallows; a neighbour in turn keeps only its
part nearest to the scope. So the cost of a check does not depend on the size of the file.

`stands_for` checks that a skeleton may replace its document: both trees must have the same
surroundings. All numbers are bytes.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from tree_sitter import Node

from lsp_server.syntax.languages import Language
from lsp_server.syntax.nearby_children import children_near
from lsp_server.syntax.outside_structure import OutsideNode, OutsideStructure, Window, is_roomy

__all__ = ["SkeletonCuts", "cuts_around", "stands_for"]

_EDGE = """
    start_tag end_tag self_closing_tag php_tag bare_key quoted_key dotted_key
    list_marker_minus list_marker_plus list_marker_star list_marker_dot list_marker_parenthesis
    task_list_marker_checked task_list_marker_unchecked block_quote_marker block_continuation
    pipe_table_header pipe_table_delimiter_row
    STag ETag object_start object_end tuple_start tuple_end
"""

_EDGES = frozenset(_EDGE.split())
"""Named children of a row that are not its members: tags, keys, markers."""

_MEMBER_FIELDS = frozenset({None, "local_declaration", "body", "member"})
"""The fields in which grammars put the members of a row."""

_WHOLE_NEIGHBOUR = 200
"""A neighbour of up to this many bytes is kept whole: cutting it would save nothing."""


@dataclass(frozen=True, slots=True)
class SkeletonCuts:
    """Ranges taken out of a text.

    Invariant: sorted, disjoint, none empty.
    """

    ranges: tuple[tuple[int, int], ...]

    def kept(self, source: bytes, start: int, end: int) -> bytes:
        """What is left of `source[start:end]`."""
        pieces: list[bytes] = []
        position = start
        for cut_start, cut_end in self.ranges:
            if cut_start >= end:
                break
            if cut_end > position:
                pieces.append(source[position : max(cut_start, position)])
                position = cut_end
        pieces.append(source[position:end])
        return b"".join(pieces)

    def shortened(self, position: int) -> int:
        """Where the byte at `position` of the whole text is in what is left.

        A byte that was cut out is where the next kept one is.
        """
        gone = 0
        for start, end in self.ranges:
            if start >= position:
                break
            gone += min(end, position) - start
        return position - gone


def cuts_around(root: Node, window: Window, language: Language) -> SkeletonCuts:
    """What may be taken out around the scope at `window` in the tree at `root`.

    Raises `TooCostly` where that takes too long to find.
    """
    look_at_the_time = language.reading()
    levels = _levels(root, window, look_at_the_time)
    cuts: list[tuple[int, int]] = []
    # The neighbours of the scope must stay. Beyond the first level that has something next to the
    # scope, even a closing bracket, nothing is its neighbour.
    bare_before = bare_after = True
    for level in reversed(levels):
        look_at_the_time()
        if is_roomy(level.node, language):
            cuts.extend(_cuts_before(level, bare_before, language))
            cuts.extend(_cuts_after(level, bare_after, language))
        # An answer can move a node that starts with the scope, for example by its indentation. Then
        # the text after that node is next to the scope too.
        movable = level.node.start_byte >= window.before
        bare_before = bare_before and not level.before
        bare_after = (bare_after and not level.after) or movable
    return SkeletonCuts(tuple(_merged(cuts)))


def stands_for(
    skeleton: tuple[OutsideStructure, Window],
    whole: tuple[OutsideStructure, Window],
    cuts: SkeletonCuts,
    *,
    around_alone: bool = False,
) -> bool:
    """Whether the text without `cuts` has the structure of the whole text around the scope.

    Each entry of the skeleton must be one of the whole's, at its own place and in the same order.
    The end of a node may differ, because its last members may be cut. With `around_alone`, only
    entries around the scope or touching it count: the others are not known.
    """
    if not (skeleton[0].whole and whole[0].whole):
        return False
    rest = (_shortened(entry, whole[1], skeleton[1], cuts) for entry in whole[0].entries)
    entries = (e for e in skeleton[0].entries if e.side == "open" or not around_alone)
    return all(entry._replace(end=None) in rest for entry in entries)


def _shortened(
    entry: OutsideNode, whole: Window, skeleton: Window, cuts: SkeletonCuts
) -> OutsideNode:
    """An entry of the whole text as it would be in the skeleton, its end left out."""
    start = entry.start
    if start is not None and entry.side == "after":
        start = cuts.shortened(start + whole.after) - skeleton.after
    elif start is not None:
        start = cuts.shortened(start)
    return entry._replace(start=start, end=None)


class _Child(NamedTuple):
    """A child, and whether it is a member of its parent's row."""

    node: Node
    member: bool
    end: int
    """Its end, including a semicolon that the grammar gives to the parent."""


@dataclass(frozen=True, slots=True)
class _RowOnTheWay:
    """One node on the way to the scope, with its children before and after that way."""

    node: Node
    before: tuple[_Child, ...]
    path: _Child | None
    """The child around the scope; None at the innermost level."""
    after: tuple[_Child, ...]


def _levels(root: Node, window: Window, look_at_the_time: Callable[[], None]) -> list[_RowOnTheWay]:
    """The nodes around the scope, from the root down; none if the scope cuts a node in two."""
    levels: list[_RowOnTheWay] = []
    node: Node | None = root
    while node is not None:
        look_at_the_time()
        before: list[_Child] = []
        after: list[_Child] = []
        around: list[_Child] = []
        for child in _children(node, window.before, window.after):
            start, end = child.node.start_byte, child.node.end_byte
            if start >= window.before and end <= window.after:
                continue
            if start < window.before and end <= window.first:
                before.append(child)
            elif start >= window.last:
                after.append(child)
            else:
                around.append(child)
        if len(around) > 1:
            return []
        path = around[0] if around else None
        levels.append(_RowOnTheWay(node, tuple(before), path, tuple(after)))
        node = path.node if path is not None else None
    return levels


def _children(node: Node, *places: int) -> list[_Child]:
    """The children of `node`; of thousands only those near a place or at either end."""
    children: list[_Child] = []
    for child, field in children_near(node, *places):
        if child.type == ";" and children:
            children[-1] = children[-1]._replace(end=child.end_byte)
        member = child.is_named and child.type not in _EDGES and field in _MEMBER_FIELDS
        children.append(_Child(child, member, child.end_byte))
    return children


def _cuts_before(level: _RowOnTheWay, bare: bool, language: Language) -> Iterator[tuple[int, int]]:
    """The cuts among the children before the scope; `bare`: the last member is next to it."""
    members = [child.node for child in level.before if child.member]
    if not members:
        return
    if not bare and level.path is not None:
        yield members[0].start_byte, level.path.node.start_byte
        return
    kept = next((node for node in reversed(members) if not node.is_extra), members[0])
    yield members[0].start_byte, kept.start_byte
    yield from _cuts_within(kept, language, last=True)


def _cuts_after(level: _RowOnTheWay, bare: bool, language: Language) -> Iterator[tuple[int, int]]:
    """The cuts among the children after the scope; `bare`: the first member is next to it."""
    members = [child for child in level.after if child.member]
    if not members:
        return
    if not bare and level.path is not None:
        yield level.path.end, members[-1].end
        return
    kept = next((child for child in members if not child.node.is_extra), members[-1])
    yield kept.end, members[-1].end
    yield from _cuts_within(kept.node, language, last=False)


def _cuts_within(neighbour: Node, language: Language, last: bool) -> Iterator[tuple[int, int]]:
    """The cuts in a neighbour: in every row all members but the last, or but the first."""
    waiting = [neighbour]
    while waiting:
        node = waiting.pop()
        if node.end_byte - node.start_byte <= _WHOLE_NEIGHBOUR:
            continue
        if not is_roomy(node, language):
            waiting.extend(node.named_children)
            continue
        members = [child for child in _children(node) if child.member]
        if not members:
            continue
        if last:
            yield members[0].node.start_byte, members[-1].node.start_byte
        else:
            yield members[0].end, members[-1].end
        waiting.append(members[-1 if last else 0].node)


def _merged(cuts: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The same ranges sorted, joined where they touch, without empty ones."""
    current: tuple[int, int] | None = None
    for start, end in sorted(cuts):
        if start >= end:
            continue
        if current is None or start > current[1]:
            if current is not None:
                yield current
            current = start, end
        else:
            current = current[0], max(current[1], end)
    if current is not None:
        yield current
