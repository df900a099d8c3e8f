"""Removes characters from a model's answer that are invisible in the editor, and shows them
elsewhere.

Bidirectional controls make code read differently from how it runs (CVE-2021-42574, "Trojan
Source"); zero-width and tag characters hide words in it. Such a character passes only where it is
part of correct spelling, or if the user's own code already has the same one out of place. Text
shown to a person (a title, a line of a diff) gets a visible symbol in its place.

Knows nothing of models, sessions or secrets.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from lsp_server.guard.invisible_characters import HIDDEN, Treatment, judge

_INSTEAD = {Treatment.SPACE: " ", Treatment.LINE_FEED: "\n"}
_CONTROL_PICTURES = 0x2400
_PICTURES = {code: chr(_CONTROL_PICTURES + code) for code in range(0x20)} | {0x7F: "\u2421"}
_UNKNOWN = "\ufffd"
_OPEN_BOX = "\u2423"
_WHITE_SPACE = re.compile(r"[ \t\n\r\v\f]+")
_LAYOUT = re.compile(r"(\r\n|[\n\t])")
_LONGEST_SEQUENCE = 8
"""Code points. A cut moves by at most this much to avoid splitting a sequence."""
_SEEN = bytes([*b"\t\n\f", *range(0x20, 0x7F)])
"""The ASCII characters that are not hidden."""
_MOST_KINDS = 200
_MOST_OF_A_KIND = 300
_MOST_JUDGED = 1_000
"""Limits for one text: how many different hidden characters are examined, how many places of each,
and how many places in all. A character that none of these shows out of place counts as correct
spelling. That is the safe side: the model may then not use it elsewhere."""


@lru_cache(maxsize=2)
def invisible_in(text: str) -> frozenset[str]:
    """The hidden characters that `text` has where they are not part of correct spelling.

    Searches for each until one such place is found, within the limits above. Cached for the texts
    of the last calls, because each attempt of an edit asks for the same document.
    """
    out_of_place: set[str] = set()
    left = _MOST_JUDGED
    for character in _hidden_kinds(text)[:_MOST_KINDS]:
        if character == "\r":  # A lone one, which is correct spelling nowhere.
            out_of_place.add(character)
            continue
        at = text.find(character)
        for _ in range(min(_MOST_OF_A_KIND, left)):
            if at < 0:
                break
            left -= 1
            if _is_out_of_place(text, at):
                out_of_place.add(character)
                break
            at = text.find(character, at + 1)
    return frozenset(out_of_place)


def _hidden_kinds(text: str) -> list[str]:
    """The different hidden characters of `text`, in Unicode order."""
    strange = text.encode("utf-8", "surrogatepass").translate(None, _SEEN)
    kinds = set(strange.decode("utf-8", "surrogatepass"))
    if text.count("\r") == text.count("\r\n"):
        kinds.discard("\r")
    return sorted(kind for kind in kinds if HIDDEN.match(kind) is not None)


def _is_out_of_place(text: str, at: int) -> bool:
    """Whether `text[at]` is hidden and not part of correct spelling, judged from the last visible
    character before it.

    False if too many hidden characters are between.
    """
    start = at
    while start > 0 and HIDDEN.match(text, start - 1) is not None:
        start -= 1
        if at - start > _LONGEST_SEQUENCE:
            return False
    before = text[start - 1 : start]
    while start <= at and HIDDEN.match(text, start) is not None:
        verdict, size = judge(text, start, before, ended=True)
        if verdict is Treatment.KEEP:
            before = text[start + size - 1]
        elif start == at:
            return True
        else:
            before = _INSTEAD.get(verdict, before)
        start += size
    return False


def name_of(character: str) -> str:
    """The name of an invisible character in messages: `U+202E RIGHT-TO-LEFT OVERRIDE`."""
    name = unicodedata.name(character, "")
    return f"U+{ord(character):04X} {name}".rstrip()


def visible(text: str) -> str:
    """The text for display: one visible symbol for each hidden character and each control.

    The result is as long as `text`. Line ends and tabs are controls too. Correct spelling stays.
    """
    if text.isprintable() and HIDDEN.search(text) is None:
        return text
    shown, before, passing = [], "", 0
    for at, character in enumerate(text):
        if passing > 0:
            passing -= 1
            symbol = character
        elif (code := ord(character)) in _PICTURES:
            symbol = _PICTURES[code]
        elif 0xD800 <= code < 0xE000:
            symbol = _UNKNOWN
        elif HIDDEN.match(character) is None:
            symbol = character
        else:
            verdict, size = judge(text, at, before, ended=True)
            passing = size - 1
            symbol = character if verdict is Treatment.KEEP else _picture(verdict)
        before = symbol
        shown.append(symbol)
    return "".join(shown)


def visible_lines(text: str) -> str:
    """The same for several lines of text. Line ends and tabs stay."""
    parts = _LAYOUT.split(text)
    return "".join(part if i % 2 else visible(part) for i, part in enumerate(parts))


def _picture(verdict: Treatment) -> str:
    return _OPEN_BOX if verdict is Treatment.SPACE else _UNKNOWN


def one_line(text: str, most: int) -> str:
    """The text for display on one line of at most `most` code points, which must be at least 40.

    The rest is counted: "… and 214 more characters".
    """
    words = _WHITE_SPACE.sub(" ", text).strip(" ")
    if len(words) <= most:
        return visible(words)
    limit = most - len(_and_more(len(words)))
    for shown in range(limit, limit - _LONGEST_SEQUENCE, -1):
        if HIDDEN.match(words[shown - 1]) is None and HIDDEN.match(words[shown]) is None:
            break
    return visible(words[:shown]) + _and_more(len(words) - shown)


def _and_more(count: int) -> str:
    return f"… and {count:,} more characters"


class InvisibleFilter:
    """Removes invisible characters from a stream unless they are allowed or correct spelling.

    The result does not depend on how the stream is cut into chunks: a joiner waits for what it
    joins.
    """

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self._allowed = frozenset(allowed)
        self._before = ""  # the last character that passed
        self._waiting = ""  # the beginning of what may be correct spelling
        self.refused: dict[str, int] = {}
        """The characters that were removed and how often, in the order in which they came."""
        self.replaced: dict[str, int] = {}
        """The same for characters that were replaced by an ordinary space or line end."""

    def push(self, chunk: str) -> str:
        """The part of the held-back text and of `chunk` that may be shown."""
        if not self._waiting and HIDDEN.search(chunk) is None:
            self._before = chunk[-1:] or self._before
            return chunk
        return "".join(self._filtered(self._waiting + chunk, ended=False))

    def finish(self) -> str:
        """The stream has ended; returns the rest. Removes a joiner that joins nothing."""
        return "".join(self._filtered(self._waiting, ended=True))

    def _filtered(self, text: str, *, ended: bool) -> Iterator[str]:
        self._waiting, done = "", 0
        while (found := HIDDEN.search(text, done)) is not None:
            at = found.start()
            if at > done:
                yield text[done:at]
                self._before = text[at - 1]
            verdict, size = Treatment.KEEP, 1
            if text[at] not in self._allowed:
                verdict, size = judge(text, at, self._before, ended=ended)
            if verdict is Treatment.WAIT:
                self._waiting = text[at:]
                return
            done = at + size
            if verdict is Treatment.KEEP:
                yield text[at:done]
                self._before = text[done - 1]
            else:
                yield self._replacement(text[at], verdict)
        if done < len(text):
            yield text[done:]
            self._before = text[-1]

    def _replacement(self, character: str, verdict: Treatment) -> str:
        """What to write for a character that does not pass."""
        instead = _INSTEAD.get(verdict, "")
        count = self.replaced if instead else self.refused
        count[character] = count.get(character, 0) + 1
        self._before = instead or self._before
        return instead
