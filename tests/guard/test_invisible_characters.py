"""Each kind of hidden character passes where it is correct spelling, and only there."""

import unicodedata

import pytest

from lsp_server.guard.invisible_characters import HIDDEN, Treatment, judge

_FLAG = "".join(chr(0xE0000 + ord(letter)) for letter in "gbeng") + "\U000e007f"


@pytest.mark.parametrize(
    ("before", "hidden", "after"),
    [
        ("م", "\u200c", "خ"), ("ش", "\u200d", "ن"),  # Persian
        ("\u0631\u0651"[-1], "\u200c", "ه"),  # after a vowel sign
        ("\u06f2", "\u200c", "س"), ("F", "\u200c", "ه"), ("ه", "\u200c", "P"), ("2", "\u200c", "م"),
        ("ꦏ", "\u200b", "ꦲ"), ("ᬓ", "\u200b", "ᬲ"), ("ᨠ", "\u200b", "ᨡ"), ("ᦀ", "\u200b", "ᦁ"),
        ("ہ", "\u200c", "ا"), ("ܐ", "\u200d", "ܒ"),  # Urdu, Syriac
        ("क", "\u200c", "ष"), ("र", "\u200d", "्"), ("ব", "\u200d", "্"), ("ക", "\u200c", "ഷ"),
        ("ක", "\u200d", "ය"), ("ಕ", "\u200c", "ಷ"), ("క", "\u200c", "ష"), ("ક", "\u200d", "ષ"),
        ("ក", "\u200c", "ខ"), ("က", "\u200d", "ခ"), ("க", "\u200c", "ஷ"), ("ਕ", "\u200d", "ਖ"),
        ("ᠠ", "\u180e", "ᠡ"), ("ក", "\u200b", "ខ"), ("ก", "\u200b", "ข"),
        ("\U0001f468", "\u200d", "\U0001f469"), ("\ufe0f", "\u200d", "\U0001f308"),
        ("1", "\ufe0f", "\u20e3"), ("#", "\ufe0f", "\u20e3"), ("*", "\ufe0f", "\u20e3"),
        ("a", "\r", "\n"), ("5", "\u202f", "%"), ("1", "\u00a0", "0"), ("a", "\u00a0", ":"),
        ("a", "\u3000", "漢"), ("a", "\u2800", "\u2801"),
    ],
)  # fmt: skip
def test_what_is_spelling_between_two(before: str, hidden: str, after: str) -> None:
    assert judge(hidden + after, 0, before, ended=False) == (Treatment.KEEP, 1)
    assert judge(hidden, 0, before, ended=False) == (Treatment.WAIT, 1)
    assert judge(hidden, 0, before, ended=True)[0] in (
        Treatment.REMOVE,
        Treatment.SPACE,
        Treatment.LINE_FEED,
    )
    assert judge(f"{hidden}~", 0, before, ended=False)[0] is not Treatment.KEEP


@pytest.mark.parametrize(
    ("before", "hidden"),
    [
        ("❤", "\ufe0f"), ("☎", "\ufe0e"), ("\u2139", "\ufe0f"), ("葛", "\U000e0100"),
        ("神", "\ufe00"), ("\u0d4d", "\u200d"), ("\u094d", "\u200c"), ("ᠠ", "\u180b"),
        ("\U00013000", "\U00013430"), ("\u2801", "\u2800"),
    ],
)  # fmt: skip
def test_what_is_spelling_behind(before: str, hidden: str) -> None:
    for ended in (False, True):
        assert judge(hidden, 0, before, ended=ended) == (Treatment.KEEP, 1)


@pytest.mark.parametrize(
    ("before", "hidden", "after"),
    [
        ("a", "\u200d", "b"), ("a", "\u200c", "1"), ("م", "\u200c", " "), ("م", "\u200d", "क"),
        ("a", "\u200c", "\u064b"), ("ه", "\u200c", "_"), ("F", "\u200d", "ه"),
        ("а", "\u200d", "б"), ("α", "\u200c", "β"), ("漢", "\u200d", "字"), ("a", "\u200b", "b"),
        ("1", "\ufe0f", " "), ("9", "\ufe0e", "\u20e3"), ("1", "\ufe00", "x"),
        ("a", "\ufe0f", "\u20e3"),
        ("°", "\ufe0f", "C"), ("a", "\U000e0100", "b"), ("0", "\ufe00", " "), ("a", "\u180b", "b"),
        ("a", "\u2800", "b"), ("a", "\U00013430", "b"), ("❤", "\u200d", "a"), ("", "\u200d", "म"),
        ("\U0001f3f4", "\U000e0067", "\U000e0062"), ("\U0001f468", "\U000e0067", "x"),
        *(("a", hidden, "b") for hidden in
          "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200e\u200f\u2028\u2029\u202d\u2060\u2064"
          "\u206a\u3164\uffa0\ufeff\ufff9\ufffb\U0001d159\U0001d173\U0001d17a\U0001bca0\U00013441"
          "\U000e0001\x00\x08\x0b\x1b\x7f\x80\x85\x9f\ufdd0\uffff\U0010fffe"),
    ],
)  # fmt: skip
def test_what_says_nothing(before: str, hidden: str, after: str) -> None:
    assert HIDDEN.match(hidden)
    assert judge(f"{hidden}{after}~", 0, before, ended=False) == (Treatment.REMOVE, 1)


@pytest.mark.parametrize(
    "blank", [c for c in map(chr, range(0x10000)) if unicodedata.category(c) == "Zs" and c != " "]
)
def test_a_strange_blank_becomes_a_blank(blank: str) -> None:
    assert judge(f"{blank}b", 0, "a", ended=False) == (Treatment.SPACE, 1)


def test_a_lone_carriage_return_becomes_a_line_end() -> None:
    assert judge("\rb", 0, "a", ended=False) == (Treatment.LINE_FEED, 1)
    assert judge("\r", 0, "a", ended=True) == (Treatment.LINE_FEED, 1)


def test_a_flag_passes_as_a_whole_or_not_at_all() -> None:
    for end in range(1, len(_FLAG)):
        assert judge(_FLAG[:end], 0, "\U0001f3f4", ended=False) == (Treatment.WAIT, 1)
        assert judge(_FLAG[:end], 0, "\U0001f3f4", ended=True) == (Treatment.REMOVE, 1)
    assert judge(_FLAG, 0, "\U0001f3f4", ended=False) == (Treatment.KEEP, len(_FLAG))


def test_all_that_unicode_calls_ignorable_or_control_is_hidden() -> None:
    """Except tab, line feed, form feed, and the Arabic and Kaithi number signs, which are drawn."""
    drawn = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
    for code in range(0x110000):
        character = chr(code)
        if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp"):
            seen = character in "\t\n\f" or code in drawn
            assert (HIDDEN.match(character) is None) is seen, hex(code)
