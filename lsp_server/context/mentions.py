"""Finds what an instruction mentions: `#path`, `#path:A-B`, `#Symbol`. Pure.

A mention begins behind a blank or an opening bracket or quote, and ends before punctuation that
ends a sentence. Whether a word without a slash and a dot is a symbol only the index knows; until
then it may be text, such as `#todo` or `#12`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_MENTION = re.compile(r"(?<![^\s(\[{<\"'`])#([^\s#\"'`<>|;][^\s\"'`<>|;]*)")
_RANGE = re.compile(r":(\d{1,9})(?:-(\d{1,9}))?\Z")
_AFTER = ".,:;!?…。，、；：！？）」』"
_BRACKETS = {")": "(", "]": "[", "}": "{"}
_NUMBER = re.compile(r"[\d.,:/-]+")
_SYMBOL = re.compile(r"[^\W\d]\w*(?:(?:\.|::)[^\W\d]\w*)*")
_MOST = 50
"""Mentions in one instruction. More is a list that somebody pasted."""


@dataclass(frozen=True, slots=True)
class Mention:
    """One mention. `first` and `last` are lines counted from 1."""

    text: str
    """As the user wrote it, with its `#`."""
    name: str
    """The path or the symbol."""
    first: int | None = None
    last: int | None = None

    @property
    def is_path(self) -> bool:
        """Whether it can only be a path. One without a slash and a dot may be a symbol or text."""
        return "/" in self.name or "." in self.name or self.first is not None

    @property
    def may_be_symbol(self) -> bool:
        """Whether it has the form of a name in code."""
        return self.first is None and _SYMBOL.fullmatch(self.name) is not None


def mentions_in(instructions: Iterable[str]) -> tuple[Mention, ...]:
    """The mentions in instructions, each once, in their order."""
    found: dict[Mention, None] = {}
    for instruction in instructions:
        for match in _MENTION.finditer(instruction):
            mention = _mention(match[1])
            if mention is not None:
                found[mention] = None
            if len(found) == _MOST:
                return tuple(found)
    return tuple(found)


def _mention(text: str) -> Mention | None:
    """The mention that a word behind a `#` is; None for text."""
    word = _without_punctuation(text)
    if not word or _NUMBER.fullmatch(word):
        return None
    lines = _RANGE.search(word)
    if lines is None:
        return Mention(f"#{word}", word)
    name, first = word[: lines.start()], int(lines[1])
    last = first if lines[2] is None else int(lines[2])
    return Mention(f"#{word}", name, first, last) if name else None


def _without_punctuation(word: str) -> str:
    """A word without what ends its sentence. Brackets stay where they are in pairs, as in
    `app/[id].tsx`, but not those of a call, as in `Till.due()`."""
    while word:
        end = word[-1]
        opening = _BRACKETS.get(end)
        if word.endswith("()"):
            word = word[:-2]
        elif end in _AFTER or (opening and word.count(end) > word.count(opening)):
            word = word[:-1]
        else:
            break
    return word
