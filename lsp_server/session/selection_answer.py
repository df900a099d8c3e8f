"""An answer that holds only the part of the scope that the user selected.

A model that is told which part that is writes it alone, though it was asked for all of the scope.
Read as the whole, that would take the place of everything else.
"""

import re
import textwrap

from lsp_server.edit.reply.reply_context import indent_of, is_blank, unify
from lsp_server.session.request import EditRequest

__all__ = ["in_selection"]

_WORD = re.compile(r"\w+")
# So much of the part's words an answer must hold, and so little of those of the rest alone, or one.
_MOST_OF_PART, _LEAST_OF_REST = 0.5, 0.2
# Lines that say nothing about what they are of: of so few letters and digits, or such a word alone.
_LEAST_LETTERS = 2
_ALONE = frozenset(("end", "else", "else:", "done", "fi", "esac", "then", "do", "begin", "try:"))


def in_selection(request: EditRequest, answer: str, lead: str) -> str | None:
    """The scope with the answer in the place of what was selected of it; None where the answer may
    be all of the scope. `lead` is the white space in front of the scope; the text uses "\\n"."""
    place = request.selected
    if place is None or place.empty or request.current != request.original or is_blank(answer):
        return None
    before = unify(request.original[: place.start])
    part, after = unify(place.text(request.original)), unify(request.original[place.end :])
    rest = {line.strip() for line in f"{before}\n{after}".split("\n") if _tells(line)}
    rest -= {line.strip() for line in part.split("\n")}
    lines = [line.strip() for line in answer.split("\n")]
    if not rest or any(line in rest for line in lines) or len(lines) > 3 * (part.count("\n") + 2):
        return None
    words, own = set(_WORD.findall(answer)), set(_WORD.findall(part))
    others = set(_WORD.findall(f"{before} {after}")) - own
    if len(words & own) < _MOST_OF_PART * len(own) or not own:
        return None
    if len(words & others) > max(1, _LEAST_OF_REST * len(words)):
        return None
    ahead = before.rpartition("\n")[2] if before else lead
    if _opens(ahead + part, after) and not _ends_alike(part, answer):
        return None  # It has what the part only opens: it is all of the scope.
    column = part[: len(part) - len(part.lstrip())] if before else lead
    moved = textwrap.indent(textwrap.dedent(lead + answer), column)
    return before + (moved if before else moved.removeprefix(lead)) + after


def _tells(line: str) -> bool:
    return sum(map(str.isalnum, line)) >= _LEAST_LETTERS and line.strip() not in _ALONE


def _opens(part: str, after: str) -> bool:
    """Whether what stands behind the part belongs under its last line."""
    following = next((line for line in after.split("\n")[1:] if not is_blank(line)), "")
    last = part.rstrip().rpartition("\n")[2]
    return len(indent_of(following)) > len(indent_of(last))


def _ends_alike(part: str, answer: str) -> bool:
    """Whether the answer ends as the part does, and has no more lines."""
    ends = part.rstrip()[-1:] == answer.rstrip()[-1:]
    return ends and answer.strip().count("\n") <= part.strip().count("\n")
