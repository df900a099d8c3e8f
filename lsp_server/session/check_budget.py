"""How much time may go into checking what could be shown.

A check of a long scope may cost more than the model takes for the next line. Then not every state
is checked: the ones that come meanwhile wait for the budget, and the newest of them goes first.
The clock that measures the checks belongs to whoever makes the gates. All times are milliseconds.
"""

from collections.abc import Callable

__all__ = ["CheckBudget", "MayCheck", "always"]

SHARE = 0.2
"""The part of all time that may go into checks."""
SAVED_MS = 200.0
"""How much unused budget is kept. Rare checks of a long scope cost more than frequent ones, which
parse less anew (4 against 23 ms at 5,000 lines, measured), so it must not be short too soon."""
AT_ONCE_MS = 25.0
"""After so much in one go everybody else has a turn before an older state is tried."""
OWED_MS = 200.0
"""How much is owed at most after the checks that had to be: a pause of one second."""

MayCheck = Callable[[], bool]
"""Whether there is time for one more check now."""


def always() -> bool:
    """For those who do not count."""
    return True


SETTLING_MS = 100.0
"""How long the search for a sound state may check: everybody else waits meanwhile."""


class CheckBudget:
    """The account of one document: a share of the time that passes is earned, checks are paid.

    `spent` tells how long all checks so far have taken.
    """

    def __init__(self, spent: Callable[[], float]) -> None:
        self._spent = spent
        self._paid = spent()
        self._now = 0.0
        self._at_once = 0.0
        self._saved = SAVED_MS

    def until(self, bound: float) -> MayCheck:
        """Whether less than `bound` has gone into checks since now."""
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
