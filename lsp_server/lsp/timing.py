"""The clock and the timers of the language server.

Everything that depends on time goes through here. So a recording can hold the clock readings and
the timers that rang, and a replay can repeat them.
"""

import asyncio
import math
import time
from collections.abc import Callable
from typing import Protocol


def now_ms() -> float:
    """The clock for all times in a session, in milliseconds. It never goes back."""
    return time.perf_counter() * 1000


PARSE_MS = 75.0
"""How long one parse may take, in milliseconds of this thread's processor time; so a busy machine
cuts no parse short. A longer parse continues in slices."""
SLICE_MS = 20.0
"""How long a slice takes, in the same time. Other events run between two slices."""
MOST_SLICES = 150
"""The most slices for one text, three seconds in all. Ordinary files up to the size limit take at
most two and a half (measured with 4 MB of Python); a text that takes longer was made to. Slices are
counted, not timed, so a replay ends where the recording did."""
TURN_MS = 120.0
"""How long all parses and tree searches of one turn of the event loop may take together."""
LEAST_MS = 25.0
"""What each of them may take even then; enough for files that people write."""


class Alarm(Protocol):
    """A timer that is set."""

    def cancel(self) -> None:
        """Do not ring."""


class Timing:
    """The system's clock and the running loop's timers."""

    def now_ms(self) -> float:
        """The clock's reading, in milliseconds."""
        return self.reading(now_ms())

    def reading(self, value: float) -> float:
        """The reading to use in place of `value`; a recording rounds it and a replay repeats it."""
        return value

    _turn_ends: float | None = None
    """When parsing must end in this turn of the event loop, in seconds of `time.thread_time`."""

    def parsing(self) -> Callable[[], bool]:
        """Begin a parse or a tree search. The result says whether it has to end."""
        begun = time.thread_time()
        shared = max(self._end_of_turn(begun), begun + LEAST_MS / 1000)
        end = min(begun + PARSE_MS / 1000, shared)
        return lambda: time.thread_time() > end

    def slicing(self) -> Callable[[], bool]:
        """Begin a slice of a parse. The result says whether it is over."""
        end = time.thread_time() + SLICE_MS / 1000
        return lambda: time.thread_time() > end

    def _end_of_turn(self, begun: float) -> float:
        """When all parses of this turn must end, because nothing is answered between them."""
        if self._turn_ends is None:
            try:
                loop = asyncio.get_running_loop()
            except RuntimeError:
                return math.inf  # Without an event loop nothing else waits.
            self._turn_ends = begun + TURN_MS / 1000
            loop.call_soon(self._next_turn)
        return self._turn_ends

    def _next_turn(self) -> None:
        self._turn_ends = None

    def later(self, name: str, seconds: float, work: Callable[[], None]) -> Alarm:
        """Call `work` after `seconds`. Recordings identify the timer by `name`."""
        return asyncio.get_running_loop().call_later(seconds, work)
