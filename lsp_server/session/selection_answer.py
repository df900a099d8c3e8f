"""Places an answer that holds only the part of the scope that the user selected.

A model that knows which part was selected may write that part alone, though all of the scope was
requested. Read as the whole scope, it would replace everything else.
"""

import re
import textwrap

from lsp_server.edit.reply.reply_context import indent_of, is_blank, unify
from lsp_server.session.request import EditRequest

__all__ = ["in_selection"]

_WORD = re.compile(r"\w+")
# The share of the part's words that an answer must hold, and the share of words found only in the
# rest that it may hold (or one word).
_MOST_OF_PART, _LEAST_OF_REST = 0.5, 0.2
# Lines that could be anywhere: with fewer letters and digits than this, or only one of these words.
_LEAST_LETTERS = 2
_CLOSING_WORDS = frozenset(
    ("end", "else", "else:", "done", "fi", "esac", "then", "do", "begin", "try:")
)


def in_selection(request: EditRequest, answer: str, lead: str) -> str | None:
    """The scope with the answer in place of the selected part; None if it may be all of the scope.

    `lead` is the white space in front of the scope. The result has "\\n" as line ends.
    """
    place = request.selected
    if place is None or place.empty or request.current != request.original or is_blank(answer):
        return None
    before = unify(request.original[: place.start])
    part, after = unify(place.text(request.original)), unify(request.original[place.end :])
    rest = {line.strip() for line in f"{before}\n{after}".split("\n") if _is_telling(line)}
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
        return None  # It holds what the part only opens, so it is all of the scope.
    column = part[: len(part) - len(part.lstrip())] if before else lead
    moved = textwrap.indent(textwrap.dedent(lead + answer), column)
    return before + (moved if before else moved.removeprefix(lead)) + after


def _is_telling(line: str) -> bool:
    return sum(map(str.isalnum, line)) >= _LEAST_LETTERS and line.strip() not in _CLOSING_WORDS


def _opens(part: str, after: str) -> bool:
    """Whether the text after the part is nested under the part's last line."""
    following = next((line for line in after.split("\n")[1:] if not is_blank(line)), "")
    last = part.rstrip().rpartition("\n")[2]
    return len(indent_of(following)) > len(indent_of(last))


def _ends_alike(part: str, answer: str) -> bool:
    """Whether the answer ends like the part and has no more lines."""
    ends = part.rstrip()[-1:] == answer.rstrip()[-1:]
    return ends and answer.strip().count("\n") <= part.strip().count("\n")
