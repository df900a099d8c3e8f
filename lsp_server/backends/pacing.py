"""When a server may be asked again: delays after failed connections, a brake for many cuts in a
row, and the time to wait for a model to load.

Pure: times are arguments, in seconds of any monotonic clock.
"""

from collections.abc import Callable
from typing import Protocol

LOAD_TIMEOUT_S = 300.0
"""Seconds that a server nearby may load its model: weights come from a disk."""

LOAD_PAUSE_S = 1.0


class Timer(Protocol):
    """What `Clock.call_later` returns."""

    def cancel(self) -> None: ...


class Clock(Protocol):
    """The part of an event loop that deals with time. Tests use their own."""

    def time(self) -> float: ...

    def call_later(self, delay: float, callback: Callable[[], object], /) -> Timer: ...


class Backoff:
    """Delays that double with each failure in a row, with jitter. `random` returns numbers in [0,
    1)."""

    FIRST_S = 0.25
    LONGEST_S = 60.0

    def __init__(self, random: Callable[[], float]) -> None:
        self._random = random
        self.failures = 0

    def failed(self, asked_s: float | None = None) -> float:
        """Count a failure. Returns the seconds to wait before an automatic retry: never less than
        `asked_s`, which the server asked for.
        """
        self.failures += 1
        full = min(self.LONGEST_S, self.FIRST_S * 2.0 ** min(self.failures - 1, 16))
        # Between half and all of it, so that many editors do not return at the same moment.
        delay = full * (0.5 + self._random() / 2)
        return delay if asked_s is None else max(delay, asked_s)

    def succeeded(self) -> None:
        """Start again with the shortest delay."""
        self.failures = 0


class Brake:
    """A token bucket for handshakes: each cut of a young stream takes a token, and without one the
    next handshake waits. Tokens return with time."""

    TOKENS = 2.0
    PER_SECOND = 10.0

    def __init__(self) -> None:
        self._tokens = self.TOKENS
        self._at = 0.0

    def charge(self, now: float) -> None:
        """Take a token for a connection that was hardly used. May leave a debt of one token."""
        self._tokens = max(-1.0, self._level(now) - 1.0)
        self._at = now

    def delay(self, now: float) -> float:
        """Seconds until the next handshake may begin; 0 when it may begin now."""
        return max(0.0, -self._level(now) / self.PER_SECOND)

    def _level(self, now: float) -> float:
        return min(self.TOKENS, self._tokens + (now - self._at) * self.PER_SECOND)
