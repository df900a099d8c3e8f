"""A backend that plays recorded streams through the same decoder as the real one.

A recording is a file of JSON lines, each `{"at_ms": 12.5, "frame": …}`: when it came, counted from
the request, and what came: an object is the frame's JSON, a string is the frame as it was (for
frames that are no JSON), and null is the loss of the connection.

The recordings of whole conversations (`lsp/recording`) say themselves when what comes, so their
streams are led by hand: `SteppedBackend`.
"""

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from lsp_server.backends import failure_sentences
from lsp_server.backends.base import ConnectionState, ConnectionStatus, ModelRequest, Sink
from lsp_server.backends.pacing import Clock, Timer
from lsp_server.backends.wire import ResponseDecoder
from lsp_server.errors import BackendError
from lsp_server.session.events import Failed, Finished, ModelEvent


@dataclass(frozen=True, slots=True)
class RecordedFrame:
    """One message of the server; `data` None is the loss of the connection."""

    at_ms: float
    data: bytes | None


Recording = tuple[RecordedFrame, ...]


def read_recording(path: Path) -> Recording:
    """The frames of a recording file, in order. Raises `BackendError` if it is none."""
    frames = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            entry = json.loads(line)
            at_ms, frame = float(entry["at_ms"]), entry["frame"]
        except (ValueError, TypeError, KeyError):
            raise BackendError(f"Line {number} of the recording {path.name} is none.") from None
        frames.append(RecordedFrame(at_ms, _data(frame)))
    return tuple(frames)


def _data(frame: object) -> bytes | None:
    if frame is None:
        return None
    return frame.encode() if isinstance(frame, str) else orjson.dumps(frame)


class ReplayBackend:
    """The first stream gets the first recording, and so on; the last one is used again.

    `speed` 1.0 is as recorded, 2.0 twice as fast; None is as fast as the loop turns.
    """

    def __init__(
        self,
        recordings: Sequence[Recording],
        *,
        speed: float | None = 1.0,
        clock: Clock | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        if not recordings:
            raise BackendError("There is no recording to replay.")
        self._recordings = recordings
        self._speed = speed
        self._clock = clock if clock is not None else asyncio.get_running_loop()
        self._wall = wall
        self._opened: list[ReplayStream] = []
        self._status = ConnectionStatus(ConnectionState.OPEN)

    @property
    def status(self) -> ConnectionStatus:
        """Always open, until it is closed."""
        return self._status

    def open(self, attempt: int, request: ModelRequest, sink: Sink) -> "ReplayStream":
        """Start the next recording."""
        recording = self._recordings[min(len(self._opened), len(self._recordings) - 1)]
        decoder = ResponseDecoder(attempt, request.model, wall=self._wall)
        stream = ReplayStream(recording, decoder, attempt, sink, self._clock, self._speed)
        self._opened.append(stream)
        return stream

    def warm(self, request: ModelRequest | None = None) -> None:
        """Nothing takes time here."""

    async def aclose(self) -> None:
        """Stop every stream."""
        for stream in self._opened:
            stream.close()
        self._status = ConnectionStatus(ConnectionState.CLOSED)


class ReplayStream:
    """One recording on its way."""

    def __init__(
        self,
        recording: Recording,
        decoder: ResponseDecoder,
        attempt: int,
        sink: Sink,
        clock: Clock,
        speed: float | None,
    ) -> None:
        self._frames = iter(recording)
        self._decoder = decoder
        self._attempt = attempt
        self._sink = sink
        self._clock = clock
        self._speed = speed
        self._began = clock.time()
        self._next: RecordedFrame | None = None
        self._timer: Timer | None = None
        self._over = False
        self.written_ms: float | None = _now_ms()
        self.first_frame_ms: float | None = None
        self.frame_read_ms: float | None = None
        self._plan()

    def close(self) -> None:
        """Stop at once. Idempotent; no event is delivered afterwards."""
        self._over = True
        if self._timer is not None:
            self._timer.cancel()

    def _plan(self) -> None:
        """Set the timer for the next frame. A recording that just stops is a lost connection."""
        self._next = next(self._frames, None) or RecordedFrame(0.0, None)
        delay = 0.0
        if self._speed is not None:
            due = self._began + self._next.at_ms / 1000 / self._speed
            delay = max(0.0, due - self._clock.time())
        self._timer = self._clock.call_later(delay, self._play)

    def _play(self) -> None:
        assert self._next is not None
        data, now = self._next.data, _now_ms()
        if data is None:
            self._give(Failed(self._attempt, failure_sentences.dropped(None)))
            return
        self.first_frame_ms = self.first_frame_ms or now
        self.frame_read_ms = now
        for event in self._decoder.receive(data, now):
            if self._over:
                return
            self._give(event)
        if not self._over:
            self._plan()

    def _give(self, event: ModelEvent) -> None:
        if isinstance(event, Finished | Failed):
            self.close()
        self._sink(event)


class SteppedBackend:
    """A backend whose streams do nothing by themselves: whoever replays leads each."""

    def __init__(self, *, wall: Callable[[], float] = time.time) -> None:
        self._wall = wall
        self.streams: list[SteppedStream] = []
        """Every stream that was opened, in that order."""
        self._status = ConnectionStatus(ConnectionState.OPEN)

    @property
    def status(self) -> ConnectionStatus:
        """Always open, until it is closed."""
        return self._status

    def open(self, attempt: int, request: ModelRequest, sink: Sink) -> "SteppedStream":
        """A stream in which nothing happens yet."""
        stream = SteppedStream(
            request, ResponseDecoder(attempt, request.model, wall=self._wall), attempt, sink
        )
        self.streams.append(stream)
        return stream

    def warm(self, request: ModelRequest | None = None) -> None:
        """Nothing takes time here."""

    async def aclose(self) -> None:
        """Stop every stream."""
        for stream in self.streams:
            stream.close()
        self._status = ConnectionStatus(ConnectionState.CLOSED)


class SteppedStream:
    """One stream: frames are put in, their events taken out one by one."""

    def __init__(
        self, request: ModelRequest, decoder: ResponseDecoder, attempt: int, sink: Sink
    ) -> None:
        self.request = request
        self.attempt = attempt
        self.closed = False
        self.written_ms: float | None = None
        self.first_frame_ms: float | None = None
        self.frame_read_ms: float | None = None
        self._decoder = decoder
        self._sink = sink
        self._events: deque[ModelEvent] = deque()

    def frame(self, data: object, at_ms: float) -> None:
        """A frame has come: its JSON, or the text that was none."""
        content = data.encode() if isinstance(data, str) else orjson.dumps(data)
        self.frame_read_ms = at_ms
        self._events.extend(self._decoder.receive(content, at_ms))

    def deliver(self) -> None:
        """The next event of the frames that have come. Raises `BackendError` if there is none."""
        if not self._events:
            raise BackendError("The recording has an event that is in none of its frames.")
        self._give(self._events.popleft())

    @property
    def waiting(self) -> bool:
        """Whether an event of the frames that have come was not delivered yet."""
        return bool(self._events)

    def fail(self, sentence: str) -> None:
        """The stream has failed, by whatever was no frame."""
        self._events.clear()
        self._give(Failed(self.attempt, sentence))

    def close(self) -> None:
        """Stop at once. Idempotent; no event is delivered afterwards."""
        self.closed = True

    def _give(self, event: ModelEvent) -> None:
        if not self.closed:
            self.closed = isinstance(event, Finished | Failed)
            self._sink(event)


def _now_ms() -> float:
    return time.perf_counter() * 1000
