"""Keeps concurrent changes from joining lines: the user inserts lines, the model deletes others.

Changes are rebased by offsets, which say nothing about lines. Who opens a line behind "two" inserts
a line end and text *before* the line end of "two". If the model then deletes "two" with its line
end, the inserted text ends up directly before "three". Two things help:

- Text between equal characters can be inserted one character further on with the same result. So
  the insertion is moved over a line end or an indentation, to a place where the other change joins
  it to nothing (`moved_apart`).
- If nothing of a line is left except inserted text, its line end is kept (`sparing_line_ends`).

`theirs` are the changes that insert lines, `ours` those that would join them to others. Both change
the same text. Offsets are code points.
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
    """Whether a part of a text begins and ends at line boundaries."""

    start: bool
    end: bool
    held_start: bool = False
    """Whether text of the user is right before the part: then its line end at the start stays."""
    held_end: bool = False
    """Whether text of the user is right behind the part: then its line end at the end stays."""


WHOLE_LINES = LineEdges(True, True)


def edges_of(text: str, start: int, end: int) -> LineEdges:
    """The line edges of `[start, end)` in a text; ignores indentation before it."""
    before = text[line_start(text, start) : start]
    return LineEdges(not before.strip(_BLANKS), text[end : end + 1] in _LINE_ENDS)


def moved_apart(
    theirs: ChangeSet, ours: ChangeSet, text: str, *, first: bool, edges: LineEdges = WHOLE_LINES
) -> ChangeSet:
    """Changes equivalent to `theirs`, with new lines moved to where `ours` leaves them whole.

    `first` as in `ChangeSet.over`; `edges` are the line edges of `text` in its document. A line for
    which there is no such place stays joined (see `joined_lines`).

    Invariant: `moved_apart(a, b, t, first=f).apply(t) == a.apply(t)`.
    """
    left = joined_lines(theirs, ours, text, first=first, edges=edges)
    while left:
        for other in _alternatives(theirs, left, text, _first_line_that_goes(ours, text)):
            still = joined_lines(other, ours, text, first=first, edges=edges)
            if len(still) < len(left):
                theirs, left = other, still
                break
        else:
            break
    return theirs


def joined_lines(
    theirs: ChangeSet, ours: ChangeSet, text: str, *, first: bool, edges: LineEdges = WHOLE_LINES
) -> list[Change]:
    """The changes of `theirs` that insert lines which `ours` would join to other lines."""
    near = _changes_near(theirs, ours)
    if not near:
        return []
    alone = _edges_of_changes(
        _pieces(theirs, ChangeSet.identity(len(text)), text, first=first), edges
    )
    after = _edges_of_changes(_pieces(theirs, ours, text, first=first), edges)
    top = _first_line_that_goes(ours, text)
    return [
        change
        for change in near
        if _is_joined(change, alone[change], after[change]) or 0 < change.start < top
    ]


def sparing_line_ends(
    theirs: ChangeSet,
    ours: ChangeSet,
    text: str,
    *,
    first: bool,
    edges: LineEdges = WHOLE_LINES,
    writing: int = 0,
) -> ChangeSet:
    """`ours` without deleting the line ends around text that `theirs` inserts into deleted lines.

    `writing` is the offset up to which the model has written: it still writes the rest of that
    line, so text that was typed into the line doesn't take over its line end.
    """
    near = _changes_near(theirs, ours)
    if not near:
        return ours
    after = _edges_of_changes(_pieces(theirs, ours, text, first=first), edges)
    top = _first_line_that_goes(ours, text)
    spared = {
        span
        for change in near
        if _is_alone(change, theirs, ours, text) and not _is_within_writing(change, text, writing)
        for span in _spared_line_ends(change, ours, text, after[change], top)
    }
    row: list[Change] = []
    for change in ours.changes:
        for start, end in sorted(span for span in spared if _within(change, *span)):
            row.append(Change(change.start, max(change.start, start), change.text))
            change = Change(max(change.start, end), change.end, "")
        row.append(change)
    return ChangeSet.of(ours.length, row)


def _is_joined(change: Change, before: LineEdges, after: LineEdges) -> bool:
    """Whether a whole line that the change inserts is joined to something after the other set."""
    opens = _opens(change)
    start = before.start and (opens or before.end) and change.text[0] not in _LINE_ENDS
    end = before.end and (opens or before.start) and change.text[-1] not in _LINE_ENDS
    return (start and not after.start) or (end and not after.end)


def _spared_line_ends(
    change: Change, ours: ChangeSet, text: str, after: LineEdges, top: int
) -> Iterator[tuple[int, int]]:
    """The ranges of line ends, with the indentation behind, to keep for the text of `change`."""
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
    # If ours writes text behind it in its line, it is no line of its own, whatever is before it.
    if backs or after.end or _opens(change):
        yield from fronts
    yield from backs


def _opens(change: Change) -> bool:
    """Whether the change inserts a line end."""
    return "\n" in change.text or "\r" in change.text


def _is_alone(change: Change, theirs: ChangeSet, ours: ChangeSet, text: str) -> bool:
    """Whether the change opens lines, or only blanks are left of the line that it is in.

    Half a line of ours is not a line: if the other half stays, text that was typed between the two
    is part of the same line, and a line end there would split it.
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
    """Whether the line of `change` is being written, up to offset `writing`, before the change."""
    start = line_start(text, change.start)
    return start < writing <= change.start and bool(text[start:writing].strip(_BLANKS))


def _within(change: Change, start: int, end: int) -> bool:
    """Whether `change` deletes all of `[start, end)`, and that is not empty."""
    return change.start <= start < end <= change.end


def _changes_near(theirs: ChangeSet, ours: ChangeSet) -> list[Change]:
    """The changes of `theirs` that insert text where `ours` changes something."""
    row, found = ours.changes, []
    starts = [change.start for change in row]
    for one in theirs.changes:
        index = bisect_right(starts, one.end) - 1
        if one.text and index >= 0 and row[index].end >= one.start:
            found.append(one)
    return found


def _first_line_that_goes(changes: ChangeSet, text: str) -> int:
    """The end of what `changes` delete at the start, if it ends in another line's indentation.

    0 otherwise. The indentation of a scope's first line is outside the scope, so a line that
    becomes the first one loses its own. Text inserted before that would come before the line.
    """
    first = changes.changes[0]
    gone = text[first.start : first.end]
    bare = gone.rstrip(_BLANKS)
    return first.end if first.start == 0 and gone != bare and bare[-1:] in ("\n", "\r") else 0


_Piece = tuple[Change | None, str, str]


def _edges_of_changes(pieces: Iterable[_Piece], around: LineEdges) -> dict[Change, LineEdges]:
    """The line edges of each change of theirs in the result; `around` are those of the result."""
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
    """The result of both sets in pieces: change of `theirs` or None, first and last character."""
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


def _alternatives(
    theirs: ChangeSet, to_move: list[Change], text: str, top: int
) -> Iterator[ChangeSet]:
    """Change sets equivalent to `theirs`, each with one change of `to_move` moved."""
    for change in to_move:
        for moved in _other_places(theirs.changes, change, text, top):
            row = (moved if c is change else c for c in theirs.changes)
            yield ChangeSet.of(theirs.length, row)


def _other_places(row: Sequence[Change], change: Change, text: str, top: int) -> Iterator[Change]:
    """Insertions equivalent to `change` of `text`, which don't touch the others of `row`."""
    if change.start != change.end:
        return
    index = row.index(change)
    low = row[index - 1].end if index else 0
    high = row[index + 1].start if index + 1 < len(row) else len(text)
    place, new = change.start, change.text
    # Behind the line end here; and, if the next line becomes the first one, behind its
    # indentation …
    end = _line_end_behind(text, place)
    if end and new.startswith(end) and place + len(end) <= high:
        place, new = place + len(end), new[len(end) :] + end
        yield Change(place, place, new)
    size = top - place
    if size > 0 and top <= high and new.startswith(text[place:top]):
        yield Change(top, top, new[size:] + new[:size])
    # … or before the indentation and the line end that precede this place.
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
    """The start of the line around the offset `place`."""
    start = text.rfind("\n", 0, place) + 1
    return max(text.rfind("\r", start, place) + 1, start)


def line_end(text: str, place: int) -> int:
    """The end of the line around the offset `place`, before its line end."""
    end = text.find("\n", place)
    end = len(text) if end < 0 else end
    lone = text.find("\r", place, end)
    return end if lone < 0 else lone


def _line_end_behind(text: str, place: int) -> str:
    """The line end that begins at `place`; "" if none does."""
    if text.startswith("\r\n", place):
        return "\r\n"
    end = text[place : place + 1]
    return end if end and end in _LINE_ENDS else ""


def _line_end_before(text: str, place: int) -> str:
    """The line end that ends at `place`; "" if none does."""
    if text.endswith("\r\n", 0, place):
        return "\r\n"
    end = text[max(place - 1, 0) : place]
    return end if end and end in _LINE_ENDS else ""


def settle_typing(
    typed: ChangeSet, back: ChangeSet, text: str, edges: LineEdges
) -> tuple[ChangeSet, ChangeSet, bool]:
    """`typed` and `back`, which reverts our changes, adjusted so neither joins the other's lines.

    The third value says whether typed text goes before reverted text at the same place. It does,
    unless its line stays whole only behind it.
    """
    front = moved_apart(typed, back, text, first=True, edges=edges)
    left = joined_lines(front, back, text, first=True, edges=edges)
    if left:
        behind = moved_apart(typed, back, text, first=False, edges=edges)
        if len(joined_lines(behind, back, text, first=False, edges=edges)) <= len(left):
            return behind, sparing_line_ends(behind, back, text, first=False, edges=edges), False
    return front, sparing_line_ends(front, back, text, first=True, edges=edges), True


def after_typing(result: ChangeSet, typed: ChangeSet, base: str, edges: LineEdges) -> ChangeSet:
    """`result`, an earlier result as changes of the base, after `typed` was applied to the base."""
    return result.over(moved_apart(typed, result, base, first=True, edges=edges), first=False)


def split_off_blanks(
    ours: ChangeSet, before: ChangeSet, view: str, typed: Sequence[Span]
) -> tuple[ChangeSet, ChangeSet]:
    """Splits off the blanks of `ours` that belong to lines of the user, and returns both parts.

    The second part applies after the first. `before` is `ours` before the user's last typing,
    `view` the text after `ours`, `typed` what the user typed in it.

    A line opened before a line of ours takes our indentation and leaves its own, which is equal
    (`moved_apart`). When the user types there later, none of its blanks must remain ours.
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
    """Whether the blanks are in a line that the user typed alone."""
    start, end = line_start(view, blanks.start), line_end(view, blanks.end)
    bare = view[start:end].rstrip(_BLANKS)
    line = Span(start, max(start + len(bare), blanks.end))
    return bool(bare) and any(span.contains(line) for span in typed)
