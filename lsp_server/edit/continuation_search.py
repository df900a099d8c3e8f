"""Finds where the waiting lines of an answer go on along the original, and checks the proof.

The aligner calls it with its position (`t` is the answer's first undecided line, `k` the
original's) and decides by the results. They depend only on the texts, not on how the answer was
split into chunks.
"""

from collections.abc import Sequence

from lsp_server.edit.anchors import Anchor, Original
from lsp_server.edit.match_chain import ChainStep, MatchChain
from lsp_server.edit.passed_lines import PassedLines
from lsp_server.text.changes import common_prefix

# From this similarity (Indel, 0 to 1) on, a line is the expected line, modified …
_ALIKE = 0.75
# … unless it occurs unchanged among this many next original lines.
_STANDS_AHEAD = 12
# From this similarity to another original line on, no word in a line confirms a modification.
_TWINS = 0.85
# Lines on either side of an original line that are searched for one with the same beginning.
_AROUND = 8
# Lines that must have arrived behind one that is paired with a line that has similar ones nearby.
_CONFIRM_SIMILAR = 4
# Skipping fewer original lines than this, net, is not a jump.
_JUMP = 2
# Answer lines needed to confirm a jump: for each skipped line, and at most.
_CONFIRM_EACH = 2
_CONFIRM_MOST = 40
# The fraction of their text that must be found behind the jump, at most this many lines farther on
# than it would be if nothing else had changed. Otherwise the match was an accident.
_AGREEING = 0.5
_DRIFT = 12
# A common beginning of this many code points (stripped) means it may be the expected line.
_BEGUN = 2
# Anchors are looked up again after this many original lines have been consumed.
_STALE = 8


class ContinuationSearch:
    """Looks up lines of a growing answer in the original."""

    __slots__ = ("_anchors", "_chain", "_lines", "_original", "_passed")

    def __init__(self, original: Original, passed: PassedLines, lines: Sequence[str]) -> None:
        """`lines` are the answer's complete lines without their ends; the caller's list grows."""
        self._original = original
        self._passed = passed
        self._lines = lines
        self._chain: MatchChain | None = None
        self._anchors: dict[
            int, tuple[int, list[Anchor]]
        ] = {}  # By answer line: k at the time of the lookup, and the anchors.

    # -- one line ----------------------------------------------------------------------------

    def is_modified(self, content: str, k: int) -> bool:
        """Whether a line is original line k, modified, beyond doubt."""
        return (
            self._original.similarity(content, k) >= _ALIKE
            and not self.stands_ahead(content, k)
            and self._is_distinct(content, k)
        )

    def stands_ahead(self, content: str, k: int) -> bool:
        """Whether one of the next original lines, from k on, equals `content`."""
        ahead = self._original.equals(content, k, 1)
        return bool(ahead) and ahead[0] < k + _STANDS_AHEAD

    def is_near(self, content: str, k: int) -> bool:
        """Whether one of the next original lines, from k on, equals `content` or is similar."""
        anchors = self._original.anchors(content, k, [])
        return bool(anchors) and anchors[0].line < k + _STANDS_AHEAD

    def has_near_duplicate(self, k: int) -> bool:
        """Whether another line is so similar to line k that a word can't tell them apart."""
        return self._original.nearby_similarity(k) >= _TWINS

    def begins_near(self, head: str, k: int) -> bool:
        """Whether a line near original line k has the same beginning as an unfinished line.

        Either it begins with all of `head`: then the line may be that one, passed or still to come.
        Or with the part that `head` shares with line k: then all lines of that kind begin so.
        """
        contents = self._original.contents
        expected = contents[k]
        shared = head[: common_prefix(head, expected)]
        return (
            any(line.startswith(head) for line in contents[k + 1 : k + _STANDS_AHEAD])
            or self._passed.begins(head, k - _STANDS_AHEAD)
            or any(
                line.startswith(shared) and line != expected
                for line in contents[max(k - _AROUND, 0) : k + _AROUND + 1]
            )
        )

    def begins_new(self, head: str, k: int) -> bool:
        """Whether a line that begins with `head` is new beyond doubt.

        No original line from k on begins with it, and none of the next has a similar beginning. It
        doesn't come before a first line whose indentation is unknown.
        """
        stripped = head.strip()
        if (not k and not self._original.first_line_flush) or self._original.begins(stripped, k):
            return False
        if k == self._original.count:
            return True
        if common_prefix(stripped, self._original.stripped[k]) >= _BEGUN:
            return False
        return not self._original.begins_like(stripped, k)

    def _is_distinct(self, content: str, line: int) -> bool:
        """Whether a line is more similar to that original line than the lines nearby are."""
        return self._original.similarity(content, line) > self._original.nearby_similarity(line)

    # -- the waiting lines -------------------------------------------------------------------

    def next_step(self, t: int, k: int) -> ChainStep | None:
        """The first step of the best chain through the waiting lines."""
        chain = self._chain
        if chain is None or (chain.answer, chain.original) != (t, k):
            chain = self._chain = MatchChain(t, k)
        for line in range(chain.answer + chain.lines, len(self._lines)):
            chain.add(self.anchors(line, k))
        return chain.first

    def anchors(self, line: int, k: int) -> list[Anchor]:
        """The anchors of a waiting line, from original line k on."""
        known = self._anchors.get(line)
        if known is not None and k - known[0] < _STALE:
            return known[1]
        previous = self._anchors.get(line - 1)
        anchors = self._original.anchors(self._lines[line], k, previous[1] if previous else [])
        self._anchors[line] = k, anchors
        return anchors

    def forget(self, line: int) -> None:
        """Drop the anchors of an answer line that isn't needed any more."""
        self._anchors.pop(line, None)

    def confirmed(self, step: ChainStep, t: int, k: int, look_ahead: int, *, stalled: bool) -> bool:
        """Whether enough of the answer has arrived behind a step to take it.

        A jump needs as many lines as it skips demand. A line that is merely similar, to one with
        similar lines nearby, may be new: then the next lines must tell, unless the model stalled.
        """
        behind = len(self._lines) - 1 - step.answer
        skipped = (step.original - k) - (step.answer - t)
        if skipped < _JUMP:
            sure = stalled or step.equal or behind >= _CONFIRM_SIMILAR
            return sure or self._is_distinct(self._lines[step.answer], step.original)
        return behind >= min(_CONFIRM_MOST, look_ahead + _CONFIRM_EACH * skipped)

    def agrees(self, step: ChainStep, t: int, k: int) -> bool:
        """Whether the answer goes on along the original behind a jump, as far as it arrived."""
        if (step.original - k) - (step.answer - t) < _JUMP:
            return True
        found = known = 0
        for line in range(step.answer + 1, len(self._lines)):
            farthest = step.original + line - step.answer + _DRIFT
            weight = len(self._lines[line].strip())
            known += weight
            if any(step.original < a.line <= farthest for a in self.anchors(line, k)):
                found += weight
        return found >= _AGREEING * known
