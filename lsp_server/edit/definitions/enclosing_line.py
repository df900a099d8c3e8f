"""Detects answers that begin above the scope, with a changed version of a line there.

Models that are asked for lines of a function write the function with a new signature; asked for a
statement, they begin with the one above it. Taken as the scope's new text, that line would be in
the file twice. The check compares lines, columns and words, so it works without a grammar too.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lsp_server.edit.reply.reply_context import is_blank

__all__ = ["EnclosingReach", "begins_like", "in_front_of", "lines_under", "reach_of"]

_WORD = re.compile(r"\w+")
# The name of a definition with parameters: `fun total(`, `String text<T>(`.
_NAMED = re.compile(
    r"(?:^|[\w>\]*&)?!]\s+[*&]*)([^\W\d][\w$]*[?!]?)\s*(?:<[^()]*>|\[[^()]*\])?\s*\("
)
_CONTROL_WORDS = """
    if elif elsif elseif unless while until for foreach switch match when case catch except with
    return await yield throw new do else and or not in
"""
_CONTROL = frozenset(_CONTROL_WORDS.split())
_OPENS = re.compile(r"(?:[{(\[:>=|]|\$\$|\b(?:do|then|begin|is|as|of|where))\s*$")
_BLOCK = re.compile(r"(?:[{:]|[=-]>|\b(?:do|then))\s*$")
_BEGINS = re.compile(
    r"(?:def|defp|function|func|fun|fn|sub|proc|procedure|macro|class|module|struct|interface|"
    r"trait|impl|object|enum|create|if|unless|while|until|for|foreach|switch|case|match|with|try)\b",
    re.IGNORECASE,
)
# A line within a statement: the statement begins above, in the same column.
_GOES_ON = re.compile(
    r"[)\]}{]|(?:else|elif|elsif|elseif|elsewhere|catch|except|finally|rescue|ensure|then|do|begin|"
    r"is|as|end)\b",
    re.IGNORECASE,
)
# The beginning of a line that may come above a header and belongs to it.
_IN_FRONT = re.compile(r"@|#|//|/\*|\*|--|\[|\"\"\"|'''|<!--|%%")
_IMPORTS = re.compile(r"(?:import|from|use|using|include|require|package|export)\b|#\s*include\b")
_TAB = 8
# Lines of an answer that may come before its header, and lines of a header that are joined.
_MOST_IN_FRONT, _LONGEST_HEADER = 30, 12
# The fraction of words that a changed line must share with the line above the scope.
_LEAST_KEPT = 0.5
# Lines of the document above the scope that are searched.
_MOST_ABOVE = 4_000


@dataclass(frozen=True, slots=True)
class EnclosingReach:
    """How far an answer reaches above its scope."""

    lines: int
    """Lines from the answer's first line in the document down to the scope's first line."""
    under: bool
    """Whether the scope is nested under that line; else it follows it directly."""


def reach_of(before: str, original: str, answer: str) -> EnclosingReach | None:
    """How far above the scope the answer begins; `None` if it begins with the scope or is unclear.

    `before` is the document's text up to the scope. All texts use "\\n" as line end.
    """
    *above, lead = before.split("\n")
    above = above[-_MOST_ABOVE:]
    if not is_blank(lead) or is_blank(original):
        return None
    own = [line.strip() for line in original.split("\n")]
    lines = [line for line in answer.split("\n") if not is_blank(line)]
    at = _first_of_code(lines)
    if not lines or at is None:
        return None
    first = _joined(lines, at)
    if lines[at].strip() in own or any(_like(line, first) for line in own):
        return None
    column = _column(lead + original.split("\n")[0])
    for index in _headers(above, column):
        if _like(_joined(above, index), first):
            return EnclosingReach(len(above) - index, under=True)
    return _behind(above, own, lines, at)


def begins_like(scope: str, answer: str) -> bool:
    """Whether the answer begins with the first line of code of the scope, changed or not."""
    old, new = ([x for x in text.split("\n") if not is_blank(x)] for text in (scope, answer))
    first, begun = _first_of_code(old), _first_of_code(new)
    if first is None or begun is None:
        return False
    header, line = _joined(old, first), _joined(new, begun)
    return header == line or _like(header, line)


def in_front_of(text: str) -> str:
    """The comments and decorators above the first line of code, with the white space before it.

    "" if there are none.
    """
    lines = text.split("\n")
    for index, line in enumerate(lines[:_MOST_IN_FRONT]):
        if not is_blank(line) and _IN_FRONT.match(line.strip()) is None:
            blanks = line[: len(line) - len(line.lstrip())]
            return "".join(f"{above}\n" for above in lines[:index]) + blanks if index else ""
    return ""


def lines_under(header: str, lines: Sequence[str]) -> int:
    """How many of `lines`, which follow a place under the header, belong to its block."""
    column, count = _column(header), 0
    for index, line in enumerate(lines):
        if is_blank(line):
            continue
        if _column(line) < column:
            break
        if _column(line) == column and _GOES_ON.match(line.strip()) is None:
            break
        count = index + 1
    return count


def _first_of_code(lines: Sequence[str]) -> int | None:
    """The index of the first line behind comments and decorators."""
    for index, line in enumerate(lines[:_MOST_IN_FRONT]):
        if _IN_FRONT.match(line.strip()) is None:
            return index
    return None


def _headers(above: Sequence[str], column: int) -> Iterator[int]:
    """The indices of the lines that the scope is nested under, nearest first."""
    goes_on = False
    for index in range(len(above) - 1, -1, -1):
        line = above[index]
        if is_blank(line):
            continue
        here = _column(line)
        if here < column or (goes_on and here == column):
            column, goes_on = here, _GOES_ON.match(line.strip()) is not None
            yield index


def _behind(
    above: Sequence[str], own: Sequence[str], lines: Sequence[str], at: int
) -> EnclosingReach | None:
    """The reach, if the answer begins with the line right above the scope, changed."""
    index = next((i for i in range(len(above) - 1, -1, -1) if not is_blank(above[i])), None)
    if index is None or at + 1 >= len(lines):
        return None
    line, first, following = above[index].strip(), lines[at].strip(), lines[at + 1].strip()
    if line == first or _IMPORTS.match(line) is not None or not _has_all(line, first):
        return None
    few, many = sorted(len(_WORD.findall(one)) for one in (line, first))
    if few < _LEAST_KEPT * many:
        return None
    begun = next(text for text in own if text)
    if following != begun and not _has_all(begun, following):
        return None
    return EnclosingReach(len(above) - index, under=False)


def _joined(lines: Sequence[str], at: int) -> str:
    """The line joined with the next ones, until its brackets are closed or a block begins."""
    depth, parts = 0, list[str]()
    for line in lines[at : at + _LONGEST_HEADER]:
        if depth <= 0 and parts and line.strip() != "{":
            break
        parts.append(line.strip())
        depth += sum(map(line.count, "([")) - sum(map(line.count, ")]"))
        if _BLOCK.search(line) is not None:
            break
    return " ".join(parts)


def _like(header: str, line: str) -> bool:
    """Whether a line is a changed version of a header: it has the same name, or all its words."""
    if not (_opens(header) and _opens(line)):
        return False
    if header == line:
        return True
    name = _name_in(header)
    if name is not None and name == _name_in(line):
        return True
    return _has_all(header, line)


def _opens(line: str) -> bool:
    return _OPENS.search(line) is not None or _BEGINS.match(line) is not None


def _name_in(header: str) -> str | None:
    """The name of the function that the header begins."""
    found = _NAMED.search(header)
    word = _WORD.match(header)
    if found is None or found[1] in _CONTROL or (word is not None and word[0] in _CONTROL):
        return None
    return found[1]


def _has_all(line: str, other: str) -> bool:
    """Whether one line contains the words of the other in order, at least two."""
    few, many = sorted((_WORD.findall(line), _WORD.findall(other)), key=len)
    rest = iter(many)
    return len(few) > 1 and few != many and all(word in rest for word in few)


def _column(line: str) -> int:
    return len(line[: len(line) - len(line.lstrip())].expandtabs(_TAB))
