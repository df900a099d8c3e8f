"""Messages are cut right from any pieces, and found again after any rubbish."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.lsp.framing import (
    MAX_BODY,
    MAX_CLEAN_HEADER,
    MAX_HEADER,
    Framer,
    Garbage,
    StrictFramer,
)

bodies = st.lists(st.binary(max_size=30), max_size=5)


def framed(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def everything(framer: Framer) -> list[bytes | Garbage]:
    found = []
    while (item := framer.next()) is not None:
        found.append(item)
    return found


def in_pieces(framer: Framer, stream: bytes, cuts: list[int]) -> list[bytes | Garbage]:
    """What is found when the stream comes cut at these places."""
    found: list[bytes | Garbage] = []
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    for start, end in zip(edges, edges[1:], strict=False):  # noqa: RUF007
        framer.feed(stream[start:end])
        found += everything(framer)
    return found


@given(bodies, st.lists(st.integers(0, 300), max_size=8))
def test_the_pieces_do_not_matter(bodies: list[bytes], cuts: list[int]) -> None:
    framer = Framer()
    assert in_pieces(framer, b"".join(map(framed, bodies)), cuts) == bodies
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


# -- read strictly ---------------------------------------------------------------------------------

CLEAN = [
    b"Content-Length: 2\r\n\r\n",
    b"content-length:2\r\n\r\n",
    b"Content-Length: 002\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n",
    b'Content-Type: application/vscode-jsonrpc;charset="utf8"\r\nContent-Length: 2\r\n\r\n',
]
UNCLEAN = [
    b"Content-Length: 2\n\n",
    b"Content-Length: 2\r\r\n\r\n",
    b"Content-Length: 2 \r\n\r\n",
    b"Content-Length:  2\r\n\r\n",
    b"Content-Length: +2\r\n\r\n",
    b"Content-Length : 2\r\n\r\n",
    b" Content-Length: 2\r\n\r\n",
    b"\r\nContent-Length: 2\r\n\r\n",
    b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n",
    b"Content-Type: a/b\r\nContent-Type: a/b\r\nContent-Length: 2\r\n\r\n",
    b"Content-Type: a/b\r\n\r\n",
    b"Content-Type: a/b; charset=utf-16\r\nContent-Length: 2\r\n\r\n",
    b"Content-Length: 2\r\nHost: x\r\n\r\n",
    b"Content-Length: 1000000000\r\n\r\n",
    b"Content-Length: %d\r\n\r\n" % (MAX_BODY + 1),
    b"Content-Length: \xd9\xa2\r\n\r\n",
]


@given(st.sampled_from(CLEAN), bodies, st.lists(st.integers(0, 300), max_size=8))
def test_strictly_the_pieces_do_not_matter(
    header: bytes, bodies: list[bytes], cuts: list[int]
) -> None:
    framer = StrictFramer()
    stream = header + b"{}" + b"".join(map(framed, bodies))
    assert in_pieces(framer, stream, cuts) == [b"{}", *bodies]
    assert framer.empty


@pytest.mark.parametrize("header", UNCLEAN)
def test_strictly_the_first_unclean_byte_is_the_end(header: bytes) -> None:
    framer = StrictFramer()
    framer.feed(framed(b"[]") + header + b"{}" + framed(b"{}"))
    found = everything(framer)
    assert found[0] == b"[]"
    assert [type(item) for item in found[1:]] == [Garbage]
    framer.feed(framed(b"{}"))
    assert framer.next() is None


def test_strictly_no_byte_waits_that_can_be_judged() -> None:
    """A line that has lost its way is known as such at once, not when it ends."""
    names = (b"Content-Length:", b"Content-Type:")
    for at in range(max(map(len, names))):
        for begun in {name[:at] for name in names if at < len(name)}:
            goes_on = {name[at : at + 1].lower() for name in names if name.startswith(begun)}
            for other in (bytes([number]) for number in range(256)):
                framer = StrictFramer()
                framer.feed(begun + other)
                assert (framer.next() is None) is (other.lower() in goes_on), begun + other


def test_strictly_a_header_has_an_end() -> None:
    framer = StrictFramer()
    framer.feed(b"Content-Type: " + b"a" * MAX_CLEAN_HEADER)
    assert isinstance(framer.next(), Garbage)
    assert framer.empty


def test_strictly_a_message_has_a_bound() -> None:
    framer = StrictFramer(max_body=3)
    framer.feed(framed(b"abc") + framed(b"abcd"))
    assert framer.next() == b"abc"
    assert isinstance(framer.next(), Garbage)


@given(st.binary(max_size=200))
def test_strictly_nothing_raises(data: bytes) -> None:
    framer = StrictFramer()
    framer.feed(data)
    everything(framer)
