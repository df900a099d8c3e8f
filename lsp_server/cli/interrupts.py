"""Ctrl-C as an event, so that it means "stop" and not an exception at an unknown place.

Uses `signal.signal` only, which all three systems have. Knows nothing of what is being stopped.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType


class Interrupts:
    """While entered, Ctrl-C calls the handler, in the main thread between two instructions.

    One that comes while there is no handler waits for the next one. Where there is no signal to
    be had (another thread, or a parent that switched Ctrl-C off) none ever comes.
    """

    def __init__(self) -> None:
        self._handler: Callable[[], object] | None = None
        self._waiting = False
        self._before: object = None

    def handle(self, handler: Callable[[], object]) -> None:
        """From here on Ctrl-C calls `handler`; one that has waited does so at once."""
        self._handler = handler
        if self._waiting:
            self._waiting = False
            handler()

    def hold(self) -> None:
        """From here on Ctrl-C waits for the next handler, or the next question."""
        self._handler = None

    def ignore(self) -> None:
        """From here on Ctrl-C does nothing: what is under way ends soon, and must."""
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
        """Inside, Ctrl-C raises `KeyboardInterrupt`: for a question that waits for the terminal."""
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
