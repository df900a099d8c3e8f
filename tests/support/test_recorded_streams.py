"""Reading recorded frames, and stepping a stream through them."""

import asyncio
import json
from pathlib import Path

import pytest

from lsp_server.backends.base import ConnectionState
from lsp_server.session.events import Delta, Failed, Started
from tests.backends.servers import REQUEST, Collector, created, delta
from tests.support.recorded_streams import SteppedBackend, read_recording


@pytest.mark.parametrize("line", ["", "7", "{}", '{"at_ms": "x", "frame": {}}', '{"at_ms": 1}'])
def test_a_malformed_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "frames.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"frames\.jsonl, line 1"):
        read_recording(path)


def test_a_stream_is_stepped() -> None:
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
    with pytest.raises(ValueError, match="none of its frames"):
        stream.deliver()
    stream.fail("It broke.")
    assert sink.events[-1] == Failed(1, "It broke.")
    stream.fail("Again.")
    assert sink.events[-1] == Failed(1, "It broke.")


def test_a_closed_stream_delivers_nothing_more() -> None:
    async def test() -> None:
        backend, sink = SteppedBackend(), Collector()
        stream = backend.open(1, REQUEST, sink)
        stream.frame(delta("a"), 1.0)
        await backend.aclose()
        stream.deliver()
        assert sink.events == []
        assert backend.status.state is ConnectionState.CLOSED

    asyncio.run(test())
