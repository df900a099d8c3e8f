"""Recorded frames, and streams that play them step by step.

A recording is a file of JSON lines, each `{"at_ms": 12.5, "frame": …}`. `at_ms` counts from the
request. `frame` is an object (the frame's JSON), a string (the frame as it was, for one that is not
JSON) or null (the connection was lost).

A recording of a whole conversation (`lsp/recording`) says itself when each frame and event came, so
its streams do nothing by themselves: see `SteppedBackend`.
"""

import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import orjson

from lsp_server.backends.base import ConnectionState, ConnectionStatus, ModelRequest, Sink
from lsp_server.backends.wire import ResponseDecoder
from lsp_server.session.events import Failed, Finished, ModelEvent


@dataclass(frozen=True, slots=True)
class RecordedFrame:
    """One message of the server. `data` is None when the connection was lost."""

    at_ms: float
    data: bytes | None


Recording = tuple[RecordedFrame, ...]


def read_recording(path: Path) -> Recording:
    """The frames of a recording file, in order. Raises `ValueError` for a malformed line."""
    frames = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            entry = json.loads(line)
            at_ms, frame = float(entry["at_ms"]), entry["frame"]
        except (ValueError, TypeError, KeyError):
            raise ValueError(f"{path.name}, line {number}: not a recorded frame") from None
        frames.append(RecordedFrame(at_ms, None if frame is None else _bytes_of(frame)))
    return tuple(frames)


def _bytes_of(frame: object) -> bytes:
    return frame.encode() if isinstance(frame, str) else orjson.dumps(frame)


class SteppedBackend:
    """A backend whose streams do nothing by themselves: the caller steps each of them."""

    def __init__(self, *, wall: Callable[[], float] = time.time) -> None:
        self._wall = wall
        self.streams: list[SteppedStream] = []
        """Every stream that was opened, oldest first."""
        self._status = ConnectionStatus(ConnectionState.OPEN)

    @property
    def status(self) -> ConnectionStatus:
        """Open until `aclose`."""
        return self._status

    def open(self, attempt: int, request: ModelRequest, sink: Sink) -> "SteppedStream":
        """A stream that has received nothing yet."""
        stream = SteppedStream(
            request, ResponseDecoder(attempt, request.model, wall=self._wall), attempt, sink
        )
        self.streams.append(stream)
        return stream

    def warm(self, request: ModelRequest | None = None) -> None:
        """Does nothing: there is no connection to open."""

    async def aclose(self) -> None:
        """Close every stream."""
        for stream in self.streams:
            stream.close()
        self._status = ConnectionStatus(ConnectionState.CLOSED)


class SteppedStream:
    """One stream: the caller puts frames in and delivers their events one by one."""

    def __init__(
        self, request: ModelRequest, decoder: ResponseDecoder, attempt: int, sink: Sink
    ) -> None:
        self.request = request
        self.attempt = attempt
        self.closed = False
        self.written_ms: float | None = None
        self.first_frame_ms: float | None = None
        self._decoder = decoder
        self._sink = sink
        self._events: deque[ModelEvent] = deque()

    def frame(self, frame: object, at_ms: float) -> None:
        """Receive a frame: its JSON, or the text of one that is not JSON."""
        self._events.extend(self._decoder.receive(_bytes_of(frame), at_ms))

    def deliver(self) -> None:
        """Deliver the next event of the received frames. Raises `ValueError` if there is none."""
        if not self._events:
            raise ValueError("the recording has an event that is in none of its frames")
        self._give(self._events.popleft())

    @property
    def waiting(self) -> bool:
        """Whether an event of the received frames was not delivered yet."""
        return bool(self._events)

    def fail(self, sentence: str) -> None:
        """Fail for a reason that was not a frame."""
        self._events.clear()
        self._give(Failed(self.attempt, sentence))

    def close(self) -> None:
        """Stop at once: no event is delivered afterwards. Idempotent."""
        self.closed = True

    def _give(self, event: ModelEvent) -> None:
        if not self.closed:
            self.closed = isinstance(event, Finished | Failed)
            self._sink(event)
