"""Recordings played through the decoder."""

import asyncio
import json
from pathlib import Path

import pytest

from lsp_server.backends import failure_sentences
from lsp_server.backends.base import ConnectionState
from lsp_server.backends.replay import RecordedFrame, ReplayBackend, SteppedBackend, read_recording
from lsp_server.errors import BackendError
from lsp_server.session.events import Delta, Failed, Finished, Started
from tests.backends.servers import (
    REQUEST,
    Collector,
    ManualClock,
    completed,
    created,
    delta,
)

WIRE = Path(__file__).parents[2] / "fixtures" / "wire"
SHORT = tuple(
    RecordedFrame(at_ms, frame.encode())
    for at_ms, frame in [(0.0, created()), (10.0, delta("a")), (30.0, completed())]
)


def test_as_fast_as_possible() -> None:
    async def test() -> None:
        backend = ReplayBackend([read_recording(WIRE / "plain" / "frames.jsonl")], speed=None)
        sink = Collector()
        stream = backend.open(2, REQUEST, sink)
        assert not sink.events
        assert await sink.end() == Finished(2)
        assert isinstance(sink.events[0], Started)
        assert stream.frame_read_ms is not None
        await backend.aclose()
        assert backend.status.state is ConnectionState.CLOSED

    asyncio.run(test())


def test_at_recorded_speed() -> None:
    clock = ManualClock()
    backend = ReplayBackend([SHORT], clock=clock)
    sink = Collector()
    backend.open(1, REQUEST, sink)
    clock.advance(0.009)
    assert len(sink.events) == 1
    clock.advance(0.002)
    assert isinstance(sink.events[1], Delta)
    clock.advance(0.018)
    assert len(sink.events) == 2
    clock.advance(0.002)
    assert sink.events[2] == Finished(1)


def test_twice_as_fast() -> None:
    clock = ManualClock()
    sink = Collector()
    ReplayBackend([SHORT], speed=2.0, clock=clock).open(1, REQUEST, sink)
    clock.advance(0.016)
    assert sink.events[-1] == Finished(1)


def test_a_closed_stream_is_silent() -> None:
    clock = ManualClock()
    sink = Collector()
    stream = ReplayBackend([SHORT], clock=clock).open(1, REQUEST, sink)
    clock.advance(0.02)
    stream.close()
    clock.advance(1)
    assert len(sink.events) == 2


def test_each_stream_gets_its_own_recording() -> None:
    clock = ManualClock()
    other = (RecordedFrame(0.0, created("other").encode()), RecordedFrame(1.0, None))
    backend = ReplayBackend([SHORT, other], clock=clock)
    first, second, third = Collector(), Collector(), Collector()
    for attempt, sink in enumerate((first, second, third), start=1):
        backend.open(attempt, REQUEST, sink)
    clock.advance(1)
    assert first.events[-1] == Finished(1)
    assert second.events == [Started(2, "other"), Failed(2, failure_sentences.dropped(None))]
    assert third.events[-1] == Failed(3, failure_sentences.dropped(None))


def test_a_recording_that_just_stops_is_a_lost_connection() -> None:
    clock = ManualClock()
    sink = Collector()
    ReplayBackend([SHORT[:2]], clock=clock).open(1, REQUEST, sink)
    clock.advance(1)
    assert sink.events[-1] == Failed(1, failure_sentences.dropped(None))


@pytest.mark.parametrize("line", ["", "7", "{}", '{"at_ms": "x", "frame": {}}', '{"at_ms": 1}'])
def test_what_is_no_recording(tmp_path: Path, line: str) -> None:
    path = tmp_path / "frames.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(BackendError, match=r"Line 1 of the recording frames\.jsonl"):
        read_recording(path)


def test_no_recording_at_all() -> None:
    with pytest.raises(BackendError):
        ReplayBackend([])


def test_a_stream_that_is_led_by_hand() -> None:
    backend, sink = SteppedBackend(), Collector()
    stream = backend.open(1, REQUEST, sink)
    assert backend.streams == [stream]
    stream.frame(json.loads(created()), 1.0)
    stream.frame(delta("a"), 2.0)
    assert not sink.events
    assert stream.waiting
    stream.deliver()
    stream.deliver()
    assert [type(event) for event in sink.events] == [Started, Delta]
    assert stream.frame_read_ms == 2.0
    with pytest.raises(BackendError, match="none of its frames"):
        stream.deliver()
    stream.fail("It broke.")
    assert sink.events[-1] == Failed(1, "It broke.")
    stream.fail("Again.")
    assert sink.events[-1] == Failed(1, "It broke.")


def test_a_stream_that_was_cut_says_nothing_more() -> None:
    async def test() -> None:
        backend, sink = SteppedBackend(), Collector()
        stream = backend.open(1, REQUEST, sink)
        stream.frame(delta("a"), 1.0)
        await backend.aclose()
        stream.deliver()
        assert sink.events == []
        assert backend.status.state is ConnectionState.CLOSED

    asyncio.run(test())
