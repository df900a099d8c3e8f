"""Keeps lines that the user opened and wrote alone, when a revert or an offer is written.

Reverting hunks, showing a withheld hunk or restoring an earlier result puts text back to where it
was, even into the middle of a line that the user has since written there. Such a line stays as the
user sees it: text that would split it goes before it, and it keeps line ends of its own.

This module knows no attempts, editors or syntax.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

from lsp_server.edit.line_joins import LineEdges, line_end, line_start
from lsp_server.edit.rebasing import trimmed
from lsp_server.text.changes import Change, ChangeSet
from lsp_server.text.span import Span

_LINE_ENDS = "\r\n"
_BLANKS = " \t"
_SOME_END = ("\n", "\r")
_start_of, _end_of, _own_start = attrgetter("start"), attrgetter("end"), attrgetter("own.start")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that the user wrote."""

    indentation: str
    """The line's indentation, if the user didn't type it; else ""."""
    own: Span
    """What the user typed, without blanks at the end."""
    end: str
    """The line end of the line, or of the line above if it has none."""


def keeping_lines(
    changes: ChangeSet, view: str, typed: Sequence[Span], edges: LineEdges
) -> tuple[ChangeSet, ChangeSet]:
    """`changes` of `view` adjusted to keep lines that the user opened; and the difference.

    `typed` are the spans of `view` that the user typed; `edges` are the line edges of `view`.

    Invariant: for `(kept, more) = keeping_lines(c, v, …)`,
    `more.apply(c.apply(v)) == kept.apply(v)`.
    """
    row = changes.changes
    lines = list(_opened(view, typed, edges)) if row else []
    row = tuple(_up_to_a_line(change, lines, view) for change in row)
    lines = [line for line in lines if _is_whole(line, row)]
    untorn = ChangeSet.of(changes.length, sorted(_untorn(row, lines), key=_start_of))
    after = untorn.apply(view)
    missing = list(_line_ends(untorn, view, after, lines, edges))
    ends = ChangeSet.of(len(after), _with_edges(missing, view, after, edges))
    if not ends and untorn == changes:
        return changes, ChangeSet.identity(changes.length_after)
    kept = trimmed(untorn.compose(ends), view)
    return kept, trimmed(changes.invert(view).compose(kept), changes.apply(view))


def _opened(view: str, typed: Sequence[Span], edges: LineEdges) -> Iterator[_Line]:
    """The lines whose text the user typed, apart from blanks, with a line end next to it."""
    place = -1
    for span in typed:
        start = line_start(view, max(span.start, 0))
        while start <= span.end:
            end = line_end(view, start)
            if start > place and (line := _line(view, start, end, typed, edges)):
                yield line
            place = max(place, start)
            start = end + (2 if view.startswith("\r\n", end) else 1)


def _line(view: str, start: int, end: int, typed: Sequence[Span], edges: LineEdges) -> _Line | None:
    text = view[start:end]
    first = start + len(text) - len(text.lstrip(_BLANKS))
    own = Span(first, max(first, start + len(text.rstrip(_BLANKS))))
    is_whole = (start > 0 or edges.start) and (end < len(view) or edges.end)
    theirs = [span for span in typed if start - 1 <= span.end and span.start <= end + 1]
    if own.empty or not is_whole or not any(span.contains(own) for span in theirs):
        return None
    if not any(span.start < start <= span.end or span.start <= end < span.end for span in theirs):
        return None
    whole_line = Span(start, own.end)
    if any(span.contains(whole_line) for span in theirs):
        return _Line("", whole_line, _end_beside(view, start, end))
    return _Line(view[start:first], own, _end_beside(view, start, end))


def _end_beside(view: str, start: int, end: int) -> str:
    """The line end behind a line or, if there is none, before it."""
    behind, before = view[end : end + 2], view[max(start - 2, 0) : start]
    if behind:
        return behind if behind == "\r\n" else behind[0]
    return before if before == "\r\n" else before[-1:] or "\n"


def _up_to_a_line(change: Change, lines: Sequence[_Line], view: str) -> Change:
    """The change without the indentation of the user's line that it deletes at its end.

    It meant to delete the equal indentation of another line: the diff chose the wrong one of them.
    """
    index = bisect_left(lines, change.end, key=_own_start) - 1
    start = lines[index].own.start if index >= 0 else 0
    if index < 0 or change.start >= start or view[start : change.end].strip(_BLANKS):
        return change
    return Change(change.start, start, change.text)


def _is_whole(line: _Line, changes: Sequence[Change]) -> bool:
    """Whether the sorted changes delete nothing that the user typed in the line."""
    index = bisect_right(changes, line.own.start, key=_end_of)
    later = changes[index : index + 1]
    while later and later[0].start == later[0].end and later[0].start < line.own.end:
        index += 1
        later = changes[index : index + 1]
    return not later or later[0].start >= line.own.end


def _untorn(changes: Iterable[Change], lines: Sequence[_Line]) -> Iterator[Change]:
    """The changes with insertions into a line moved before or behind the line."""
    for change in changes:
        index = bisect_right(lines, change.start, key=_own_start) - 1
        line = lines[index] if index >= 0 else None
        if line is None or not line.own.start < change.start < line.own.end:
            yield change
        elif change.text[:1] in _LINE_ENDS and change.text[-1:] not in _LINE_ENDS:
            yield Change(line.own.end, line.own.end, change.text)
        else:
            bare = change.text.rstrip(_BLANKS)[-1:] in _LINE_ENDS
            more = "" if bare else line.end + line.indentation
            yield Change(line.own.start, line.own.start, change.text + more)


def _line_ends(
    changes: ChangeSet, view: str, after: str, lines: Iterable[_Line], edges: LineEdges
) -> Iterator[Change]:
    """Insertions of the line ends that are missing around `lines` in `after`."""
    place = -1  # The end of the last line behind which a line end was added.
    for line in lines:
        start = changes.map_offset(line.own.start, after=True)
        text = line.own.text(view)
        front = after[line_start(after, start) : start]
        if line.indentation:
            front = front.rstrip(_BLANKS)
        at_edge = not edges.start and line_start(after, start) == 0
        if (front or at_edge) and start != place:
            yield Change(start, start, line.end + line.indentation)
        end = start + len(text)
        behind = after[end : line_end(after, end)]
        at_edge = not edges.end and end + len(behind) == len(after)
        place = -1
        if behind.strip(_BLANKS) or at_edge:
            blank = behind.startswith((" ", "\t"))
            yield Change(end, end, line.end + ("" if blank else line.indentation))
            place = end


def _with_edges(
    ends: Sequence[Change], view: str, after: str, edges: LineEdges
) -> Iterator[Change]:
    """`ends`, and the line ends at the edges of `view` that `after` must keep."""
    front, back = view[:1], view[len(view.rstrip(_BLANKS)) - 1 :] if view.strip(_BLANKS) else ""
    first = not ends or ends[0].start > 0
    if edges.held_start and front in _SOME_END and after[:1] not in _SOME_END and first:
        front = "\r\n" if view.startswith("\r\n") else front
        yield Change(0, 0, front)
        first = False
    yield from ends
    kept = after.rstrip(_BLANKS)
    last = not ends or ends[-1].start < len(kept)
    bare = bool(kept) or (first and not edges.start)
    if edges.held_end and back[:1] in _SOME_END and kept[-1:] not in _SOME_END and last and bare:
        back = "\r" + back if view.endswith("\r" + back) and back[:1] == "\n" else back
        yield Change(len(kept), len(after), back)
