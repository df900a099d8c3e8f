"""Carries spans and changes of a text over other changes of it."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter

from lsp_server.text.changes import Change, ChangeSet, common_prefix, common_suffix
from lsp_server.text.span import Span

Carry = Callable[[Span, ChangeSet], Span]

_start_of, _end_of = attrgetter("start"), attrgetter("end")


def trimmed(changes: ChangeSet, base: str, known: ChangeSet | None = None) -> ChangeSet:
    """The same changes of `base`, without text at their edges that they delete and insert again.

    `known` are changes of `base` that are trimmed already: those that `changes` shares with it at
    its beginning and end are not compared again.
    """
    row = changes.changes
    others = () if known is None else known.changes
    head = common_prefix(others, row)
    tail = common_suffix(others, row, min(len(row), len(others)) - head)
    trimmed: list[Change] = []
    for change in row[head : len(row) - tail]:
        piece = ChangeSet.replace(base[change.start : change.end], change.text)
        trimmed += piece.shifted(change.start, len(base)).changes
    return ChangeSet.of(len(base), [*row[:head], *trimmed, *row[len(row) - tail :]])


def carried(spans: Sequence[Span], changes: ChangeSet, how: Carry) -> list[Span]:
    """The spans after `changes`; `how` moves one span. Costs no more than the spans near changes.

    `spans` are sorted and don't overlap.
    """
    if not changes:
        return list(spans)
    start, end = changes.changes[0].start, changes.changes[-1].end
    first = bisect_left(spans, start, key=_end_of)
    last = max(bisect_right(spans, end, key=_start_of), first)
    by = changes.length_after - changes.length
    near = (how(span, changes) for span in spans[first:last])
    return [*spans[:first], *near, *(span.shift(by) for span in spans[last:])]


def shrunk(span: Span, changes: ChangeSet) -> Span:
    """The span after `changes`, without text inserted at its edges."""
    start = changes.map_offset(span.start, after=True)
    return Span(start, max(start, changes.map_offset(span.end, after=False)))


def stretched(span: Span, changes: ChangeSet) -> Span:
    """The span after `changes`, with text inserted at its edges."""
    start = changes.map_offset(span.start, after=False)
    return Span(start, max(start, changes.map_offset(span.end, after=True)))


def merged_spans(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The spans sorted, without empty ones, with touching ones merged."""
    merged: list[Span] = []
    for span in sorted(spans):
        if span.empty:
            continue
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)
