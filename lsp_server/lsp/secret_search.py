"""What is to be sent is searched for secrets first, a long text aside of the event loop.

A search takes time in proportion to the text, so on the loop a long one would hold up every other
answer. Nothing leaves before it is over, and nothing at all where it fails. What is looked for, and
who is asked, is not known here.
"""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from lsp_server.backends.base import ModelRequest, Stream
from lsp_server.errors import MidstreamError

log = logging.getLogger(__name__)

SEARCHED_AT_ONCE = 50_000
"""Code points that are searched on the event loop: some 50 ms, whatever stands in them."""
DOCUMENT_SHARE = 4
"""So many code points of a document take no longer than one of what is sent of it."""

MISTAKE = (
    "What would be sent could not be searched for secrets, by a mistake of Midstream, so nothing "
    "was sent; its log has the details."
)

Work = Callable[[], ModelRequest]
"""The search. It gives the request as it may leave."""


def is_long(document: str, request: ModelRequest) -> bool:
    """Whether to search a request, and its document, takes so long that nobody may wait for it."""
    return len(request.input) + len(document) // DOCUMENT_SHARE > SEARCHED_AT_ONCE


class SecretSearches:
    """The searches that run aside: those of one session one after the other, for they share its
    placeholders."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Callable[[], None]]] = {}

    def open(
        self,
        session: str,
        work: Work,
        opened: Callable[[ModelRequest], Stream],
        failed: Callable[[str], None],
        *,
        aside: bool,
    ) -> Stream:
        """The stream that `opened` makes of what `work` gives.

        With `aside`, or while another search of the session runs so, `work` is done in a thread;
        then `failed` is told why there is no stream. Otherwise raises `MidstreamError`.
        """
        if not aside and session not in self._waiting:
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

        self.aside(session, work, done)
        return stream

    def aside(self, session: str, work: Work, done: Callable[[ModelRequest | str], None]) -> None:
        """Do `work` in a thread. `done` gets, on the event loop, what it gave or the sentence that
        says why it gave nothing."""

        def start() -> None:
            self._start(session, work, done)

        if (waiting := self._waiting.get(session)) is not None:
            waiting.append(start)
            return
        self._waiting[session] = deque()
        # Not here: the thread holds the interpreter up, and the command has not been answered yet.
        asyncio.get_running_loop().call_soon(start)

    def _start(self, session: str, work: Work, done: Callable[[ModelRequest | str], None]) -> None:
        loop = asyncio.get_running_loop()

        def over(outcome: ModelRequest | str) -> None:
            try:
                done(outcome)
            finally:
                self._go_on(session)

        def run() -> None:
            outcome: ModelRequest | str
            try:
                outcome = work()
            except MidstreamError as error:
                outcome = str(error)
            except Exception:
                log.exception("A text could not be searched for secrets.")
                outcome = MISTAKE
            with suppress(RuntimeError):  # The loop is closed: nobody waits any more.
                loop.call_soon_threadsafe(over, outcome)

        # A thread of the loop's own would be waited for in the end.
        threading.Thread(target=run, name="search", daemon=True).start()

    def _go_on(self, session: str) -> None:
        if waiting := self._waiting[session]:
            waiting.popleft()()
        else:
            del self._waiting[session]


class SearchedStream:
    """A stream that is opened once what it sends has been searched."""

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
        """See `Stream`. A search that runs goes on to its end, and nothing comes of it."""
        self.closed = True
        if self.stream is not None:
            self.stream.close()
