"""Limits how much a model API may send, counted after decompression.

The makers' clients read the body of an HTTP error to its end and decompress whatever comes, so a
few kilobytes from a hostile or broken server could fill the memory. This module sits between them
and the connection: it decompresses in small pieces and stops at a bound. The body of an error is
cut there; an answer fails with `BodyTooLarge`.

We ask for no compression (`Accept-Encoding: identity`). Of servers that compress anyway, one layer
of gzip or deflate is understood. Does not know what the bytes mean.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from types import ModuleType
from typing import Any

MAX_ERROR_BYTES = 64 * 2**10
"""Of the body of an HTTP error. The rest is not read."""
ERROR_TIMEOUT_S = 5.0
"""Seconds that the body of an HTTP error is read, however slowly it comes."""
MAX_WHOLE_BYTES = 2**20
"""Of an answer that is read whole: a list of models, the facts about one."""
MAX_STREAM_BYTES = 256 * 2**20
"""Of a whole streamed answer. It is not kept: a single event and the text have bounds of their own
(`sse.MAX_EVENT_BYTES`, `conversation.MAX_ANSWER`)."""

_PIECE_BYTES = 64 * 2**10
"""Bytes decompressed before other streams get their turn."""

_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_RAW_DEFLATE = -zlib.MAX_WBITS
_GZIP = b"\x1f\x8b"
"""The first bytes of every gzip member. Deflate never begins so."""
_KNOWN = frozenset({"gzip", "x-gzip", "deflate"})


class BodyTooLarge(Exception):
    """An answer is longer than any useful one."""


class Packed(Exception):
    """An answer is compressed, unasked, in a way that is not understood."""


class Unpacker:
    """Decompresses gzip (any number of members), or deflate with or without the zlib header."""

    def __init__(self) -> None:
        self._inflate: Any = None
        self._head = b""
        """One byte that came alone at the start of a member: it takes two to tell its format."""
        self._begun = False
        self._gzip = False
        self._over = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The decompressed data in pieces of at most 64 KiB. Raises `Packed` for another format."""
        data, self._head = self._head + data, b""
        while not self._over:
            if self._inflate is None:
                if len(data) < len(_GZIP):
                    self._head = data
                    return
                self._begin(data)
                continue
            try:
                piece = self._inflate.decompress(data, _PIECE_BYTES)
            except zlib.error:
                raise Packed from None
            if piece:
                yield piece
            if self._inflate.eof:
                data, self._inflate = self._inflate.unused_data, None
                self._over = not self._gzip
            elif piece:
                # All input may be consumed while output is still pending.
                data = self._inflate.unconsumed_tail
            else:
                return

    def _begin(self, data: bytes) -> None:
        """Start a body or its next member. What follows the last member is ignored."""
        self._gzip = data.startswith(_GZIP)
        if self._begun and not self._gzip:
            self._over = True
            return
        headed = self._gzip or (
            data[0] & 15 == zlib.DEFLATED and (data[0] << 8 | data[1]) % 31 == 0
        )
        self._inflate = zlib.decompressobj(_GZIP_OR_ZLIB if headed else _RAW_DEFLATE)
        self._begun = True


def bounding(httpx: ModuleType) -> Callable[[Any], Awaitable[None]]:
    """A response hook for an `httpx` client. It is called before any of the body is read."""

    stream: Any = httpx.AsyncByteStream

    class Bounded(stream):  # type: ignore[misc]
        """A body, decompressed and counted."""

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
    """How a body is compressed. None if it is not."""
    listed = headers.get("content-encoding", "").lower().split(",")
    codings = [coding.strip() for coding in listed if coding.strip() not in ("", "identity")]
    return "+".join(codings) or None


async def _counted(source: Any, unpacker: Unpacker | None) -> AsyncIterator[bytes]:
    """The body of an answer. Raises `BodyTooLarge`."""
    total = packed = 0
    async for data in source:
        packed += len(data)
        if packed > MAX_STREAM_BYTES:  # It may decompress to nothing.
            raise BodyTooLarge
        await asyncio.sleep(0)
        for piece in _pieces(data, unpacker):
            total += len(piece)
            if total > MAX_STREAM_BYTES:
                raise BodyTooLarge
            yield piece
            if unpacker is not None:
                await asyncio.sleep(0)


async def _cut_short(source: Any, unpacker: Unpacker | None) -> AsyncIterator[bytes]:
    """The beginning of an error's body, enough to tell what it means. A bad body ends early."""
    left = packed_left = MAX_ERROR_BYTES
    until = asyncio.get_running_loop().time() + ERROR_TIMEOUT_S
    chunks = aiter(source)
    while left > 0 and packed_left > 0:
        try:
            async with asyncio.timeout_at(until):
                data = await anext(chunks)
            packed_left -= len(data)
            for piece in _pieces(data, unpacker):
                yield piece[:left]
                left -= len(piece)
                if left <= 0:
                    return
        except (StopAsyncIteration, TimeoutError, Packed):
            return


def _pieces(data: bytes, unpacker: Unpacker | None) -> Iterator[bytes]:
    return iter((data,)) if unpacker is None else unpacker.feed(data)
