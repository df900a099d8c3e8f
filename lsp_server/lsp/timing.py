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
other things spoils no parse. What takes longer goes on in slices."""
SLICE_MS = 20.0
"""How long a slice takes, of the same time; the event loop has its turn between two of them."""
MOST_SLICES = 150
"""So many slices a text may take, three seconds: sound files of the size that is parsed at all take
no more than two and a half (4 MB of Python, measured), and what takes longer is made to. They are
counted, not timed, so that a replay ends where the recording did."""
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

    def slicing(self) -> Callable[[], bool]:
        """A slice of a parse begins; what comes back says whether it is over."""
        end = time.thread_time() + SLICE_MS / 1000
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
