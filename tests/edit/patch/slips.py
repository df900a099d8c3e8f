"""Patches as models write them: right in what they say of the code, careless in everything else.

`slip` writes the diff between an original and an answer and spoils it: numbers, counts, headers,
context, columns, fences, order. `Slip.possible` are the texts that may come of it: of each hunk
either the change that it says, where it belongs, or nothing.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random

from lsp_server.edit.diff import equal_lines

_NEW_LINES = (
    *("x = 1", "    return result", "}", "", "    if (ready) {", "\t\tgo(on)", "// a note", "end"),
    *("- item", "+ 1", "@@ what", "--- a", "+++ b", "  ", "    value = compute(value)  "),
)
# Lines that would be read as something else without the blank before them.
_NEEDS_MARKER = ("+", "-", "@", "\\", "`", "~")
_NAMES: tuple[list[str], ...] = (
    [],
    [],
    ["--- a/x.py", "+++ b/x.py"],
    ["diff --git a/x b/x", "index 12..34 100644", "--- a/x", "+++ b/x"],
)


@dataclass(frozen=True)
class Part:
    """One hunk before it is written down: old lines `[first, last)` become `new`.

    It shows the old lines `[start, end)`; the others are context.
    """

    start: int
    first: int
    last: int
    end: int
    new: tuple[str, ...]


@dataclass(frozen=True)
class Slip:
    """A reply, and what may come of it."""

    original: str
    reply: str
    parts: tuple[Part, ...]
    certain: bool
    """Whether nothing that a reader has to know was spoilt: then no hunk may be left out."""
    notes: tuple[str, ...]
    """What was spoilt, to be read when a test fails."""

    def possible(self, left_out: int) -> set[str]:
        """The texts in which all but so many hunks stand where they belong."""
        lines = self.original.split("\n")
        texts = set()
        for chosen in product((True, False), repeat=len(self.parts)):
            if chosen.count(False) != left_out:
                continue
            text: list[str] = []
            at = 0
            for part, taken in zip(self.parts, chosen, strict=True):
                if taken:
                    text += [*lines[at : part.first], *part.new]
                    at = part.last
            texts.add("\n".join(text + lines[at:]))
        return texts


def edited(random: Random, original: str, others: Sequence[str]) -> str:
    """An answer: some lines of the original go, change, move to another column or come twice."""
    lines = original.split("\n")
    for _ in range(random.randint(1, 5)):
        start = random.randrange(len(lines) + 1)
        end = min(start + random.choice((0, 0, 1, 1, 2, 5)), len(lines))
        old = lines[start:end]
        new = random.choice(
            (
                [],
                [random.choice((*_NEW_LINES, *others)) for _ in range(random.randint(1, 3))],
                [f"    {line}" for line in old],
                [re.sub(r"[a-z]\b", "z", line) for line in old],
                [*old, *old],
                lines[max(start - 3, 0) : start],
            )
        )
        lines[start:end] = new
    return "\n".join(lines)


def slip(random: Random, original: str, answer: str) -> Slip:
    """The patch from one to the other, as a careless model sends it."""
    old, new = original.split("\n"), answer.split("\n")
    context = random.choice((1, 2, 3, 3, 3, 5))
    apart = random.random() < 0.2
    parts = tuple(_parts(old, new, context, apart))
    alone = all(_places(old, part) == 1 for part in parts)
    # Of two places that read the same, a wrong number or a wrong order may name the wrong one.
    # Nor may one say that the hunk behind begins farther down than it does.
    harmless = ("right", "counts") if apart else ("right", "none", "bare", "counts")
    harmful = () if apart or not alone else ("shifted", "random", "zero")
    numbers = random.choice((*harmless, *harmful))
    shift = random.randint(-9, 40)
    spoils = random.sample(sorted(_SPOILS), random.choice((0, 0, 1, 1, 2)))
    # Without a line that shows it nobody can tell that the new lines are spoilt as well.
    if "no blank before context" in spoils or not all(_says_tabs(old, part) for part in parts):
        spoils = [name for name in spoils if name != "tabs"]
    if "no blank before context" in spoils or not all(_says_blank(old, part) for part in parts):
        spoils = [name for name in spoils if name != "one blank too many"]
    hunks: list[list[str]] = []
    for part in parts:
        body = _body(old, part)
        for name in spoils:
            body = _SPOILS[name](random, body)
        hunks.append([_head(random, part, numbers, shift), *body])
    shuffled = alone and random.random() < 0.15
    if shuffled:
        random.shuffle(hunks)
    reply, form = _wrapped(random, hunks, one_block=apart)
    notes = (f"context {context}", f"apart {apart}", numbers, *spoils, f"shuffled {shuffled}", form)
    if random.random() < 0.1:
        reply, notes = reply.replace("\n", "\r\n"), (*notes, "CRLF")
    certain = alone and not shuffled and "a context line is wrong" not in spoils
    return Slip(original, reply, parts, certain, notes)


def _parts(old: list[str], new: list[str], context: int, apart: bool) -> Iterator[Part]:
    """The hunks between two texts. `apart`: also those that begin in another one's context."""
    changes: list[tuple[int, int, int, int]] = []
    a = b = 0
    for c, d in [*equal_lines(old, new), (len(old), len(new))]:
        if (a, b) != (c, d):
            joins = bool(changes) and not apart and a - changes[-1][1] <= 2 * context
            first = changes.pop() if joins else (a, c, b, d)
            changes.append((first[0], c, first[2], d))
        a, b = c + 1, d + 1
    low = 0
    for a, c, b, d in changes:
        start, end = max(a - context, low), min(c + context, len(old))
        yield Part(start, a, c, end, tuple(new[b:d]))
        low = c


def _body(old: list[str], part: Part) -> list[str]:
    """The lines of a hunk with their markers."""
    body = [f" {line}" for line in old[part.start : part.first]]
    gone = old[part.first : part.last]
    a = b = 0
    for c, d in [*equal_lines(gone, part.new), (len(gone), len(part.new))]:
        body += [f"-{line}" for line in gone[a:c]]
        body += [f"+{line}" for line in part.new[b:d]]
        body += [f" {line}" for line in gone[c : c + 1]]
        a, b = c + 1, d + 1
    return body + [f" {line}" for line in old[part.last : part.end]]


def _places(old: list[str], part: Part) -> int:
    """How often the hunk's old lines occur in the code, white space ignored."""
    wanted = [line.strip() for line in old[part.start : part.end]]
    bare = [line.strip() for line in old]
    if not any(wanted):
        return 2
    return sum(bare[at : at + len(wanted)] == wanted for at in range(len(bare)))


def _says_blank(old: list[str], part: Part) -> bool:
    """Whether the hunk shows what stands behind its markers."""
    return any(line.strip() for line in old[part.start : part.end])


def _says_tabs(old: list[str], part: Part) -> bool:
    """Whether the hunk shows that a tab stands for four blanks, and nothing speaks against it."""
    shown = [line for line in old[part.start : part.end] if line.strip()]
    widths = [len(line) - len(line.lstrip(" ")) for line in (*shown, *part.new)]
    even = not any(width % 4 for width in widths)
    tabs = any("\t" in line for line in (*shown, *part.new))
    return even and not tabs and any(widths[: len(shown)])


def _head(random: Random, part: Part, numbers: str, shift: int) -> str:
    size = part.end - part.start
    grown = size - (part.last - part.first) + len(part.new)
    start = part.start + (size > 0)
    match numbers:
        case "none":
            return "@@ ... @@"
        case "bare":
            return "@@"
        case "shifted":
            start = max(start + shift, 0)
        case "random":
            start = random.randint(0, 999)
        case "zero":
            start = 0
        case "counts":
            size, grown = random.randint(1, 9), random.randint(1, 9)
        case _:
            pass
    return f"@@ -{start},{size} +{start},{grown} @@"


def _each(change: Callable[[str], str]) -> Callable[[Random, list[str]], list[str]]:
    return lambda _, body: [change(line) for line in body]


def _with_tabs(line: str) -> str:
    return re.sub(r"(?<=^[ +-])(?:    )+(?=\S)", lambda x: "\t" * (len(x[0]) // 4), line)


_SPOILS: dict[str, Callable[[Random, list[str]], list[str]]] = {
    "no blank before context": _each(
        lambda x: x[1:] if x[:1] == " " and not x[1:].startswith(_NEEDS_MARKER) else x
    ),
    "blank lines stripped": _each(lambda x: x if x.strip() else ""),
    "trailing blanks lost": _each(lambda x: x if x[:1] == "+" else x[:1] + x[1:].rstrip()),
    "trailing blanks came": _each(lambda x: x if x[:1] == "+" else f"{x} "),
    "one blank too many": _each(lambda x: f"{x[0]} {x[1:]}" if x[1:] else x),
    "tabs": _each(_with_tabs),
    "no newline": lambda _, body: [*body, "\\ No newline at end of file"],
    "a context line is wrong": lambda random, body: [
        f"{x} wrong" if x[:1] == " " and random.random() < 0.2 else x for x in body
    ],
}


def _wrapped(random: Random, hunks: list[list[str]], one_block: bool) -> tuple[str, str]:
    """The hunks as one reply, with fences, names of files and chat; and what was done.

    Behind a closing fence no hunk may begin within the context of the last one.
    """
    names = random.choice(_NAMES)
    fence = random.choice(("`````diff", "`````", "~~~~~diff", "", "`````patch"))
    each_block = bool(fence) and not one_block and random.random() < 0.2
    each_name = bool(names) and random.random() < 0.3
    blocks: list[list[str]] = [[]]
    for number, hunk in enumerate(hunks):
        if each_block and number:
            blocks.append([])
        blocks[-1] += [*(names if each_name or not blocks[-1] else []), *hunk]
    pieces = ["\n".join([fence, *block, fence[:5]] if fence else block) for block in blocks]
    if fence and random.random() < 0.4:
        pieces = ["Here are the changes.", *pieces, "That is all."]
    return "\n\n".join(pieces), f"fence {fence} {each_block}, names {len(names)} {each_name}"
