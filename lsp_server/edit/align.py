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
*   A line that stands in the original before k, where another was taken for it, is new at once, and
    so are those that follow it there (`passed`): one wrong guess costs one line, not all others.
*   A line that is the beginning of line k, up to an opening bracket, is the first of several that
    become of it: the rest of line k stays behind it until they use it up (`broken`).
*   A line that is like nothing near is new at once; so is a slight one behind a new one.
*   Otherwise `LOOK_AHEAD` further lines must have come. Then the best chain of anchors through the
    waiting lines (`chain`) names the next line that is found again: what lies before it in both
    texts is one group, replaced; with no chain, line t is inserted.
*   What has waited long enough, as the caller finds, is decided with the lines that have come; of
    an unfinished line that can only be new, the words that have come are offered (`show_begun`).
*   A jump is confirmed: before original lines are passed by, twice as many lines of the answer
    must have come behind the place where it goes on, and half of their text must be found again
    there. A false jump over n lines costs 2n lines (delete them, write them again), a late one
    costs time only.
"""

from collections.abc import Sequence

from lsp_server.choices import Publish
from lsp_server.edit.anchors import LONG_LINE, Original
from lsp_server.edit.answer_lines import AnswerLines
from lsp_server.edit.candidate import Candidate
from lsp_server.edit.continuation_search import ContinuationSearch
from lsp_server.edit.diff import diff, equal_lines
from lsp_server.edit.line_following import LineFollower
from lsp_server.edit.match_chain import ChainStep
from lsp_server.edit.passed_lines import PassedLines
from lsp_server.edit.split_lines import SplitLine, breaks
from lsp_server.edit.words import whole_words
from lsp_server.errors import ContractError
from lsp_server.text.changes import ChangeSet, common_prefix

__all__ = ["Aligner", "Candidate"]

# Lines of the answer that must have come behind one before it is decided, where its likeness to
# lines of the original leaves it open. Measured on real commits: one line less saves 5 ms of the
# median wait at 1,000 tokens a second and costs a tenth more of all that is written needlessly.
LOOK_AHEAD = 2
# A line of so few code points, blanks left out, waits for nothing behind a new line: a closing
# bracket is needed to show the block before it, and costs little where it was another one.
_SLIGHT = 6


class Aligner:
    """An original and a growing answer in, cuts out.

    Laws, for every original, every answer and every chunking of it:

    *   Neither number of a cut ever decreases from one cut to the next. The first is `(0, 0)`, the
        original; the last after `finish()` is the whole answer.
    *   The output up to the latest cut never changes; it only grows.
    *   The list of cuts does not depend on the chunking, except with `Publish.TOKEN` and after
        `stalled()` and `show_begun()`, which are about time by their nature. The end never does.
    *   **Before `finish()` nothing of the original is lost without proof.** For a cut at the start
        of original line n > 0, line n - 1 or line n is paired with a line of the answer that has
        come (equal to it, similar enough to be that line modified, or a piece of it); for a cut
        inside line n, the word before it stands in the answer too. So whatever was left out stands
        before a place at which the answer goes on along the original, and an answer that ends
        anywhere deletes nothing of what it has not reached.
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
        self._output = AnswerLines(self._original, line_end)
        self._lines = self._output.lines
        self._line_end = line_end
        self._publish = publish
        self._look_ahead = look_ahead
        self._decided = 0  # t: the first undecided line of the answer.
        self._consumed = 0  # k: the first original line not consumed.
        self._cuts = [Candidate(0, 0)]
        self._pairs: list[ChainStep] = []
        self._passed = PassedLines(self._original.contents)
        self._search = ContinuationSearch(self._original, self._passed, self._lines)
        self._follower: LineFollower | None = None  # Along the partial line.
        self._broken: SplitLine | None = None  # Original line k, when several become of it.
        self._inside: int | None = None  # The original offset that the follower has confirmed.
        self._inside_answer = 0  # How much of the unfinished line that takes in.
        self._finished = False

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
        tokens = self._publish is Publish.TOKEN and self._output.partial
        if tokens and not self._is_expected_so_far():
            self._cut(self._output.length(self._consumed), self._aligned(), inside=True)

    def stalled(self) -> None:
        """What has come has waited long enough: decide it without look-ahead.

        Jumps still wait for their proof. The caller owns the clock.
        """
        self._decide(0)

    def show_begun(self) -> None:
        """Offer the words that have come of an unfinished line, if it can only be a new one."""
        k, broken = self._consumed, self._broken is not None
        if (
            self.waiting
            or broken
            or self._inside is not None
            or self._publish is not Publish.SYNTAX
        ):
            return
        head = whole_words(self._output.partial)
        if 0 < len(head) <= LONG_LINE and self._search.begins_new(head, k):
            at_end = k == self._original.count and self._original.open_end
            start = self._output.start(len(self._lines), k)
            tail = "" if at_end else self._line_end
            self._cut(start + len(head), self._original.starts[k], inside=True, tail=tail)

    def finish(self) -> None:
        """The answer is complete, and that is proven: the rest of the original goes."""
        if self._finished:
            return
        self._finished = True
        self._output.end()
        self._decide_rest()
        end = Candidate(self._output.settled_length, len(self._original.text))
        if self._cuts[-1] != end:
            self._cuts.append(end)

    def publish_as(self, publish: Publish) -> None:
        """From now on offer other states, as when the user asks to see what is held."""
        self._publish = publish
        self._show_lines()

    # -- reading it --------------------------------------------------------------------------

    @property
    def cuts(self) -> Sequence[Candidate]:
        """All states offered so far, oldest first. Grows; to be read, not kept in copies."""
        return self._cuts

    @property
    def latest(self) -> Candidate:
        """The newest state offered."""
        return self._cuts[-1]

    @property
    def pairs(self) -> Sequence[ChainStep]:
        """Which lines of the answer are which of the original, as decided; both in order."""
        return self._pairs

    @property
    def output(self) -> str:
        """All of the answer that has come, in the original's line ends.

        Behind the latest cut the line ends are a guess until their lines are decided.
        """
        return self._output.whole(self._consumed)

    @property
    def waiting(self) -> bool:
        """Whether complete lines of the answer wait for look-ahead or for the proof of a jump."""
        return self._decided < len(self._lines)

    def state(self, cut: Candidate) -> str:
        """The text of the scope at `cut`."""
        return self.text(0, cut.answer) + cut.tail + self._original.text[cut.original :]

    def text(self, start: int, end: int) -> str:
        """The code points `[start, end)` of the output, without building all of it."""
        return self._output.text(start, end, self._consumed)

    def changes(self, before: Candidate, after: Candidate) -> ChangeSet:
        """What leads from one state to a later one. Costs what lies between them only."""
        old = before.tail + self._original.text[before.original : after.original]
        new = self.text(before.answer, after.answer) + after.tail
        length = before.answer + len(before.tail) + len(self._original.text) - before.original
        return diff(old, new).shifted(before.answer, length)

    def raw(self) -> Candidate:
        """Everything that came, decided or not, then the original from the last aligned place on.

        It need not be one of the cuts, and the next cuts may lie before it: the state to leave
        when the answer is cut off and the user wants to keep all of it.
        """
        if not self._output.partial:
            return Candidate(self._line_cut(len(self._lines)), self._aligned())
        aligned = self._aligned()
        if self._inside is None and not self.waiting:
            aligned += common_prefix(self._output.partial, self._expected())
        return Candidate(self._output.length(self._consumed), aligned, inside=True)

    # -- growing -----------------------------------------------------------------------------

    def _grow(self, piece: str) -> None:
        """More of the unfinished line."""
        if not piece:
            return
        self._output.partial += piece
        if self._publish is Publish.LINE or self.waiting or self._is_expected_so_far():
            return
        if self._consumed == self._original.count or self._broken is not None:
            return
        if self._search.has_twins(self._consumed):
            return
        if self._follower is None:
            self._follower = LineFollower(self._expected(), LONG_LINE)
        start = self._output.start(len(self._lines), self._consumed)
        origin = self._original.starts[self._consumed]
        for answer, original in self._follower.follow(self._output.partial):
            head = self._output.partial[:answer]
            if self._inside is None and self._search.begins_near(head, self._consumed):
                continue
            self._inside, self._inside_answer = origin + original, answer
            if self._publish is Publish.SYNTAX:
                self._cut(start + answer, self._inside, inside=True)

    def _complete(self) -> None:
        """The unfinished line has got its end."""
        self._lines.append(self._output.partial)
        self._output.partial = ""
        self._follower = None
        self._decide(self._look_ahead)
        self._show_lines()

    def _show_lines(self) -> None:
        """In the modes that show lines undecided, settle them and offer the state behind them."""
        if self._publish is Publish.SYNTAX:
            return
        first = self._consumed
        for line in range(self._output.settled, len(self._lines)):
            twins = self._original.equals(self._lines[line], first, 1)
            self._output.settle(twins[0] if twins else None)
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
            step = self._search.next_step(self._decided, self._consumed)
            if step is None:
                self._insert(self._decided + 1)
            elif not self._search.confirmed(
                step, self._decided, self._consumed, self._look_ahead, stalled=not look_ahead
            ):
                return
            elif self._search.agrees(step, self._decided, self._consumed):
                self._take(step)
            else:
                self._insert(self._decided + 1)

    def _is_next_line(self) -> bool:
        """Take the first undecided line as original line k, if that can be told by itself."""
        k, content = self._consumed, self._lines[self._decided]
        if k == self._original.count:
            return False
        if self._broken is not None:
            return self._is_piece(content)
        passed = self._passed.repeats(content, k) if self._inside is None else None
        if content == self._original.contents[k] and not self._passed.goes_on(passed):
            self._take(ChainStep(self._decided, k, True))
            return True
        if passed is not None and (
            self._passed.goes_on(passed) or not self._original.equals(content, k, 1)
        ):
            self._insert(self._decided + 1)
            self._passed.follow(passed)
            return True
        if self._begins_broken(content):
            return True
        if self._inside is not None or self._search.is_modified(content, k):
            self._take(ChainStep(self._decided, k, False))
            return True
        return False

    def _begins_broken(self, content: str) -> bool:
        """Take the first undecided line as the first of several that become of line k."""
        k, expected = self._consumed, self._expected()
        if self._inside is None:
            offset = len(content.rstrip()) if expected.startswith(content.rstrip()) else 0
        else:
            offset = self._inside - self._original.starts[k]
            left = content[self._inside_answer :]
            offset = offset + len(left) if expected.startswith(left, offset) else 0
        if (
            not offset
            or self._search.stands_ahead(content, k)
            or not breaks(content, expected, offset)
        ):
            return False
        self._broken = SplitLine(expected, offset)
        self._pass_piece()
        return True

    def _is_piece(self, content: str) -> bool:
        """Take the first undecided line as one more of those that become of line k."""
        assert self._broken is not None
        k = self._consumed
        if not self._broken.take(content, known=self._search.is_near(content, k + 1)):
            self._broken = self._inside = None
            self._pairs.append(ChainStep(self._decided - 1, k, False))
            self._passed.add(k)
            self._consumed = k + 1
            self._offer()
        elif self._broken.finished:
            self._broken = None
            self._take(ChainStep(self._decided, k, False))
        else:
            self._pass_piece()
        return True

    def _pass_piece(self) -> None:
        """The first undecided line is decided; what is left of line k stands behind it."""
        assert self._broken is not None
        self._pass_line(None)
        self._inside = self._original.starts[self._consumed] + self._broken.offset
        if self._publish is Publish.SYNTAX:
            self._cut(self._line_cut(self._decided), self._inside, inside=True)

    def _is_new(self) -> bool:
        """Whether the first undecided line can be decided without what follows it."""
        content = self._lines[self._decided]
        if len(content.strip()) <= _SLIGHT and self._follows_new():
            return True
        anchors = self._search.anchors(self._decided, self._consumed)
        return not anchors and not self._original.resembles(content, self._consumed)

    def _follows_new(self) -> bool:
        """Whether the line before the first undecided one is new."""
        last = self._pairs[-1].answer if self._pairs else -1
        return last + 1 < self._decided

    # -- having decided ----------------------------------------------------------------------

    def _insert(self, end: int) -> None:
        """The undecided lines before `end` are new."""
        while self._decided < end:
            self._pass_line(None)
            self._offer()

    def _take(self, step: ChainStep) -> None:
        """The lines before `step` replace each other; then the two lines are one."""
        if step.original == self._consumed:
            self._insert(step.answer)
        else:
            while self._decided < step.answer:
                self._pass_line(None)
            for line in range(self._consumed, step.original):
                self._passed.add(line)
            self._consumed = step.original
            self._offer()
        if not step.equal:
            self._passed.add(step.original)
        self._pairs.append(step)
        self._pass_line(step.original)
        self._consumed = step.original + 1
        self._inside = None
        self._offer()

    def _pass_line(self, twin: int | None) -> None:
        """Line t is decided: new, or original line `twin`."""
        if self._decided == self._output.settled:
            self._output.settle(twin)
        self._passed.follow(None)
        self._search.forget(self._decided - 1)
        self._decided += 1

    def _decide_rest(self) -> None:
        """All of the answer is known: pair what is left by the longest common subsequence."""
        start, base = self._decided, self._consumed
        for answer, original in equal_lines(self._lines[start:], self._original.contents[base:]):
            self._take(ChainStep(start + answer, base + original, True))
        while self._decided < len(self._lines):
            self._pass_line(None)

    # -- places ------------------------------------------------------------------------------

    def _offer(self) -> None:
        """Offer the state at the decided lines, where only decided states are offered."""
        if self._publish is Publish.SYNTAX:
            self._cut(self._line_cut(self._decided), self._original.starts[self._consumed])

    def _cut(self, answer: int, original: int, *, inside: bool = False, tail: str = "") -> None:
        """Offer a state, unless it is known, lies before the latest or joins "\\r" and "\\n"."""
        last = self._cuts[-1]
        if answer < last.answer or original < last.original:
            return
        if (answer, original) == (last.answer, last.original):
            return
        joins = self._original.text.startswith("\n", original)
        if joins and (tail or self.text(answer - 1, answer)) == "\r":
            return
        self._cuts.append(Candidate(answer, original, inside, tail))

    def _line_cut(self, line: int) -> int:
        """The output's offset for a cut before a line of the answer.

        Behind the last original line, when that has no line end, the line end before `line` comes
        only together with what follows it: the scope never ends in a line end that it had not.
        """
        start = self._output.start(line, self._consumed)
        if line and self._consumed == self._original.count and self._original.open_end:
            return self._output.start(line - 1, self._consumed) + len(self._lines[line - 1])
        return start

    def _aligned(self) -> int:
        """The original's offset up to which it is consumed."""
        return self._original.starts[self._consumed] if self._inside is None else self._inside

    def _expected(self) -> str:
        """Original line k, without its end; empty behind the last one."""
        if self._consumed == self._original.count:
            return ""
        return self._original.contents[self._consumed]

    def _is_expected_so_far(self) -> bool:
        """Whether what has come of the line is how original line k begins: nothing to show."""
        return not self.waiting and self._expected().startswith(self._output.partial)
