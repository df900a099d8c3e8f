"""Reads server-sent events: bytes in, data out, by the rules of the HTML standard. No I/O."""

from codecs import BOM_UTF8

MAX_EVENT_BYTES = 4 * 2**20
"""Of one event. The last event of a Responses stream repeats the whole answer."""


class EventTooLong(Exception):
    """An event is longer than `MAX_EVENT_BYTES`."""


class SseDecoder:
    """Reads a stream, however it is split into chunks. `feed` returns the data of whole events.

    Empty `bytes` stand for a comment, which servers send while a model thinks. Names and ids of
    events are ignored: the data says what it is. Each byte is examined once, however long a line is
    and however small the chunks are.
    """

    def __init__(self) -> None:
        self._rest = bytearray()
        self._data: list[bytes] = []
        self._length = 0
        self._after_cr = False
        self._at_start = True

    def feed(self, chunk: bytes) -> list[bytes]:
        """The data of the events that end in this chunk. Raises `EventTooLong`."""
        if not chunk:
            return []
        after_cr, self._after_cr = self._after_cr, chunk.endswith(b"\r")
        if after_cr and chunk[:1] == b"\n":
            chunk = chunk[1:]  # CR LF, split between two chunks
        lines = chunk.splitlines(keepends=True)
        rest = lines.pop() if lines and lines[-1][-1:] not in (b"\n", b"\r") else b""
        if lines and self._rest:
            lines[0] = bytes(self._rest) + lines[0]
            self._rest.clear()
        self._rest += rest
        events: list[bytes] = []
        for line in lines:
            self._take(line.rstrip(b"\r\n"), events)
        if self._length + len(self._rest) > MAX_EVENT_BYTES:
            raise EventTooLong
        return events

    def _take(self, line: bytes, events: list[bytes]) -> None:
        if self._at_start:
            self._at_start = False
            line = line.removeprefix(BOM_UTF8)
        if not line:
            if self._data:
                events.append(b"\n".join(self._data))
                self._data, self._length = [], 0
        elif line.startswith(b"data:"):
            value = line[6:] if line[5:6] == b" " else line[5:]
            self._data.append(value)
            self._length += len(line)  # Empty lines take memory too.
        elif line.startswith(b"error: {"):  # sent by llama.cpp up to autumn 2025
            events.append(b'{"error":' + line[7:] + b"}")
        elif line.startswith(b":"):
            events.append(b"")
