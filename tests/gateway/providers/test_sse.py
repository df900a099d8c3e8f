"""Server-sent events, however they are split into chunks."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.gateway.providers.sse import MAX_EVENT_BYTES, EventTooLong, SseDecoder

STREAM = (
    b": hello\n\ndata: one\n\nevent: x\ndata:two\nid: 3\n\n"
    b"data: three\r\ndata: and more\r\n\r\ndata: \xc3\xa4\r\rdata: left open\n"
)
EVENTS = [b"", b"one", b"two", b"three\nand more", "ä".encode()]


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_events_do_not_depend_on_how_the_stream_was_cut(places: list[int]) -> None:
    cuts = [0, *sorted(places), len(STREAM)]
    decoder = SseDecoder()
    events = [e for a, b in pairwise(cuts) for e in decoder.feed(STREAM[a:b])]
    assert events == EVENTS


def test_line_ends_of_several_kinds_byte_by_byte() -> None:
    """An empty line behind CR LF is one, also where each byte comes alone."""
    stream = b"\xef\xbb\xbfdata: one\r\n\ndata: two\n\r\ndata: three\r\n\r\n"
    decoder = SseDecoder()
    events = [event for byte in stream for event in decoder.feed(bytes([byte]))]
    assert events == SseDecoder().feed(stream) == [b"one", b"two", b"three"]


def test_an_event_without_an_end_is_cut() -> None:
    decoder = SseDecoder()
    with pytest.raises(EventTooLong):
        for _ in range(20):
            decoder.feed(b"data: " + b"x" * (MAX_EVENT_BYTES // 16))
    decoder = SseDecoder()
    with pytest.raises(EventTooLong):
        for _ in range(20):
            decoder.feed(b"data: " + b"x" * (MAX_EVENT_BYTES // 16) + b"\n")
