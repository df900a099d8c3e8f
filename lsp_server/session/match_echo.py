"""Finds the echo of our edit among the changes that an editor reports.

The editor's answer alone proves nothing: Neovim answers `applied: true` for an edit that it dropped
because its buffer had changed (measured, 0.7.2 and 0.11.4). So a "yes" counts only if the reported
changes contain the edit; a "no" always counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Indel

from lsp_server.edit.diff import diff
from lsp_server.text.changes import Change, ChangeSet

# This many changes are compared one by one: ours is among the first.
_FIRST = 64
# Texts longer than this (code points) are compared by their lengths only.
_FAR = 20_000


@dataclass(frozen=True, slots=True)
class EchoMatch:
    """Whether our edit landed, and what others did after it (or instead of it), in order."""

    landed: bool
    foreign: tuple[ChangeSet, ...]


def match_echo(before: str, ours: ChangeSet, came: Sequence[ChangeSet]) -> EchoMatch | None:
    """Find `ours` in the changes `came` of the text `before`; the editor says that it applied it.

    Ours are the first changes that together lead to the wanted text: editors put several changes
    into one notification. Where none lead exactly there (an editor that sends whole documents or
    normalises line ends), ours has landed if the new text is nearer to the wanted one than to
    `before`. That comparison leaves out what the reported changes delete anyway. None while nothing
    was reported.
    """
    if not came:
        return None
    wanted = ours.apply(before)
    text = before
    for count, changes in enumerate(came[:_FIRST], start=1):
        text = changes.apply(text)
        if text == wanted:
            return EchoMatch(True, tuple(came[count:]))
    everything = ChangeSet.compose_all(len(before), came)
    text = everything.apply(before)
    telling = _not_done_by(everything, ours)
    if telling and _distance(telling.apply(before), text) < _distance(before, text):
        return EchoMatch(True, (diff(wanted, text),))
    return EchoMatch(False, tuple(came))


def _not_done_by(others: ChangeSet, ours: ChangeSet) -> ChangeSet:
    """The part of `ours` that `others` (of the same text) do not do as well.

    What both delete proves nothing: it is gone whether ours landed or not.
    """
    left: list[Change] = []
    for change in ours.changes:
        start, text = change.start, change.text
        for other in others.changes:
            if other.end > start and other.start < change.end:
                if start < other.start or text:
                    left.append(Change(start, max(start, other.start), text))
                start, text = other.end, ""
        if start < change.end or text:
            left.append(Change(start, max(start, change.end), text))
    return ChangeSet.of(ours.length, left)


def _distance(one: str, other: str) -> int:
    """How many code points must be deleted and inserted to get from one to the other."""
    changes = ChangeSet.replace(one, other)
    total = 0
    for change in changes.changes:
        old = one[change.start : change.end]
        if len(old) + len(change.text) > _FAR:
            total += len(old) + len(change.text)
        else:
            total += int(Indel.distance(old, change.text))
    return total
