"""Parses one text of a scope together with the text around it.

Starts from the last tree where that gives the same result. All numbers are bytes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from tree_sitter import Node, Tree

from lsp_server.errors import TooCostly
from lsp_server.syntax.language import Language
from lsp_server.syntax.outside_structure import (
    Errors,
    OutsideStructure,
    Window,
    errors_of,
    surroundings_of,
)
from lsp_server.syntax.tree import point

__all__ = ["ParseContext", "Retries", "ScopeParse"]

T = TypeVar("T")

_COLD_BYTES = 4_000
"""Up to this many bytes (about 100 lines) a text that follows one with errors is parsed afresh,
because what tree-sitter makes of errors depends on the tree it starts from. Everything else is
parsed from the last tree, which takes a third of the time (100 lines of Python: 0.12 against
0.35 ms, measured)."""


@dataclass(frozen=True, slots=True)
class ScopeParse:
    """The tree of one text of the scope in its context, with errors and surroundings."""

    scope: bytes
    tree: Tree
    window: Window
    errors: Errors
    surroundings: OutsideStructure

    @property
    def seen(self) -> tuple[Node, Window, OutsideStructure]:
        """The root, the scope's window in the tree, and the structure outside."""
        return self.tree.root_node, self.window, self.surroundings

    def leaf_across(self) -> bool:
        """Whether one token, such as an open string, reaches across the end of the scope."""
        if not self.window.last < self.window.after < self.tree.root_node.end_byte:
            return False
        node = self.tree.root_node.descendant_for_byte_range(
            self.window.last - 1, self.window.after + 1
        )
        return node is not None and node.child_count == 0

    def outer_errors_alone(self, base: "ScopeParse") -> bool:
        """Whether all errors lie outside of the scope, where `base` already had them."""
        known = set(base._error_places())
        return all(place is not None and place in known for place in self._error_places())

    def _error_places(self) -> Iterator[tuple[bool, int, int] | None]:
        """Of each error whether it is after the scope, its start and its end.

        Places after the scope count from `Window.after`. `None` for an error that touches the
        scope.
        """
        window = self.window
        waiting = [self.tree.root_node]
        while waiting:
            node = waiting.pop()
            if node.is_error or node.is_missing:
                if node.end_byte < window.first:
                    yield False, node.start_byte, node.end_byte
                elif node.start_byte > window.last:
                    yield True, node.start_byte - window.after, node.end_byte - window.after
                else:
                    yield None
            if node.has_error:
                waiting.extend(node.children)


@dataclass(frozen=True, slots=True)
class ParseContext:
    """The text around the scope that is parsed with it."""

    language: Language
    head: bytes
    tail: bytes

    def read(self, scope: bytes, base: ScopeParse | None = None) -> ScopeParse:
        """Parse the context with `scope` in it, from the tree of `base` where that is sound.

        Raises `TooCostly`.
        """
        source = self.head + scope + self.tail
        old = None
        if base is not None and (not base.errors.count or len(source) > _COLD_BYTES):
            old = self._edited(base, scope, source)
        tree = self.language.parse(source, old)
        window = Window.around(self.head, scope, self.tail)
        root = tree.root_node
        return ScopeParse(
            scope,
            tree,
            window,
            errors_of(root, source, self.language),
            surroundings_of(root, window, self.language),
        )

    def _edited(self, base: ScopeParse, scope: bytes, source: bytes) -> Tree:
        """A copy of the tree of `base`, edited for how `scope` differs from its text."""
        old_scope = base.scope
        same = _common_head(old_scope, scope)
        rest = min(len(old_scope), len(scope)) - same
        tail = _common_head(old_scope[::-1][:rest], scope[::-1][:rest])
        start = len(self.head) + same
        old_end = len(self.head) + len(old_scope) - tail
        new_end = len(self.head) + len(scope) - tail
        old_source = self.head + old_scope
        tree = base.tree.copy()
        tree.edit(
            start_byte=start,
            old_end_byte=old_end,
            new_end_byte=new_end,
            start_point=point(source, start),
            old_end_point=point(old_source, old_end),
            new_end_point=point(source, new_end),
        )
        return tree


@dataclass(slots=True)
class Retries:
    """Repeats what took too long, a few times in all.

    A short text hardly ever takes that long itself: Python collected garbage meanwhile.
    """

    left: int

    def run(self, question: Callable[[], T]) -> T:
        """The answer to `question`. Raises `TooCostly` when the second try takes too long too."""
        try:
            return question()
        except TooCostly:
            if not self.left:
                raise
            self.left -= 1
            return question()


def _common_head(a: bytes, b: bytes) -> int:
    """How many leading bytes `a` and `b` share; a binary search over slices, which is quick."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
