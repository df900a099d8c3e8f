"""Two who change one text at the same time: whose lines the other would join, and what prevents it.

Changes are carried over one another by places. A place says nothing of lines: who opens a line
behind "two" has put a line end and their text *in front of* the line end of "two"; if the other
then deletes "two" with its line end, their text stands in front of "three". Two things help:

- Text that goes in between equal characters can go in one turn further on as well, with the same
  result. So what was put in is moved, over a line end or an indentation, to where the other joins
  it to nothing (`apart`).
- Where nothing of a line is left but what was put into it, its line end stays as well (`sparing`).

"Theirs" is what was put in, "ours" what would join it. Both are changes of the same text.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lsp_server.text.changes import Change, ChangeSet
from lsp_server.text.span import Span

_LINE_ENDS = "\r\n"
_BLANKS = " \t"


@dataclass(frozen=True, slots=True)
class LineEdges:
    """Whether a piece of a text begins at the start of a line, and ends at the end of one.

    At an edge that is held, what the user typed next door begins: a line end there stays.
    """

    start: bool
    end: bool
    held_start: bool = False
    held_end: bool = False


WHOLE_LINES = LineEdges(True, True)


def edges_of(text: str, start: int, end: int) -> LineEdges:
    """How `[start, end)` stands in the lines of a text; indentation in front of it counts not."""
    before = text[line_start(text, start) : start]
    return LineEdges(not before.strip(_BLANKS), text[end : end + 1] in _LINE_ENDS)


def apart(
    theirs: ChangeSet, ours: ChangeSet, text: str, *, first: bool, edges: LineEdges = WHOLE_LINES
) -> ChangeSet:
    """The same as `theirs`, its new lines put where `ours` leaves them lines of their own.

    `first` as in `ChangeSet.over`; `edges` tells how `text` stands in its document. Where there is
    no such place, the line is `joined` all the same.

    Law: `apart(a, b, t, first=f).apply(t) == a.apply(t)`.
    """
    left = joined(theirs, ours, text, first=first, edges=edges)
    while left:
        for other in _otherwise(theirs, left, text, _first_line_that_goes(ours, text)):
            still = joined(other, ours, text, first=first, edges=edges)
            if len(still) < len(left):
                theirs, left = other, still
                break
        else:
            break
    return theirs


def joined(
    theirs: ChangeSet, ours: ChangeSet, text: str, *, first: bool, edges: LineEdges = WHOLE_LINES
) -> list[Change]:
    """Those changes of `theirs` that put in lines which `ours` would join to others."""
    near = _near(theirs, ours)
    if not near:
        return []
    alone = _edges(_pieces(theirs, ChangeSet.identity(len(text)), text, first=first), edges)
    after = _edges(_pieces(theirs, ours, text, first=first), edges)
    top = _first_line_that_goes(ours, text)
    return [
        change
        for change in near
        if _is_joined(change, alone[change], after[change]) or 0 < change.start < top
    ]


def sparing(
    theirs: ChangeSet,
    ours: ChangeSet,
    text: str,
    *,
    first: bool,
    edges: LineEdges = WHOLE_LINES,
    writing: int = 0,
) -> ChangeSet:
    """The same as `ours`, but for the line ends around what `theirs` puts into lines that go.

    `writing` is up to where `ours` has written the text: behind it, the rest of that line goes on
    being written, and its end is not what was typed into it.
    """
    near = _near(theirs, ours)
    if not near:
        return ours
    after = _edges(_pieces(theirs, ours, text, first=first), edges)
    top = _first_line_that_goes(ours, text)
    spared = {
        span
        for change in near
        if _is_alone(change, theirs, ours, text) and not _is_within_writing(change, text, writing)
        for span in _spared(change, ours, text, after[change], top)
    }
    row: list[Change] = []
    for change in ours.changes:
        for start, end in sorted(span for span in spared if _within(change, *span)):
            row.append(Change(change.start, max(change.start, start), change.text))
            change = Change(max(change.start, end), change.end, "")
        row.append(change)
    return ChangeSet.of(ours.length, row)


def _is_joined(change: Change, before: LineEdges, after: LineEdges) -> bool:
    """Whether lines that were whole lines of this change are not any more."""
    opens = _opens(change)
    start = before.start and (opens or before.end) and change.text[0] not in _LINE_ENDS
    end = before.end and (opens or before.start) and change.text[-1] not in _LINE_ENDS
    return (start and not after.start) or (end and not after.end)


def _spared(
    change: Change, ours: ChangeSet, text: str, after: LineEdges, top: int
) -> Iterator[tuple[int, int]]:
    """The line ends that have to stay, with the indentation behind, for what `change` puts in."""
    start, end = line_start(text, change.start), line_end(text, change.end)
    before, behind = _line_end_before(text, start), _line_end_behind(text, end)
    front = not after.start and change.text[0] not in _LINE_ENDS
    back = 0 < change.start < top or (not after.end and change.text[-1] not in _LINE_ENDS)
    fronts, backs = [], []
    for other in ours.changes:
        if front and before and _within(other, start - len(before), change.start):
            fronts.append((start - len(before), start))
        if back and behind and _within(other, change.end, end + len(behind)):
            rest = text[end + len(behind) : other.end]
            backs.append((end, other.end if not rest.strip(_BLANKS) else end + len(behind)))
    # With what ours writes behind it in its line it is no line of its own, whatever is in front.
    if backs or after.end or _opens(change):
        yield from fronts
    yield from backs


def _opens(change: Change) -> bool:
    """Whether the change puts a line end in."""
    return "\n" in change.text or "\r" in change.text


def _is_alone(change: Change, theirs: ChangeSet, ours: ChangeSet, text: str) -> bool:
    """Whether the change opens lines, or nothing but blanks is left of the line in which it is.

    Half a line of ours is no line: where its other half stays and is joined to what it was part of,
    what was typed between the two is a part of that as well, and a line end there would split it.
    """
    if _opens(change):
        return True
    place, end = line_start(text, change.start), line_end(text, change.end)
    spans = sorted((c.start, c.end) for c in (*theirs.changes, *ours.changes) if c.end >= place)
    for start, stop in spans:
        if start >= end or text[place : max(start, place)].strip(_BLANKS):
            break
        place = max(place, stop)
    return not text[place:end].strip(_BLANKS)


def _is_within_writing(change: Change, text: str, writing: int) -> bool:
    """Whether the line in which `change` is has been written in part, up to `writing`."""
    start = line_start(text, change.start)
    return start < writing <= change.start and bool(text[start:writing].strip(_BLANKS))


def _within(change: Change, start: int, end: int) -> bool:
    """Whether `change` takes all of that away, and it is something."""
    return change.start <= start < end <= change.end


def _near(theirs: ChangeSet, ours: ChangeSet) -> list[Change]:
    """The changes of `theirs` that put something in where `ours` changes something."""
    row, found = ours.changes, []
    starts = [change.start for change in row]
    for one in theirs.changes:
        index = bisect_right(starts, one.end) - 1
        if one.text and index >= 0 and row[index].end >= one.start:
            found.append(one)
    return found


def _first_line_that_goes(changes: ChangeSet, text: str) -> int:
    """Up to where `changes` delete the first line and the indentation of the one behind it.

    The indentation of a scope's first line stands in front of the scope. So a line is the first
    one when its own has gone, and what is put in before that has gone would be in front of it.
    """
    first = changes.changes[0]
    gone = text[first.start : first.end]
    bare = gone.rstrip(_BLANKS)
    return first.end if first.start == 0 and gone != bare and bare[-1:] in ("\n", "\r") else 0


_Piece = tuple[Change | None, str, str]


def _edges(pieces: Iterable[_Piece], around: LineEdges) -> dict[Change, LineEdges]:
    """How each change of theirs stands in what comes out; `around` tells how that itself does."""
    row = [(None, "", "\n" if around.start else "."), *pieces]
    row.append((None, "\n" if around.end else ".", ""))
    return {
        change: LineEdges(before in _LINE_ENDS, behind in _LINE_ENDS)
        for (_, _, before), (change, _, _), (_, behind, _) in zip(
            row, row[1:], row[2:], strict=False
        )
        if change is not None
    }


def _pieces(theirs: ChangeSet, ours: ChangeSet, text: str, *, first: bool) -> Iterator[_Piece]:
    """What comes out of both, in pieces: whose change of `theirs`, first and last character."""
    row = [(c.start, not first, c, True) for c in theirs.changes]
    row += [(c.start, first, c, False) for c in ours.changes]
    position = 0
    for start, _, change, is_theirs in sorted(row, key=lambda item: item[:2]):
        if position < start:
            yield None, text[position], text[start - 1]
            position = start
        if change.text:
            yield change if is_theirs else None, change.text[0], change.text[-1]
        position = max(position, change.end)
    if position < len(text):
        yield None, text[position], text[-1]


def _otherwise(theirs: ChangeSet, those: list[Change], text: str, top: int) -> Iterator[ChangeSet]:
    """The same as `theirs` with one of `those` put elsewhere."""
    for change in those:
        for moved in _moved(theirs.changes, change, text, top):
            row = (moved if c is change else c for c in theirs.changes)
            yield ChangeSet.of(theirs.length, row)


def _moved(row: Sequence[Change], change: Change, text: str, top: int) -> Iterator[Change]:
    """The places where `change` of `text` can be as well, beside the other changes of the row."""
    if change.start != change.end:
        return
    index = row.index(change)
    low = row[index - 1].end if index else 0
    high = row[index + 1].start if index + 1 < len(row) else len(text)
    place, new = change.start, change.text
    # Behind the line end that stands here; where the line behind becomes the first one, behind its
    # indentation too …
    end = _line_end_behind(text, place)
    if end and new.startswith(end) and place + len(end) <= high:
        place, new = place + len(end), new[len(end) :] + end
        yield Change(place, place, new)
    size = top - place
    if size > 0 and top <= high and new.startswith(text[place:top]):
        yield Change(top, top, new[size:] + new[:size])
    # … or in front of the indentation and the line end that stand before here.
    place, new = change.start, change.text
    line = line_start(text, place)
    if line < low or not new.endswith(text[line:place]):
        return
    if line < place:
        new = text[line:place] + new[: len(new) - (place - line)]
        yield Change(line, line, new)
    end = _line_end_before(text, line)
    if end and new.endswith(end) and line - len(end) >= low:
        yield Change(line - len(end), line - len(end), end + new[: -len(end)])


def line_start(text: str, place: int) -> int:
    """Where the line starts in which `place` is."""
    start = text.rfind("\n", 0, place) + 1
    return max(text.rfind("\r", start, place) + 1, start)


def line_end(text: str, place: int) -> int:
    """Where the line ends in which `place` is, in front of its line end."""
    end = text.find("\n", place)
    end = len(text) if end < 0 else end
    lone = text.find("\r", place, end)
    return end if lone < 0 else lone


def _line_end_behind(text: str, place: int) -> str:
    """The line end that begins at `place`; "" where none does."""
    if text.startswith("\r\n", place):
        return "\r\n"
    end = text[place : place + 1]
    return end if end and end in _LINE_ENDS else ""


def _line_end_before(text: str, place: int) -> str:
    """The line end that ends at `place`; "" where none does."""
    if text.endswith("\r\n", 0, place):
        return "\r\n"
    end = text[max(place - 1, 0) : place]
    return end if end and end in _LINE_ENDS else ""


def settled(
    typed: ChangeSet, back: ChangeSet, text: str, edges: LineEdges
) -> tuple[ChangeSet, ChangeSet, bool]:
    """What is typed and what takes ours back, so that neither joins a line to another's.

    Also whether what is typed goes in front of what comes back at the very place: so it does, but
    where its line stays one behind it.
    """
    front = apart(typed, back, text, first=True, edges=edges)
    left = joined(front, back, text, first=True, edges=edges)
    if left:
        behind = apart(typed, back, text, first=False, edges=edges)
        if len(joined(behind, back, text, first=False, edges=edges)) <= len(left):
            return behind, sparing(behind, back, text, first=False, edges=edges), False
    return front, sparing(front, back, text, first=True, edges=edges), True


def after_typing(result: ChangeSet, typed: ChangeSet, base: str, edges: LineEdges) -> ChangeSet:
    """The changes of the base that make an earlier result, after what was typed into the base."""
    return result.over(apart(typed, result, base, first=True, edges=edges), first=False)


def parted(
    ours: ChangeSet, before: ChangeSet, view: str, typed: Sequence[Span]
) -> tuple[ChangeSet, ChangeSet]:
    """What of `ours` are blanks in lines that the user wrote, which typing has just parted from it.

    And the others of `ours`, after that. `before` is what ours were before that typing, `view` the
    text that they make now, `typed` what of it the user has written.

    A line that is opened in front of one of ours takes our indentation and leaves us its own, which
    is equal (`apart`). What is typed there later must not leave some of the line's blanks to us.
    """
    known = {change.text for change in before.changes}
    given: list[Change] = []
    for change, (start, end) in zip(ours.changes, ours.after_spans(), strict=True):
        blank = change.start == change.end and not change.text.strip(_BLANKS)
        if blank and change.text not in known and _is_in_one_of(Span(start, end), view, typed):
            given.append(change)
    theirs = ChangeSet(ours.length, tuple(given))
    rest = ChangeSet(ours.length, tuple(c for c in ours.changes if c not in given))
    return theirs, rest.over(theirs, first=True)


def _is_in_one_of(blanks: Span, view: str, typed: Sequence[Span]) -> bool:
    """Whether those blanks stand in a line that the user wrote alone."""
    start, end = line_start(view, blanks.start), line_end(view, blanks.end)
    bare = view[start:end].rstrip(_BLANKS)
    line = Span(start, max(start + len(bare), blanks.end))
    return bool(bare) and any(span.contains(line) for span in typed)
