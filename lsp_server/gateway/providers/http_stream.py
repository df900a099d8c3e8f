"""One streamed answer over HTTP of any API: bytes in, pieces out, closed at once.

The makers' clients send the request and check its status. The events are read here, because those
clients build a typed object from each event, which is too slow for a thousand small ones a second.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from lsp_server.backends.lenient_json import Joiner
from lsp_server.backends.refusal_reading import RefusalReading
from lsp_server.gateway.model_provider import ProviderError
from lsp_server.gateway.providers.bounded_body import BodyTooLarge
from lsp_server.gateway.providers.faults import Faults
from lsp_server.gateway.providers.read_chat import event_in
from lsp_server.gateway.providers.response_metadata import header_facts
from lsp_server.gateway.providers.sse import EventTooLong, SseDecoder
from lsp_server.gateway.request_protocol import Piece, ServerReport

log = logging.getLogger(__name__)

MAX_EVENTS = 2**19
"""Events of one answer, comments included: about four times those of the longest answers."""

MAX_PLAIN_BYTES = 2**20
"""Bytes kept of a body without events, which may be a whole answer in one piece."""

LIFE = ServerReport()
"""Bytes arrived, but no event: a blank line, or part of an event."""

_END_S = 0.2
"""Seconds to wait for the end of a finished stream, so that its connection can be used again."""


class EventDecoder(Protocol):
    """Splits the bytes of a stream into events."""

    def feed(self, chunk: bytes) -> list[bytes]:
        """The events that end in this chunk. Raises `EventTooLong`."""


class EventReader(Protocol):
    """Turns the events of one API into pieces."""

    @property
    def over(self) -> bool:
        """Whether the answer is complete."""

    def read(self, data: bytes) -> list[Piece]:
        """One event's data. Raises `ProviderError`."""

    def end(self) -> ProviderError | None:
        """The stream has ended: the error if the answer had not."""


Judge = Callable[[RefusalReading], bool]
"""Whether a refusal is worth another try with a changed request."""


class AnswerProgress:
    """What has arrived of one answer so far: it decides how the answer ends."""

    def __init__(self) -> None:
        self.events = self.text = self.refused = False
        self._thought = self._called = self._cut = self._filtered = False
        self.plain = bytearray()
        """The beginning of a body without events."""

    def take(self, piece: Piece) -> None:
        """Note a piece that is passed on."""
        self.events = True
        if isinstance(piece, str):
            self.text = True
            return
        used = piece.usage is not None and piece.usage.reasoning > 0
        self._thought |= piece.thought or used
        self._called |= piece.called
        self.refused |= piece.refused
        self._cut |= piece.incomplete == "max_output_tokens"
        self._filtered |= piece.incomplete == "content_filter"

    def lack(self, faults: Faults) -> ProviderError | None:
        """What is wrong with an answer that has reached its end."""
        if self.text or self.refused or self._filtered:
            return None
        if self._called:
            return faults.only_a_call()
        return faults.only_thoughts(self._cut) if self._thought else None


async def streamed(
    send: Callable[[], AbstractAsyncContextManager[Any]],
    reader: EventReader,
    faults: Faults,
    judge: Judge,
    decoder: EventDecoder | None = None,
) -> AsyncGenerator[Piece, None]:
    """The pieces of one answer. Raises `ProviderError`, or `Again` when `judge` allows another try.

    `send` makes the request as a context manager; leaving it closes the connection, and so does
    cancelling this generator.
    """
    begun = False
    progress = AnswerProgress()
    try:
        async with send() as response:
            yield ServerReport(headers=header_facts(dict(response.headers.items()), time.time()))
            begun = True
            chunks = getattr(response, "http_response", response).aiter_bytes()
            async for piece in _pieces(chunks, reader, decoder or SseDecoder(), progress):
                if piece is not LIFE:
                    progress.take(piece)
                yield piece
        if not progress.events:
            # Some servers answer in one piece although they were asked for a stream.
            for piece in _whole(bytes(progress.plain), reader, faults):
                progress.take(piece)
                yield piece
    except ProviderError as error:
        raise _or_again(error, progress, judge) from None
    except Again:
        raise
    except EventTooLong:
        raise faults.malformed() from None
    except Exception as error:
        # A server that has sent the whole answer may hang up.
        if not progress.events or reader.end() is not None:
            raise _or_again(_fault(error, faults, begun), progress, judge) from None
    fault = reader.end() or progress.lack(faults)
    if fault is not None:
        raise fault


class Again(Exception):
    """The request was refused because of an option that it can do without."""


async def _pieces(
    chunks: AsyncIterator[bytes],
    reader: EventReader,
    decoder: EventDecoder,
    progress: AnswerProgress,
) -> AsyncIterator[Piece]:
    joiner = Joiner()
    events = 0
    async for chunk in chunks:
        if events == 0 and len(progress.plain) < MAX_PLAIN_BYTES:
            progress.plain += chunk
        complete = decoder.feed(chunk)
        if not complete:
            yield LIFE
        for data in complete:
            events += 1
            if events > MAX_EVENTS:
                raise BodyTooLarge
            for piece in reader.read(data):
                kept = joiner.push(piece) if isinstance(piece, str) else piece
                if kept != "":
                    yield kept
        if reader.over:
            await _to_the_end(chunks)
            break
    if rest := joiner.finish():
        yield rest


async def _to_the_end(chunks: AsyncIterator[bytes]) -> None:
    """Read the rest, which is only the end, so that the connection can be used again."""
    try:
        async with asyncio.timeout(_END_S):
            async for _ in chunks:
                pass
    except TimeoutError:
        return


def _whole(body: bytes, reader: EventReader, faults: Faults) -> list[Piece]:
    """The answer in a body that is not a stream. Raises `ProviderError` if it is not an answer."""
    pieces = [] if event_in(body) is None else reader.read(body)
    if reader.end() is not None and not any(isinstance(piece, str) for piece in pieces):
        raise faults.of_body(body)
    return pieces


def _or_again(error: ProviderError, progress: AnswerProgress, judge: Judge) -> Exception:
    """`Again` if another request may succeed and no text has come; else the error."""
    if error.verdict is not None and not progress.text and judge(error.verdict):
        return Again()
    return error


def _fault(error: Exception, faults: Faults, begun: bool) -> ProviderError:
    status = getattr(error, "status_code", None)
    if not isinstance(status, int):
        fault = faults.of_exception(error, begun)
        # Its message may hold anything; its type is what a bug report needs.
        log.warning("%s (%s)", fault, type(error).__name__)
        return fault
    response = getattr(error, "response", None)
    if response is None:
        return faults.of_status(status, getattr(error, "body", None))
    # The makers' clients keep only what they understand of a body, so we read it here.
    return faults.of_status(status, response.content, dict(response.headers.items()))
