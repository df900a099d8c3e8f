"""Splits the bytes from an editor into messages.

No I/O and no JSON: bytes in, message bodies out. Over a pipe (`Framer`) the header is read as the
base protocol of LSP defines it, and a little more leniently: names in any case, other header lines,
a bare "\\n" as line end. After malformed bytes the next message is found. If anybody can connect
(`StrictFramer`), nothing is found after malformed bytes: a web page's request must not become a
message.
"""

import re
from dataclasses import dataclass

MAX_BODY = 256 * 1024 * 1024
"""Bytes. A larger length is a mistake; waiting for that much would look like a hang."""
MAX_HEADER = 64 * 1024
"""Bytes without an end of the header that count as malformed."""

_USUAL = re.compile(rb"Content-Length: (\d{1,9})\r\n\r\n")
_END = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"content-length[ \t]*:[ \t]*(\d{1,9})(?=[ \t]*(?:\r?\n|$))", re.IGNORECASE)
_LINES_BEFORE = re.compile(rb"(?:[A-Za-z-]+[ \t]*:[^\r\n]*\r?\n)*")

MAX_CLEAN_HEADER = 512
"""Bytes of a whole header in strict mode."""

_NAMES = (b"content-length:", b"content-type:")
_BEGUN = re.compile(rb"(?:content-length: ?\d{0,9}|content-type: ?[ -~]*)\r?", re.IGNORECASE)
_CLEAN = re.compile(
    rb"content-length: ?(\d{1,9})|content-type: ?([\w.+-]+/[\w.+-]+)(?:; ?charset=\"?utf-?8\"?)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Garbage:
    """Bytes that are no message. `reason` is a sentence that does not repeat them."""

    reason: str


class Framer:
    """Collects bytes with `feed`. `next` returns what is complete, one piece at a time."""

    strict = False
    """Whether the first malformed bytes end everything."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._need: int | None = None

    @property
    def empty(self) -> bool:
        """Whether no incomplete message is waiting."""
        return not self._buffer and self._need is None

    def feed(self, data: bytes) -> None:
        """Add bytes."""
        self._buffer += data

    def next(self) -> bytes | Garbage | None:
        """The next body, or malformed bytes in its place. `None` until more bytes arrive."""
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
        message, that start is put back, and the part before it is returned."""
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
            del usual  # A match holds the buffer, which could not be shortened before.
            del buffer[:end]
            return self._checked()
        found = _END.search(buffer)
        if found is None:
            if len(buffer) <= MAX_HEADER:
                return None
            del found
            buffer.clear()
            return Garbage("The editor sent bytes that aren't a message.")
        header, end = bytes(buffer[: found.start()]), found.end()
        del found
        del buffer[:end]
        lengths = list(_LENGTH.finditer(header))
        if not lengths:
            return Garbage("The editor sent a message without a usable Content-Length.")
        length = lengths[-1]  # What comes before it may be the rest of something else.
        self._need = int(length[1])
        if (garbage := self._checked()) is not None:
            return garbage
        if _LINES_BEFORE.fullmatch(header, 0, length.start()) is None:
            return Garbage("The editor sent bytes that belong to no message.")
        return None

    def _checked(self) -> Garbage | None:
        if self._need is not None and self._need > MAX_BODY:
            self._need = None
            return Garbage("The editor sent a message with an impossible length.")
        return None


class StrictFramer(Framer):
    """The framer for a connection that anybody may have made.

    A header has one `Content-Length`, at most one `Content-Type`, and nothing else; lines end with
    "\\r\\n". At the first byte that cannot belong to such a header, or when a message is longer
    than `max_body` bytes, it returns one `Garbage` and then nothing, whatever arrives.
    """

    strict = True

    def __init__(self, max_body: int = MAX_BODY) -> None:
        super().__init__()
        self.max_body = max_body
        self._over = False

    def feed(self, data: bytes) -> None:
        """Add bytes. After malformed bytes they are dropped."""
        if not self._over:
            super().feed(data)

    def recover(self, body: bytes) -> None:
        """A strict framer never recovers."""
        self._end()

    def _read_header(self) -> Garbage | None:
        if self._over:
            return None
        head, whole, _ = bytes(self._buffer[: MAX_CLEAN_HEADER + 1]).partition(b"\r\n\r\n")
        *lines, begun = head.split(b"\r\n")
        if whole:
            lines.append(begun)
        elif len(head) > MAX_CLEAN_HEADER or not (_may_begin(begun) or (lines and begun == b"\r")):
            return self._end()
        found = [_CLEAN.fullmatch(line) for line in lines]
        lengths = [match[1] for match in found if match is not None and match[1] is not None]
        once = len(lengths) <= 1 and len(found) - len(lengths) <= 1
        if None in found or not once or any(int(n) > self.max_body for n in lengths):
            return self._end()
        if whole:
            if not lengths:
                return self._end()
            self._need = int(lengths[0])
            del self._buffer[: len(head) + len(whole)]
        return None

    def _end(self) -> Garbage:
        self._over = True
        self._need = None
        self._buffer.clear()
        return Garbage("These bytes aren't a message of an editor. The connection is closed.")


def _may_begin(line: bytes) -> bool:
    """Whether the part of a line that has arrived can become a valid line."""
    lower = line.lower()
    return any(name.startswith(lower) for name in _NAMES) or _BEGUN.fullmatch(line) is not None
