"""How much time the checks of states may take.

Checking a long scope may take longer than the model takes for its next line. Then not every state
is checked: states wait for the budget, and the newest goes first. Whoever makes the gates measures
the time. All times are milliseconds.
"""

from collections.abc import Callable

__all__ = ["CheckBudget", "MayCheck", "always"]

SHARE = 0.2
"""The share of all time that checks may take."""
SAVED_MS = 200.0
"""How much unused budget is kept. Rare checks of a long scope cost more than frequent ones, which
reparse less (23 against 4 ms at 5,000 lines, measured), so the reserve must not run out quickly."""
AT_ONCE_MS = 25.0
"""After this much in one turn, other work goes first before an older state is tried."""
OWED_MS = 200.0
"""The most debt after checks that could not wait: a pause of one second."""

MayCheck = Callable[[], bool]
"""Returns whether there is time for one more check now."""


def always() -> bool:
    """A budget without a limit."""
    return True


SETTLING_MS = 100.0
"""How long the search for a sound state may take; all other work waits meanwhile."""


class CheckBudget:
    """The budget of one document: a share of the passing time is earned, checks are paid from it.

    `spent` returns how long all checks so far have taken.
    """

    def __init__(self, spent: Callable[[], float]) -> None:
        self._spent = spent
        self._paid = spent()
        self._now = 0.0
        self._at_once = 0.0
        self._saved = SAVED_MS

    def until(self, bound: float) -> MayCheck:
        """A budget of `bound` from now on."""
        begun = self._spent()
        return lambda: self._spent() - begun < bound

    def may_check(self, now: float) -> bool:
        """Whether one more check may be made at `now`."""
        spent = self._spent()
        cost, passed = spent - self._paid, max(now - self._now, 0.0)
        self._at_once = 0.0 if passed else self._at_once + cost
        self._saved = max(min(self._saved + SHARE * passed, SAVED_MS) - cost, -OWED_MS)
        self._paid, self._now = spent, self._now + passed
        return self._saved > 0 and self._at_once < AT_ONCE_MS
