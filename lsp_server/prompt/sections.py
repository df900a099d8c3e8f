"""The sections of the prompt: words of ours, and below them what others wrote, in fences.

A section is a line of words, and one Markdown fence for each text that belongs to it. A fence is
longer than any run of backticks in its text, so no text can close its own: whatever a file, a rule
or a message of a compiler says, fences and our own words included, it stays inside. Whoever reads
from the beginning on knows at each place whether it is words or material. The instruction is the
only part without a fence, and the last: what follows its words is the instruction, up to the
sentence that ends every prompt.

Nothing here depends on more than the section itself: one that stays the same is the same bytes in
the next prompt, which a provider's prefix cache needs.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

_SHORTEST_FENCE = 3
_FENCE = re.compile(r"(`{3,})([^`\n]*)\n")
_NO_INFO = re.compile(r"[^\w+#.-]")

HEADINGS = {
    "rules": "The project's rules",
    "file": "File",
    "since": "Changed since then",
    "above": "The lines above the selected code",
    "below": "The lines below the selected code",
    "enclosing": "The selected code is in",
    "imports": "The file imports",
    "definitions": "Defined elsewhere in the file",
    "outline": "The file also declares",
    "selected": "Selected code",
    "part": "The user selected this part of it",
    "cursor": "The user's cursor is in this line of it",
    "problem": "Problems that the editor shows there",
    "now": "What stands there now",
    "typed": "The user typed this there meanwhile; it stays unless the instruction says otherwise",
    "withheld": "The user changed these lines while they were being rewritten; the user's count",
    "settled": "The user has accepted these parts already; they stay exactly as they are",
    "earlier": "Earlier instructions, oldest first",
    "cut": "The rewriting stopped",
}
"""How the line above the material begins, by the section's name. None begins like another."""

INSTRUCTION = "Change the selected code: "


@dataclass(frozen=True, slots=True)
class PromptSection:
    """One section as it was read: its name, what follows its first words, and its texts."""

    name: str
    rest: str
    contents: tuple[str, ...]
    info: str = ""
    """The language that the first of its fences names."""


def section(name: str, *contents: str, rest: str = "", language: str = "") -> str:
    """The words of a section and its texts, each in a fence. Ends without a newline.

    `rest` must end neither in a colon nor in a dot, and hold no line end.
    """
    blocks = [fenced(content, language) for content in contents]
    return "\n".join([f"{HEADINGS[name]}{rest}{':' if blocks else '.'}", *blocks])


def quoted(text: str) -> str:
    """A text of one line that stands among our words, such as a path: as a JSON string."""
    return json.dumps(text, ensure_ascii=False)


def fenced(code: str, language: str = "") -> str:
    """`code` in a fence that it cannot close."""
    fence = fence_for(code)
    return f"{fence}{info_of(language)}\n{code}\n{fence}"


def info_of(language: str) -> str:
    """How a fence names a language: nothing that could end the line."""
    return _NO_INFO.sub("", language)


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


def read_sections(text: str) -> Iterator[PromptSection]:
    """The sections of a prompt in order, the instruction last with what follows its words.

    Ends where no section begins.
    """
    place = 0
    while not text.startswith(INSTRUCTION, place):
        end = text.find("\n", place)
        name = _name_of(text[place : max(end, place)])
        if name is None:
            return
        rest = text[place + len(HEADINGS[name]) : end - 1]
        place, info, contents = _read_fences(text, end + 1)
        yield PromptSection(name, rest, tuple(contents), info)
        place += 1  # The empty line.
    yield PromptSection("instruction", text[place + len(INSTRUCTION) :], ())


def _name_of(line: str) -> str | None:
    names = (name for name, words in HEADINGS.items() if line.startswith(words))
    return next(names, None) if line.endswith((":", ".")) else None


def _read_fences(text: str, place: int) -> tuple[int, str, list[str]]:
    """Where the fences end that begin at `place`, the first one's language, and what is in them."""
    contents: list[str] = []
    info = ""
    while opening := _FENCE.match(text, place):
        closing = f"\n{opening[1]}\n"
        end = text.find(closing, opening.end())
        if end < 0:
            break
        info = info if contents else opening[2]
        contents.append(text[opening.end() : end])
        place = end + len(closing)
    return place, info, contents
