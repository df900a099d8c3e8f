"""Time, as the server's own parts see it: one clock, and one way to be woken later.

Everything that depends on time goes through here, so that a recording can hold what the clock said
and when who was woken, and a replay can say and do the same again.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol


def now_ms() -> float:
    """The clock of all times in a session: milliseconds, only ever forward."""
    return time.perf_counter() * 1000


PARSE_MS = 75.0
"""How long one parse may take, of the processor's time in this thread: a machine that is busy with
other things spoils no parse. Sound Python has some 8,000 lines then on a slow machine."""


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

    def parsing(self) -> Callable[[], bool]:
        """A parse begins; what comes back says whether it has to end."""
        end = time.thread_time() + PARSE_MS / 1000
        return lambda: time.thread_time() > end

    def later(self, name: str, seconds: float, work: Callable[[], None]) -> Alarm:
        """Do `work` after `seconds`. `name` says what it is, for recordings."""
        return asyncio.get_running_loop().call_later(seconds, work)
