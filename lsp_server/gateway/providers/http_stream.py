"""One streamed answer over HTTP, whatever API it is: bytes in, pieces out, closed at once.

The makers' clients send the request and judge its status; the events are read here, because a
stream of a thousand small ones is too many for clients that make an object with types of each.
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
from lsp_server.gateway.providers.response_metadata import headers_told
from lsp_server.gateway.providers.sse import EventTooLong, SseDecoder
from lsp_server.gateway.request_protocol import Piece, ServerReport

log = logging.getLogger(__name__)

MAX_EVENTS = 2**19
"""Events of one answer, comments included: some four times what the longest answers have."""

MAX_PLAIN_BYTES = 2**20
"""How much is kept of a body without events, which may be an answer in one piece."""

LIFE = ServerReport()
"""Bytes have come, and nothing of the answer: a blank line, or a part of an event."""

_END_S = 0.2
"""How long the end of a finished stream is waited for, so that its connection can be used again."""


class EventDecoder(Protocol):
    """Cuts the bytes of a stream into events."""

    def feed(self, chunk: bytes) -> list[bytes]:
        """The events that end in this chunk. Raises `TooLong`."""


class EventReader(Protocol):
    """Makes pieces of the events of one API."""

    @property
    def over(self) -> bool:
        """Whether the answer has reached its end."""

    def read(self, data: bytes) -> list[Piece]:
        """One event's data. Raises `ProviderError`."""

    def end(self) -> ProviderError | None:
        """The stream has ended: the fault when it ended before the answer did."""


Judge = Callable[[RefusalReading], bool]
"""Whether a refusal, by what it means, is worth another try with another request."""


class Heard:
    """What has come of one answer so far, in words that decide about its end."""

    def __init__(self) -> None:
        self.events = self.text = self.refused = False
        self._thought = self._called = self._cut = self._filtered = False
        self.plain = bytearray()
        """The beginning of a body in which there was no event."""

    def take(self, piece: Piece) -> None:
        """One piece that is passed on."""
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
    """The pieces of one answer. Raises `ProviderError`, or `Again` when `judge` says so.

    `send` gives the request as a makers' client makes it, to be entered; leaving it closes the
    connection. Cancelling this generator closes it too.
    """
    begun = False
    heard = Heard()
    try:
        async with send() as response:
            yield ServerReport(headers=headers_told(dict(response.headers.items()), time.time()))
            begun = True
            chunks = getattr(response, "http_response", response).aiter_bytes()
            async for piece in _pieces(chunks, reader, decoder or SseDecoder(), heard):
                if piece is not LIFE:
                    heard.take(piece)
                yield piece
        if not heard.events:
            # Some servers answer in one piece, also when they were asked for a stream.
            for piece in _whole(bytes(heard.plain), reader, faults):
                heard.take(piece)
                yield piece
    except ProviderError as error:
        raise _or_again(error, heard, judge) from None
    except Again:
        raise
    except EventTooLong:
        raise faults.malformed() from None
    except Exception as error:
        # Who has told the whole answer may hang up without a word.
        if not heard.events or reader.end() is not None:
            raise _or_again(_fault(error, faults, begun), heard, judge) from None
    fault = reader.end() or heard.lack(faults)
    if fault is not None:
        raise fault


class Again(Exception):
    """The request was refused for an option that it can do without."""


async def _pieces(
    chunks: AsyncIterator[bytes], reader: EventReader, decoder: EventDecoder, heard: Heard
) -> AsyncIterator[Piece]:
    joiner = Joiner()
    events = 0
    async for chunk in chunks:
        if events == 0 and len(heard.plain) < MAX_PLAIN_BYTES:
            heard.plain += chunk
        whole = decoder.feed(chunk)
        if not whole:
            yield LIFE
        for data in whole:
            events += 1
            if events > MAX_EVENTS:
                raise BodyTooLarge
            for piece in reader.read(data):
                sound = joiner.push(piece) if isinstance(piece, str) else piece
                if sound != "":
                    yield sound
        if reader.over:
            await _to_the_end(chunks)
            break
    if rest := joiner.finish():
        yield rest


async def _to_the_end(chunks: AsyncIterator[bytes]) -> None:
    """Read what is left, which is nothing but the end, so that the connection stays of use."""
    try:
        async with asyncio.timeout(_END_S):
            async for _ in chunks:
                pass
    except TimeoutError:
        return


def _whole(body: bytes, reader: EventReader, faults: Faults) -> list[Piece]:
    """The answer in a body that is no stream. Raises `ProviderError` where it is none."""
    pieces = [] if event_in(body) is None else reader.read(body)
    if reader.end() is not None and not any(isinstance(piece, str) for piece in pieces):
        raise faults.of_body(body)
    return pieces


def _or_again(error: ProviderError, heard: Heard, judge: Judge) -> Exception:
    """A refusal, or word that another request may do better; never after text."""
    if error.verdict is not None and not heard.text and judge(error.verdict):
        return Again()
    return error


def _fault(error: Exception, faults: Faults, begun: bool) -> ProviderError:
    status = getattr(error, "status_code", None)
    if not isinstance(status, int):
        fault = faults.of_exception(error, begun)
        # Its words may hold anything; its kind is what a bug report needs.
        log.warning("%s (%s)", fault, type(error).__name__)
        return fault
    response = getattr(error, "response", None)
    if response is None:
        return faults.of_status(status, getattr(error, "body", None))
    # The makers' clients keep only what they understand of a body, so it is read here.
    return faults.of_status(status, response.content, dict(response.headers.items()))
