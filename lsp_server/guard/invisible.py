"""Takes characters out of a model's answer that nobody would see in the editor.

Bidirectional controls make code read otherwise than it runs (CVE-2021-42574, "Trojan Source");
zero-width and tag characters hide words in it. Such a character is let through only where the code
that the user gave already holds the same one, or where it is part of an emoji.

Knows nothing of models, sessions or secrets.
"""

import re
import unicodedata
from collections.abc import Iterable

_INVISIBLE = (
    "\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f"  # controls; tab, line ends, form feed are not
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_SEEN = re.compile(f"[{_INVISIBLE}]")
"""Unicode 16: the code points that are default-ignorable, format or control characters, and the
two separators U+2028 and U+2029, which end a line for some programs and for others do not."""

_JOINER = "\u200d"
_EMOJI_STYLE = "\ufe0f"
_TEXT_STYLE = "\ufe0e"
_KEYCAPS = frozenset("0123456789#*")
_SKIN_TONES = range(0x1F3FB, 0x1F400)


def invisible_in(text: str) -> frozenset[str]:
    """The invisible characters that `text` holds."""
    return frozenset(_SEEN.findall(text)) if not _plain(text) else frozenset()


def name_of(character: str) -> str:
    """What a sentence calls an invisible character: `U+202E RIGHT-TO-LEFT OVERRIDE`."""
    name = unicodedata.name(character, "")
    return f"U+{ord(character):04X} {name}".rstrip()


class Sieve:
    """A stream in, the same stream without strange invisible characters out.

    The result does not depend on how the stream was cut: a joiner waits for what it joins.
    """

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self._allowed = frozenset(allowed)
        self._before = ""  # the last character that was let through
        self._waiting = ""  # a joiner behind an emoji
        self.refused: dict[str, int] = {}
        """What was taken out, and how often, in the order in which it came."""

    def push(self, chunk: str) -> str:
        """What of `chunk` may be seen."""
        if not self._waiting and (not chunk or _plain(chunk)):
            self._before = chunk[-1:] or self._before
            return chunk
        return "".join(self._sift(chunk))

    def finish(self) -> None:
        """The stream has ended; a joiner that joins nothing is left out."""
        if self._waiting:
            self._refuse(self._waiting)
            self._waiting = ""

    def _sift(self, chunk: str) -> Iterable[str]:
        for character in chunk:
            if self._waiting:
                joiner, self._waiting = self._waiting, ""
                if _is_emoji(character):
                    yield joiner
                else:
                    self._refuse(joiner)
            if character == _JOINER and character not in self._allowed and self._at_emoji():
                self._waiting = character
                continue
            if not self._passes(character):
                self._refuse(character)
                continue
            self._before = character
            yield character

    def _passes(self, character: str) -> bool:
        if character in self._allowed or not _SEEN.match(character):
            return True
        if character in (_EMOJI_STYLE, _TEXT_STYLE):
            return _is_emoji(self._before) or self._before in _KEYCAPS
        return False

    def _at_emoji(self) -> bool:
        return self._before == _EMOJI_STYLE or _is_emoji(self._before)

    def _refuse(self, character: str) -> None:
        self.refused[character] = self.refused.get(character, 0) + 1


def _plain(text: str) -> bool:
    """Whether nothing in `text` needs a look."""
    return _SEEN.search(text) is None


def _is_emoji(character: str) -> bool:
    """Whether it is a picture: a symbol of the category "other", or a skin tone."""
    return bool(character) and (
        unicodedata.category(character) == "So" or ord(character) in _SKIN_TONES
    )
