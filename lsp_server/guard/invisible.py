"""Takes characters out of a model's answer that nobody would see in the editor, and shows them.

Bidirectional controls make code read otherwise than it runs (CVE-2021-42574, "Trojan Source");
zero-width and tag characters hide words in it. Such a character is let through only where it is
spelling, or where the code that the user gave already holds the same one out of place.
What is shown to a person (a title, a line of a diff) has a picture in its place.

Knows nothing of models, sessions or secrets.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from lsp_server.guard.hidden import HIDDEN, Fate, judge

_INSTEAD = {Fate.BLANK: " ", Fate.LINE_END: "\n"}
_CONTROL_PICTURES = 0x2400
_PICTURES = {code: chr(_CONTROL_PICTURES + code) for code in range(0x20)} | {0x7F: "\u2421"}
_UNKNOWN = "\ufffd"
_OPEN_BOX = "\u2423"
_WHITE_SPACE = re.compile(r"[ \t\n\r\v\f]+")
_LAYOUT = re.compile(r"(\r\n|[\n\t])")
_LONGEST_SEQUENCE = 8
"""Code points. A cut is moved by no more than that, so as not to go through a sequence."""


def invisible_in(text: str) -> frozenset[str]:
    """The hidden characters that `text` holds where they are no spelling."""
    if HIDDEN.search(text) is None:
        return frozenset()
    sieve = Sieve()
    sieve.push(text)
    sieve.finish()
    return frozenset((*sieve.refused, *sieve.replaced))


def name_of(character: str) -> str:
    """What a sentence calls an invisible character: `U+202E RIGHT-TO-LEFT OVERRIDE`."""
    name = unicodedata.name(character, "")
    return f"U+{ord(character):04X} {name}".rstrip()


def visible(text: str) -> str:
    """The text as it may be shown: for each hidden character, and each control, one picture.

    As long as `text`. Line ends and tabs are controls too; spelling is as it is.
    """
    if text.isprintable() and HIDDEN.search(text) is None:
        return text
    shown, before, passing = [], "", 0
    for at, character in enumerate(text):
        if passing > 0:
            passing -= 1
            seen = character
        elif (code := ord(character)) in _PICTURES:
            seen = _PICTURES[code]
        elif 0xD800 <= code < 0xE000:
            seen = _UNKNOWN
        elif HIDDEN.match(character) is None:
            seen = character
        else:
            fate, size = judge(text, at, before, ended=True)
            passing = size - 1
            seen = character if fate is Fate.PASSES else _picture(fate)
        before = seen
        shown.append(seen)
    return "".join(shown)


def visible_lines(text: str) -> str:
    """The same of a text of several lines, whose line ends and tabs stay what they are."""
    parts = _LAYOUT.split(text)
    return "".join(part if i % 2 else visible(part) for i, part in enumerate(parts))


def _picture(fate: Fate) -> str:
    return _OPEN_BOX if fate is Fate.BLANK else _UNKNOWN


def one_line(text: str, most: int) -> str:
    """The text made visible on one line of at most `most` code points.

    What does not fit is counted: "… and 214 more characters". `most` is 40 at least.
    """
    words = _WHITE_SPACE.sub(" ", text).strip(" ")
    if len(words) <= most:
        return visible(words)
    room = most - len(_and_more(len(words)))
    for shown in range(room, room - _LONGEST_SEQUENCE, -1):
        if HIDDEN.match(words[shown - 1]) is None and HIDDEN.match(words[shown]) is None:
            break
    return visible(words[:shown]) + _and_more(len(words) - shown)


def _and_more(count: int) -> str:
    return f"… and {count:,} more characters"


class Sieve:
    """A stream in, the same stream without strange invisible characters out.

    The result does not depend on how the stream was cut: a joiner waits for what it joins.
    """

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self._allowed = frozenset(allowed)
        self._before = ""  # the last character that was let through
        self._waiting = ""  # the beginning of what may be spelling
        self.refused: dict[str, int] = {}
        """What was taken out, and how often, in the order in which it came."""
        self.replaced: dict[str, int] = {}
        """The same of what became an ordinary blank or line end."""

    def push(self, chunk: str) -> str:
        """What of `chunk`, and of what waited, may be seen."""
        if not self._waiting and HIDDEN.search(chunk) is None:
            self._before = chunk[-1:] or self._before
            return chunk
        return "".join(self._sift(self._waiting + chunk, ended=False))

    def finish(self) -> str:
        """The stream has ended; returns what is left. A joiner that joins nothing is left out."""
        return "".join(self._sift(self._waiting, ended=True))

    def _sift(self, text: str, *, ended: bool) -> Iterator[str]:
        self._waiting, done = "", 0
        while (found := HIDDEN.search(text, done)) is not None:
            at = found.start()
            if at > done:
                yield text[done:at]
                self._before = text[at - 1]
            fate, size = Fate.PASSES, 1
            if text[at] not in self._allowed:
                fate, size = judge(text, at, self._before, ended=ended)
            if fate is Fate.WAITS:
                self._waiting = text[at:]
                return
            done = at + size
            if fate is Fate.PASSES:
                yield text[at:done]
                self._before = text[done - 1]
            else:
                yield self._instead(text[at], fate)
        if done < len(text):
            yield text[done:]
            self._before = text[-1]

    def _instead(self, character: str, fate: Fate) -> str:
        """What is written for a character that does not pass."""
        instead = _INSTEAD.get(fate, "")
        count = self.replaced if instead else self.refused
        count[character] = count.get(character, 0) + 1
        self._before = instead or self._before
        return instead
