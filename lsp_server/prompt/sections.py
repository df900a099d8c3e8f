"""The sections of the prompt: a heading of ours each, then text of others in fences.

A section is a line with its heading, and one Markdown fence for each text that belongs to it. A
fence is longer than any run of backticks in its text, so no text can close its fence. Whatever a
file, a rule or a compiler message says, even fences or our own headings, stays inside. So a reader
from the beginning always knows what is heading and what is material. The instruction is the only
part without a fence, and the last: it ends with the sentence that ends every prompt.

The bytes of a section depend on that section alone. So an unchanged section is the same in the next
prompt, as a provider's prefix cache requires.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

_SHORTEST_FENCE = 3
_FENCE = re.compile(r"(`{3,})([^`\n]*)\n")
_NO_INFO = re.compile(r"[^\w+#.-]")

HEADINGS = {
    "rules": "The project's rules in",
    "file": "File",
    "since": "Changed since then",
    "above": "The lines above the selected code",
    "below": "The lines below the selected code",
    "enclosing": "The selected code is in",
    "imports": "The file imports",
    "definitions": "Defined elsewhere in the file",
    "outline": "The file also declares",
    "open": "Also open in the editor is",
    "callers": "The selected code is used in",
    "defined": "The selected code uses this, defined in",
    "mentioned": "The user points to",
    "selected": "Selected code",
    "part": "The user selected this part of it",
    "cursor": "The user's cursor is in this line of it",
    "problem": "Problems that the editor shows there",
    "mentioned_later": "The user now also points to",
    "now": "What stands there now",
    "typed": "The user typed this there meanwhile; it stays unless the instruction says otherwise",
    "withheld": "The user changed these lines while they were being rewritten; the user's count",
    "settled": "The user has accepted these parts already; they stay exactly as they are",
    "earlier": "Earlier instructions, oldest first",
    "cut": "The rewriting stopped",
}
"""How the heading of each section begins. None begins like another."""

INSTRUCTION = "Change the selected code: "


@dataclass(frozen=True, slots=True)
class PromptSection:
    """One section as it was read: its name, the rest of its heading, and its texts."""

    name: str
    rest: str
    contents: tuple[str, ...]
    info: str = ""
    """The language that its first fence names."""


def section(name: str, *contents: str, rest: str = "", language: str = "") -> str:
    """A section: its heading, and its texts, each in a fence. Ends without a newline.

    `rest` must not end with a colon or a dot, and must not hold a line end.
    """
    blocks = [fenced(content, language) for content in contents]
    return "\n".join([f"{HEADINGS[name]}{rest}{':' if blocks else '.'}", *blocks])


def quoted(text: str) -> str:
    """A text of one line within a heading, such as a path, as a JSON string."""
    return json.dumps(text, ensure_ascii=False)


def fenced(code: str, language: str = "") -> str:
    """`code` in a fence that it cannot close."""
    fence = fence_for(code)
    return f"{fence}{info_of(language)}\n{code}\n{fence}"


def info_of(language: str) -> str:
    """The language for the opening line of a fence, without anything that could end that line."""
    return _NO_INFO.sub("", language)


def fence_for(*texts: str) -> str:
    """The shortest Markdown fence that is longer than any run of backticks in `texts`."""

    def occurs(count: int) -> bool:
        return any("`" * count in text for text in texts)

    if not occurs(_SHORTEST_FENCE):
        return "`" * _SHORTEST_FENCE
    # Bisect: even a long text of nothing but backticks is searched only a few dozen times.
    low, high = _SHORTEST_FENCE, 2 * _SHORTEST_FENCE
    while occurs(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if occurs(middle) else (low, middle)
    return "`" * high


def read_sections(text: str) -> Iterator[PromptSection]:
    """The sections of a prompt in order; the last is the instruction with all that follows it.

    Stops where no section begins.
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


def split_sections(text: str) -> tuple[str, ...]:
    """A prompt's sections as they stand in it, each with the empty line after it.

    Joined they are `text` again. A text that is no prompt is one piece.
    """
    starts: list[int] = []
    place = 0
    while not text.startswith(INSTRUCTION, place):
        end = text.find("\n", place)
        if _name_of(text[place : max(end, place)]) is None:
            break
        starts.append(place)
        place = _read_fences(text, end + 1)[0] + 1
    if place < len(text):
        starts.append(place)
    return tuple(text[start:end] for start, end in pairwise([*starts, len(text)]))


def _name_of(line: str) -> str | None:
    names = (name for name, heading in HEADINGS.items() if line.startswith(heading))
    return next(names, None) if line.endswith((":", ".")) else None


def _read_fences(text: str, place: int) -> tuple[int, str, list[str]]:
    """Where the fences that begin at `place` end, the first one's language, and their texts."""
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
