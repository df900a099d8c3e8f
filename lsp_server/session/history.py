"""The earlier states of a scope, by which the user's undo and redo are recognised.

An editor does not say that a change is an undo. But an undo restores an earlier text. So every
state is kept with its attribution: the present one whole, every other as a difference from its
neighbour. A text is found by its length and hash, and compared once its state has been rebuilt.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from lsp_server.edit.hunks import Attribution, Mark
from lsp_server.errors import RequestFailed
from lsp_server.text.changes import Change, ChangeSet, common_prefix, common_suffix

# Bounds on the number of states and on their total size in code points, where a change or a mark
# counts as `_ITEM`. An hour of edits at full speed stays below both.
MOST_STATES = 10_000
MOST_CODE_POINTS = 16_000_000
_ITEM = 40
# A change that inserts more text than this is kept without it, since the state's text holds it.
_LONG = 100
# Making a scope wider or narrower converts states of this many code points, the nearest first.
MOST_RESIZED = 20_000_000

_T = TypeVar("_T")

_Row = tuple["Change | _Long", ...]


@dataclass(frozen=True, slots=True)
class _Long:
    """A change of `[start, end)` that inserts `length` code points, to be read from the text."""

    start: int
    end: int
    length: int


@dataclass(frozen=True, slots=True)
class _Swap(Generic[_T]):
    """The difference of two rows: all between their first `head` and last `tail` items."""

    head: int
    tail: int
    before: tuple[_T, ...]
    after: tuple[_T, ...]

    @classmethod
    def between(cls, before: tuple[_T, ...], after: tuple[_T, ...]) -> "_Swap[_T]":
        """The difference of two rows."""
        if before is after:
            return cls(len(before), 0, (), ())
        head = common_prefix(before, after)
        tail = common_suffix(before, after, min(len(before), len(after)) - head)
        return cls(head, tail, before[head : len(before) - tail], after[head : len(after) - tail])

    def forth(self, row: tuple[_T, ...]) -> tuple[_T, ...]:
        """The row after, from `row` before."""
        return (*row[: self.head], *self.after, *row[len(row) - self.tail :])

    def back(self, row: tuple[_T, ...]) -> tuple[_T, ...]:
        """The row before, from `row` after."""
        return (*row[: self.head], *self.before, *row[len(row) - self.tail :])


@dataclass(frozen=True, slots=True)
class _Parts:
    """A state taken apart into its texts and rows."""

    base: str
    view: str
    row: _Row
    marks: tuple[Mark, ...]

    @classmethod
    def of(cls, attribution: Attribution) -> "_Parts":
        """Take an attribution apart."""
        return cls(attribution.base, attribution.view, attribution.ours.changes, attribution.marks)

    def attribution(self, rest: Attribution) -> Attribution:
        """Put the attribution together again; `rest` holds its other fields."""
        changes: list[Change] = []
        shift = 0
        for change in self.row:
            if isinstance(change, _Long):
                start = change.start + shift
                text = self.view[start : start + change.length]
                change = Change(change.start, change.end, text)
            changes.append(change)
            shift += change.delta
        ours = ChangeSet(len(self.base), tuple(changes))
        return replace(rest, base=self.base, view=self.view, ours=ours, marks=self.marks)


@dataclass(frozen=True, slots=True)
class _Step:
    """The difference of a state and the next one; `ours`: a write of the model led to it."""

    ours: bool
    base: tuple[ChangeSet, ChangeSet] | None
    view: tuple[ChangeSet, ChangeSet]
    row: "_Swap[Change | _Long]"
    marks: _Swap[Mark]

    @classmethod
    def between(cls, before: Attribution, after: Attribution, *, ours: bool) -> "_Step":
        """The difference of two states."""
        same = before.base is after.base or before.base == after.base
        row = _Swap[Change | _Long].between(before.ours.changes, after.ours.changes)
        short = replace(row, before=_shortened(row.before), after=_shortened(row.after))
        return cls(
            ours,
            None if same else _there_and_back(before.base, after.base),
            _there_and_back(before.view, after.view),
            short,
            _Swap.between(before.marks, after.marks),
        )

    @property
    def size(self) -> int:
        """About how many code points of memory it takes."""
        texts = [*self.view, *(self.base or ())]
        items = len(self.row.before) + len(self.row.after)
        items += len(self.marks.before) + len(self.marks.after)
        brought: int = sum(text.inserted for text in texts)
        return brought + _ITEM * items

    def forth(self, parts: _Parts) -> _Parts:
        """The state after, from `parts` before."""
        return _Parts(
            parts.base if self.base is None else self.base[0].apply(parts.base),
            self.view[0].apply(parts.view),
            self.row.forth(parts.row),
            self.marks.forth(parts.marks),
        )

    def back(self, parts: _Parts) -> _Parts:
        """The state before, from `parts` after."""
        return _Parts(
            parts.base if self.base is None else self.base[1].apply(parts.base),
            self.view[1].apply(parts.view),
            self.row.back(parts.row),
            self.marks.back(parts.marks),
        )


@dataclass(frozen=True, slots=True)
class KnownState:
    """A state that the scope has had before. `takes_back`: returning to it removes model text."""

    attribution: Attribution
    takes_back: bool


class History:
    """The states of one scope in order, and which of them is the present one."""

    def __init__(self, attribution: Attribution) -> None:
        self._present = attribution
        self._at = 0
        self._keys = [_key(attribution.view)]
        self._rest = [_without_differences(attribution)]
        self._steps: list[_Step] = []  # The one at `i` leads from state `i` to the next.
        self._size = 0

    def add(self, attribution: Attribution, *, ours: bool) -> None:
        """Add a state after the present one; `ours`: a write of the model led to it."""
        at = self._at
        self._size -= sum(step.size for step in self._steps[at:])
        del self._steps[at:], self._keys[at + 1 :], self._rest[at + 1 :]
        self._append(attribution, ours)
        while len(self._keys) > 2 and (
            len(self._keys) > MOST_STATES or self._size > MOST_CODE_POINTS
        ):
            self._size -= self._steps.pop(0).size
            del self._keys[0], self._rest[0]
            self._at -= 1

    def amend(self, attribution: Attribution) -> None:
        """Replace the attribution of the present state; its text stays the same."""
        at = self._at
        before = self._state(at - 1) if at else None
        after = self._state(at + 1) if at < len(self._steps) else None
        self._present = attribution
        self._rest[at] = _without_differences(attribution)
        if before is not None:
            self._replace(at - 1, before, attribution)
        if after is not None:
            self._replace(at, attribution, after)

    def resize(self, present: Attribution, resized: Callable[[Attribution], Attribution]) -> None:
        """Convert all states to a wider or narrower scope; `present` is the present one in it.

        Forgets states that reach beyond the new scope, and those beyond `MOST_RESIZED`.
        """
        at = self._at
        earlier = list(_resizable(self._states(range(at - 1, -1, -1)), resized))[::-1]
        later = list(_resizable(self._states(range(at + 1, len(self._keys))), resized))
        flags = [step.ours for step in self._steps[at - len(earlier) : at + len(later)]]
        states = [*earlier, present, *later]
        self._present, self._at, self._size = states[0], 0, 0
        self._keys, self._rest, self._steps = (
            [_key(states[0].view)],
            [_without_differences(states[0])],
            [],
        )
        for state, ours in zip(states[1:], flags, strict=True):
            self._append(state, ours)
        self._at, self._present = len(earlier), present

    def go_to(self, view: str) -> KnownState | None:
        """Make the nearest state with this text the present one, and return it; earlier first."""
        key = _key(view)
        if key not in self._keys:
            return None
        distances = range(1, len(self._keys))
        for at in (self._at + sign * by for by in distances for sign in (-1, 1)):
            if not (0 <= at < len(self._keys) and self._keys[at] == key):
                continue
            attribution = self._state(at)
            if attribution.view == view:
                back = any(step.ours for step in self._steps[at : self._at])
                self._at, self._present = at, attribution
                return KnownState(attribution, back)
        return None

    # -- internals --

    def _append(self, attribution: Attribution, ours: bool) -> None:
        step = _Step.between(self._present, attribution, ours=ours)
        self._steps.append(step)
        self._size += step.size
        self._keys.append(_key(attribution.view))
        self._rest.append(_without_differences(attribution))
        self._present = attribution
        self._at += 1

    def _replace(self, at: int, before: Attribution, after: Attribution) -> None:
        step = _Step.between(before, after, ours=self._steps[at].ours)
        self._size += step.size - self._steps[at].size
        self._steps[at] = step

    def _state(self, at: int) -> Attribution:
        """The state with that index."""
        way = range(self._at - 1, at - 1, -1) if at < self._at else range(self._at + 1, at + 1)
        attribution = self._present
        parts = _Parts.of(attribution)
        for place in way:
            parts = self._moved(parts, place)
        return parts.attribution(self._rest[at])

    def _states(self, way: range) -> Iterator[Attribution]:
        """The states on the way from the present one, in that order."""
        parts = _Parts.of(self._present)
        for place in way:
            parts = self._moved(parts, place)
            yield parts.attribution(self._rest[place])

    def _moved(self, parts: _Parts, place: int) -> _Parts:
        """The state at `place`, from its neighbour on the side of the present one."""
        if place < self._at:
            return self._steps[place].back(parts)
        return self._steps[place - 1].forth(parts)


def _resizable(
    states: Iterator[Attribution], resized: Callable[[Attribution], Attribution]
) -> Iterator[Attribution]:
    """The states in the new scope, up to the first that does not fit."""
    left = MOST_RESIZED
    for state in states:
        left -= len(state.view)
        try:
            fitting = resized(state)
        except RequestFailed:
            return
        if left < 0:
            return
        yield fitting


def _key(view: str) -> tuple[int, int]:
    return len(view), hash(view)


def _without_differences(attribution: Attribution) -> Attribution:
    """The attribution without the fields that are kept as differences."""
    return replace(attribution, base="", view="", ours=ChangeSet.identity(0), marks=())


def _there_and_back(before: str, after: str) -> tuple[ChangeSet, ChangeSet]:
    forth = ChangeSet.replace(before, after)
    return forth, forth.invert(before)


def _shortened(row: _Row) -> _Row:
    """The row without its long texts, which the state's own text holds."""
    return tuple(
        _Long(c.start, c.end, len(c.text)) if isinstance(c, Change) and len(c.text) > _LONG else c
        for c in row
    )
