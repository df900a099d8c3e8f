"""The changes between two texts: few characters, in pieces that make sense to a person.

Compares lines first (longest common subsequence), then the words within groups of changed lines,
each line with the line that it became. Insertions and deletions of whole lines begin at a line
start: users read them, undo reverts them one by one, and somebody who types at the end of a line
must not write into a line that the model inserts below. Knows no programming language.
"""

from collections.abc import Iterator, Sequence

from rapidfuzz import process
from rapidfuzz.distance import Indel, LCSseq

from lsp_server.edit.words import words
from lsp_server.text.changes import Change, ChangeSet
from lsp_server.text.lines import split_lines

# The longest common subsequence takes the product of both lengths in bits of memory and, divided
# by 64, in steps. Above these products a group is replaced as one piece.
_MOST_LINE_PAIRS = 400_000_000  # 20,000 lines against 20,000: 50 MB, tens of milliseconds.
_MOST_WORD_PAIRS = 4_000_000
# Lines are paired by similarity only in groups with at most this many pairs of lines …
_MOST_SIMILARITIES = 2_500
# … and only lines up to this length (code points).
_LONG_LINE = 2_000
# The least similarity (Indel, 0 to 1) between a line and the line that it became.
_SIMILAR = 0.5
# A group is compared word by word across its lines if that changes less than this fraction of what
# comparing line by line changes: for example where a call was split into several lines.
_WORTH_CROSSING = 0.95
# Code points over which a block that fits in several places is moved.
_SLIDE = 2_000


def diff(before: str, after: str) -> ChangeSet:
    """The changes from `before` to `after`.

    Invariant: `diff(b, a).apply(b) == a` for any two texts, and no change begins or ends inside a
    "\\r\\n".
    """
    replacement = ChangeSet.replace(before, after)
    if not replacement:
        return replacement
    start, end = _whole_lines(before, after, replacement.changes[0])
    new = after[start : len(after) - (len(before) - end)]
    hunks = _line_hunks(before[start:end], new, start)
    return ChangeSet.of(len(before), _slid(before, ChangeSet.of(len(before), hunks).changes))


def refined(changes: ChangeSet, text: str) -> ChangeSet:
    """The same changes of `text`, each replaced by the minimal changes with the same result."""
    fine: list[Change] = []
    for change in changes.changes:
        piece = diff(text[change.start : change.end], change.text)
        fine += piece.shifted(change.start, len(text)).changes
    return ChangeSet.of(len(text), fine)


def churn(changes: ChangeSet) -> int:
    """The number of code points inserted and deleted."""
    return changes.inserted + changes.deleted


def minimal_churn(before: str, after: str) -> int:
    """The least possible churn in code points: the Indel distance."""
    return Indel.distance(before, after)


def equal_lines(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The index pairs of a longest common subsequence of two lists of lines, in order."""
    for b, a, length in _equal_runs(before, after, _MOST_LINE_PAIRS):
        for index in range(length):
            yield b + index, a + index


# -- lines -----------------------------------------------------------------------------------


def _whole_lines(before: str, after: str, change: Change) -> tuple[int, int]:
    """The range of a trimmed change in `before`, grown to whole lines in both texts."""
    start = before.rfind("\n", 0, change.start) + 1
    end = change.end
    after_end = len(after) - (len(before) - end)
    if not (before.endswith("\n", 0, end) and after.endswith("\n", 0, after_end)):
        end = before.find("\n", end) + 1 or len(before)
    return start, max(start, end)


def _line_hunks(before: str, after: str, offset: int) -> list[Change]:
    """The changes between two texts, not merged; `before` begins at `offset`.

    Matches lines with their indentation or without it, whichever gives less churn: in a block that
    was indented, the few lines that are still equal are so by accident.
    """
    old, new = split_lines(before), split_lines(after)
    runs = _equal_runs(old, new, _MOST_LINE_PAIRS)
    hunks = _hunks_between(old, new, runs, offset)
    if min(len(old), len(new)) < 2:
        return hunks
    bare_runs = _equal_runs(
        [line.strip() for line in old], [line.strip() for line in new], _MOST_LINE_PAIRS
    )
    if bare_runs == runs:
        return hunks
    bare_hunks = _hunks_between(old, new, bare_runs, offset)
    return bare_hunks if _cost(bare_hunks) < _cost(hunks) else hunks


def _hunks_between(
    old: list[str], new: list[str], runs: list[tuple[int, int, int]], offset: int
) -> list[Change]:
    """The changes between runs of matched lines, and within runs where lines still differ."""
    hunks: list[Change] = []
    b = a = 0
    for next_b, next_a, length in [*runs, (len(old), len(new), 0)]:
        hunks += _group_hunks(old[b:next_b], new[a:next_a], offset)
        offset += sum(map(len, old[b:next_b]))
        b, a = next_b + length, next_a + length
        for line, twin in zip(old[next_b:b], new[next_a:a], strict=True):
            if line != twin:
                hunks += _word_hunks(line, twin, offset)
            offset += len(line)
    return hunks


def _group_hunks(old: list[str], new: list[str], offset: int) -> list[Change]:
    """The changes from one group of lines, which begins at `offset`, to another."""
    if not old or not new:
        return _replaced("".join(old), "".join(new), offset)
    by_words = _word_hunks("".join(old), "".join(new), offset)
    if len(old) == len(new) == 1 or len(old) * len(new) > _MOST_SIMILARITIES:
        return by_words
    by_lines: list[Change] = []
    b = a = 0
    for next_b, next_a in [*_line_pairs(old, new), (len(old), len(new))]:
        by_lines += _word_hunks("".join(old[b:next_b]), "".join(new[a:next_a]), offset)
        offset += sum(map(len, old[b:next_b]))
        if next_b < len(old):
            by_lines += _word_hunks(old[next_b], new[next_a], offset)
            offset += len(old[next_b])
        b, a = next_b + 1, next_a + 1
    return by_words if _cost(by_words) < _WORTH_CROSSING * _cost(by_lines) else by_lines


def _line_pairs(old: list[str], new: list[str]) -> list[tuple[int, int]]:
    """The lines that became one another, in order: the pairing that keeps most characters."""
    kept = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    gains = [_gains(line, new) for line in old]
    for b in range(len(old) - 1, -1, -1):
        row, below, gain = kept[b], kept[b + 1], gains[b]
        for a in range(len(new) - 1, -1, -1):
            row[a] = max(below[a], row[a + 1], below[a + 1] + gain.get(a, 0.0))
    pairs: list[tuple[int, int]] = []
    b = a = 0
    while b < len(old) and a < len(new):
        if kept[b][a] == kept[b + 1][a]:
            b += 1
        elif kept[b][a] == kept[b][a + 1]:
            a += 1
        else:
            pairs.append((b, a))
            b, a = b + 1, a + 1
    return pairs


def _gains(line: str, others: list[str]) -> dict[int, float]:
    """For each similar line of `others`, by index, how many characters `line` keeps as it."""
    stripped = line.strip()
    if not stripped or len(line) > _LONG_LINE:
        return {}
    choices = {a: other.strip() for a, other in enumerate(others) if len(other) <= _LONG_LINE}
    found = process.extract(
        stripped, choices, scorer=Indel.normalized_similarity, score_cutoff=_SIMILAR, limit=None
    )
    return {a: similarity * (len(stripped) + len(other)) for other, similarity, a in found}


# -- words -----------------------------------------------------------------------------------


def _word_hunks(before: str, after: str, offset: int) -> list[Change]:
    """The changes between two texts by words, trimmed to the characters that differ."""
    if not before or not after:
        return _replaced(before, after, offset)
    old, new = words(before), words(after)
    hunks: list[Change] = []
    b = a = 0
    for next_b, next_a, length in [
        *_equal_runs(old, new, _MOST_WORD_PAIRS),
        (len(old), len(new), 0),
    ]:
        if next_b > b or next_a > a:
            hunks += _replaced("".join(old[b:next_b]), "".join(new[a:next_a]), offset)
        offset += sum(map(len, old[b : next_b + length]))
        b, a = next_b + length, next_a + length
    return hunks


def _replaced(before: str, after: str, offset: int) -> list[Change]:
    """One change, trimmed to the characters that differ; none if the texts are equal."""
    trimmed = ChangeSet.replace(before, after)
    return [Change(c.start + offset, c.end + offset, c.text) for c in trimmed.changes]


def _cost(changes: list[Change]) -> int:
    return sum(change.end - change.start + len(change.text) for change in changes)


def _equal_runs(old: Sequence[str], new: Sequence[str], most: int) -> list[tuple[int, int, int]]:
    """The runs of a longest common subsequence: start in `old`, start in `new`, length.

    Only the common prefix and suffix, if the product of the other lengths is beyond `most`.
    """
    shortest = min(len(old), len(new))
    head = 0
    while head < shortest and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < shortest - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    runs = [(0, 0, head)] if head else []
    rest_old, rest_new = len(old) - head - tail, len(new) - head - tail
    if rest_old and rest_new and rest_old * rest_new <= most:
        # Numbers instead of strings, because rapidfuzz compares items by their hash only.
        numbers: dict[str, int] = {}
        left = [numbers.setdefault(item, len(numbers)) for item in old[head : head + rest_old]]
        right = [numbers.setdefault(item, len(numbers)) for item in new[head : head + rest_new]]
        for block in LCSseq.editops(left, right).as_matching_blocks():
            if block.size:
                runs.append((block.a + head, block.b + head, block.size))
    if tail:
        runs.append((len(old) - tail, len(new) - tail, tail))
    return runs


# -- where a block goes ----------------------------------------------------------------------


def _slid(before: str, changes: Sequence[Change]) -> Iterator[Change]:
    """Equivalent changes, with blocks that begin inside a line moved to a line start."""
    low = 0
    for index, change in enumerate(changes):
        high = changes[index + 1].start - 1 if index + 1 < len(changes) else len(before)
        change = _at_line_start(before, change, low, high)
        yield change
        low = change.end + 1


def _at_line_start(before: str, change: Change, low: int, high: int) -> Change:
    """An insertion or deletion of lines, moved within `[low, high]` to whole lines.

    A block between equal characters can move by one character without changing the result. Of all
    places where the block is whole lines, this takes the one with the least indentation.
    """
    deleted = before[change.start : change.end]
    if bool(deleted) == bool(change.text):
        return change
    block = deleted or change.text
    if "\n" not in block and "\r" not in block:
        return change
    size = len(block)
    left = right = 0
    most_left = min(change.start - low, _SLIDE)
    while left < most_left and before[change.start - 1 - left] == block[-1 - left % size]:
        left += 1
    most_right = min(high - change.end, _SLIDE)
    while right < most_right and before[change.end + right] == block[right % size]:
        right += 1
    best, best_indentation = change, len(before) + size + 1
    for by in range(right, -left - 1, -1):
        start = change.start + by
        if start and before[start - 1] not in "\r\n":
            continue
        moved = block[by % size :] + block[: by % size]
        if moved[-1] not in "\r\n" or _splits(before, start, moved, deleted):
            continue
        first = moved.lstrip(" \t")
        indentation = size if first[0] in "\r\n" else size - len(first)
        if indentation < best_indentation:
            text = "" if deleted else moved
            best, best_indentation = Change(start, change.end + by, text), indentation
    return best


def _splits(before: str, start: int, block: str, deleted: str) -> bool:
    """Whether inserting or deleting the block at `start` splits a "\\r\\n"."""
    end = start + len(block) if deleted else start
    if before.endswith("\r", 0, start) and "\n" in (block[0], before[start : start + 1]):
        return True
    return block[-1] == "\r" and before.startswith("\n", end)
