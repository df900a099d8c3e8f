"""Offsets and positions, against a slow and obvious reference."""

import re
import time
from bisect import bisect_right
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.errors import ContractError
from lsp_server.text import lines
from lsp_server.text.lines import Encoding, Position, Text, line_end_of, split_lines
from lsp_server.text.span import Span
from tests.support.strategies import changes_of, texts

ENCODINGS = st.sampled_from(Encoding)


def reference_lines(text: str) -> list[str]:
    return re.split(r"\r\n|\n|\r", text)


def units(text: str, encoding: Encoding) -> int:
    match encoding:
        case Encoding.UTF8:
            return len(text.encode("utf-8"))
        case Encoding.UTF16:
            return len(text.encode("utf-16-le")) // 2
        case Encoding.UTF32:
            return len(text)


@given(texts())
def test_lines_joined_are_the_text(text: str) -> None:
    assert "".join(split_lines(text)) == text
    assert Text(text).line_count == len(reference_lines(text))


@given(texts(), ENCODINGS)
def test_offset_to_position_and_back_is_the_identity(text: str, encoding: Encoding) -> None:
    document = Text(text)
    for offset in range(len(text) + 1):
        if text[max(offset - 1, 0) : offset + 1] == "\r\n" and offset:
            continue
        position = document.position(offset, encoding)
        before = reference_lines(text[:offset])
        assert position == (len(before) - 1, units(before[-1], encoding))
        assert document.offset(position, encoding) == offset


@given(texts(), ENCODINGS, st.integers(-2, 30), st.integers(-2, 60))
def test_any_position_is_clamped_by_the_rule_of_lsp(
    text: str, encoding: Encoding, line: int, character: int
) -> None:
    document = Text(text)
    known = reference_lines(text)
    offset = document.offset(Position(line, character), encoding)
    assert 0 <= offset <= len(text)
    if line >= len(known):
        assert offset == len(text)
    elif line >= 0:
        assert document.line_of(offset) == line
        column = units(text[document.line_span(line).start : offset], encoding)
        assert column <= max(character, 0)
        if character >= units(known[line], encoding):
            assert offset == document.line_span(line).end


@given(st.data(), texts())
def test_an_updated_index_equals_a_new_one(data: st.DataObject, text: str) -> None:
    document = Text(text)
    assert document.line_count
    for _ in range(3):
        document = document.apply(data.draw(changes_of(len(document))))
        fresh = Text(document.text)
        assert [document.line_span(i) for i in range(document.line_count)] == [
            fresh.line_span(i) for i in range(fresh.line_count)
        ]


@given(st.data(), st.lists(texts(6), min_size=4, max_size=30))
def test_an_updated_index_in_many_chunks_is_right(data: st.DataObject, pieces: list[str]) -> None:
    with patch.object(lines, "_CHUNK", 2), patch.object(lines, "_BLOCK", 5):
        document = Text("\n".join(pieces))
        assert document.line_count >= len(pieces)
        for _ in range(4):
            document = document.apply(data.draw(changes_of(len(document))))
            starts = [0, *(end.end() for end in re.finditer(r"\r\n|\n|\r", document.text))]
            count = document.line_count
            assert [document.line_span(line).start for line in range(count)] == starts
            assert all(document.line_of(start) == line for line, start in enumerate(starts))


@given(texts())
def test_lines_are_found_whatever_is_asked_for_first(text: str) -> None:
    starts = [0, *(end.end() for end in re.finditer(r"\r\n|\n|\r", text))]
    with patch.object(lines, "_BLOCK", 3):
        for offset in range(len(text) + 1):
            lines._index_of.cache_clear()
            assert Text(text).line_of(offset) == bisect_right(starts, offset) - 1
        lines._index_of.cache_clear()
        document = Text(text)
        assert [document.line_span(n).start for n in reversed(range(len(starts)))] == starts[::-1]


def test_places_in_a_text_of_nothing_but_line_ends_are_found_at_once() -> None:
    document = Text("\r" * 10_000_000)
    began = time.thread_time()
    assert document.position(9_999_999, Encoding.UTF16) == Position(9_999_999, 0)
    assert document.offset(Position(5_000_000, 0), Encoding.UTF16) == 5_000_000
    assert time.thread_time() - began < 0.6  # To find all lines takes two seconds.


def test_the_commonest_line_end_is_found() -> None:
    assert line_end_of("") == "\n"
    assert line_end_of("a\r\nb\r\nc\n") == "\r\n"
    assert line_end_of("a\rb") == "\r"


def test_texts_are_equal_by_what_they_hold() -> None:
    assert Text("a\nb") == Text("a\nb")
    assert Text("a") != Text("b")
    assert Text("a") != "a"
    assert len({Text("a"), Text("a"), Text("b")}) == 2
    assert repr(Text("secret\n")) == "Text(7 code points)"


@pytest.mark.parametrize("offset", [-1, 3])
def test_an_offset_outside_of_the_text_has_no_line(offset: int) -> None:
    with pytest.raises(ContractError, match="outside of 2 code points"):
        Text("a\n").line_of(offset)
    assert Text("a\n").line_of(2) == 1


@pytest.mark.parametrize("line", [-1, 2])
def test_a_line_that_is_not_there_has_no_range(line: int) -> None:
    with pytest.raises(IndexError):
        Text("a\n").line_span(line)


@pytest.mark.parametrize(("end", "without"), [("\n", 1), ("\r", 1), ("\r\n", 1)])
def test_a_line_is_given_with_its_end_or_without(end: str, without: int) -> None:
    text = Text(f"a{end}b")
    assert text.line_span(0) == Span(0, without)
    assert text.line_span(0, with_end=True) == Span(0, 1 + len(end))
    assert text.line_span(1) == text.line_span(1, with_end=True) == Span(1 + len(end), 2 + len(end))
