"""Measures how long the gates of a document take; sessions have no clock."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lsp_server.session.gate_protocol import Gate

__all__ = ["Stopwatch"]


class Stopwatch:
    """Adds up the time that all gates of one document take."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        """`clock` returns seconds."""
        self._clock = clock
        self._total = 0.0

    def spent(self) -> float:
        """The total so far, in milliseconds."""
        return self._total

    def timed(self, make: Callable[[], Gate]) -> Gate:
        """A gate; making it and every answer of it are counted."""
        with self._running():
            gate = make()
        return _TimedGate(gate, self)

    @contextmanager
    def _running(self) -> Iterator[None]:
        started = self._clock()
        try:
            yield
        finally:
            self._total += (self._clock() - started) * 1000


class _TimedGate:
    """A gate whose answers are timed."""

    __slots__ = ("_gate", "_watch")

    def __init__(self, gate: Gate, watch: Stopwatch) -> None:
        self._gate = gate
        self._watch = watch

    def admits(self, candidate: str) -> bool:
        with self._watch._running():
            return self._gate.admits(candidate)

    def settled(self, candidate: str) -> bool:
        with self._watch._running():
            return self._gate.settled(candidate)

    def unknown(self, candidate: str) -> int | None:
        with self._watch._running():
            return self._gate.unknown(candidate)

    def landed(self, candidate: str) -> Gate:
        return self._watch.timed(lambda: self._gate.landed(candidate))
