"""What happened to a text: a value that can be applied, composed, undone and carried over another.

Knows nothing of who made the change. The laws stand at the methods and are drawn in
`tests/text/test_changes.py`.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, zip_longest
from operator import attrgetter

from lsp_server.errors import ContractError
from lsp_server.text.span import Span

# Up to so many changes are composed in one go; of more, only those that the other change touches.
_FEW = 8

_end_of = attrgetter("end")
_place_of = attrgetter("start", "end")


@dataclass(frozen=True, slots=True)
class Change:
    """Replace the code points `[start, end)` by `text`.

    Invariant: `0 <= start <= end`. Where both happen at one place, the insertion comes first and
    the deletion follows it.
    """

    start: int
    end: int
    text: str

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ContractError(f"A change cannot run from {self.start} to {self.end}.")

    @property
    def delta(self) -> int:
        """By how many code points the text grows; negative when it shrinks."""
        return len(self.text) - (self.end - self.start)


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Changes of one text of `length` code points, all against that same text.

    Invariant: sorted, disjoint, not touching (touching changes are merged), none empty, none
    reaching beyond `length`. Build one with `of`, which establishes this.
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

    # -- making one ------------------------------------------------------------------------

    @classmethod
    def of(cls, length: int, changes: Iterable[Change]) -> "ChangeSet":
        """Take sorted changes that do not overlap; drop the empty ones and merge what touches."""
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
        """Nothing happened to a text of `length` code points."""
        return cls(length)

    @classmethod
    def replace(cls, before: str, after: str) -> "ChangeSet":
        """One change from `before` to `after`, without their common head and tail.

        A "\\r\\n" is never split: half of it is another line end.
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
        room = min(len(before), len(after)) - head
        tail = common_suffix(before, after, room)
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

    # -- reading it --------------------------------------------------------------------------

    def __bool__(self) -> bool:
        """Whether anything changes."""
        return bool(self.changes)

    @property
    def length_after(self) -> int:
        """The number of code points of the text that comes out."""
        return self.length + sum(change.delta for change in self.changes)

    @property
    def inserted(self) -> int:
        """How many code points are inserted."""
        return sum(len(change.text) for change in self.changes)

    @property
    def deleted(self) -> int:
        """How many code points are deleted."""
        return sum(change.end - change.start for change in self.changes)

    def after_spans(self) -> Iterator[tuple[int, int]]:
        """For each change, the `[start, end)` of its inserted text in the text that comes out."""
        shift = 0
        for change in self.changes:
            start = change.start + shift
            yield start, start + len(change.text)
            shift += change.delta

    def shifted(self, by: int, length: int) -> "ChangeSet":
        """The same changes, `by` code points further on, in a text of `length` code points."""
        return ChangeSet(
            length, tuple(Change(c.start + by, c.end + by, c.text) for c in self.changes)
        )

    # -- the algebra ---------------------------------------------------------------------------

    def apply(self, text: str) -> str:
        """The text that comes out. Refuses any text that is not `length` code points long."""
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
        """What takes it back; `text` is the text before.

        Law: `self.invert(t).apply(self.apply(t)) == t`.
        """
        self._expect(len(text))
        back = [
            Change(start, end, text[change.start : change.end])
            for change, (start, end) in zip(self.changes, self.after_spans(), strict=True)
        ]
        return ChangeSet.of(self.length_after, back)

    def compose(self, then: "ChangeSet") -> "ChangeSet":
        """Both in one: first this, then `then`, which applies to the text that comes out of this.

        Law: `a.compose(b).apply(t) == b.apply(a.apply(t))`, and composing is associative.
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
        """Any number of them in one, in order; the first is of a text of `length` code points.

        Two by two, so that ten thousand small ones cost little more than one large one.
        """
        row = list(changes) or [cls.identity(length)]
        while len(row) > 1:
            pairs = zip_longest(row[::2], row[1::2])
            row = [one if other is None else one.compose(other) for one, other in pairs]
        return row[0]

    def over(self, other: "ChangeSet", *, first: bool) -> "ChangeSet":
        """This change, made to the same text as `other`, as it reads after `other`.

        `first` decides where both insert at one place: whether this one's text stands before the
        other's. Insertions always survive; what both delete is deleted once.

        Law: `a.compose(b.over(a, first=False))` and `b.compose(a.over(b, first=True))` give the
        same text.
        """
        if other.length != self.length:
            raise ContractError(
                f"Changes of texts of {self.length} and {other.length} code points never met."
            )
        if not other.changes or not self.changes:
            return ChangeSet(other.length_after, self.changes)
        # What lies before everything that the other did stays where it is.
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
        """Where the place `offset` of the text before is in the text that comes out.

        At an insertion, `after` says on which side of the new text. A place inside deleted text
        goes to the side of its replacement that `after` names.
        """
        shift = 0
        for change in self.changes:
            if offset < change.start or (offset == change.start and not after):
                return offset + shift
            if offset >= change.end and offset > change.start:
                shift += change.delta
                continue
            if offset == change.end:  # A pure insertion at the very place, and `after`.
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
    """Carries places and ranges of a text across a change set."""

    def __init__(self, across: ChangeSet) -> None:
        self._changes = across.changes
        self._starts = [change.start for change in across.changes]
        self._shifts = [0, *accumulate(change.delta for change in across.changes)]

    def insertion(self, place: int, *, before: bool) -> int:
        """Where an insertion at `place` goes; `before` puts it ahead of one made at that place."""
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
        """What is left to delete of `[start, end)`, in pieces between the other's insertions."""
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
    """The changes of both against the text before `one`.

    The text that comes out is a row of pieces, each kept from the text before or inserted; what
    lies between two kept pieces is one change.
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
    """As `_composed`, for many changes of which `then` touches few: the others stay as they are."""
    changes = one.changes
    shifts = [0, *accumulate(change.delta for change in changes)]
    starts = [change.start + shift for change, shift in zip(changes, shifts, strict=False)]
    ends = [start + len(change.text) for change, start in zip(changes, starts, strict=True)]
    position = 0
    for low, high, those in _places(starts, ends, then.changes):
        yield from changes[position:low]
        position = high
        start, end = those[0].start - shifts[low], those[-1].end - shifts[high]
        if low < high:
            start, end = min(start, changes[low].start), max(end, changes[high - 1].end)
        here = ChangeSet(end - start, tuple(_by(-start, changes[low:high])))
        after = tuple(_by(-start - shifts[low], those))
        yield from _by(start, _composed(here, ChangeSet(here.length_after, after)))
    yield from changes[position:]


def _places(
    starts: Sequence[int], ends: Sequence[int], then: Iterable[Change]
) -> Iterator[tuple[int, int, list[Change]]]:
    """Which changes, by their places in the text after them, `then` touches, and with what."""
    low = high = 0
    those: list[Change] = []
    for change in then:
        first, last = bisect_left(ends, change.start), bisect_right(starts, change.end)
        if those and first >= high:
            yield low, high, those
            those = []
        if not those:
            low = first
        high = max(last, low)
        those.append(change)
    if those:
        yield low, high, those


def _by(shift: int, changes: Iterable[Change]) -> Iterator[Change]:
    """The changes, `shift` code points further on."""
    return (Change(c.start + shift, c.end + shift, c.text) for c in changes)


def _pieces(changes: ChangeSet) -> Iterator[Span | str]:
    """The text that comes out of `changes`: spans kept from the text before, and new text."""
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
    """The same pieces after `then` has happened to the text that they make up."""
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


def common_suffix(a: Sequence[object], b: Sequence[object], room: int) -> int:
    """How many trailing code points (or items), at most `room`, `a` and `b` share."""
    low, high = 0, room
    while low < high:
        middle = (low + high + 1) // 2
        if a[len(a) - middle : len(a) - low] == b[len(b) - middle : len(b) - low]:
            low = middle
        else:
            high = middle - 1
    return low
