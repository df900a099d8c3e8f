"""The part of a document's change that falls into one scope."""

from dataclasses import dataclass

from lsp_server.edit.diff import diff
from lsp_server.text.changes import Change, ChangeSet
from lsp_server.text.span import Span

# A replacement of more than this many code points is reduced to a diff: a formatter or a reload
# from disk replaces everything and changes little.
_LARGE = 40


@dataclass(frozen=True, slots=True)
class ScopeShare:
    """Where the scope is after a change, and what changed in it (against its text before).

    `gone`: the change deleted the whole scope.
    """

    span: Span
    inside: ChangeSet
    gone: bool = False


def refine(changes: ChangeSet, text: str) -> ChangeSet:
    """The same changes, without the text that a replacement leaves as it is.

    Editors replace more than what differs: Neovim reports a new line as a replacement of the
    previous line end (measured, 0.7.2 and 0.11.4), though that line was not touched.
    """
    fine: list[Change] = []
    for change in changes.changes:
        old = text[change.start : change.end]
        if old and change.text:
            apart = diff if len(old) + len(change.text) > _LARGE else ChangeSet.replace
            fine += apart(old, change.text).shifted(change.start, len(text)).changes
        else:
            fine.append(change)
    return ChangeSet.of(len(text), fine)


def share_of(changes: ChangeSet, scope: Span, *, takes_start: bool) -> ScopeShare:
    """The part of `changes` that falls into `scope`.

    Text typed at either edge belongs to the scope, so it moves with what the model writes there.
    With `takes_start=False` (another scope ends there) that holds only for its end. A change across
    an edge is split, and its inserted text stays outside.
    """
    before = 0
    inside: list[Change] = []
    start, end = scope.start, scope.end
    gone = False

    def keep(first: int, last: int, text: str) -> None:
        inside.append(Change(first - start, last - start, text))

    for change in changes.changes:
        first, last = change.start, change.end
        if first == last:
            if first < start or (first == start and not takes_start):
                before += len(change.text)
            elif first <= end:
                keep(first, last, change.text)
        elif last <= start:
            before += change.delta
        elif first >= end:
            break
        elif first >= start and last <= end:
            keep(first, last, change.text)
        elif first <= start and last >= end:
            gone, start = True, first + before
            break
        elif first < start:
            before += len(change.text) - (start - first)
            keep(start, last, "")
        else:
            keep(first, end, "")
    if gone:
        return ScopeShare(Span(start, start), ChangeSet.identity(scope.length), gone=True)
    local = ChangeSet.of(scope.length, inside)
    return ScopeShare(Span(start + before, start + before + local.length_after), local)
