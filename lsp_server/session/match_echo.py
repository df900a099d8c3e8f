"""Which of the changes that an editor reports is the edit that we asked for.

The editor's answer alone proves nothing: Neovim says `applied: true` for an edit that it dropped
because its buffer had moved on (measured, 0.7.2 and 0.11.4). So a "yes" is believed when the
changes that follow contain the edit; a "no" always is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Indel

from lsp_server.edit.diff import diff
from lsp_server.text.changes import Change, ChangeSet

# So many changes are looked at one by one: ours is among the first, whatever follows it.
_FIRST = 64
# Beyond this many code points two texts are compared by their lengths only.
_FAR = 20_000


@dataclass(frozen=True, slots=True)
class EchoMatch:
    """Whether our edit landed, and what others did after it (or instead of it), in order."""

    landed: bool
    foreign: tuple[ChangeSet, ...]


def match_echo(before: str, ours: ChangeSet, came: Sequence[ChangeSet]) -> EchoMatch | None:
    """Judge the changes `came` of the text `before`, to which the editor says it applied `ours`.

    Ours is the first part of what came that leads to the text we wanted: editors put several
    changes into one notification. Where nothing fits to the letter (an editor that sends whole
    documents, or normalises line ends), ours is in it when the text that came out is nearer to
    what we wanted than to what was there. What the changes that came delete in any case is left out
    of that comparison. `None` while nothing has come.
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
    """What of `ours` is not in `others` (of the same text) in any case.

    What both delete tells nothing: it is gone whether ours landed or not.
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
