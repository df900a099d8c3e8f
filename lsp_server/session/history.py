"""What the scope looked like before, so that the user's undo and redo can be told.

An editor does not say that a change is an undo. But an undo brings back a text that was there,
so the texts that were there are kept, each with the account that belonged to it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from lsp_server.edit.hunks import Account
from lsp_server.errors import RequestFailed

# A text is kept whole; a bound on the count and on the size keeps a long session small.
MOST_STATES = 400
MOST_CODE_POINTS = 4_000_000


@dataclass(frozen=True, slots=True)
class Found:
    """A text that was there before. `takes_back` and `gives_back` say whether model text goes
    away or comes again on the way to it."""

    account: Account
    takes_back: bool
    gives_back: bool


class History:
    """The states of one scope in the order in which they came, and which of them is the present."""

    def __init__(self, account: Account) -> None:
        self._states: list[tuple[Account, bool]] = [(account, False)]
        self._at = 0
        self._size = len(account.view)

    def add(self, account: Account, *, ours: bool) -> None:
        """A new state; `ours` tells whether the model made it out of the one before."""
        for gone, _ in self._states[self._at + 1 :]:
            self._size -= len(gone.view)
        del self._states[self._at + 1 :]
        self._states.append((account, ours))
        self._at += 1
        self._size += len(account.view)
        while len(self._states) > 2 and (
            len(self._states) > MOST_STATES or self._size > MOST_CODE_POINTS
        ):
            self._size -= len(self._states.pop(0)[0].view)
            self._at -= 1

    def amend(self, account: Account) -> None:
        """The present state's text is the same, but its account has changed."""
        self._states[self._at] = (account, self._states[self._at][1])

    def reframe(self, present: Account, reframed: Callable[[Account], Account]) -> None:
        """The scope has become wider or narrower; `present` is the present state in it.

        Earlier states that reach beyond the new scope are forgotten.
        """
        states: list[tuple[Account, bool]] = []
        at = 0
        for index, (account, ours) in enumerate(self._states):
            if index == self._at:
                at = len(states)
                states.append((present, ours))
                continue
            try:
                states.append((reframed(account), ours))
            except RequestFailed:
                if index < self._at:
                    states.clear()
                else:
                    break
        self._states, self._at = states, at
        self._size = sum(len(account.view) for account, _ in states)

    def go_to(self, view: str) -> Found | None:
        """The nearest state with this text, earlier ones first; it becomes the present."""
        distances = range(1, len(self._states))
        for at in (self._at + sign * by for by in distances for sign in (-1, 1)):
            if 0 <= at < len(self._states) and self._states[at][0].view == view:
                back = any(ours for _, ours in self._states[at + 1 : self._at + 1])
                forth = any(ours for _, ours in self._states[self._at + 1 : at + 1])
                self._at = at
                return Found(self._states[at][0], back, forth)
        return None
