"""How much a model API may send: every body is counted after it was unpacked.

The makers' clients read the body of an HTTP error to its end and unpack whatever comes, so a few
kilobytes of a hostile or broken server could fill the memory. This stands between them and the
connection: what they read is unpacked here, in small pieces, and ends where a bound is reached. A
body that only says what went wrong is cut short there; an answer fails with `BodyTooLarge`.

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
_GZIP = b"\x1f\x8b"
"""How each member of gzip begins, and deflate never."""
_KNOWN = frozenset({"gzip", "x-gzip", "deflate"})


class BodyTooLarge(Exception):
    """An answer is longer than any that is of use."""


class Packed(Exception):
    """An answer is packed in a way that nobody asked for and that is not understood."""


class Unpacker:
    """Undoes gzip, of any number of members, or deflate with or without the header of zlib."""

    def __init__(self) -> None:
        self._inflate: Any = None
        self._head = b""
        """One byte that came alone where something begins: it takes two to tell what."""
        self._begun = False
        self._gzip = False
        self._over = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Pieces of at most 64 KiB. Raises `Packed` for what is none of these."""
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
                # Nothing may be left of what came in, and yet something of what comes out.
                data = self._inflate.unconsumed_tail
            else:
                return

    def _begin(self, data: bytes) -> None:
        """A body, or another member of one. What is behind the last member is no answer."""
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
    """An answer. Raises `BodyTooLarge`."""
    total = packed = 0
    async for data in source:
        packed += len(data)
        if packed > MAX_STREAM_BYTES:  # It may unpack to nothing.
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
    """The beginning of the body of an error: enough to tell what it means. Never raises for it."""
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
