"""Where the waiting lines of an answer go on along the original, and what proves it.

Asked by the aligner, which says where it stands (`t` is the answer's first undecided line, `k` the
original's) and decides by the answers. Everything here depends on the texts alone, not on how the
answer was cut into chunks.
"""

from collections.abc import Sequence

from lsp_server.edit.anchors import Anchor, Original
from lsp_server.edit.match_chain import ChainStep, MatchChain
from lsp_server.edit.passed_lines import PassedLines
from lsp_server.text.changes import common_prefix

# From this similarity (Indel, 0 to 1) on a line is at once the expected line, modified …
_ALIKE = 0.75
# … unless it stands unchanged among so many of the next original lines.
_STANDS_AHEAD = 12
# From this similarity of an original line to another one on, no word within it confirms a change.
_TWINS = 0.85
# So many lines on either side of an original line show whether it begins as others of its sort do.
_AROUND = 8
# So many lines must have come behind one that is taken for a line with kin.
_CONFIRM_KIN = 4
# A jump that passes by fewer original lines than this, net, is no jump.
_JUMP = 2
# How many lines of the answer confirm a jump, for each line passed by, and at most.
_CONFIRM_EACH = 2
_CONFIRM_MOST = 40
# This part of their text must be found again behind the jump, at most so many lines further on
# than where it would stand if nothing else had changed. Otherwise it was a line met by accident.
_AGREEING = 0.5
_DRIFT = 12
# So many code points, blanks left out, make the beginning of a line that of the expected one.
_BEGUN = 2
# Anchors are looked up anew when the original has been consumed by so many lines since.
_STALE = 8


class ContinuationSearch:
    """Looks up lines of a growing answer in its original."""

    __slots__ = ("_anchors", "_chain", "_lines", "_original", "_passed")

    def __init__(self, original: Original, passed: PassedLines, lines: Sequence[str]) -> None:
        """`lines` are the answer's complete lines, without their ends; the list grows."""
        self._original = original
        self._passed = passed
        self._lines = lines
        self._chain: MatchChain | None = None
        self._anchors: dict[int, tuple[int, list[Anchor]]] = {}  # By line; with k of that time.

    # -- one line ----------------------------------------------------------------------------

    def is_modified(self, content: str, k: int) -> bool:
        """Whether a line can only be original line k, modified."""
        return (
            self._original.similarity(content, k) >= _ALIKE
            and not self.stands_ahead(content, k)
            and self._is_distinct(content, k)
        )

    def stands_ahead(self, content: str, k: int) -> bool:
        """Whether one of the next original lines, from k on, is this very line."""
        ahead = self._original.equals(content, k, 1)
        return bool(ahead) and ahead[0] < k + _STANDS_AHEAD

    def is_near(self, content: str, k: int) -> bool:
        """Whether it is one of the next original lines, from k on, or like one."""
        anchors = self._original.anchors(content, k, [])
        return bool(anchors) and anchors[0].line < k + _STANDS_AHEAD

    def has_twins(self, k: int) -> bool:
        """Whether another line is so like original line k that a word does not tell them apart."""
        return self._original.kin(k) >= _TWINS

    def begins_near(self, head: str, k: int) -> bool:
        """Whether a line near original line k begins as an unfinished line of the answer does.

        Like all of `head`: then it may be that line, to come or passed by. Or only up to where
        `head` departs from line k: then all lines of that sort begin so.
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
        """Whether a line that begins with `head` can only be a new one.

        No original line from k on begins so, nor does one of the next begin much like it; and it
        does not come in front of a first line whose indentation is not known.
        """
        stripped = head.strip()
        if (not k and not self._original.flush) or self._original.begins(stripped, k):
            return False
        if k == self._original.count:
            return True
        if common_prefix(stripped, self._original.stripped[k]) >= _BEGUN:
            return False
        return not self._original.begins_like(stripped, k)

    def _is_distinct(self, content: str, line: int) -> bool:
        """Whether a line is more like that original line than the lines around are."""
        return self._original.similarity(content, line) > self._original.kin(line)

    # -- the waiting lines -------------------------------------------------------------------

    def next_step(self, t: int, k: int) -> ChainStep | None:
        """Where the best chain through the waiting lines goes on along the original."""
        chain = self._chain
        if chain is None or (chain.answer, chain.original) != (t, k):
            chain = self._chain = MatchChain(t, k)
        for line in range(chain.answer + chain.lines, len(self._lines)):
            chain.add(self.anchors(line, k))
        return chain.first

    def anchors(self, line: int, k: int) -> list[Anchor]:
        """Where a waiting line may stand in the original, from k on."""
        known = self._anchors.get(line)
        if known is not None and k - known[0] < _STALE:
            return known[1]
        previous = self._anchors.get(line - 1)
        anchors = self._original.anchors(self._lines[line], k, previous[1] if previous else [])
        self._anchors[line] = k, anchors
        return anchors

    def forget(self, line: int) -> None:
        """A line of the answer is asked for no more."""
        self._anchors.pop(line, None)

    def confirmed(self, step: ChainStep, t: int, k: int, look_ahead: int, *, stalled: bool) -> bool:
        """Whether enough of the answer is known behind a step to take it.

        It passes by the lines before it; and a line that is merely like one with kin is perhaps
        new, which the next lines tell, unless the model has stalled.
        """
        behind = len(self._lines) - 1 - step.answer
        skipped = (step.original - k) - (step.answer - t)
        if skipped < _JUMP:
            sure = stalled or step.equal or behind >= _CONFIRM_KIN
            return sure or self._is_distinct(self._lines[step.answer], step.original)
        return behind >= min(_CONFIRM_MOST, look_ahead + _CONFIRM_EACH * skipped)

    def agrees(self, step: ChainStep, t: int, k: int) -> bool:
        """Whether the answer goes on along the original behind a jump, as far as it is known."""
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
