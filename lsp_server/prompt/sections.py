"""The delimiters of the prompt: sections that no content can close.

A section is `<name-mark>`, its content and `</name-mark>`, each on lines of its own. The mark is a
short hash of the content and does not occur in it, so the first closing tag after the opening one
is the right one whatever the user's code contains. The mark depends on nothing but the content: a
section that stays the same is the same bytes in the next prompt, which a provider's prefix cache
needs.

Code stands in a section inside a Markdown fence too, because models read and write fences best.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

_OPENING = re.compile(r"^<([a-z]+)-([0-9a-f]{8})>\n", re.MULTILINE)
_SHORTEST_FENCE = 3


@dataclass(frozen=True, slots=True)
class Section:
    """One section as it was read: the words above it and what it holds."""

    above: str
    name: str
    content: str


def section(name: str, content: str) -> str:
    """`content`, word for word, between tags that do not occur in it. Ends without a newline."""
    mark = _mark_for(content)
    return f"<{name}-{mark}>\n{content}\n</{name}-{mark}>"


def fenced(code: str, language: str) -> str:
    """`code` in a fence that it cannot close."""
    fence = fence_for(code)
    return f"{fence}{language}\n{code}\n{fence}"


def unfenced(block: str) -> str:
    """The code that `fenced` was given. `block` must come from `fenced`."""
    opening, _, rest = block.partition("\n")
    fence = opening[: len(opening) - len(opening.lstrip("`"))]
    return rest.removesuffix(f"\n{fence}")


def fence_for(*texts: str) -> str:
    """The shortest Markdown fence that is longer than any run of backticks in `texts`."""

    def stand_there(count: int) -> bool:
        return any("`" * count in text for text in texts)

    if not stand_there(_SHORTEST_FENCE):
        return "`" * _SHORTEST_FENCE
    # By halves: a text of any length, and of nothing else, is looked through a few dozen times.
    low, high = _SHORTEST_FENCE, 2 * _SHORTEST_FENCE
    while stand_there(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if stand_there(middle) else (low, middle)
    return "`" * high


def read_sections(text: str) -> Iterator[Section]:
    """The sections of `text` in order, and last what follows them as a section without a name.

    A section that is never closed is not one: it is part of the words around it.
    """
    start = place = 0
    while opening := _OPENING.search(text, place):
        name, mark = opening.groups()
        closing = f"\n</{name}-{mark}>"
        end = text.find(closing, opening.end() - 1)
        if end < 0:
            place = opening.end()
            continue
        yield Section(text[start : opening.start()], name, text[opening.end() : end])
        start = place = end + len(closing)
    yield Section(text[start:], "", "")


def _mark_for(content: str) -> str:
    """Eight hexadecimal digits that follow from `content` and do not occur in it."""
    data = content.encode("utf-8", "surrogatepass")
    mark = hashlib.sha256(data).hexdigest()[:8]
    while mark in content:
        mark = hashlib.sha256(mark.encode() + data).hexdigest()[:8]
    return mark
