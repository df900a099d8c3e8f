"""Knows which characters are invisible, and where such a character is part of correct spelling.

An emoji is often several characters with joiners between them; Persian and the Indic scripts write
joiners between letters. `judge` knows these sequences. A hidden character outside such a sequence
is a trick or a mistake. Knows nothing of answers, titles or terminals.
"""

import re
import unicodedata
from collections.abc import Callable
from enum import Enum
from functools import lru_cache, partial

_BLANKS = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
"""White space that looks like a space but is another character."""

_NO_CHARACTERS = "\ufdd0-\ufdef" + "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
)
HIDDEN = re.compile(
    "\r(?!\n)|[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f"  # controls that are not layout
    f"{_BLANKS}"
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U00013430-\U00013442\U00016fe4\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a"
    f"\U000e0000-\U000e0fff{_NO_CHARACTERS}]"
)
"""Unicode 16: controls, the default-ignorable and format characters that show nothing, letters and
symbols that are drawn as nothing, unusual spaces, non-characters, and the separators U+2028 and
U+2029, which end a line for some programs and not for others. The Arabic number signs (U+0600 and
similar) are format characters that are drawn, so they are not in it."""

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
"""Below U+10000: characters with the property Emoji. Above: the blocks of pictographs."""
_BLACK_FLAG = "\U0001f3f4"
_FLAGS = tuple(
    "".join(chr(0xE0000 + ord(letter)) for letter in region) + "\U000e007f"
    for region in ("gbeng", "gbsct", "gbwls")
)
"""Tag sequences after a black flag: England, Scotland, Wales. Unicode recommends no others."""

_JOINING = frozenset((
    "ADLAM", "ARABIC", "BALINESE", "BATAK", "BENGALI", "BHAIKSUKI", "BRAHMI", "BUGINESE",
    "CHAKMA", "CHORASMIAN", "DEVANAGARI", "DIVES", "DOGRA", "GRANTHA", "GUJARATI", "GUNJALA",
    "GURMUKHI", "HANIFI", "JAVANESE", "KAITHI", "KANNADA", "KHAROSHTHI", "KHMER", "KHOJKI",
    "KHUDAWADI", "LAO", "LEPCHA", "LIMBU", "MAHAJANI", "MALAYALAM", "MANDAIC", "MANICHAEAN",
    "MASARAM", "MEETEI", "MODI", "MONGOLIAN", "MYANMAR", "NANDINAGARI", "NEWA", "NKO", "ORIYA",
    "PHAGS-PA", "PSALTER", "SAURASHTRA", "SHARADA", "SIDDHAM", "SINHALA", "SOGDIAN", "SUNDANESE",
    "SYLOTI", "SYRIAC", "TAI", "TAKRI", "TAMIL", "TELUGU", "THAI", "TIBETAN", "TIRHUTA",
))  # fmt: skip
"""The first word of the names of letters whose shape depends on their neighbours."""
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
"""Scripts that write no spaces between words and use U+200B to mark where a line may break (the
classes SA and AK of Unicode's UAX 14). NEW is New Tai Lue."""
_VIRAMA = 9  # The canonical combining class of signs that remove a letter's vowel.

_FRENCH_BLANKS = frozenset("\u00a0\u2009\u202f")
_BEHIND_BLANK = frozenset("»:;!?%‰€$£°")


class Treatment(Enum):
    """What to do with a hidden character."""

    KEEP = "keep"
    REMOVE = "remove"
    SPACE = "replace by a space"
    LINE_FEED = "replace by a line feed"
    WAIT = "wait for more"


def judge(text: str, at: int, before: str, *, ended: bool) -> tuple[Treatment, int]:
    """What to do with the hidden character `text[at]`, and for how many code points that holds.

    `before` is the last character that passed, or empty. Unless `ended`, more of the text may come.
    A sequence waits for at most as many code points as it is long.
    """
    character = text[at]
    if before == _BLACK_FLAG and character >= "\U000e0020":
        return _flag(text, at, ended=ended)
    if _is_spelling_after(character, before):
        return Treatment.KEEP, 1
    fits = _needed_after(character, before)
    after = text[at + 1 : at + 2]
    if fits is None or (not after and ended):
        return _outside_spelling(character), 1
    if not after:
        return Treatment.WAIT, 1
    # A hidden character proves nothing: two Braille blanks would let each other pass.
    passes = fits(after) and HIDDEN.match(after) is None
    return (Treatment.KEEP if passes else _outside_spelling(character)), 1


def _outside_spelling(character: str) -> Treatment:
    """What to do with a character that is not part of correct spelling."""
    if character == "\r":
        return Treatment.LINE_FEED
    return Treatment.SPACE if _BLANK.match(character) else Treatment.REMOVE


def _flag(text: str, at: int, *, ended: bool) -> tuple[Treatment, int]:
    """Tags after a black flag."""
    for tags in _FLAGS:
        if text.startswith(tags, at):
            return Treatment.KEEP, len(tags)
    coming = text[at : at + len(_FLAGS[0])]
    if not ended and at + len(coming) == len(text) and any(t.startswith(coming) for t in _FLAGS):
        return Treatment.WAIT, 1
    return Treatment.REMOVE, 1


def _is_spelling_after(character: str, before: str) -> bool:
    """Whether the character before it is enough to make it correct spelling, whatever follows."""
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


def _needed_after(character: str, before: str) -> Callable[[str], bool] | None:
    """What has to follow to make it correct spelling; `None` if nothing can."""
    if character == "\r":
        return _is_line_feed
    if character == "\u2800":
        return _is_braille
    if character == _EMOJI_STYLE and before in _KEYCAPS:
        return _is_keycap
    if character == _ZWJ and before and (before == _EMOJI_STYLE or _is_emoji(before)):
        return _is_emoji
    if _BLANK.match(character):
        return _needed_after_blank(character, before)
    script = _script(before)
    if character == _ZWNJ and (fits := _needed_after_non_joiner(before)) is not None:
        return fits
    joins = character == _ZWJ and script in _JOINING
    breaks = character == _ZWSP and script in _WITHOUT_BLANKS
    if joins or breaks or (character == "\u180e" and script == "MONGOLIAN"):
        return partial(_is_of, script)
    return None


def _needed_after_non_joiner(before: str) -> Callable[[str], bool] | None:
    """Persian also puts it after digits and foreign words (`PDF`, then `ها`). One side must be a
    letter of a script that joins, the other a letter or digit of any script."""
    if _script(before) in _JOINING:
        return _is_written
    return _is_joining_letter if before.isalnum() else None


def _needed_after_blank(character: str, before: str) -> Callable[[str], bool] | None:
    """`5 %`, `1 000` and `« oui »` have no-break spaces; Japanese has wide ones."""
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
    """The first word of the name of a letter or combining mark; empty for other characters."""
    if not character or unicodedata.category(character)[0] not in "LM":
        return ""
    return unicodedata.name(character, "").partition(" ")[0]
