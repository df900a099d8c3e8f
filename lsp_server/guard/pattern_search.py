"""Searches a text for fixed words first, and with patterns only near them.

Each edit searches its prompt again, for some hundred things of which it has almost none. The words
of the text are therefore collected once, and a rule with no word among them costs nothing. Knows no
format.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from lsp_server.guard.prefixes import PREFIXED
from lsp_server.guard.value_shapes import is_slug
from lsp_server.text.span import Span


@dataclass(frozen=True, slots=True)
class SecretPattern:
    """A rule that finds one kind of secret: the group `secret` of the pattern.

    A document must contain one of the `hints` (in lower case) for the rule to be tried. `fits`
    checks each find. With `at_hint` the pattern begins at a hint, which is much faster.
    """

    pattern: re.Pattern[str]
    hints: tuple[str, ...]
    fits: Callable[[str], bool] | None = None
    at_hint: bool = False


_STARTS = tuple(
    (
        start.encode(),
        re.split(r"\W", start)[0].encode(),
        re.compile(f"{re.escape(start)}(?P<rest>[{rest}]{{{least},}})"),
    )
    for start, rest, least, _ in PREFIXED
)
"""What a secret begins with, the first word of that, and the pattern of the complete secret."""

_MOST_BEFORE = 250
_MOST_AFTER = 700
"""Code points before and after a hint in which its rule looks for the start of a secret."""

_SHORT = 6
"""After a beginning with fewer characters, only what is not made of words is taken for a secret."""
_GRAM = 4
"""Letters of the pieces that show quickly that a word is not in a text."""


@dataclass(frozen=True, slots=True)
class Folded:
    """A text prepared for searching for fixed words: one byte per code point, so offsets are the
    same."""

    exact: bytes
    lower: bytes
    words: tuple[bytes, ...]
    """Each word once, sorted."""
    joined: bytes
    """The words in lower case, joined by spaces."""
    grams: frozenset[bytes]
    """All pieces of `joined` that are four letters long."""

    def has_beginning(self, word: bytes) -> bool:
        """Whether a word of the text begins like this."""
        place = bisect_left(self.words, word)
        return place < len(self.words) and self.words[place].startswith(word)

    def places(self, word: bytes) -> Iterator[int]:
        """The offsets of a word, which is in lower case."""
        core = _core(word)
        if len(core) >= _GRAM and core[:_GRAM] not in self.grams:
            return
        if core in self.joined:
            yield from _places(word, self.lower)


_WORDS = bytes(
    c if (chr(c).isalnum() and c < 128) or c == ord("_") else ord(" ") for c in range(256)
)
_ESCAPED = (b"\\n", b"\\r", b"\\t")


def fold(text: str) -> Folded:
    """`text` as bytes. Non-ASCII characters become question marks."""
    exact = text.encode("ascii", "replace")
    plain = exact
    if b"\\" in plain:
        for escaped in _ESCAPED:
            plain = plain.replace(escaped, b"  ")
    words = tuple(sorted(set(plain.translate(_WORDS).split())))
    joined = b" ".join({word.lower() for word in words})
    grams = {joined[at : at + _GRAM] for at in range(len(joined))}
    return Folded(exact, exact.lower(), words, joined, frozenset(grams))


def with_prefix(text: str, folded: Folded) -> Iterator[Span]:
    """The secrets that begin as their makers document."""
    for start, begins, pattern in _STARTS:
        if not folded.has_beginning(begins):
            continue
        done = 0
        for place in _places(start, folded.exact):
            before = text[max(0, place - 2) : place]
            inside = before[-1:].isalnum() or before[-1:] == "_"
            escaped = before.encode("ascii", "replace") in _ESCAPED
            if place < done or (inside and not escaped):
                continue
            if match := pattern.match(text, place):
                done = match.end()
                if _fits_beginning(start.decode(), match["rest"]):
                    yield Span(*match.span())


def _fits_beginning(start: str, rest: str) -> bool:
    return len(start) >= _SHORT or start.isupper() or not is_slug(rest)


def by_rules(rules: Iterable[SecretPattern], text: str, folded: Folded) -> Iterator[Span]:
    """What the rules find near their hints."""
    for rule in rules:
        for match in _matches(rule, text, folded):
            if rule.fits is None or rule.fits(match["secret"]):
                yield Span(*match.span("secret"))


def _matches(rule: SecretPattern, text: str, folded: Folded) -> Iterator[re.Match[str]]:
    places = sorted(place for hint in rule.hints for place in folded.places(hint.encode()))
    if rule.at_hint:
        yield from filter(None, (rule.pattern.match(text, place) for place in places))
        return
    for start, end in _windows(places, folded.exact):
        for match in rule.pattern.finditer(text, start, end):
            if match.end() < end:
                yield match
            elif longer := rule.pattern.match(text, match.start()):
                yield longer  # A long secret goes on after the window.


def _windows(places: list[int], text: bytes) -> Iterator[tuple[int, int]]:
    """The windows around the offsets. They do not overlap."""
    start = end = -1
    for place in places:
        first = max(0, place - _MOST_BEFORE)
        if first > end:
            if end >= 0:
                yield start, end
            start = text.rfind(b"\n", first, place) + 1 or first
        end = place + _MOST_AFTER
    if end >= 0:
        yield start, end


@cache
def _core(word: bytes) -> bytes:
    """The longest run of letters and digits in it."""
    return max(re.split(rb"\W", word), key=len)


def _places(word: bytes, text: bytes) -> Iterator[int]:
    place = text.find(word)
    while place >= 0:
        yield place
        place = text.find(word, place + len(word))
