"""What the scope looked like before, so that the user's undo and redo can be told.

An editor does not say that a change is an undo. But an undo brings back a text that was there, so
the states that were there are kept, each with the account that belonged to it: the present one
whole, of every other only what differs from its neighbour. A text is known again by its length and
its hash, and compared when its state has been put together.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from lsp_server.edit.hunks import Attribution, Mark
from lsp_server.errors import RequestFailed
from lsp_server.text.changes import Change, ChangeSet, common_prefix, common_suffix

# Bounds on the number of states, and on all that is kept of them: code points, and a change or a
# mark as so many. An hour of edits at full speed stays below both.
MOST_STATES = 10_000
MOST_CODE_POINTS = 16_000_000
_ITEM = 40
# A change that brings more text than this is kept without it: it stands in the state's text.
_LONG = 100
# Making a scope wider or narrower looks at so many code points of states, the nearest first.
MOST_RESIZED = 20_000_000

_T = TypeVar("_T")

_Row = tuple["Change | _Long", ...]


@dataclass(frozen=True, slots=True)
class _Long:
    """A change of `[start, end)` that brings `length` code points, to be found in the text."""

    start: int
    end: int
    length: int


@dataclass(frozen=True, slots=True)
class _Swap(Generic[_T]):
    """Two rows that differ between their first `head` and their last `tail` items."""

    head: int
    tail: int
    before: tuple[_T, ...]
    after: tuple[_T, ...]

    @classmethod
    def between(cls, before: tuple[_T, ...], after: tuple[_T, ...]) -> "_Swap[_T]":
        """What leads from one to the other, and back."""
        if before is after:
            return cls(len(before), 0, (), ())
        head = common_prefix(before, after)
        tail = common_suffix(before, after, min(len(before), len(after)) - head)
        return cls(head, tail, before[head : len(before) - tail], after[head : len(after) - tail])

    def forth(self, row: tuple[_T, ...]) -> tuple[_T, ...]:
        """The row after; `row` is the one before."""
        return (*row[: self.head], *self.after, *row[len(row) - self.tail :])

    def back(self, row: tuple[_T, ...]) -> tuple[_T, ...]:
        """The row before; `row` is the one after."""
        return (*row[: self.head], *self.before, *row[len(row) - self.tail :])


@dataclass(frozen=True, slots=True)
class _Parts:
    """A state taken apart: its texts, its rows, and an account that holds all the rest."""

    base: str
    view: str
    row: _Row
    marks: tuple[Mark, ...]

    @classmethod
    def of(cls, attribution: Attribution) -> "_Parts":
        """Take it apart."""
        return cls(attribution.base, attribution.view, attribution.ours.changes, attribution.marks)

    def attribution(self, books: Attribution) -> Attribution:
        """Put it together again."""
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
        return replace(books, base=self.base, view=self.view, ours=ours, marks=self.marks)


@dataclass(frozen=True, slots=True)
class _Step:
    """From one state to the next, in both directions; `ours`: the model made it."""

    ours: bool
    base: tuple[ChangeSet, ChangeSet] | None
    view: tuple[ChangeSet, ChangeSet]
    row: "_Swap[Change | _Long]"
    marks: _Swap[Mark]

    @classmethod
    def between(cls, before: Attribution, after: Attribution, *, ours: bool) -> "_Step":
        """What leads from one state to the other, and back."""
        same = before.base is after.base or before.base == after.base
        row = _Swap[Change | _Long].between(before.ours.changes, after.ours.changes)
        short = replace(row, before=_shortened(row.before), after=_shortened(row.after))
        return cls(
            ours,
            None if same else _both(before.base, after.base),
            _both(before.view, after.view),
            short,
            _Swap.between(before.marks, after.marks),
        )

    @property
    def size(self) -> int:
        """About how many code points it takes to keep."""
        texts = [*self.view, *(self.base or ())]
        items = len(self.row.before) + len(self.row.after)
        items += len(self.marks.before) + len(self.marks.after)
        brought: int = sum(text.inserted for text in texts)
        return brought + _ITEM * items

    def forth(self, parts: _Parts) -> _Parts:
        """The state after; `parts` is the one before."""
        return _Parts(
            parts.base if self.base is None else self.base[0].apply(parts.base),
            self.view[0].apply(parts.view),
            self.row.forth(parts.row),
            self.marks.forth(parts.marks),
        )

    def back(self, parts: _Parts) -> _Parts:
        """The state before; `parts` is the one after."""
        return _Parts(
            parts.base if self.base is None else self.base[1].apply(parts.base),
            self.view[1].apply(parts.view),
            self.row.back(parts.row),
            self.marks.back(parts.marks),
        )


@dataclass(frozen=True, slots=True)
class KnownText:
    """A state that the scope has had before. `takes_back`: returning to it removes model text."""

    attribution: Attribution
    takes_back: bool


class History:
    """The states of one scope in the order in which they came, and which of them is the present."""

    def __init__(self, attribution: Attribution) -> None:
        self._present = attribution
        self._at = 0
        self._keys = [_key(attribution.view)]
        self._rest = [_without_differences(attribution)]
        self._steps: list[_Step] = []  # The one at `i` leads from state `i` to the next.
        self._size = 0

    def add(self, attribution: Attribution, *, ours: bool) -> None:
        """A new state; `ours` tells whether the model made it out of the one before."""
        at = self._at
        self._size -= sum(step.size for step in self._steps[at:])
        del self._steps[at:], self._keys[at + 1 :], self._rest[at + 1 :]
        self._keep(attribution, ours)
        while len(self._keys) > 2 and (
            len(self._keys) > MOST_STATES or self._size > MOST_CODE_POINTS
        ):
            self._size -= self._steps.pop(0).size
            del self._keys[0], self._rest[0]
            self._at -= 1

    def amend(self, attribution: Attribution) -> None:
        """The present state's text is the same, but its account has changed."""
        at = self._at
        before = self._state(at - 1) if at else None
        after = self._state(at + 1) if at < len(self._steps) else None
        self._present = attribution
        self._rest[at] = _without_differences(attribution)
        if before is not None:
            self._replace(at - 1, before, attribution)
        if after is not None:
            self._replace(at, attribution, after)

    def resize(self, present: Attribution, reframed: Callable[[Attribution], Attribution]) -> None:
        """The scope has become wider or narrower; `present` is the present state in it.

        Earlier states that reach beyond the new scope are forgotten, and very many.
        """
        at = self._at
        earlier = list(_fitting(self._states(range(at - 1, -1, -1)), reframed))[::-1]
        later = list(_fitting(self._states(range(at + 1, len(self._keys))), reframed))
        flags = [step.ours for step in self._steps[at - len(earlier) : at + len(later)]]
        states = [*earlier, present, *later]
        self._present, self._at, self._size = states[0], 0, 0
        self._keys, self._rest, self._steps = (
            [_key(states[0].view)],
            [_without_differences(states[0])],
            [],
        )
        for state, ours in zip(states[1:], flags, strict=True):
            self._keep(state, ours)
        self._at, self._present = len(earlier), present

    def go_to(self, view: str) -> KnownText | None:
        """The nearest state with this text, earlier ones first; it becomes the present."""
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
                return KnownText(attribution, back)
        return None

    # -- inside --

    def _keep(self, attribution: Attribution, ours: bool) -> None:
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
        """The state at that place."""
        way = range(self._at - 1, at - 1, -1) if at < self._at else range(self._at + 1, at + 1)
        attribution = self._present
        parts = _Parts.of(attribution)
        for place in way:
            parts = self._moved(parts, place)
        return parts.attribution(self._rest[at])

    def _states(self, way: range) -> Iterator[Attribution]:
        """The states on the way from the present one, one after the other."""
        parts = _Parts.of(self._present)
        for place in way:
            parts = self._moved(parts, place)
            yield parts.attribution(self._rest[place])

    def _moved(self, parts: _Parts, place: int) -> _Parts:
        """One step from a neighbour of the state at `place` to it."""
        if place < self._at:
            return self._steps[place].back(parts)
        return self._steps[place - 1].forth(parts)


def _fitting(
    states: Iterator[Attribution], reframed: Callable[[Attribution], Attribution]
) -> Iterator[Attribution]:
    """The states in their new frame, up to the first that does not fit."""
    left = MOST_RESIZED
    for state in states:
        left -= len(state.view)
        try:
            fitting = reframed(state)
        except RequestFailed:
            return
        if left < 0:
            return
        yield fitting


def _key(view: str) -> tuple[int, int]:
    return len(view), hash(view)


def _without_differences(attribution: Attribution) -> Attribution:
    """The account without what is kept as a difference."""
    return replace(attribution, base="", view="", ours=ChangeSet.identity(0), marks=())


def _both(before: str, after: str) -> tuple[ChangeSet, ChangeSet]:
    forth = ChangeSet.replace(before, after)
    return forth, forth.invert(before)


def _shortened(row: _Row) -> _Row:
    """The row without the long texts, which stand in the state's own text."""
    return tuple(
        _Long(c.start, c.end, len(c.text)) if isinstance(c, Change) and len(c.text) > _LONG else c
        for c in row
    )
