"""Lines that the user opens, followed through a drawn run: where to open them, what must stay."""

import random

from lsp_server.session.document_edits import DocumentEdits
from lsp_server.session.machine import Session
from lsp_server.text.lines import split_lines
from tests.support.fake_editor import Author, Characters

_LINE_ENDS = "\r\n"


def opened_lines(
    text: Characters, authors: list[Author], among: set[int] | None = None, *, since: int = 0
) -> list[tuple[str, tuple[int, ...]]]:
    """The lines that the user has opened and written alone, without their ends.

    All their characters (by number) are the user's, and so is at least one of the two line ends
    around them, of those with a number from `since` on. With `among` only those lines that have
    some of these characters.
    """
    found = []
    start = 0
    for line in split_lines(text.text):
        bare = line.rstrip(_LINE_ENDS)
        end = start + len(line)
        numbers = text.numbers[start : start + len(bare)]
        around = text.numbers[max(start - 1, 0) : start] + text.numbers[end - 1 : end] * (
            len(line) > len(bare)
        )
        start = end
        if bare.strip() and all(authors[n] is Author.USER for n in numbers):
            wanted = among is None or not among.isdisjoint(numbers)
            if wanted and any(n >= since and authors[n] is Author.USER for n in around):
                found.append((bare, numbers))
    return found


def missing_lines(before: list[str], after: str, firsts: list[int] | None) -> list[str]:
    """The lines that are not in `after` any more.

    `firsts` is where scopes start: what stands there has the indentation in front of it as well.
    With `None` the indentation of no line counts: whose it is is unknown.
    """
    there: set[str] = set()
    start = 0
    for line in split_lines(after) if before else ():
        bare = line.rstrip(_LINE_ENDS)
        there.add(bare)
        if firsts is None or any(start <= first <= start + len(bare) for first in firsts):
            there.add(bare.lstrip())
        start += len(line)
    return [line for line in before if line not in there and line.lstrip() not in there]


def are_left(wanted: list[str], left: list[tuple[str, str]], indentation: str) -> bool:
    """Whether these are the lines of a scope as they were, and lines of the user's between them.

    Of each line in `left` the whole and what of it may be the scope's. `indentation` stands in
    front of the scope: behind a line of the user's, the line that was the first one has its own.
    """
    came = {0}  # How many lines of the scope may have come so far.
    for place, (line, bare) in enumerate(left):
        further = {number for number in came if wanted[number : number + 1] == [bare]}
        if place and 0 in came and wanted and bare == indentation + wanted[0]:
            further.add(0)
        # Of the user's alone: a line of its own, or one that was empty and has been typed into.
        alone = bool(line.strip()) and not bare
        came = {number + 1 for number in further} | (came if alone else set())
    return len(wanted) in came


def place_beside_a_line_that_goes(
    document_edits: DocumentEdits, session: Session, going: list[int], dice: random.Random
) -> tuple[int, int] | None:
    """The line end in front of or behind a line that the answer leaves out, in the document.

    `going` are the indices of such lines in what the attempt rewrites. `None` where the line is
    not in the scope any more.
    """
    current, shadow_copy = session.attempt.request.current, session.scope_writer.shadow_copy
    lines = split_lines(current)
    if not going or not lines:
        return None
    index = min(dice.choice(going) + dice.choice((0, 0, 1)), len(lines) - 1)
    left = sum(map(len, lines[index:]))  # What is to come is counted from the end.
    edge = len(shadow_copy.copy) - left
    if edge < shadow_copy.frontier or shadow_copy.copy[edge:] != current[len(current) - left :]:
        return None
    start = document_edits.span_of(session.id).start
    end = len(lines[index - 1]) - len(lines[index - 1].rstrip(_LINE_ENDS)) if index else 0
    end = min(end, edge)  # What stood before it may have gone already.
    first = shadow_copy.shown_at(edge - end, after=dice.random() < 0.5)
    last = shadow_copy.shown_at(edge, after=dice.random() < 0.5)
    return start + min(first, last), start + last
