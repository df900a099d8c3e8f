"""Which characters of a text nobody sees, and where such a character is spelling all the same.

An emoji is often several characters with joiners between; Persian and the Indic scripts write
joiners between letters. `judge` knows these sequences. What is hidden and stands in none of them
is a trick or a slip. Knows nothing of answers, titles or terminals.
"""

import re
import unicodedata
from collections.abc import Callable
from enum import Enum
from functools import lru_cache, partial

_BLANKS = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
"""White space that looks like a blank and is none."""

_NO_CHARACTERS = "\ufdd0-\ufdef" + "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
)
HIDDEN = re.compile(
    "\r(?!\n)|[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f"  # controls; tab, line feed, form feed are seen
    f"{_BLANKS}"
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U00013430-\U00013442\U00016fe4\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a"
    f"\U000e0000-\U000e0fff{_NO_CHARACTERS}]"
)
"""Unicode 16: controls, the default-ignorable and format characters that show nothing, letters and
symbols that are drawn as nothing, strange blanks, non-characters, and the separators U+2028 and
U+2029, which end a line for some programs and for others do not. The number signs of Arabic (U+0600
and their like) are format characters that are drawn."""

_BLANK = re.compile(f"[{_BLANKS}]")

_ZWSP, _ZWNJ, _ZWJ = "\u200b", "\u200c", "\u200d"
_EMOJI_STYLE, _TEXT_STYLE, _KEYCAP = "\ufe0f", "\ufe0e", "\u20e3"
_KEYCAPS = frozenset("0123456789#*")
_EMOJI = re.compile(
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u2199\u21a9\u21aa\u231a\u231b\u2328\u23cf"
    "\u23e9-\u23f3\u23f8-\u23fa\u24c2\u25aa\u25ab\u25b6\u25c0\u25fb-\u25fe\u2600-\u2604\u260e\u2611"
    "\u2614\u2615\u2618\u261d\u2620\u2622\u2623\u2626\u262a\u262e\u262f\u2638-\u263a\u2640\u2642"
    "\u2648-\u2653\u265f\u2660\u2663\u2665\u2666\u2668\u267b\u267e\u267f\u2692-\u2697\u2699\u269b"
    "\u269c\u26a0\u26a1\u26a7\u26aa\u26ab\u26b0\u26b1\u26bd\u26be\u26c4\u26c5\u26c8\u26ce\u26cf"
    "\u26d1\u26d3\u26d4\u26e9\u26ea\u26f0-\u26f5\u26f7-\u26fa\u26fd\u2702\u2705\u2708-\u270d\u270f"
    "\u2712\u2714\u2716\u271d\u2721\u2728\u2733\u2734\u2744\u2747\u274c\u274e\u2753-\u2755\u2757"
    "\u2763\u2764\u2795-\u2797\u27a1\u27b0\u27bf\u2934\u2935\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
)
"""Below U+10000 what has the property Emoji; above, the blocks of pictures."""
_BLACK_FLAG = "\U0001f3f4"
_FLAGS = tuple(
    "".join(chr(0xE0000 + ord(letter)) for letter in region) + "\U000e007f"
    for region in ("gbeng", "gbsct", "gbwls")
)
"""Behind a black flag: England, Scotland, Wales. Unicode recommends no others."""

_JOINING = frozenset((
    "ADLAM", "ARABIC", "BALINESE", "BATAK", "BENGALI", "BHAIKSUKI", "BRAHMI", "BUGINESE",
    "CHAKMA", "CHORASMIAN", "DEVANAGARI", "DIVES", "DOGRA", "GRANTHA", "GUJARATI", "GUNJALA",
    "GURMUKHI", "HANIFI", "JAVANESE", "KAITHI", "KANNADA", "KHAROSHTHI", "KHMER", "KHOJKI",
    "KHUDAWADI", "LAO", "LEPCHA", "LIMBU", "MAHAJANI", "MALAYALAM", "MANDAIC", "MANICHAEAN",
    "MASARAM", "MEETEI", "MODI", "MONGOLIAN", "MYANMAR", "NANDINAGARI", "NEWA", "NKO", "ORIYA",
    "PHAGS-PA", "PSALTER", "SAURASHTRA", "SHARADA", "SIDDHAM", "SINHALA", "SOGDIAN", "SUNDANESE",
    "SYLOTI", "SYRIAC", "TAI", "TAKRI", "TAMIL", "TELUGU", "THAI", "TIBETAN", "TIRHUTA",
))  # fmt: skip
"""The first word of the names of letters that change their shape by what stands beside them."""
_WITHOUT_BLANKS = frozenset(
    (
        "AHOM",
        "BALINESE",
        "CHAM",
        "JAVANESE",
        "KAWI",
        "KHMER",
        "LAO",
        "MYANMAR",
        "NEW",
        "TAI",
        "THAI",
    )
)
"""Scripts that write no blanks between words, and mark by U+200B where a line may be broken (the
classes SA and AK of Unicode's UAX 14). NEW is New Tai Lue."""
_VIRAMA = 9  # The canonical combining class of signs that take a letter's vowel away.

_FRENCH_BLANKS = frozenset("\u00a0\u2009\u202f")
_BEHIND_BLANK = frozenset("»:;!?%‰€$£°")


class Treatment(Enum):
    """What is to be done about a hidden character."""

    PASSES = "it is spelling"
    OUT = "it says nothing"
    BLANK = "it looks like a blank"
    LINE_END = "it is a line end for some and none for others"
    WAITS = "what comes next decides"


def judge(text: str, at: int, before: str, *, ended: bool) -> tuple[Treatment, int]:
    """What becomes of the hidden character `text[at]`, and for how many code points that holds.

    `before` is the last character that passed, or empty. More of the text may come unless it has
    `ended`; a sequence waits for at most as many code points as it is long.
    """
    character = text[at]
    if before == _BLACK_FLAG and character >= "\U000e0020":
        return _flag(text, at, ended=ended)
    if _goes_with(character, before):
        return Treatment.PASSES, 1
    wanted = _wanted_behind(character, before)
    after = text[at + 1 : at + 2]
    if wanted is None or (not after and ended):
        return _otherwise(character), 1
    if not after:
        return Treatment.WAITS, 1
    # What is hidden itself proves nothing: two blanks of Braille would let each other pass.
    passes = wanted(after) and HIDDEN.match(after) is None
    return (Treatment.PASSES if passes else _otherwise(character)), 1


def _otherwise(character: str) -> Treatment:
    """Its fate where it is not spelling."""
    if character == "\r":
        return Treatment.LINE_END
    return Treatment.BLANK if _BLANK.match(character) else Treatment.OUT


def _flag(text: str, at: int, *, ended: bool) -> tuple[Treatment, int]:
    """Tags behind a black flag."""
    for tags in _FLAGS:
        if text.startswith(tags, at):
            return Treatment.PASSES, len(tags)
    coming = text[at : at + len(_FLAGS[0])]
    if not ended and at + len(coming) == len(text) and any(t.startswith(coming) for t in _FLAGS):
        return Treatment.WAITS, 1
    return Treatment.OUT, 1


def _goes_with(character: str, before: str) -> bool:
    """Whether it is spelling because of what stands before it, whatever follows."""
    if not before:
        return False
    if character in (_EMOJI_STYLE, _TEXT_STYLE):
        return _is_emoji(before)
    if character in (_ZWJ, _ZWNJ):
        return unicodedata.combining(before) == _VIRAMA and _script(before) in _JOINING
    if "\ufe00" <= character <= "\ufe02" or "\U000e0100" <= character <= "\U000e01ef":
        return _is_ideograph(before)
    if "\u180b" <= character <= "\u180d" or character == "\u180f":
        return _script(before) == "MONGOLIAN"
    if character == "\u2800":
        return _is_braille(before)
    if character == "\u3000":
        return _is_wide(before)
    if "\U00013430" <= character <= "\U00013440":
        return "\U00013000" <= before <= "\U00013440"
    return False


def _wanted_behind(character: str, before: str) -> Callable[[str], bool] | None:
    """What has to follow for it to be spelling; None where nothing makes it so."""
    if character == "\r":
        return _is_line_feed
    if character == "\u2800":
        return _is_braille
    if character == _EMOJI_STYLE and before in _KEYCAPS:
        return _is_keycap
    if character == _ZWJ and before and (before == _EMOJI_STYLE or _is_emoji(before)):
        return _is_emoji
    if _BLANK.match(character):
        return _wanted_behind_blank(character, before)
    script = _script(before)
    if character == _ZWNJ and (wanted := _wanted_behind_non_joiner(before)) is not None:
        return wanted
    joins = character == _ZWJ and script in _JOINING
    breaks = character == _ZWSP and script in _WITHOUT_BLANKS
    if joins or breaks or (character == "\u180e" and script == "MONGOLIAN"):
        return partial(_is_of, script)
    return None


def _wanted_behind_non_joiner(before: str) -> Callable[[str], bool] | None:
    """Persian puts it behind digits and foreign words too (`PDF`, then `ها`): on one side stands a
    letter of a script that joins, on the other a letter or digit of any."""
    if _script(before) in _JOINING:
        return _is_written
    return _is_joining_letter if before.isalnum() else None


def _wanted_behind_blank(character: str, before: str) -> Callable[[str], bool] | None:
    """`5 %`, `1 000`, `« oui »` have blanks that do not break; Japanese has wide ones."""
    if character == "\u3000":
        return _is_wide
    if character not in _FRENCH_BLANKS:
        return None
    if before == "«":
        return _is_anything
    return _is_behind_number if before.isdigit() else _is_behind_blank


# -- questions about one character --


def _is_anything(character: str) -> bool:
    return bool(character)


def _is_line_feed(character: str) -> bool:
    return character == "\n"


def _is_keycap(character: str) -> bool:
    return character == _KEYCAP


def _is_emoji(character: str) -> bool:
    return _EMOJI.match(character) is not None


def _is_braille(character: str) -> bool:
    return "\u2800" <= character <= "\u28ff"


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in ("W", "F")


def _is_behind_number(character: str) -> bool:
    return character in _BEHIND_BLANK or character.isalnum()


def _is_behind_blank(character: str) -> bool:
    return character in _BEHIND_BLANK


def _is_ideograph(character: str) -> bool:
    name = unicodedata.name(character, "")
    return name.startswith(("CJK UNIFIED IDEOGRAPH", "CJK COMPATIBILITY IDEOGRAPH"))


def _is_written(character: str) -> bool:
    return character.isalnum() or _script(character) in _JOINING


def _is_joining_letter(character: str) -> bool:
    return character.isalpha() and _script(character) in _JOINING


def _is_of(script: str, character: str) -> bool:
    return _script(character) == script


@lru_cache(maxsize=1024)
def _script(character: str) -> str:
    """The first word of the name of a letter, or of a sign that goes with one; else nothing."""
    if not character or unicodedata.category(character)[0] not in "LM":
        return ""
    return unicodedata.name(character, "").partition(" ")[0]
