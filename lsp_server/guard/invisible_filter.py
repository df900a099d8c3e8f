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
from functools import lru_cache

from lsp_server.guard.invisible_characters import HIDDEN, Treatment, judge

_INSTEAD = {Treatment.BLANK: " ", Treatment.LINE_END: "\n"}
_CONTROL_PICTURES = 0x2400
_PICTURES = {code: chr(_CONTROL_PICTURES + code) for code in range(0x20)} | {0x7F: "\u2421"}
_UNKNOWN = "\ufffd"
_OPEN_BOX = "\u2423"
_WHITE_SPACE = re.compile(r"[ \t\n\r\v\f]+")
_LAYOUT = re.compile(r"(\r\n|[\n\t])")
_LONGEST_SEQUENCE = 8
"""Code points. A cut is moved by no more than that, so as not to go through a sequence."""
_SEEN = bytes([*b"\t\n\f", *range(0x20, 0x7F)])
"""The ASCII characters that are not hidden."""
_MOST_KINDS = 200
_MOST_OF_A_KIND = 300
_MOST_JUDGED = 1_000
"""So many different hidden characters of a text are looked at, so many places of each, and so many
places of them all. What none of these shows out of place counts as spelling: the careful side,
since a model may not use it elsewhere."""


@lru_cache(maxsize=2)
def invisible_in(text: str) -> frozenset[str]:
    """The hidden characters that `text` holds where they are no spelling.

    Each is looked for until it is known; one that is spelling in many places, in a bounded number.
    Kept for the texts of the last calls: each attempt of an edit asks for the same document.
    """
    found: set[str] = set()
    left = _MOST_JUDGED
    for character in _hidden_kinds(text)[:_MOST_KINDS]:
        if character == "\r":  # The lone one, which is no spelling anywhere.
            found.add(character)
            continue
        at = text.find(character)
        for _ in range(min(_MOST_OF_A_KIND, left)):
            if at < 0:
                break
            left -= 1
            if _is_out_of_place(text, at):
                found.add(character)
                break
            at = text.find(character, at + 1)
    return frozenset(found)


def _hidden_kinds(text: str) -> list[str]:
    """The different hidden characters of `text`, in the order of Unicode."""
    strange = text.encode("utf-8", "surrogatepass").translate(None, _SEEN)
    kinds = set(strange.decode("utf-8", "surrogatepass"))
    if text.count("\r") == text.count("\r\n"):
        kinds.discard("\r")
    return sorted(kind for kind in kinds if HIDDEN.match(kind) is not None)


def _is_out_of_place(text: str, at: int) -> bool:
    """Whether `text[at]` is hidden and no spelling; read from the last character that is seen.

    False where too many hidden ones stand between.
    """
    start = at
    while start > 0 and HIDDEN.match(text, start - 1) is not None:
        start -= 1
        if at - start > _LONGEST_SEQUENCE:
            return False
    before = text[start - 1 : start]
    while start <= at and HIDDEN.match(text, start) is not None:
        fate, size = judge(text, start, before, ended=True)
        if fate is Treatment.PASSES:
            before = text[start + size - 1]
        elif start == at:
            return True
        else:
            before = _INSTEAD.get(fate, before)
        start += size
    return False


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
            seen = character if fate is Treatment.PASSES else _picture(fate)
        before = seen
        shown.append(seen)
    return "".join(shown)


def visible_lines(text: str) -> str:
    """The same of a text of several lines, whose line ends and tabs stay what they are."""
    parts = _LAYOUT.split(text)
    return "".join(part if i % 2 else visible(part) for i, part in enumerate(parts))


def _picture(fate: Treatment) -> str:
    return _OPEN_BOX if fate is Treatment.BLANK else _UNKNOWN


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


class InvisibleFilter:
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
            fate, size = Treatment.PASSES, 1
            if text[at] not in self._allowed:
                fate, size = judge(text, at, self._before, ended=ended)
            if fate is Treatment.WAITS:
                self._waiting = text[at:]
                return
            done = at + size
            if fate is Treatment.PASSES:
                yield text[at:done]
                self._before = text[done - 1]
            else:
                yield self._instead(text[at], fate)
        if done < len(text):
            yield text[done:]
            self._before = text[-1]

    def _instead(self, character: str, fate: Treatment) -> str:
        """What is written for a character that does not pass."""
        instead = _INSTEAD.get(fate, "")
        count = self.replaced if instead else self.refused
        count[character] = count.get(character, 0) + 1
        self._before = instead or self._before
        return instead
