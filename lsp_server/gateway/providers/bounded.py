"""How much a model API may send: every body is counted after it was unpacked.

The makers' clients read the body of an HTTP error to its end and unpack whatever comes, so a few
kilobytes of a hostile or broken server could fill the memory. This stands between them and the
connection: what they read is unpacked here, in small pieces, and ends where a bound is reached. A
body that only says what went wrong is cut short there; an answer fails with `TooMuch`.

Packing is not asked for (`Accept-Encoding: identity`); of servers that pack all the same, gzip and
deflate are understood, once. Knows nothing of what the bytes mean.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from types import ModuleType
from typing import Any

MAX_ERROR_BYTES = 64 * 2**10
"""The body of an HTTP error; what comes behind is not read."""
ERROR_TIMEOUT_S = 5.0
"""How long the body of an HTTP error is read, however slowly it comes."""
MAX_WHOLE_BYTES = 2**20
"""An answer that is read whole: a list of models, the facts of one."""
MAX_STREAM_BYTES = 256 * 2**20
"""All of a streamed answer. None of it is kept: a single event and the text have bounds of their
own (`sse.MAX_EVENT_BYTES`, `conversation.MAX_ANSWER`)."""

_PIECE_BYTES = 64 * 2**10
"""What is unpacked before other streams get their turn."""

_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_RAW_DEFLATE = -zlib.MAX_WBITS
_KNOWN = frozenset({"gzip", "x-gzip", "deflate"})


class TooMuch(Exception):
    """An answer is longer than any that is of use."""


class Packed(Exception):
    """An answer is packed in a way that nobody asked for and that is not understood."""


class Unpacker:
    """Undoes gzip, or deflate with or without the header of zlib."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(_GZIP_OR_ZLIB)
        self._begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Pieces of at most 64 KiB. Raises `Packed` for what is neither."""
        try:
            piece = self._inflate.decompress(data, _PIECE_BYTES)
        except zlib.error:
            if self._begun:
                raise Packed from None
            self._inflate = zlib.decompressobj(_RAW_DEFLATE)
            piece = self._next(data)
        self._begun = True
        while piece:
            yield piece
            piece = self._next(self._inflate.unconsumed_tail)

    def _next(self, data: bytes) -> bytes:
        try:
            return self._inflate.decompress(data, _PIECE_BYTES)
        except zlib.error:
            raise Packed from None


def bounding(httpx: ModuleType) -> Callable[[Any], Awaitable[None]]:
    """A hook for responses of an `httpx` client, called before anything of a body is read."""

    stream: Any = httpx.AsyncByteStream

    class Bounded(stream):  # type: ignore[misc]
        """A body, unpacked and counted."""

        def __init__(self, source: Any, unpacker: Unpacker | None, success: bool) -> None:
            self._source = source
            self._unpacker = unpacker
            self._success = success

        async def __aiter__(self) -> AsyncIterator[bytes]:
            read = _counted if self._success else _cut_short
            async for piece in read(self._source, self._unpacker):
                yield piece

        async def aclose(self) -> None:
            await self._source.aclose()

    async def hook(response: Any) -> None:
        coding = _coding(response.headers)
        if coding is not None:
            del response.headers["content-encoding"]
        if coding is None or coding in _KNOWN:
            unpacker = None if coding is None else Unpacker()
            response.stream = Bounded(response.stream, unpacker, response.is_success)
            return
        await response.aclose()
        raise Packed

    return hook


def _coding(headers: Any) -> str | None:
    """What a body is packed with; None where it is not."""
    told = headers.get("content-encoding", "").lower().split(",")
    codings = [coding.strip() for coding in told if coding.strip() not in ("", "identity")]
    return "+".join(codings) or None


async def _counted(source: Any, unpacker: Unpacker | None) -> AsyncIterator[bytes]:
    """An answer. Raises `TooMuch`."""
    total = 0
    async for data in source:
        for piece in _pieces(data, unpacker):
            total += len(piece)
            if total > MAX_STREAM_BYTES:
                raise TooMuch
            yield piece
            if unpacker is not None:
                await asyncio.sleep(0)


async def _cut_short(source: Any, unpacker: Unpacker | None) -> AsyncIterator[bytes]:
    """The beginning of the body of an error: enough to tell what it means. Never raises for it."""
    left = MAX_ERROR_BYTES
    until = asyncio.get_running_loop().time() + ERROR_TIMEOUT_S
    chunks = aiter(source)
    while left > 0:
        try:
            async with asyncio.timeout_at(until):
                data = await anext(chunks)
            for piece in _pieces(data, unpacker):
                yield piece[:left]
                left -= len(piece)
                if left <= 0:
                    return
        except (StopAsyncIteration, TimeoutError, Packed):
            return


def _pieces(data: bytes, unpacker: Unpacker | None) -> Iterator[bytes]:
    return iter((data,)) if unpacker is None else unpacker.feed(data)
