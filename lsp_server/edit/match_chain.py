"""The best match of an answer's waiting lines with lines of the original.

A chain is a sequence of anchors that increase in both texts. Its value is the sum of its anchors'
scores minus the cost of its gaps. The first anchor of the best chain is what the aligner decides
next. This module sees anchors only, no texts.
"""

from collections.abc import Sequence
from typing import NamedTuple

from lsp_server.edit.anchors import Anchor

_GAP = 3.0  # The cost of a gap, in either text.
_INSERTED = 0.05  # The cost of each answer line without an anchor.
_DELETED = 0.3  # The cost of each of the first original lines that are skipped …
_DELETED_FEW = 12
_DELETED_MORE = 0.02  # … and of each further one: a large block is deleted almost as readily.


class ChainStep(NamedTuple):
    """Answer line `answer` is original line `original` (both from zero)."""

    answer: int
    original: int
    equal: bool


class _Node(NamedTuple):
    """An anchor with the value of the best chain that ends at it, and that chain's first step."""

    original: int
    value: float
    first: ChainStep


class MatchChain:
    """All chains through the waiting lines, from answer line `answer` and original line `original`.

    Grows by one answer line at a time.
    """

    __slots__ = ("_best", "_row_best", "_rows", "answer", "original")

    def __init__(self, answer: int, original: int) -> None:
        self.answer = answer
        self.original = original
        self._rows: list[list[_Node]] = []
        self._row_best: list[float] = []  # The value of the best node of each row.
        self._best: _Node | None = None

    @property
    def lines(self) -> int:
        """How many answer lines were added."""
        return len(self._rows)

    @property
    def first(self) -> ChainStep | None:
        """The first step of the best chain; `None` if no chain is worth its gaps."""
        return self._best.first if self._best else None

    def add(self, anchors: Sequence[Anchor]) -> None:
        """Add the next answer line with its anchors, sorted by original line."""
        line = self.answer + len(self._rows)
        row = [self._node(line, anchor) for anchor in anchors if anchor.line >= self.original]
        self._rows.append(row)
        self._row_best.append(max((node.value for node in row), default=float("-inf")))
        for node in row:
            if node.value > (self._best.value if self._best else 0.0):
                self._best = node

    def _node(self, line: int, anchor: Anchor) -> _Node:
        """The best chain that ends with `line` at `anchor`."""
        score, original = anchor.score, anchor.line
        value = score - _inserting(line - self.answer) - _deleting(original - self.original)
        first = ChainStep(line, original, anchor.equal)
        for node in self._rows[-1] if self._rows else ():
            if node.original == original - 1 and node.value + score > value:
                # No gap: tried first, because it rules out most others.
                value, first = node.value + score, node.first
        for index in range(len(self._rows) - 1, -1, -1):
            gain = score - _inserting(line - self.answer - index - 1)
            if self._row_best[index] + gain <= value:
                continue  # No node of that row can do better.
            for node in self._rows[index]:
                if node.original >= original:
                    break
                if node.value + gain <= value:
                    continue
                through = node.value + gain - _deleting(original - node.original - 1)
                if through > value:
                    value, first = through, node.first
        return _Node(original, value, first)


def _inserting(lines: int) -> float:
    """The cost of this many answer lines without an anchor."""
    return _GAP + _INSERTED * lines if lines else 0.0


def _deleting(lines: int) -> float:
    """The cost of skipping this many original lines."""
    if not lines:
        return 0.0
    if lines <= _DELETED_FEW:
        return _GAP + _DELETED * lines
    return _GAP + _DELETED * _DELETED_FEW + _DELETED_MORE * (lines - _DELETED_FEW)
