"""Turns Ctrl-C into an event, so it means "stop" and is not an exception at an arbitrary place.

Uses only `signal.signal`, which works on all three systems. Knows nothing of what is stopped.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType


class Interrupts:
    """While entered, Ctrl-C calls the handler, in the main thread between two instructions.

    Without a handler it waits for the next one. If signals are not available (another thread, or a
    parent that disabled Ctrl-C), none ever comes.
    """

    def __init__(self) -> None:
        self._handler: Callable[[], object] | None = None
        self._waiting = False
        self._before: object = None

    def handle(self, handler: Callable[[], object]) -> None:
        """From now on Ctrl-C calls `handler`. One that has waited does so immediately."""
        self._handler = handler
        if self._waiting:
            self._waiting = False
            handler()

    def hold(self) -> None:
        """From now on Ctrl-C waits for the next handler or the next question."""
        self._handler = None

    def ignore(self) -> None:
        """From now on Ctrl-C does nothing: what is running ends soon, and must."""
        self._waiting = False
        self._handler = lambda: None

    def __enter__(self) -> "Interrupts":
        in_main = threading.current_thread() is threading.main_thread()
        if in_main and signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            self._before = signal.signal(signal.SIGINT, self._interrupted)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)  # type: ignore[arg-type]
            self._before = None

    @contextmanager
    def raising(self) -> Iterator[None]:
        """Inside, Ctrl-C raises `KeyboardInterrupt`: for a question that waits for input."""
        if self._before is None:
            yield
            return
        if self._waiting:
            self._waiting = False
            raise KeyboardInterrupt
        try:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            yield
        finally:
            signal.signal(signal.SIGINT, self._interrupted)

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        if self._handler is None:
            self._waiting = True
        else:
            self._handler()
