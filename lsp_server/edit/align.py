"""Lays a growing answer over the original scope, so that it can be shown while it comes.

A *cut* is a pair of places: so far the answer, from there on the original. The aligner decides
cuts whose text is sensible to show and lies on a short way from the original to the answer. It
knows lines and words; whether a state parses, what the user types and what time it is are the
business of others.

How it decides, line by line (`t` is the answer's first undecided line, `k` the original's):

*   A line equal to original line k is that line: no edit, no waiting.
*   A line very like original line k, which does not stand unchanged a little further on, is that
    line modified; so is one of which a later word was found again in it (`inline`). But where the
    original has other lines just as like it (tests, routes, tables: line k has kin), likeness says
    nothing: the new line may be one more of that sort, and line k come yet. Such a line waits.
*   A line that is like nothing near is new at once; so is a slight one behind a new one.
*   Otherwise `LOOK_AHEAD` further lines must have come. Then the best chain of anchors through the
    waiting lines (`chain`) names the next line that is found again: what lies before it in both
    texts is one group, replaced; with no chain, line t is inserted.
*   A jump is confirmed: before original lines are passed by, twice as many lines of the answer
    must have come behind the place where it goes on, and half of their text must be found again
    there. A false jump over n lines costs 2n lines (delete them, write them again), a late one
    costs time only.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from lsp_server.edit.anchors import LONG_LINE, Anchor, Original
from lsp_server.edit.chain import Chain, Step
from lsp_server.edit.diff import diff, equal_lines
from lsp_server.edit.inline import Follower
from lsp_server.errors import ContractError
from lsp_server.text.changes import ChangeSet

# Lines of the answer that must have come behind one before it is decided, where its likeness to
# lines of the original leaves it open. Measured on real commits: one line less saves 5 ms of the
# median wait at 1,000 tokens a second and costs a tenth more of all that is written needlessly.
LOOK_AHEAD = 2
# So many lines must have come behind one that is taken for a line with kin.
_CONFIRM_KIN = 4
# From this similarity of an original line to another one on, no word within it confirms a change.
_KIN = 0.85
# A line of so few code points, blanks left out, waits for nothing behind a new line: a closing
# bracket is needed to show the block before it, and costs little where it was another one.
_SLIGHT = 6
# A jump that passes by fewer original lines than this, net, is no jump.
_JUMP = 2
# How many lines of the answer confirm a jump, for each line passed by, and at most.
_CONFIRM_EACH = 2
_CONFIRM_MOST = 40
# This part of their text must be found again behind the jump, at most so many lines further on
# than where it would stand if nothing else had changed. Otherwise it was a line met by accident.
_AGREEING = 0.5
_DRIFT = 12
# From this similarity on (Indel, 0 to 1) a line is at once the expected line, modified …
_ALIKE = 0.75
# … unless it stands unchanged among so many of the next original lines.
_STANDS_AHEAD = 12
# Anchors are looked up anew when the original has been consumed by so many lines since.
_STALE = 8


class Publish(StrEnum):
    """Which states are offered: the values of the setting `publish`."""

    SYNTAX = "syntax"  # Decided ones, for a gate to choose from.
    LINE = "line"  # One for each complete line of the answer.
    TOKEN = "token"  # One for everything that came.


@dataclass(frozen=True, slots=True, order=True)
class Cut:
    """A state: the output up to `answer`, then the original from `original` on (code points).

    `inside` says that it lies within a line, which is worth showing only when everything before it
    is shown too.
    """

    answer: int
    original: int
    inside: bool = False


class Aligner:
    """An original and a growing answer in, cuts out.

    Laws, for every original, every answer and every chunking of it:

    *   Neither number of a cut ever decreases from one cut to the next. The first is `(0, 0)`, the
        original; the last after `finish()` is the whole answer.
    *   The output up to the latest cut never changes; it only grows.
    *   The list of cuts does not depend on the chunking, except with `Publish.TOKEN` and after
        `stalled()`, which are about time by their nature.
    *   **Before `finish()` nothing of the original is lost without proof.** For a cut at the start
        of original line n > 0, line n - 1 or line n is paired with a line of the answer that has
        come (equal to it, or similar enough to be that line modified); for a cut inside line n,
        the word before it stands in the answer too. So whatever was left out stands before a
        place at which the answer goes on along the original, and an answer that ends anywhere
        deletes nothing of what it has not reached.
    *   With `finish()`, the output is the answer, in the original's line ends: a line that is
        paired has its original's end, any other `line_end`.
    """

    def __init__(
        self,
        original: str,
        line_end: str = "\n",
        publish: Publish = Publish.SYNTAX,
        look_ahead: int = LOOK_AHEAD,
    ) -> None:
        """`line_end` ends new lines: "\\n", "\\r\\n" or "\\r"; `look_ahead` is in lines."""
        self._original = Original(original)
        self._line_end = line_end
        self._publish = publish
        self._look_ahead = look_ahead
        self._lines: list[str] = []  # The answer's complete lines, without ends.
        self._partial = ""  # What has come of the next one.
        self._decided = 0  # t: the first undecided line of the answer.
        self._consumed = 0  # k: the first original line not consumed.
        self._out: list[str] = []  # The lines whose bytes are settled, with their ends …
        self._out_starts = [0]  # … and the offset of each in the output.
        self._cuts = [Cut(0, 0)]
        self._pairs: list[Step] = []
        self._chain: Chain | None = None
        self._anchors: dict[int, tuple[int, list[Anchor]]] = {}  # By line; with k of that time.
        self._follower: Follower | None = None  # Along the partial line.
        self._inside: int | None = None  # The original offset that the follower has confirmed.
        self._finished = False
        self._endless = -1  # The answer's last line, when it is known to have no line end.

    # -- feeding it --------------------------------------------------------------------------

    def push(self, text: str) -> None:
        """Take more of the answer, with "\\n" as its line ends."""
        if self._finished:
            raise ContractError("The answer had ended, but more of it came.")
        first, *others = text.split("\n")
        self._grow(first)
        for piece in others:
            self._complete()
            self._grow(piece)
        if self._publish is Publish.TOKEN and self._partial and not self._is_expected_so_far():
            self._cut(self._length(), self._aligned(), inside=True)

    def stalled(self) -> None:
        """The model pauses: decide what waits for look-ahead. Jumps still wait for their proof.

        The caller owns the clock; a quarter of a second is a good time.
        """
        self._decide(0)

    def finish(self) -> None:
        """The answer is complete, and that is proven: the rest of the original goes."""
        if self._finished:
            return
        self._finished = True
        if self._partial:
            self._lines.append(self._partial)
            self._partial = ""
            self._endless = len(self._lines) - 1
        self._decide_rest()
        end = Cut(self._out_starts[-1], len(self._original.text))
        if self._cuts[-1] != end:
            self._cuts.append(end)

    def publish_as(self, publish: Publish) -> None:
        """From now on offer other states, as when the user asks to see what is held."""
        self._publish = publish
        self._show_lines()

    # -- reading it --------------------------------------------------------------------------

    @property
    def cuts(self) -> Sequence[Cut]:
        """All states offered so far, oldest first. Grows; to be read, not kept in copies."""
        return self._cuts

    @property
    def latest(self) -> Cut:
        """The newest state offered."""
        return self._cuts[-1]

    @property
    def pairs(self) -> Sequence[Step]:
        """Which lines of the answer are which of the original, as decided; both in order."""
        return self._pairs

    @property
    def output(self) -> str:
        """All of the answer that has come, in the original's line ends.

        Behind the latest cut the line ends are a guess until their lines are decided.
        """
        return "".join(self._out) + self._tail()

    @property
    def waiting(self) -> bool:
        """Whether complete lines of the answer wait for look-ahead or for the proof of a jump."""
        return self._decided < len(self._lines)

    def state(self, cut: Cut) -> str:
        """The text of the scope at `cut`."""
        return self.text(0, cut.answer) + self._original.text[cut.original :]

    def text(self, start: int, end: int) -> str:
        """The code points `[start, end)` of the output, without building all of it."""
        settled = self._out_starts[-1]
        if end > settled:
            return (self.text(start, settled) if start < settled else "") + self._tail()[
                max(start - settled, 0) : end - settled
            ]
        if start >= end:
            return ""
        first = bisect_right(self._out_starts, start) - 1
        last = bisect_right(self._out_starts, end - 1) - 1
        base = self._out_starts[first]
        return "".join(self._out[first : last + 1])[start - base : end - base]

    def changes(self, before: Cut, after: Cut) -> ChangeSet:
        """What leads from one state to a later one. Costs what lies between them only."""
        old = self._original.text[before.original : after.original]
        new = self.text(before.answer, after.answer)
        length = before.answer + len(self._original.text) - before.original
        return diff(old, new).shifted(before.answer, length)

    def raw(self) -> Cut:
        """Everything that came, decided or not, then the original from the last aligned place on.

        It need not be one of the cuts, and the next cuts may lie before it: the state to leave
        when the answer is cut off and the user wants to keep all of it.
        """
        if not self._partial:
            return Cut(self._line_cut(len(self._lines)), self._aligned())
        aligned = self._aligned()
        if self._inside is None and not self.waiting:
            aligned += _shared_head(self._partial, self._expected())
        return Cut(self._length(), aligned, inside=True)

    # -- growing -----------------------------------------------------------------------------

    def _grow(self, piece: str) -> None:
        """More of the unfinished line."""
        if not piece:
            return
        self._partial += piece
        if self._publish is Publish.LINE or self.waiting or self._is_expected_so_far():
            return
        if self._consumed < self._original.count and self._original.kin(self._consumed) >= _KIN:
            return
        if self._follower is None:
            self._follower = Follower(self._expected(), LONG_LINE)
        start, origin = self._line_start(len(self._lines)), self._original.starts[self._consumed]
        for answer, original in self._follower.follow(self._partial):
            if self._inside is None and self._begins_ahead(self._partial[:answer]):
                continue
            self._inside = origin + original
            if self._publish is Publish.SYNTAX:
                self._cut(start + answer, self._inside, inside=True)

    def _complete(self) -> None:
        """The unfinished line has got its end."""
        self._lines.append(self._partial)
        self._partial = ""
        self._follower = None
        self._decide(self._look_ahead)
        self._show_lines()

    def _show_lines(self) -> None:
        """In the modes that show lines undecided, settle them and offer the state behind them."""
        if self._publish is Publish.SYNTAX:
            return
        first = self._consumed
        for line in range(len(self._out), len(self._lines)):
            twins = self._original.equals(self._lines[line], first, 1)
            self._settle(line, twins[0] if twins else None)
            first = twins[0] + 1 if twins else first
        self._cut(self._line_cut(len(self._lines)), self._original.starts[self._consumed])

    # -- deciding ----------------------------------------------------------------------------

    def _decide(self, look_ahead: int) -> None:
        """Decide lines as long as what has come says enough."""
        while self.waiting:
            if self._is_next_line():
                continue
            if len(self._lines) - self._decided <= look_ahead and not self._is_new():
                return
            step = self._next_step()
            if step is None:
                self._insert(self._decided + 1)
            elif not self._confirmed(step, stalled=not look_ahead):
                return
            elif self._agrees(step):
                self._take(step)
            else:
                self._insert(self._decided + 1)

    def _is_next_line(self) -> bool:
        """Take the first undecided line as original line k, if that can be told by itself."""
        k, content = self._consumed, self._lines[self._decided]
        if k == self._original.count:
            return False
        if content == self._original.contents[k]:
            self._take(Step(self._decided, k, True))
            return True
        if self._inside is not None or (
            self._original.similarity(content, k) >= _ALIKE
            and not self._stands_ahead(content)
            and self._is_distinct(content, k)
        ):
            self._take(Step(self._decided, k, False))
            return True
        return False

    def _is_new(self) -> bool:
        """Whether the first undecided line can be decided without what follows it."""
        content = self._lines[self._decided]
        if len(content.strip()) <= _SLIGHT and self._follows_new():
            return True
        return not self._anchors_of(self._decided) and not self._original.resembles(
            content, self._consumed
        )

    def _follows_new(self) -> bool:
        """Whether the line before the first undecided one is new."""
        last = self._pairs[-1].answer if self._pairs else -1
        return last + 1 < self._decided

    def _is_distinct(self, content: str, line: int) -> bool:
        """Whether a line is more like that original line than the lines around are."""
        return self._original.similarity(content, line) > self._original.kin(line)

    def _next_step(self) -> Step | None:
        """Where the best chain through the waiting lines goes on along the original."""
        chain = self._chain
        if chain is None or (chain.answer, chain.original) != (self._decided, self._consumed):
            chain = self._chain = Chain(self._decided, self._consumed)
        for line in range(chain.answer + chain.lines, len(self._lines)):
            chain.add(self._anchors_of(line))
        return chain.first

    def _anchors_of(self, line: int) -> list[Anchor]:
        """Where a waiting line may stand in the rest of the original."""
        known = self._anchors.get(line)
        if known is not None and self._consumed - known[0] < _STALE:
            return known[1]
        previous = self._anchors.get(line - 1)
        anchors = self._original.anchors(
            self._lines[line], self._consumed, previous[1] if previous else []
        )
        self._anchors[line] = self._consumed, anchors
        return anchors

    def _confirmed(self, step: Step, *, stalled: bool) -> bool:
        """Whether enough of the answer is known behind a step to take it.

        It passes by the lines before it; and a line that is merely like one with kin is perhaps
        new, which the next lines tell, unless the model has stalled.
        """
        behind = len(self._lines) - 1 - step.answer
        skipped = (step.original - self._consumed) - (step.answer - self._decided)
        if skipped < _JUMP:
            sure = stalled or step.equal or behind >= _CONFIRM_KIN
            return sure or self._is_distinct(self._lines[step.answer], step.original)
        return behind >= min(_CONFIRM_MOST, self._look_ahead + _CONFIRM_EACH * skipped)

    def _agrees(self, step: Step) -> bool:
        """Whether the answer goes on along the original behind a jump, as far as it is known."""
        if (step.original - self._consumed) - (step.answer - self._decided) < _JUMP:
            return True
        found = known = 0
        for line in range(step.answer + 1, len(self._lines)):
            farthest = step.original + line - step.answer + _DRIFT
            weight = len(self._lines[line].strip())
            known += weight
            if any(step.original < a.line <= farthest for a in self._anchors_of(line)):
                found += weight
        return found >= _AGREEING * known

    def _stands_ahead(self, content: str) -> bool:
        """Whether one of the next original lines is this very line."""
        ahead = self._original.equals(content, self._consumed, 1)
        return bool(ahead) and ahead[0] < self._consumed + _STANDS_AHEAD

    def _begins_ahead(self, head: str) -> bool:
        """Whether one of the next original lines, the expected one left out, begins like that."""
        ahead = self._original.contents[self._consumed + 1 : self._consumed + _STANDS_AHEAD]
        return any(content.startswith(head) for content in ahead)

    # -- having decided ----------------------------------------------------------------------

    def _insert(self, end: int) -> None:
        """The undecided lines before `end` are new."""
        while self._decided < end:
            self._pass_line(None)
            self._offer()

    def _take(self, step: Step) -> None:
        """The lines before `step` replace each other; then the two lines are one."""
        if step.original == self._consumed:
            self._insert(step.answer)
        else:
            while self._decided < step.answer:
                self._pass_line(None)
            self._consumed = step.original
            self._offer()
        self._pairs.append(step)
        self._pass_line(step.original)
        self._consumed = step.original + 1
        self._inside = None
        self._offer()

    def _pass_line(self, twin: int | None) -> None:
        """Line t is decided: new, or original line `twin`."""
        if self._decided == len(self._out):
            self._settle(self._decided, twin)
        self._anchors.pop(self._decided - 1, None)
        self._decided += 1

    def _settle(self, line: int, twin: int | None) -> None:
        """Fix the bytes of a line of the answer."""
        text = self._lines[line]
        if line != self._endless:
            text += self._end_of(text, twin, self._out)
        self._out.append(text)
        self._out_starts.append(self._out_starts[-1] + len(text))

    def _end_of(self, content: str, twin: int | None, before: Sequence[str]) -> str:
        """The line end of a line of the answer; `before` are the lines above it with theirs."""
        end = (self._original.ends[twin] if twin is not None else "") or self._line_end
        if not content and end == "\n" and before and before[-1].endswith("\r"):
            return "\r"  # Behind a lone "\r", a "\n" would make one line end of two.
        return end

    def _decide_rest(self) -> None:
        """All of the answer is known: pair what is left by the longest common subsequence."""
        start, base = self._decided, self._consumed
        for answer, original in equal_lines(self._lines[start:], self._original.contents[base:]):
            self._take(Step(start + answer, base + original, True))
        while self._decided < len(self._lines):
            self._pass_line(None)

    # -- places ------------------------------------------------------------------------------

    def _offer(self) -> None:
        """Offer the state at the decided lines, where only decided states are offered."""
        if self._publish is Publish.SYNTAX:
            self._cut(self._line_cut(self._decided), self._original.starts[self._consumed])

    def _cut(self, answer: int, original: int, *, inside: bool = False) -> None:
        """Offer a state, unless it is known, lies before the latest or joins "\\r" and "\\n"."""
        last = self._cuts[-1]
        if answer < last.answer or original < last.original:
            return
        if (answer, original) == (last.answer, last.original):
            return
        joins = self._original.text.startswith("\n", original)
        if joins and self.text(answer - 1, answer) == "\r":
            return
        self._cuts.append(Cut(answer, original, inside))

    def _line_start(self, line: int) -> int:
        """The output's offset at which a line of the answer starts."""
        if line < len(self._out_starts):
            return self._out_starts[line]
        return self._out_starts[-1] + len(self._tail()) - len(self._partial)

    def _line_cut(self, line: int) -> int:
        """The output's offset for a cut before a line of the answer.

        Behind the last original line, when that has no line end, the line end before `line` comes
        only together with what follows it: the scope never ends in a line end that it had not.
        """
        start = self._line_start(line)
        if line and self._consumed == self._original.count and self._original.open_end:
            return self._line_start(line - 1) + len(self._lines[line - 1])
        return start

    def _aligned(self) -> int:
        """The original's offset up to which it is consumed."""
        return self._original.starts[self._consumed] if self._inside is None else self._inside

    def _length(self) -> int:
        """The length of the output."""
        return self._out_starts[-1] + len(self._tail())

    def _tail(self) -> str:
        """What has come and is not settled, with the line ends that it will probably have."""
        tail: list[str] = []
        for content in self._lines[len(self._out) :]:
            twins = self._original.equals(content, self._consumed, 1)
            tail.append(content + self._end_of(content, twins[0] if twins else None, tail))
        return "".join(tail) + self._partial

    def _expected(self) -> str:
        """Original line k, without its end; empty behind the last one."""
        if self._consumed == self._original.count:
            return ""
        return self._original.contents[self._consumed]

    def _is_expected_so_far(self) -> bool:
        """Whether what has come of the line is how original line k begins: nothing to show."""
        return not self.waiting and self._expected().startswith(self._partial)


def _shared_head(a: str, b: str) -> int:
    """How many leading code points two lines share."""
    for index, (one, other) in enumerate(zip(a, b, strict=False)):
        if one != other:
            return index
    return min(len(a), len(b))
