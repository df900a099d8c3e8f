"""Texts that nest deeper than a grammar can bear: its scanner's memory, or its parser's time.

tree-sitter gives a scanner 1,024 bytes for its state. The scanners of YAML, Markdown and Python
write the open levels there and, from some hundred levels on, past the end, which ends the process
(their issues: tree-sitter-yaml 48, tree-sitter-markdown 243, tree-sitter-python 350). No person
writes such a text, but a model that repeats itself does.

Where `<` and `(` are ambiguous, tree-sitter keeps both readings of everything open. At an error it
goes through them without a pause, which takes the square of their number or more (24 kB of `a<b` in
Java: 4 s, measured). All numbers count bytes or levels.
"""

import re
from dataclasses import dataclass
from itertools import accumulate

__all__ = ["Nesting", "is_too_deep", "shallow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Nesting:
    """What a grammar cannot bear in deep texts. By default it bears everything."""

    levels: re.Pattern[bytes] | None = None
    """Matches what opens levels that its scanner has to note: as much of it as is sound, then the
    rest, in two groups."""
    ambiguous: bool = False
    """Whether its errors take long where many brackets are open: `<` or `(` may mean two things."""
    nests_comments: bool = False
    """Whether block comments nest: 3,000 levels take seconds. Only asked if `ambiguous`."""


def shallow(source: bytes, nesting: Nesting) -> bytes:
    """`source` as the grammar may be given it; the same except for deep texts.

    Whatever would open more levels becomes a word of the same length, so that places stay true.
    """
    if nesting.levels is None:
        return source
    return nesting.levels.sub(lambda found: found[1] + b"x" * len(found[2]), source)


_COMMENT_MARKS = re.compile(rb"/\*|\*/")
_MOST_OPEN = 256
"""How many brackets may be open at a place. Code that people write has some twenty."""
_ALL = bytes(range(256))
_NO_BRACKETS = bytes(set(_ALL) - set(b"()[]{}"))
_NO_ANGLES = bytes(set(_ALL) - set(b"<>;{}"))
_ARROWS = re.compile(rb"[=-]>|<[-:]")
_ANGLES = re.compile(rb"<{%d}" % _MOST_OPEN)


def is_too_deep(source: bytes, nesting: Nesting) -> bool:
    """Whether more is open somewhere in `source` than the grammar can bear.

    Counts brackets everywhere, also in strings. Goes by whole texts, so it takes some
    microseconds for a page of code.
    """
    if not nesting.ambiguous:
        return False
    if nesting.nests_comments and source.count(b"/*") > _MOST_OPEN:
        steps = (1 if mark == b"/*" else -1 for mark in _COMMENT_MARKS.findall(source))
        if max(accumulate(steps, lambda levels, step: max(levels + step, 0))) > _MOST_OPEN:
            return True
    if sum(map(source.count, (b"(", b"[", b"{"))) > _MOST_OPEN:
        left = _without_pairs(source.translate(None, _NO_BRACKETS), (b"()", b"[]", b"{}"))
        if sum(map(left.count, (b"(", b"[", b"{"))) > _MOST_OPEN:
            return True
    if source.count(b"<") <= _MOST_OPEN:
        return False
    angles = _ARROWS.sub(b"", source).translate(None, _NO_ANGLES)
    return _ANGLES.search(_without_pairs(angles, (b"<>",))) is not None


def _without_pairs(brackets: bytes, pairs: tuple[bytes, ...]) -> bytes:
    """The brackets that have no partner, or whose partner is many others away.

    In code that people write each round removes half of the brackets. If a round removes hardly
    any, all that is left is deep, so a few rounds are enough.
    """
    while len(brackets) > _MOST_OPEN:
        left = brackets
        for pair in pairs:
            left = left.replace(pair, b"")
        shrunk, brackets = len(brackets) - len(left), left
        if not shrunk or (16 * shrunk < len(left) and len(left) > 4 * _MOST_OPEN):
            break
    return brackets
