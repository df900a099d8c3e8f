"""Aligns a growing answer with the original scope, so that it can be shown while it arrives.

The aligner offers candidates: the answer so far, then the original from some place on. It offers
those whose text makes sense and that lie on a short path from the original to the answer. It knows
only lines and words. Whether a state parses, what the user types and how much time has passed is
decided elsewhere.

How it decides, line by line (`t` is the answer's first undecided line, `k` the original's):

*   A line equal to original line k is that line: no edit, no waiting.
*   A line very similar to original line k, which doesn't occur unchanged a little further on, is
    line k modified. So is a line in which a later word of line k was found again (`LineFollower`).
    But where other original lines nearby are just as similar (tests, routes, tables), similarity
    proves nothing: the new line may be one more of its kind, with line k still to come. It waits.
*   A line that occurs in the original before k, where another was taken for it, is new at once. So
    are the lines that follow it there (`PassedLines`): a wrong guess costs one line, not the rest.
*   A line that equals the beginning of line k, up to an opening bracket, is the first of several
    that line k is split into: the rest of line k stays behind until they use it up (`SplitLine`).
*   A line similar to nothing nearby is new at once; so is a very short line behind a new one.
*   Otherwise `LOOK_AHEAD` further lines must have arrived. Then the best chain of anchors through
    the waiting lines (`MatchChain`) gives the next line that is found again: what precedes it in
    both texts is one replaced group. Without a chain, line t is inserted.
*   When the caller finds that lines have waited long enough, they are decided without look-ahead.
    Of an unfinished line that can only be new, the words so far are offered (`show_begun`).
*   A jump must be confirmed. Before original lines are skipped, twice as many lines of the answer
    must have arrived behind the place where it goes on, and half of their text must be found again
    there. A false jump over n lines costs 2n lines (delete them, write them again), a late jump
    costs only time.
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
from lsp_server.edit.split_lines import SplitLine, begins_split
from lsp_server.edit.words import whole_words
from lsp_server.errors import ContractError
from lsp_server.text.changes import ChangeSet, common_prefix

__all__ = ["Aligner", "Candidate"]

# Lines of the answer that must have arrived behind a line before it is decided, if its similarity
# to the original leaves it open. Measured on real commits: one line less saves 5 ms of the median
# wait at 1,000 tokens a second, and costs a tenth more of all text that is written needlessly.
LOOK_AHEAD = 2
# A line of at most this many code points (stripped) doesn't wait behind a new line: a closing
# bracket is needed to show the block before it, and costs little if the guess is wrong.
_SLIGHT = 6


class Aligner:
    """Takes an original and a growing answer; offers candidates to show, oldest first.

    `push` takes text, `finish` ends the answer, `candidates` and `latest` are what is offered,
    `state` and `changes` turn candidates into text and edits. All offsets are code points.

    Invariants, for every original, every answer and every chunking of it:

    *   Neither number of a candidate decreases from one to the next. The first candidate is
        `(0, 0)`, the original; the last one after `finish()` is the whole answer.
    *   The output up to the latest candidate never changes; the output only grows.
    *   The list of candidates doesn't depend on the chunking, except with `Publish.TOKEN` and after
        `stalled()` and `show_begun()`, which depend on time. The last one never depends on it.
    *   **Before `finish()` nothing of the original is deleted without proof.** For a candidate at
        the start of original line n > 0, line n - 1 or line n is paired with a line of the answer
        that has arrived (equal to it, similar enough to be that line modified, or a piece of it).
        For a candidate inside line n, the answer has the word before it too. So whatever is left
        out comes before a place where the answer goes on along the original, and an answer that
        breaks off anywhere deletes nothing that it hasn't reached.
    *   After `finish()`, the output is the answer in the original's line ends: a paired line has
        the end of its original line, any other `line_end`.
    """

    def __init__(
        self,
        original: str,
        line_end: str = "\n",
        publish: Publish = Publish.SYNTAX,
        look_ahead: int = LOOK_AHEAD,
    ) -> None:
        """`line_end` ends new lines: "\\n", "\\r\\n" or "\\r". `look_ahead` counts lines."""
        self._original = Original(original)
        self._output = AnswerLines(self._original, line_end)
        self._lines = self._output.lines
        self._line_end = line_end
        self._publish = publish
        self._look_ahead = look_ahead
        self._decided = 0  # t: the first undecided line of the answer.
        self._consumed = 0  # k: the first original line not consumed.
        self._candidates = [Candidate(0, 0)]
        self._pairs: list[ChainStep] = []
        self._passed = PassedLines(self._original.contents)
        self._search = ContinuationSearch(self._original, self._passed, self._lines)
        self._follower: LineFollower | None = None  # Along the partial line.
        self._split_line: SplitLine | None = None  # Original line k, while the answer splits it.
        self._inside: int | None = None  # The original offset that the follower confirmed.
        self._inside_answer = 0  # The length of the unfinished line up to there.
        self._finished = False

    # -- input ------------------------------------------------------------------------------

    def push(self, text: str) -> None:
        """Take more of the answer, with "\\n" as line end.

        Raises `ContractError` after `finish`.
        """
        if self._finished:
            raise ContractError("The answer had ended, but more of it came.")
        first, *others = text.split("\n")
        self._grow(first)
        for piece in others:
            self._complete()
            self._grow(piece)
        tokens = self._publish is Publish.TOKEN and self._output.partial
        if tokens and not self._is_expected_so_far():
            self._add_candidate(self._output.length(self._consumed), self._aligned(), inside=True)

    def stalled(self) -> None:
        """Decide the waiting lines without look-ahead, except jumps, which still need their proof.

        The caller decides when lines have waited long enough.
        """
        self._decide(0)

    def show_begun(self) -> None:
        """Offer the words so far of the unfinished line, if it can only be a new line."""
        k, splitting = self._consumed, self._split_line is not None
        if (
            self.waiting
            or splitting
            or self._inside is not None
            or self._publish is not Publish.SYNTAX
        ):
            return
        head = whole_words(self._output.partial)
        if 0 < len(head) <= LONG_LINE and self._search.begins_new(head, k):
            at_end = k == self._original.count and self._original.ends_within_line
            start = self._output.start(len(self._lines), k)
            tail = "" if at_end else self._line_end
            self._add_candidate(start + len(head), self._original.starts[k], inside=True, tail=tail)

    def finish(self) -> None:
        """The answer is complete, and that is proven: the rest of the original is deleted."""
        if self._finished:
            return
        self._finished = True
        self._output.end()
        self._decide_rest()
        end = Candidate(self._output.settled_length, len(self._original.text))
        if self._candidates[-1] != end:
            self._candidates.append(end)

    def publish_as(self, publish: Publish) -> None:
        """Offer other states from now on, for example when the user asks to see held text."""
        self._publish = publish
        self._show_lines()

    # -- output -----------------------------------------------------------------------------

    @property
    def candidates(self) -> Sequence[Candidate]:
        """All candidates so far, oldest first. The list grows: read it in place, don't copy it."""
        return self._candidates

    @property
    def latest(self) -> Candidate:
        """The newest candidate."""
        return self._candidates[-1]

    @property
    def pairs(self) -> Sequence[ChainStep]:
        """The decided pairs of answer lines and original lines; both increase."""
        return self._pairs

    @property
    def output(self) -> str:
        """The answer so far, in the original's line ends.

        Behind the latest candidate, line ends are a guess until their lines are decided.
        """
        return self._output.full_text(self._consumed)

    @property
    def waiting(self) -> bool:
        """Whether complete lines wait for look-ahead or for the proof of a jump."""
        return self._decided < len(self._lines)

    def state(self, candidate: Candidate) -> str:
        """The text of the scope at `candidate`."""
        return (
            self.text(0, candidate.answer)
            + candidate.tail
            + self._original.text[candidate.original :]
        )

    def text(self, start: int, end: int) -> str:
        """The code points `[start, end)` of the output, without building all of it."""
        return self._output.text(start, end, self._consumed)

    def changes(self, before: Candidate, after: Candidate) -> ChangeSet:
        """The changes from one state to a later one. Compares only the text between the two."""
        old = before.tail + self._original.text[before.original : after.original]
        new = self.text(before.answer, after.answer) + after.tail
        length = before.answer + len(before.tail) + len(self._original.text) - before.original
        return diff(old, new).shifted(before.answer, length)

    def raw(self) -> Candidate:
        """Everything received, decided or not, then the original from the last aligned place on.

        This is the state to leave when the answer breaks off and the user wants all of it. It need
        not be one of `candidates`, and later candidates may lie before it.
        """
        if not self._output.partial:
            return Candidate(self._line_offset(len(self._lines)), self._aligned())
        aligned = self._aligned()
        if self._inside is None and not self.waiting:
            aligned += common_prefix(self._output.partial, self._expected())
        return Candidate(self._output.length(self._consumed), aligned, inside=True)

    # -- receiving -----------------------------------------------------------------------------

    def _grow(self, piece: str) -> None:
        """Take more of the unfinished line."""
        if not piece:
            return
        self._output.partial += piece
        if self._publish is Publish.LINE or self.waiting or self._is_expected_so_far():
            return
        if self._consumed == self._original.count or self._split_line is not None:
            return
        if self._search.has_near_duplicate(self._consumed):
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
                self._add_candidate(start + answer, self._inside, inside=True)

    def _complete(self) -> None:
        """The unfinished line is complete."""
        self._lines.append(self._output.partial)
        self._output.partial = ""
        self._follower = None
        self._decide(self._look_ahead)
        self._show_lines()

    def _show_lines(self) -> None:
        """In the modes that show undecided lines, settle them and offer the state behind them."""
        if self._publish is Publish.SYNTAX:
            return
        first = self._consumed
        for line in range(self._output.settled, len(self._lines)):
            twins = self._original.equals(self._lines[line], first, 1)
            self._output.settle(twins[0] if twins else None)
            first = twins[0] + 1 if twins else first
        self._add_candidate(
            self._line_offset(len(self._lines)), self._original.starts[self._consumed]
        )

    # -- deciding ----------------------------------------------------------------------------

    def _decide(self, look_ahead: int) -> None:
        """Decide lines as far as the text received allows."""
        while self.waiting:
            if self._take_next_line():
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

    def _take_next_line(self) -> bool:
        """Decide the first undecided line, if that needs no look-ahead; whether it was decided."""
        k, content = self._consumed, self._lines[self._decided]
        if k == self._original.count:
            return False
        if self._split_line is not None:
            return self._continue_split(content)
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
        if self._begin_split(content):
            return True
        if self._inside is not None or self._search.is_modified(content, k):
            self._take(ChainStep(self._decided, k, False))
            return True
        return False

    def _begin_split(self, content: str) -> bool:
        """Take the first undecided line as the first of several that line k is split into."""
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
            or not begins_split(content, expected, offset)
        ):
            return False
        self._split_line = SplitLine(expected, offset)
        self._pass_split_piece()
        return True

    def _continue_split(self, content: str) -> bool:
        """Take the first undecided line as the next part of line k, or end the split before it."""
        assert self._split_line is not None
        k = self._consumed
        if not self._split_line.take(content, known=self._search.is_near(content, k + 1)):
            self._split_line = self._inside = None
            self._pairs.append(ChainStep(self._decided - 1, k, False))
            self._passed.add(k)
            self._consumed = k + 1
            self._offer_decided()
        elif self._split_line.finished:
            self._split_line = None
            self._take(ChainStep(self._decided, k, False))
        else:
            self._pass_split_piece()
        return True

    def _pass_split_piece(self) -> None:
        """Decide the first undecided line; the rest of line k follows it."""
        assert self._split_line is not None
        self._pass_line(None)
        self._inside = self._original.starts[self._consumed] + self._split_line.offset
        if self._publish is Publish.SYNTAX:
            self._add_candidate(self._line_offset(self._decided), self._inside, inside=True)

    def _is_new(self) -> bool:
        """Whether the first undecided line is new for certain, without look-ahead."""
        content = self._lines[self._decided]
        if len(content.strip()) <= _SLIGHT and self._follows_new():
            return True
        anchors = self._search.anchors(self._decided, self._consumed)
        return not anchors and not self._original.resembles(content, self._consumed)

    def _follows_new(self) -> bool:
        """Whether the line before the first undecided one is new."""
        last = self._pairs[-1].answer if self._pairs else -1
        return last + 1 < self._decided

    # -- recording decisions ---------------------------------------------------------------

    def _insert(self, end: int) -> None:
        """Decide that the undecided lines before answer line `end` are new."""
        while self._decided < end:
            self._pass_line(None)
            self._offer_decided()

    def _take(self, step: ChainStep) -> None:
        """Pair the two lines of `step`; the lines before them in both texts replace each other."""
        if step.original == self._consumed:
            self._insert(step.answer)
        else:
            while self._decided < step.answer:
                self._pass_line(None)
            for line in range(self._consumed, step.original):
                self._passed.add(line)
            self._consumed = step.original
            self._offer_decided()
        if not step.equal:
            self._passed.add(step.original)
        self._pairs.append(step)
        self._pass_line(step.original)
        self._consumed = step.original + 1
        self._inside = None
        self._offer_decided()

    def _pass_line(self, twin: int | None) -> None:
        """Decide line t: new (`None`), or original line `twin`."""
        if self._decided == self._output.settled:
            self._output.settle(twin)
        self._passed.follow(None)
        self._search.forget(self._decided - 1)
        self._decided += 1

    def _decide_rest(self) -> None:
        """Decide the rest of a complete answer by the longest common subsequence."""
        start, base = self._decided, self._consumed
        for answer, original in equal_lines(self._lines[start:], self._original.contents[base:]):
            self._take(ChainStep(start + answer, base + original, True))
        while self._decided < len(self._lines):
            self._pass_line(None)

    # -- offering -----------------------------------------------------------------------------

    def _offer_decided(self) -> None:
        """Offer the state behind the decided lines, with `Publish.SYNTAX`."""
        if self._publish is Publish.SYNTAX:
            self._add_candidate(
                self._line_offset(self._decided), self._original.starts[self._consumed]
            )

    def _add_candidate(
        self, answer: int, original: int, *, inside: bool = False, tail: str = ""
    ) -> None:
        """Offer a state, unless it is the latest, lies before it or joins "\\r" and "\\n"."""
        last = self._candidates[-1]
        if answer < last.answer or original < last.original:
            return
        if (answer, original) == (last.answer, last.original):
            return
        joins = self._original.text.startswith("\n", original)
        if joins and (tail or self.text(answer - 1, answer)) == "\r":
            return
        self._candidates.append(Candidate(answer, original, inside, tail))

    def _line_offset(self, line: int) -> int:
        """The output offset of a candidate before answer line `line`.

        If the original has no final line end and is used up, the line end before `line` is offered
        only together with the line: the scope never ends in a line end that it hadn't before.
        """
        start = self._output.start(line, self._consumed)
        if line and self._consumed == self._original.count and self._original.ends_within_line:
            return self._output.start(line - 1, self._consumed) + len(self._lines[line - 1])
        return start

    def _aligned(self) -> int:
        """The offset up to which the original is consumed."""
        return self._original.starts[self._consumed] if self._inside is None else self._inside

    def _expected(self) -> str:
        """Original line k without its end; empty behind the last line."""
        if self._consumed == self._original.count:
            return ""
        return self._original.contents[self._consumed]

    def _is_expected_so_far(self) -> bool:
        """Whether the unfinished line is a prefix of original line k: nothing to show."""
        return not self.waiting and self._expected().startswith(self._output.partial)
