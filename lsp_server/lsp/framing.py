"""Cuts the bytes that come from an editor into messages, and finds its way back after rubbish.

No I/O and no JSON: bytes in, bodies out. The header is read as the base protocol of the LSP says
it, and a little more kindly: names in any case, other header lines, bare "\\n" as a line end.
"""

import re
from dataclasses import dataclass

MAX_BODY = 256 * 1024 * 1024
"""Bytes. A length beyond this is a mistake; waiting for so much would look like a hang."""
MAX_HEADER = 64 * 1024
"""Bytes without an end of the header, after which they are taken for rubbish."""

_USUAL = re.compile(rb"Content-Length: (\d{1,9})\r\n\r\n")
_END = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"content-length[ \t]*:[ \t]*(\d{1,9})(?=[ \t]*(?:\r?\n|$))", re.IGNORECASE)
_LINES_BEFORE = re.compile(rb"(?:[A-Za-z-]+[ \t]*:[^\r\n]*\r?\n)*")


@dataclass(frozen=True, slots=True)
class Garbage:
    """Bytes that are no message. `reason` is a sentence that does not repeat them."""

    reason: str


class Framer:
    """Collects bytes with `feed`; `next` gives what is whole, one piece at a time."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._need: int | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing is waiting for its rest."""
        return not self._buffer and self._need is None

    def feed(self, data: bytes) -> None:
        """More bytes have come."""
        self._buffer += data

    def next(self) -> bytes | Garbage | None:
        """The next body, or what was found instead of one, or None until more bytes come."""
        if self._need is None and (garbage := self._read_header()) is not None:
            return garbage
        if self._need is None or len(self._buffer) < self._need:
            return None
        with memoryview(self._buffer) as view:
            body = bytes(view[: self._need])
        del self._buffer[: self._need]
        self._need = None
        return body

    def recover(self, body: bytes) -> bytes | None:
        """`body` was not JSON. If a length that was too large made it swallow the start of the next
        message, that start goes back to what is waiting, and the part before it is returned."""
        found = _LENGTH.search(body)
        if found is None or found.start() == 0 or _END.match(body, found.end()) is None:
            return None
        self._buffer[:0] = body[found.start() :]
        return body[: found.start()]

    def _read_header(self) -> Garbage | None:
        buffer = self._buffer
        usual = _USUAL.match(buffer)
        if usual is not None:
            self._need = int(usual[1])
            end = usual.end()
            del usual  # A match holds the buffer, which could not be cut before.
            del buffer[:end]
            return self._checked()
        found = _END.search(buffer)
        if found is None:
            if len(buffer) <= MAX_HEADER:
                return None
            del found
            buffer.clear()
            return Garbage("Bytes came from the editor that are no message.")
        header, end = bytes(buffer[: found.start()]), found.end()
        del found
        del buffer[:end]
        lengths = list(_LENGTH.finditer(header))
        if not lengths:
            return Garbage("A message came from the editor without a usable Content-Length.")
        length = lengths[-1]  # What stands before it may be the rest of something else.
        self._need = int(length[1])
        if (garbage := self._checked()) is not None:
            return garbage
        if _LINES_BEFORE.fullmatch(header, 0, length.start()) is None:
            return Garbage("Bytes came from the editor that belong to no message.")
        return None

    def _checked(self) -> Garbage | None:
        if self._need is not None and self._need > MAX_BODY:
            self._need = None
            return Garbage("A message came from the editor that says it is impossibly long.")
        return None
