"""What nobody would see does not come in, and what belongs to an emoji or to the code does."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.guard.invisible import Sieve, invisible_in, name_of

_FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
_ALPHABET = st.sampled_from(
    ["a", "1", " ", "\n", "\t", "\u200d", "\u200b", "\u202e", "\ufe0f", "❤", "\U0001f468",
     "\U0001f3fd", "\0", "é", "\ufeff"]
)  # fmt: skip


def sifted(text: str, allowed: frozenset[str] = frozenset()) -> str:
    sieve = Sieve(allowed)
    passed = sieve.push(text)
    sieve.finish()
    return passed


@pytest.mark.parametrize(
    "text",
    ["", "plain\ttext\r\n\f", "naïve 漢字 \u0301", "❤\ufe0f", "1\ufe0f\u20e3", _FAMILY,
     "\U0001f44d\U0001f3fd", "\U0001f3f3\ufe0f\u200d\U0001f308", "\u00a0\u3000"],
)  # fmt: skip
def test_what_is_seen_passes(text: str) -> None:
    assert sifted(text) == text


@pytest.mark.parametrize(
    "character",
    ["\0", "\x1b", "\x7f", "\u00ad", "\u200b", "\u200c", "\u200d", "\u200e", "\u202a", "\u202e",
     "\u2028", "\u2029", "\u2060", "\u2066", "\u2069", "\ufeff", "\u3164", "\ufe0f",
     "\U000e0041", "\U000e0100"],
)  # fmt: skip
def test_what_is_not_seen_does_not(character: str) -> None:
    text = f"if ok{character}:\n"
    assert sifted(text) == "if ok:\n"
    assert sifted(text, frozenset(character)) == text
    assert invisible_in(text) == {character}
    sieve = Sieve()
    sieve.push(text)
    assert sieve.refused == {character: 1}
    assert name_of(character).startswith(f"U+{ord(character):04X}")


@given(st.lists(_ALPHABET, max_size=30).map("".join), st.data())
def test_the_result_does_not_depend_on_the_chunks(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=5)))
    whole, cut = Sieve(), Sieve()
    expected = whole.push(text)
    whole.finish()
    places = [0, *cuts, len(text)]
    got = "".join(cut.push(text[a:b]) for a, b in pairwise(places))
    cut.finish()
    assert got == expected
    assert cut.refused == whole.refused
    assert sum(whole.refused.values()) == len(text) - len(expected)
    assert not invisible_in(expected) - {"\u200d", "\ufe0f"}


def test_names() -> None:
    assert name_of("\u202e") == "U+202E RIGHT-TO-LEFT OVERRIDE"
    assert name_of("\0") == "U+0000"
