"""Messages are cut right from any pieces, and found again after any rubbish."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.lsp.framing import MAX_BODY, MAX_HEADER, Framer, Garbage

bodies = st.lists(st.binary(max_size=30), max_size=5)


def framed(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def everything(framer: Framer) -> list[bytes | Garbage]:
    found = []
    while (item := framer.next()) is not None:
        found.append(item)
    return found


@given(bodies, st.lists(st.integers(0, 300), max_size=8))
def test_the_pieces_do_not_matter(bodies: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(map(framed, bodies))
    framer = Framer()
    found: list[bytes | Garbage] = []
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    for start, end in zip(edges, edges[1:], strict=False):  # noqa: RUF007
        framer.feed(stream[start:end])
        found += everything(framer)
    assert found == bodies
    assert framer.empty


@pytest.mark.parametrize(
    "header",
    [
        b"content-length: 2\r\n\r\n",
        b"CONTENT-LENGTH:2\r\n\r\n",
        b"Content-Length: 2\n\n",
        b"Content-Length: 2 \r\nContent-Type: application/vscode-jsonrpc; charset=utf8\r\n\r\n",
        b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: 2\r\n\r\n",
    ],
)
def test_headers_that_are_meant_well(header: bytes) -> None:
    framer = Framer()
    framer.feed(header + b"{}" + framed(b"[]"))
    assert everything(framer) == [b"{}", b"[]"]


@pytest.mark.parametrize(
    "rubbish",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"Content-Length: -5\r\n\r\n",
        b"Content-Length: two\r\n\r\n",
        b"Content-Length: 99999999999999999999\r\n\r\n",
        b"Content-Length: %d\r\n\r\n" % (MAX_BODY + 1),
        b"\r\n\r\n",
        b'the rest of something"}}',
        b"x" * (MAX_HEADER + 1) + b"\r\n\r\n",
    ],
)
def test_after_rubbish_the_next_message_is_found(rubbish: bytes) -> None:
    framer = Framer()
    framer.feed(rubbish)
    found = everything(framer)
    framer.feed(framed(b"{}") + framed(b"[]"))
    found += everything(framer)
    assert [item for item in found if isinstance(item, bytes)] == [b"{}", b"[]"]
    assert any(isinstance(item, Garbage) for item in found)


def test_endless_rubbish_is_not_kept() -> None:
    framer = Framer()
    framer.feed(b"x" * (MAX_HEADER + 1))
    assert isinstance(framer.next(), Garbage)
    assert framer.empty


def test_a_length_that_was_too_large_gives_back_what_it_swallowed() -> None:
    framer = Framer()
    next_one = framed(b"[]")
    framer.feed(b"Content-Length: 12\r\n\r\n{}" + next_one)
    swallowed = framer.next()
    assert swallowed == b"{}Content-Le"
    assert framer.recover(swallowed) is None  # Too little of the next header is there.

    framer = Framer()
    framer.feed(b"Content-Length: %d\r\n\r\n{}" % (2 + len(next_one)) + next_one)
    swallowed = framer.next()
    assert isinstance(swallowed, bytes)
    assert framer.recover(swallowed) == b"{}"
    assert framer.next() == b"[]"


@given(st.binary(max_size=200))
def test_nothing_raises(data: bytes) -> None:
    framer = Framer()
    framer.feed(data)
    for item in everything(framer):
        if isinstance(item, bytes):
            framer.recover(item)
