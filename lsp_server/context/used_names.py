"""Which names a scope uses: plain ones, and chains such as `shop.money.Money`.

Goes by the text without comments. So it is quick and works in every language; names in strings
count, because strings hold expressions in many languages.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lsp_server.syntax.language import Language

__all__ = ["UsedNames", "plain_code", "used_names"]

_STEP = re.compile(
    r"(?:(\?\.|!\.|!!\.|::|(?<=[\w\])])->(?=\w)|\.|\\)\s{0,40})?([^\W\d]\w*)",
)
"""White space counts only behind a sign, and has a bound: otherwise a text of blanks takes time
that grows with its square."""
_ROOTED = ("::", "\\")
"""Before a name that begins at the root of all namespaces."""
_DOC_STRING = re.compile(r'^[ \t]*[rR]?("""|\'\'\')', re.MULTILINE)
_REST_OF_LINE = re.compile(r"[^\n]*")
_MOST_CODE = 200_000
"""Code points of a scope that are read: some 5,000 lines."""
_SELVES = frozenset({"self", "this", "cls", "super", "Self", "base", "static", "parent"})


@dataclass(frozen=True, slots=True)
class UsedNames:
    """The names in a piece of code, in the order in which they first occur."""

    chains: tuple[tuple[str, ...], ...]
    """Each chain of names, outermost first; a plain name is a chain of one."""

    @property
    def plain(self) -> tuple[str, ...]:
        """Names that begin a chain."""
        return tuple(dict.fromkeys(chain[0] for chain in self.chains))

    @property
    def members(self) -> tuple[str, ...]:
        """Names behind another one."""
        return tuple(dict.fromkeys(name for chain in self.chains for name in chain[1:]))

    @property
    def own_fields(self) -> tuple[str, ...]:
        """Fields of the object itself whose members are used: `self.FIELD.name`."""
        return tuple(dict.fromkeys(c[1] for c in self.chains if len(c) > 2 and c[0] in _SELVES))

    def behind(self, head: tuple[str, ...]) -> tuple[str, ...]:
        """The names that directly follow a chain's beginning."""
        length = len(head)
        return tuple(
            dict.fromkeys(
                chain[length]
                for chain in self.chains
                if len(chain) > length and chain[:length] == head
            )
        )


def used_names(text: str, language: Language | None) -> UsedNames:
    """The names that a text uses."""
    return UsedNames(tuple(dict.fromkeys(_chains(plain_code(text, language)))))


def plain_code(text: str, language: Language | None) -> str:
    """A text without its comments and doc strings."""
    text = text[:_MOST_CODE]
    if language is None:
        return text
    if language.id == "python":
        text = _without_doc_strings(text)
    return _without_comments(text, language)


def _without_doc_strings(text: str) -> str:
    """A text without strings that stand on lines of their own."""
    parts: list[str] = []
    done = 0
    while (found := _DOC_STRING.search(text, done)) is not None:
        end = text.find(found[1], found.end())
        if end < 0:
            break
        rest = _REST_OF_LINE.match(text, end + len(found[1]))
        alone = rest is not None and not rest[0].strip()
        parts.append(text[done : found.start() if alone else found.end()])
        done = end + len(found[1]) if alone else found.end()
    return "".join([*parts, text[done:]])


_OPENINGS: dict[str, re.Pattern[str] | None] = {}


def _openings(language: Language) -> re.Pattern[str] | None:
    """What begins a comment of a language; a `//` behind a colon is part of an address."""
    if language.id not in _OPENINGS:
        marks = [rf"(?<![:\\]){re.escape(mark)}" for mark in language.line_comments if mark.strip()]
        blocks = [re.escape(start) for start, _ in language.block_comments]
        parts = [*blocks, *marks]
        _OPENINGS[language.id] = re.compile("|".join(parts)) if parts else None
    return _OPENINGS[language.id]


def _without_comments(text: str, language: Language) -> str:
    """A text with a blank for each comment. One that is not closed is no comment.

    An end that is nowhere is looked for once, so the time grows with the text and no faster.
    """
    openings = _openings(language)
    if openings is None:
        return text
    blocks = dict(language.block_comments)
    unclosed: set[str] = set()
    parts: list[str] = []
    done = at = 0
    while (found := openings.search(text, at)) is not None:
        at = found.end()
        if found[0] in unclosed:
            continue
        closing = blocks.get(found[0])
        end = text.find(closing or "\n", at)
        if end < 0 and closing is not None:
            unclosed.add(found[0])
            continue
        parts += [text[done : found.start()], " "]
        done = at = len(text) if end < 0 else end + len(closing or "")
    return "".join([*parts, text[done:]])


def _chains(text: str) -> Iterator[tuple[str, ...]]:
    chain: list[str] = []
    end = -1
    for found in _STEP.finditer(text):
        joined, name = found[1], found[2]
        if joined and chain and _follows(text, end, found.start()):
            chain.append(name)
        else:
            if chain:
                yield tuple(chain)
            # What follows a call or an index has a receiver that is no name.
            chain = ["", name] if joined and joined not in _ROOTED else [name]
        end = found.end()
    if chain:
        yield tuple(chain)


def _follows(text: str, end: int, start: int) -> bool:
    """Whether a name directly follows another one; white space may be between them."""
    return start == end or not text[end:start].strip()
