"""Changes of a text, as values: apply, invert and compose them, or rebase one over another.

A change doesn't record who made it. The methods state the invariants, and
`tests/text/test_changes.py` checks them on drawn changes.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, zip_longest
from operator import attrgetter

from lsp_server.errors import ContractError
from lsp_server.text.span import Span

# Up to this many changes are composed at once. With more, only those are composed that the other
# change set touches.
_FEW = 8

_end_of = attrgetter("end")
_place_of = attrgetter("start", "end")


@dataclass(frozen=True, slots=True)
class Change:
    """Replaces the code points `[start, end)` with `text`.

    Invariant: `0 <= start <= end`. `text` goes in before the deleted range. That decides where
    other changes at the same place end up.
    """

    start: int
    end: int
    text: str

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ContractError(f"A change cannot run from {self.start} to {self.end}.")

    @property
    def delta(self) -> int:
        """How many code points longer the text becomes; negative if it becomes shorter."""
        return len(self.text) - (self.end - self.start)


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Changes of one text of `length` code points. All offsets refer to the text before them.

    Invariant: the changes are sorted and don't overlap or touch, none is empty, and none reaches
    beyond `length`. `of` merges touching changes and drops empty ones.
    """

    length: int
    changes: tuple[Change, ...] = ()

    def __post_init__(self) -> None:
        edge = -1
        for change in self.changes:
            if change.start <= edge or (change.start == change.end and not change.text):
                raise ContractError("The changes of a set must be sorted, apart and not empty.")
            edge = change.end
        if edge > self.length:
            raise ContractError(f"A change ends at {edge}, but the text at {self.length}.")

    # -- creating -----------------------------------------------------------------------

    @classmethod
    def of(cls, length: int, changes: Iterable[Change]) -> "ChangeSet":
        """A set of sorted changes that don't overlap. Drops empty ones and merges touching ones."""
        merged: list[Change] = []
        for change in changes:
            if change.start == change.end and not change.text:
                continue
            if merged and merged[-1].end == change.start:
                last = merged[-1]
                merged[-1] = Change(last.start, change.end, last.text + change.text)
            else:
                merged.append(change)
        return cls(length, tuple(merged))

    @classmethod
    def identity(cls, length: int) -> "ChangeSet":
        """No change of a text of `length` code points."""
        return cls(length)

    @classmethod
    def replace(cls, before: str, after: str) -> "ChangeSet":
        """One change from `before` to `after`, without their common prefix and suffix.

        It never splits a "\\r\\n", since half of one is a line end of its own.
        """
        if before == after:
            return cls(len(before))
        head = common_prefix(before, after)
        if (
            head
            and before[head - 1] == "\r"
            and "\n" in (before[head : head + 1], after[head : head + 1])
        ):
            head -= 1
        most = min(len(before), len(after)) - head
        tail = common_suffix(before, after, most)
        if tail:
            b, a = len(before) - tail, len(after) - tail
            if before[b] == "\n" and "\r" in (
                before[b - 1 : b] if b else "",
                after[a - 1 : a] if a else "",
            ):
                tail -= 1
        return cls(
            len(before), (Change(head, len(before) - tail, after[head : len(after) - tail]),)
        )

    # -- reading --------------------------------------------------------------------------

    def __bool__(self) -> bool:
        """Whether the set has any change."""
        return bool(self.changes)

    @property
    def length_after(self) -> int:
        """The length of the changed text in code points."""
        return self.length + sum(change.delta for change in self.changes)

    @property
    def inserted(self) -> int:
        """How many code points the changes insert."""
        return sum(len(change.text) for change in self.changes)

    @property
    def deleted(self) -> int:
        """How many code points the changes delete."""
        return sum(change.end - change.start for change in self.changes)

    def after_spans(self) -> Iterator[tuple[int, int]]:
        """For each change, the `[start, end)` of its inserted text in the changed text."""
        shift = 0
        for change in self.changes:
            start = change.start + shift
            yield start, start + len(change.text)
            shift += change.delta

    def shifted(self, by: int, length: int) -> "ChangeSet":
        """The same changes moved by `by` code points, in a text of `length` code points."""
        return ChangeSet(
            length, tuple(Change(c.start + by, c.end + by, c.text) for c in self.changes)
        )

    # -- the algebra ---------------------------------------------------------------------------

    def apply(self, text: str) -> str:
        """The changed text. Raises `ContractError` if `text` isn't `length` code points long."""
        self._expect(len(text))
        if not self.changes:
            return text
        pieces: list[str] = []
        position = 0
        for change in self.changes:
            pieces.append(text[position : change.start])
            pieces.append(change.text)
            position = change.end
        pieces.append(text[position:])
        return "".join(pieces)

    def invert(self, text: str) -> "ChangeSet":
        """The changes that undo this set; `text` is the text before it.

        Invariant: `self.invert(t).apply(self.apply(t)) == t`.
        """
        self._expect(len(text))
        back = [
            Change(start, end, text[change.start : change.end])
            for change, (start, end) in zip(self.changes, self.after_spans(), strict=True)
        ]
        return ChangeSet.of(self.length_after, back)

    def compose(self, then: "ChangeSet") -> "ChangeSet":
        """This set followed by `then`, which applies to the text after this set.

        Invariant: `a.compose(b).apply(t) == b.apply(a.apply(t))`, and composing is associative.
        Raises `ContractError` if the lengths don't match.
        """
        if then.length != self.length_after:
            raise ContractError(
                f"A change of {then.length} code points cannot follow one that leaves "
                f"{self.length_after}."
            )
        if not then.changes:
            return self
        if not self.changes:
            return ChangeSet(self.length, then.changes)
        if len(self.changes) <= _FEW:
            return ChangeSet.of(self.length, _composed(self, then))
        return ChangeSet.of(self.length, _composed_in_places(self, then))

    @classmethod
    def compose_all(cls, length: int, changes: Sequence["ChangeSet"]) -> "ChangeSet":
        """All `changes` as one, in order. The first applies to a text of `length` code points.

        Composes neighbours in pairs, so ten thousand small sets cost little more than a large one.
        """
        row = list(changes) or [cls.identity(length)]
        while len(row) > 1:
            pairs = zip_longest(row[::2], row[1::2])
            row = [one if other is None else one.compose(other) for one, other in pairs]
        return row[0]

    def over(self, other: "ChangeSet", *, first: bool) -> "ChangeSet":
        """This set rebased over `other`: both apply to the same text, the result applies after it.

        Where both insert at one place, `first` says whether this set's text comes before the
        other's. Insertions always survive; text that both delete is deleted once.

        Invariant: `a.compose(b.over(a, first=False))` and `b.compose(a.over(b, first=True))` give
        the same text. Raises `ContractError` if the lengths differ.
        """
        if other.length != self.length:
            raise ContractError(
                f"Changes of texts of {self.length} and {other.length} code points never met."
            )
        if not other.changes or not self.changes:
            return ChangeSet(other.length_after, self.changes)
        # Changes before the first change of `other` keep their offsets.
        near = bisect_left(self.changes, other.changes[0].start, key=_end_of)
        carry = _Carrier(other)
        moved: list[Change] = []
        for change in self.changes[near:]:
            if change.text:
                place = carry.insertion(change.start, before=first)
                moved.append(Change(place, place, change.text))
            moved.extend(carry.deletions(change.start, change.end))
        moved.sort(key=_place_of)
        return ChangeSet.of(other.length_after, [*self.changes[:near], *moved])

    def map_offset(self, offset: int, *, after: bool) -> int:
        """The offset in the changed text of `offset` in the text before.

        At an insertion, `after` chooses the end of the new text, else its start. An offset inside
        deleted text moves to the end (`after`) or start of the replacement.
        """
        shift = 0
        for change in self.changes:
            if offset < change.start or (offset == change.start and not after):
                return offset + shift
            if offset >= change.end and offset > change.start:
                shift += change.delta
                continue
            if offset == change.end:  # An insertion exactly here, and `after`.
                shift += change.delta
                continue
            return change.start + shift + (len(change.text) if after else 0)
        return offset + shift

    def _expect(self, length: int) -> None:
        if length != self.length:
            raise ContractError(
                f"A change of a text of {self.length} code points met one of {length}."
            )


class _Carrier:
    """Maps offsets and ranges of a text to the text after a change set."""

    def __init__(self, across: ChangeSet) -> None:
        self._changes = across.changes
        self._starts = [change.start for change in across.changes]
        self._shifts = [0, *accumulate(change.delta for change in across.changes)]

    def insertion(self, place: int, *, before: bool) -> int:
        """The new offset of an insertion at `place`; `before` puts it before one made there."""
        index = bisect_right(self._starts, place) - 1
        if index < 0:
            return place
        change = self._changes[index]
        if place >= change.end and place > change.start:
            return place + self._shifts[index + 1]
        start = change.start + self._shifts[index]
        if place == change.start and before:
            return start
        return start + len(change.text)

    def deletions(self, start: int, end: int) -> Iterator[Change]:
        """What is left to delete of `[start, end)`, split where the other set inserts text."""
        if start == end:
            return
        index = max(bisect_right(self._starts, start) - 1, 0)
        position = start
        while index < len(self._changes):
            change = self._changes[index]
            if change.start >= end:
                break
            if change.end > position or change.start >= position:
                if change.start > position:
                    shift = self._shifts[index]
                    yield Change(position + shift, change.start + shift, "")
                position = max(position, change.end)
            index += 1
        if position < end:
            shift = self._shifts[index]
            yield Change(position + shift, end + shift, "")


def _composed(one: ChangeSet, then: ChangeSet) -> Iterator[Change]:
    """The changes of both sets against the text before `one`.

    The changed text is a sequence of pieces, each kept from the text before or inserted. Everything
    between two kept pieces is one change.
    """
    position = 0
    inserted: list[str] = []
    for piece in _pieces_through(_pieces(one), then):
        if isinstance(piece, str):
            inserted.append(piece)
            continue
        if piece.start > position or inserted:
            yield Change(position, piece.start, "".join(inserted))
            inserted.clear()
        position = piece.end
    if position < one.length or inserted:
        yield Change(position, one.length, "".join(inserted))


def _composed_in_places(one: ChangeSet, then: ChangeSet) -> Iterator[Change]:
    """Like `_composed`, for many changes, when `then` touches few of them. Copies the others."""
    changes = one.changes
    shifts = [0, *accumulate(change.delta for change in changes)]
    starts = [change.start + shift for change, shift in zip(changes, shifts, strict=False)]
    ends = [start + len(change.text) for change, start in zip(changes, starts, strict=True)]
    position = 0
    for low, high, touching in _places(starts, ends, then.changes):
        yield from changes[position:low]
        position = high
        start, end = touching[0].start - shifts[low], touching[-1].end - shifts[high]
        if low < high:
            start, end = min(start, changes[low].start), max(end, changes[high - 1].end)
        here = ChangeSet(end - start, tuple(_shifted_by(-start, changes[low:high])))
        after = tuple(_shifted_by(-start - shifts[low], touching))
        yield from _shifted_by(start, _composed(here, ChangeSet(here.length_after, after)))
    yield from changes[position:]


def _places(
    starts: Sequence[int], ends: Sequence[int], then: Iterable[Change]
) -> Iterator[tuple[int, int, list[Change]]]:
    """Index ranges `[low, high)` of the changes that `then` touches, with the changes that do.

    `starts` and `ends` are the ranges of the changes in the text after them.
    """
    low = high = 0
    touching: list[Change] = []
    for change in then:
        first, last = bisect_left(ends, change.start), bisect_right(starts, change.end)
        if touching and first >= high:
            yield low, high, touching
            touching = []
        if not touching:
            low = first
        high = max(last, low)
        touching.append(change)
    if touching:
        yield low, high, touching


def _shifted_by(shift: int, changes: Iterable[Change]) -> Iterator[Change]:
    """The changes moved by `shift` code points."""
    return (Change(c.start + shift, c.end + shift, c.text) for c in changes)


def _pieces(changes: ChangeSet) -> Iterator[Span | str]:
    """The changed text as pieces: spans that are kept from the text before, and new text."""
    position = 0
    for change in changes.changes:
        if change.start > position:
            yield Span(position, change.start)
        if change.text:
            yield change.text
        position = change.end
    if position < changes.length:
        yield Span(position, changes.length)


def _pieces_through(pieces: Iterator[Span | str], then: ChangeSet) -> Iterator[Span | str]:
    """The same pieces after `then` was applied to the text that they make up."""
    rest: Span | str | None = None

    def take(length: int) -> Iterator[Span | str]:
        """The next `length` code points of the pieces."""
        nonlocal rest
        while length:
            piece = next(pieces) if rest is None else rest
            size = len(piece) if isinstance(piece, str) else piece.length
            if size <= length:
                rest = None
            elif isinstance(piece, str):
                piece, rest = piece[:length], piece[length:]
            else:
                rest = Span(piece.start + length, piece.end)
                piece = Span(piece.start, piece.start + length)
            yield piece
            length -= min(size, length)

    position = 0
    for change in then.changes:
        yield from take(change.start - position)
        if change.text:
            yield change.text
        for _ in take(change.end - change.start):
            pass
        position = change.end
    yield from take(then.length - position)


def common_prefix(a: Sequence[object], b: Sequence[object]) -> int:
    """How many leading code points (or items) `a` and `b` share."""
    low, high = 0, min(len(a), len(b))
    while low < high:  # By halves: comparing slices is far quicker than comparing characters.
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def common_suffix(a: Sequence[object], b: Sequence[object], most: int) -> int:
    """How many trailing code points (or items), at most `most`, `a` and `b` share."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if a[len(a) - middle : len(a) - low] == b[len(b) - middle : len(b) - low]:
            low = middle
        else:
            high = middle - 1
    return low
