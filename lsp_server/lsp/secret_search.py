"""Runs the search for secrets before a request is sent; for a long text in a thread.

The time grows with the text, so a long search on the event loop would delay every other answer.
Nothing is sent before the search is over, and nothing at all if it fails.
"""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress

from lsp_server.backends.base import ModelRequest, Stream
from lsp_server.errors import MidstreamError
from lsp_server.lsp.redaction import not_searched
from lsp_server.wording import LOG

log = logging.getLogger(__name__)

SEARCHED_AT_ONCE = 50_000
"""The most code points to search on the event loop: about 50 ms, whatever the text."""
DOCUMENT_SHARE = 4
"""So many code points of the document take as long as one code point of the request."""

MISTAKE = (
    "Midstream failed to search the request for secrets, so nothing was sent. This is a "
    f"bug: please report it with {LOG}."
)

Work = Callable[[], ModelRequest]
"""Searches, and returns the request as it may leave. Raises `MidstreamError`."""


def is_long(document: str, request: ModelRequest, others: Iterable[str] = ()) -> bool:
    """Whether searching a request, its document and other texts takes too long for the event
    loop."""
    texts = len(document) + sum(map(len, others))
    return not_searched(request) + texts // DOCUMENT_SHARE > SEARCHED_AT_ONCE


class SecretSearches:
    """The searches of one session. In threads they run one at a time: they share its masks."""

    def __init__(self) -> None:
        self._running = False
        self._waiting: deque[Callable[[], None]] = deque()

    def open(
        self,
        work: Work,
        opened: Callable[[ModelRequest], Stream],
        failed: Callable[[str], None],
        *,
        in_thread: bool,
    ) -> Stream:
        """The stream that `opened` makes of the request from `work`.

        With `in_thread`, or while a search in a thread is running, `work` runs in a thread; then
        `failed` gets the sentence if there is no stream. Otherwise raises `MidstreamError`.
        """
        if not in_thread and not self._running:
            return opened(work())
        stream = SearchedStream()

        def done(outcome: ModelRequest | str) -> None:
            if stream.closed:
                return
            if isinstance(outcome, str):
                failed(outcome)
                return
            try:
                stream.stream = opened(outcome)
            except MidstreamError as error:
                failed(str(error))

        self.run_in_thread(work, done)
        return stream

    def run_in_thread(self, work: Work, done: Callable[[ModelRequest | str], None]) -> None:
        """Run `work` in a thread.

        `done` is called on the event loop with the request, or with the sentence that says why
        there is none.
        """

        def start() -> None:
            self._start(work, done)

        if self._running:
            self._waiting.append(start)
            return
        self._running = True
        # Later: the thread slows the interpreter, and the command has not been answered yet.
        asyncio.get_running_loop().call_soon(start)

    def _start(self, work: Work, done: Callable[[ModelRequest | str], None]) -> None:
        loop = asyncio.get_running_loop()

        def finish(outcome: ModelRequest | str) -> None:
            try:
                done(outcome)
            finally:
                self._next()

        def run() -> None:
            outcome: ModelRequest | str
            try:
                outcome = work()
            except MidstreamError as error:
                outcome = str(error)
            except Exception:
                log.exception("A text couldn't be searched for secrets.")
                outcome = MISTAKE
            with suppress(RuntimeError):  # The loop is closed, so the result is not needed.
                loop.call_soon_threadsafe(finish, outcome)

        # Not in the loop's executor: closing the loop would wait for it.
        threading.Thread(target=run, name="search", daemon=True).start()

    def _next(self) -> None:
        if self._waiting:
            self._waiting.popleft()()
        else:
            self._running = False


class SearchedStream:
    """A stream that opens when the search is over."""

    def __init__(self) -> None:
        self.stream: Stream | None = None
        self.closed = False

    @property
    def written_ms(self) -> float | None:
        """See `Stream`."""
        return None if self.stream is None else self.stream.written_ms

    @property
    def first_frame_ms(self) -> float | None:
        """See `Stream`."""
        return None if self.stream is None else self.stream.first_frame_ms

    def close(self) -> None:
        """See `Stream`. A running search ends, but its result is not sent."""
        self.closed = True
        if self.stream is not None:
            self.stream.close()
