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

from lsp_server.backends.loose import Joiner
from lsp_server.gateway.protocol import Piece, Told
from lsp_server.gateway.providers import ProviderError
from lsp_server.gateway.providers.bounded import TooMuch
from lsp_server.gateway.providers.faults import Faults
from lsp_server.gateway.providers.sse import SseDecoder, TooLong
from lsp_server.gateway.providers.tell import headers_told

log = logging.getLogger(__name__)

MAX_EVENTS = 2**19
"""Events of one answer, comments included: some four times what the longest answers have."""

_END_S = 0.2
"""How long the end of a finished stream is waited for, so that its connection can be used again."""


class Decoder(Protocol):
    """Cuts the bytes of a stream into events."""

    def feed(self, chunk: bytes) -> list[bytes]:
        """The events that end in this chunk. Raises `TooLong`."""


class Reader(Protocol):
    """Makes pieces of the events of one API."""

    @property
    def over(self) -> bool:
        """Whether the answer has reached its end."""

    def read(self, data: bytes) -> list[Piece]:
        """One event's data. Raises `ProviderError`."""

    def end(self) -> ProviderError | None:
        """The stream has ended: the fault when it ended before the answer did."""


Judge = Callable[[int, object], bool]
"""Whether a refusal, by its status and body, is worth another try with another request."""


async def streamed(
    send: Callable[[], AbstractAsyncContextManager[Any]],
    reader: Reader,
    faults: Faults,
    judge: Judge,
    decoder: Decoder | None = None,
) -> AsyncGenerator[Piece, None]:
    """The pieces of one answer. Raises `ProviderError`, or `Again` when `judge` says so.

    `send` gives the request as a makers' client makes it, to be entered; leaving it closes the
    connection. Cancelling this generator closes it too.
    """
    begun = heard = False
    try:
        async with send() as response:
            yield Told(headers=headers_told(dict(response.headers.items()), time.time()))
            begun = True
            chunks = getattr(response, "http_response", response).aiter_bytes()
            async for piece in _pieces(chunks, reader, decoder or SseDecoder()):
                heard = True
                yield piece
    except (ProviderError, Again):
        raise
    except TooLong:
        raise faults.malformed() from None
    except Exception as error:
        # Who has told the whole answer may hang up without a word.
        if not heard or reader.end() is not None:
            raise _fault(error, faults, judge, begun) from None
    fault = reader.end()
    if fault is not None:
        raise fault if heard else faults.malformed()


class Again(Exception):
    """The request was refused for an option that it can do without."""


async def _pieces(
    chunks: AsyncIterator[bytes], reader: Reader, decoder: Decoder
) -> AsyncIterator[Piece]:
    joiner = Joiner()
    events = 0
    async for chunk in chunks:
        for data in decoder.feed(chunk):
            events += 1
            if events > MAX_EVENTS:
                raise TooMuch
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


def _fault(error: Exception, faults: Faults, judge: Judge, begun: bool) -> Exception:
    status = getattr(error, "status_code", None)
    if not isinstance(status, int):
        fault = faults.of_exception(error, begun)
        # Its words may hold anything; its kind is what a bug report needs.
        log.warning("%s (%s)", fault, type(error).__name__)
        return fault
    response = getattr(error, "response", None)
    headers = dict(response.headers.items()) if response is not None else {}
    body = getattr(error, "body", None)
    if not isinstance(body, dict):
        # For servers that nest their error differently, the makers' clients keep only the text.
        body = str(error)
    fault = faults.of_status(status, body, headers_told(headers, time.time()))
    final = ("context_length_exceeded", "model_not_found", "insufficient_quota")
    return Again() if fault.code not in final and judge(status, body) else fault
