"""Lines that the user opens, followed through a drawn run: where to open them, what must stay."""

import random

from lsp_server.session.desk import DocumentDesk
from lsp_server.session.machine import Session
from lsp_server.text.lines import split_lines
from tests.support.fake_editor import Author, Characters

_LINE_ENDS = "\r\n"


def opened_lines(
    text: Characters, authors: list[Author], among: set[int] | None = None
) -> list[tuple[str, tuple[int, ...]]]:
    """The lines that the user has opened and written alone, without their ends.

    All their characters (by number) are the user's, and so is at least one of the two line ends
    around them. With `among` only those lines that have some of these characters.
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
            if wanted and any(authors[n] is Author.USER for n in around):
                found.append((bare, numbers))
    return found


def missing_lines(before: list[str], after: str, firsts: list[int] | None) -> list[str]:
    """Those of the lines that are no lines of `after` any more.

    `firsts` is where scopes start: what stands there has the indentation in front of it as well.
    With `None` the indentation of no line counts: whose it is cannot be told.
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


def place_beside_a_line_that_goes(
    desk: DocumentDesk, session: Session, going: list[int], dice: random.Random
) -> tuple[int, int] | None:
    """The line end in front of or behind a line that the answer leaves out, in the document.

    `going` are the indices of such lines in what the attempt rewrites. `None` where the line is
    not in the scope any more.
    """
    current, mirror = session.attempt.request.current, session.pen.mirror
    lines = split_lines(current)
    if not going or not lines:
        return None
    index = min(dice.choice(going) + dice.choice((0, 0, 1)), len(lines) - 1)
    left = sum(map(len, lines[index:]))  # What is to come is counted from the end.
    edge = len(mirror.copy) - left
    if edge < mirror.frontier or mirror.copy[edge:] != current[len(current) - left :]:
        return None
    start = desk.span_of(session.id).start
    end = len(lines[index - 1]) - len(lines[index - 1].rstrip(_LINE_ENDS)) if index else 0
    first = mirror.shown_at(edge - end, after=dice.random() < 0.5)
    last = mirror.shown_at(edge, after=dice.random() < 0.5)
    return start + min(first, last), start + last
