"""Invisible characters do not get in; those that belong to an emoji or to the code do."""

import re
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lsp_server.guard.invisible_characters import HIDDEN
from lsp_server.guard.invisible_filter import (
    InvisibleFilter,
    invisible_in,
    name_of,
    one_line,
    visible,
    visible_lines,
)

_FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
_ALPHABET = st.sampled_from(
    ["a", "1", " ", "\n", "\t", "\u200d", "\u200b", "\u202e", "\ufe0f", "❤", "\U0001f468",
     "\U0001f3fd", "\0", "é", "\ufeff", "\r", "\u20e3", "\u00a0", "»", "\u3000", "漢", "\U000e0100",
     "\u200c", "م", "ن", "\u0915", "\u094d", "\u2800", "\u2801", "\U0001f3f4",
     "\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067", "\U000e007f", "\u180e", "\u1820"]
)  # fmt: skip
_LONG_RUN = re.compile(rf"(?:{HIDDEN.pattern}){{9}}")


def sifted(text: str, allowed: frozenset[str] = frozenset()) -> str:
    invisible_filter = InvisibleFilter(allowed)
    return invisible_filter.push(text) + invisible_filter.finish()


@pytest.mark.parametrize(
    "text",
    ["", "plain\ttext\r\n\f", "naïve 漢字 \u0301", "❤\ufe0f", "1\ufe0f\u20e3", _FAMILY,
     "\U0001f44d\U0001f3fd", "\U0001f3f3\ufe0f\u200d\U0001f308"],
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
    invisible_filter = InvisibleFilter()
    invisible_filter.push(text)
    assert invisible_filter.refused == {character: 1}
    assert name_of(character).startswith(f"U+{ord(character):04X}")


@given(st.lists(_ALPHABET, max_size=30).map("".join), st.data())
def test_the_result_does_not_depend_on_the_chunks(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=5)))
    whole, cut = InvisibleFilter(), InvisibleFilter()
    expected = whole.push(text) + whole.finish()
    places = [0, *cuts, len(text)]
    got = "".join(cut.push(text[a:b]) for a, b in pairwise(places)) + cut.finish()
    assert got == expected
    assert (cut.refused, cut.replaced) == (whole.refused, whole.replaced)
    assert sum(whole.refused.values()) == len(text) - len(expected)
    assert not invisible_in(expected)


@pytest.mark.parametrize("twice", ["\u2800\u2800", "\u3000\u3000", "«\u00a0\u200b"])
def test_what_is_hidden_lets_nothing_pass(twice: str) -> None:
    assert not invisible_in(sifted(f"ok{twice}"))


@given(st.lists(_ALPHABET, max_size=12).map("".join))
@example("\u200d\u200d\u200d\u2800\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f")
def test_what_a_text_holds_out_of_place_is_what_a_sieve_takes_out(text: str) -> None:
    invisible_filter = InvisibleFilter()
    invisible_filter.push(text)
    invisible_filter.finish()
    taken = {*invisible_filter.refused, *invisible_filter.replaced}
    found = invisible_in(text)
    if _LONG_RUN.search(text) is None:
        assert found == taken
    else:  # A character far from the last visible one counts as correct spelling.
        assert found <= taken
        assert found or not taken


def test_what_is_spelling_very_often_is_spelling() -> None:
    assert invisible_in("1\u00a0000," * 100 + "a\u00a0b") == {"\u00a0"}
    assert invisible_in("1\u00a0000," * 10_000 + "a\u00a0b") == frozenset()


def test_names() -> None:
    assert name_of("\u202e") == "U+202E RIGHT-TO-LEFT OVERRIDE"
    assert name_of("\0") == "U+0000"


@given(st.lists(_ALPHABET, max_size=30).map("".join))
def test_what_passed_once_passes_again(text: str) -> None:
    once = sifted(text)
    assert sifted(once) == once


@given(st.lists(_ALPHABET, max_size=30).map("".join))
def test_what_is_shown_is_as_long_and_hides_nothing(text: str) -> None:
    shown = visible(text)
    assert len(shown) == len(text)
    assert not invisible_in(shown)
    assert not any(ord(character) < 0x20 for character in shown)


def test_pictures() -> None:
    assert visible("a\x1b[2J\t\n\u202e\u200b\u00a0\u3164\u2028") == "a␛[2J␉␊��␣��"
    assert visible(f"{_FAMILY} 1\ufe0f\u20e3") == f"{_FAMILY} 1\ufe0f\u20e3"
    assert visible("\ud800") == "�"
    assert visible_lines("a\tb\r\nc\u202e\nd\re") == "a\tb\r\nc�\nd␍e"


@given(st.text(), st.integers(40, 200))
def test_one_line_says_how_much_it_leaves_out(text: str, most: int) -> None:
    line = one_line(text, most)
    assert len(line) <= most
    assert "\n" not in line
    words = re.sub(r"[ \t\n\r\v\f]+", " ", text).strip(" ")
    if len(words) <= most:
        assert line == visible(words)
    else:
        shown, _, count = line.rpartition("… and ")
        assert len(shown) + int(count.split()[0].replace(",", "")) == len(words)


def test_a_line_is_not_cut_inside_of_an_emoji() -> None:
    for before in range(50, 60):
        line = one_line("x" * before + _FAMILY * 30, 80)
        assert "�" not in line


@pytest.mark.parametrize("hidden", ["\u200b", "\u202e", "\r", "\u00a0"])
def test_what_the_file_holds_may_come_back(hidden: str) -> None:
    text = f"a{hidden}b"
    assert sifted(text, invisible_in(text)) == text


@pytest.mark.parametrize("spelling", ["❤\ufe0f", _FAMILY, "می\u200cخواهم", "葛\U000e0100", "a\r\n"])
def test_spelling_in_the_file_opens_no_door(spelling: str) -> None:
    """An emoji in the file does not allow a variation selector in a name."""
    assert invisible_in(spelling) == frozenset()
    hidden = {"\ufe0f", "\u200d", "\u200c", "\U000e0100"} & set(spelling)
    for character in hidden:
        assert sifted(f"role1{character}", invisible_in(spelling)) == "role1"


@given(st.text())
def test_no_control_character_reaches_a_terminal(text: str) -> None:
    shown = visible(text)
    assert all(ord(c) >= 0x20 and not 0x7F <= ord(c) < 0xA0 for c in shown)
    shown.encode("utf-8")


def test_what_nobody_sees_is_shown() -> None:
    """Everything that a line could hide gets a symbol; correct spelling stays."""
    hidden = "\u061c\u200b\u00ad\u200d\u2060\ufeff\u3164\u2800\U000e0041\ufe0f"
    assert visible(f"a{hidden}b") == f"a{'�' * len(hidden)}b"
    assert visible("\x1b[2J ü\u202e\x7f a\u00a0b") == "␛[2J ü\ufffd␡ a␣b"
    assert visible("می\u200cخواهم ❤\ufe0f") == "می\u200cخواهم ❤\ufe0f"
