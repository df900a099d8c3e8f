"""Time, as the server's own parts see it: one clock, and one way to be woken later.

Everything that depends on time goes through here, so that a recording can hold what the clock said
and when who was woken, and a replay can say and do the same again.
"""

import asyncio
import math
import time
from collections.abc import Callable
from typing import Protocol


def now_ms() -> float:
    """The clock of all times in a session: milliseconds, only ever forward."""
    return time.perf_counter() * 1000


PARSE_MS = 75.0
"""How long one parse may take, of the processor's time in this thread: a machine that is busy with
other things spoils no parse. Sound Python has some 8,000 lines then on a slow machine."""
TURN_MS = 120.0
"""How long all parses and readings of trees together may take before others get their turn."""
LEAST_MS = 25.0
"""What each of them may take even then: enough for every file that people write."""


class Alarm(Protocol):
    """Something that will happen unless it is cancelled."""

    def cancel(self) -> None:
        """It shall not happen."""


class Timing:
    """The system's clock and the running loop's timers."""

    def now_ms(self) -> float:
        """What the clock says, in milliseconds."""
        return self.reading(now_ms())

    def reading(self, value: float) -> float:
        """A time that was measured somewhere; who decides by it takes what comes back."""
        return value

    _turn_ends: float | None = None
    """When the present turn of the event loop has parsed enough, if it has parsed at all."""

    def parsing(self) -> Callable[[], bool]:
        """A parse, or a reading of a tree, begins; what comes back says whether it has to end."""
        begun = time.thread_time()
        shared = max(self._end_of_turn(begun), begun + LEAST_MS / 1000)
        end = min(begun + PARSE_MS / 1000, shared)
        return lambda: time.thread_time() > end

    def _end_of_turn(self, begun: float) -> float:
        """Until when the pieces of one command may take, for nothing is answered between them."""
        if self._turn_ends is None:
            try:
                loop = asyncio.get_running_loop()
            except RuntimeError:
                return math.inf  # Nobody waits for a turn.
            self._turn_ends = begun + TURN_MS / 1000
            loop.call_soon(self._next_turn)
        return self._turn_ends

    def _next_turn(self) -> None:
        self._turn_ends = None

    def later(self, name: str, seconds: float, work: Callable[[], None]) -> Alarm:
        """Do `work` after `seconds`. `name` says what it is, for recordings."""
        return asyncio.get_running_loop().call_later(seconds, work)
