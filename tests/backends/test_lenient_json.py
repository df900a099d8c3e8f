"""JSON and text as models' servers really write them."""

import json
import re
from itertools import pairwise

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.backends import lenient_json
from lsp_server.backends.lenient_json import (
    MAX_STRUCTURE,
    Joiner,
    mostly_structure,
    parse_object,
    sound_text,
)

_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


def test_half_a_pair_is_read() -> None:
    assert parse_object('{"a": "\\ud83d"}') == {"a": "\ud83d"}
    assert parse_object(b'{"a": "\\uDE00"}') == {"a": "\ude00"}
    assert parse_object('{"a": "\\ud83d"') is None
    assert parse_object(b'{"a": "\xff"}') is None
    assert parse_object("[1]") is None


def test_deep_nesting_is_no_object() -> None:
    assert parse_object('{"a":"\\ud800", "b":' + "[" * 100_000) is None


@given(st.text())
def test_sound_text_is_the_text_itself(text: str) -> None:
    units = json.dumps(text)[1:-1]
    assert sound_text(json.loads(f'"{units}"')) == sound_text(text) == text


@given(st.text(), st.lists(st.integers(0, 40)))
def test_halves_find_each_other_however_the_text_was_cut(text: str, places: list[int]) -> None:
    data = text.encode("utf-16-le")
    cuts = sorted({0, *(min(2 * place, len(data)) for place in places), len(data)})
    pieces = [data[a:b].decode("utf-16-le", "surrogatepass") for a, b in pairwise(cuts)]
    joiner = Joiner()
    assert "".join(map(joiner.push, pieces)) + joiner.finish() == text


def test_half_a_pair_that_waits_in_vain_is_replaced() -> None:
    joiner = Joiner()
    assert joiner.push("a\ud83d") == "a"
    assert joiner.push("b\ud83d") == "\ufffdb"
    assert joiner.finish() == "\ufffd"
    joiner.push("\ud83d")
    joiner.forget()
    assert joiner.finish() == ""


@given(
    st.recursive(
        st.none() | st.integers(0, 9) | st.text(st.sampled_from('a"\\,[{\n')),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(st.sampled_from('b"\\')), inner),
    )
)
def test_what_stands_outside_of_the_texts_is_counted(value: object) -> None:
    data = orjson.dumps(value)
    outside = len(_STRINGS.sub(b"", data))
    with pytest.MonkeyPatch.context() as patch:
        for most in range(len(data)):
            patch.setattr(lenient_json, "MAX_STRUCTURE", most)
            told = mostly_structure(data)
            # Fewer signs than half as many hold so few values that nothing is counted.
            signs = sum(map(data.count, (b"{", b"[", b",")))
            if signs > most // 2:
                quotes = data.count(b'"') - data.count(b'\\"')
                assert told is (quotes > most or outside > most)
            else:
                assert not told


def test_a_long_text_is_no_structure_and_many_objects_are() -> None:
    text = orjson.dumps({"delta": '    f(a, "b", [{}])\n' * 100_000})
    assert parse_object(text) is not None
    assert mostly_structure(b"[" + b"{}," * (MAX_STRUCTURE // 3) + b"{}]")
    assert not mostly_structure(b'{"a":' + b" " * 2 * MAX_STRUCTURE + b"1}")
