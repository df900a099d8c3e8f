"""One stream of the model inside a session: from its chunks to the states that could be shown.

Reads the answer, aligns it with the text it rewrites, and remembers when what came. Whether a
state may be shown, and what the user did meanwhile, is not known here.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

from lsp_server.choices import Publish
from lsp_server.edit.align import Aligner, Candidate
from lsp_server.edit.definitions import EnclosingReach
from lsp_server.edit.reply import Doubt
from lsp_server.edit.reply.elision import ElisionGuess
from lsp_server.edit.reply.repairs import Repair
from lsp_server.edit.seam import Seam
from lsp_server.session.answer_reading import AnswerReading
from lsp_server.session.events import Moment
from lsp_server.session.request import EditRequest
from lsp_server.session.runaway import Excess, Runaway
from lsp_server.session.selection_answer import in_selection
from lsp_server.text.changes import ChangeSet, common_prefix

# So long (milliseconds) a line waits for those that follow it. At 1,000 tokens a second two lines
# take 20, so only a slow model, or one that pauses, is shown without look-ahead.
MOST_WAIT_MS = 150.0
# So long the words of an unfinished line wait for its end. A line of 200 code points takes 60 at
# 1,000 tokens a second; each time that they are shown is one more edit.
MOST_WORDS_MS = 60.0
# At most this many states are tried for one edit, newest first: each costs one parse of the scope.
# Between two edits about four lines come at 1,000 tokens a second, so this reaches far back.
MOST_TRIES = 32

# An answer may be so many code points and this many times the scope; models give fewer.
MOST_ANSWER = 128 * 1024
MOST_SCOPES = 8
# After so many more code points it is looked at whether there is any code among them.
_PROSE_CHECK_EVERY = 512

_HELD = (Doubt.PART, Doubt.WIDER, Doubt.EMPTIED)
_LINE_ENDS = ("\n", "\r")

# The state before anything of an answer is shown.
START = Candidate(0, 0)


class Attempt:
    """The answer to one request as it comes in."""

    def __init__(
        self,
        number: int,
        request: EditRequest,
        publish: Publish,
        moment: Moment,
    ) -> None:
        self.number = number
        self.request = request
        self.proven = False
        self.over = False
        self._line_end = moment.line_end()
        before = moment.before
        lead = before[max(before.rfind(end) for end in _LINE_ENDS) + 1 :]
        self._lead = "" if lead.strip() else lead
        self._reader = AnswerReading(
            request.form,
            request.current,
            moment.names,
            before=before,
            after=moment.after,
            language=moment.language,
            instruction="\n".join((*request.earlier, request.instruction)),
        )
        self._publish = publish
        self._aligner = Aligner(request.current, self._line_end, publish)
        self._indentation = _indentation_behind(before)
        self._length = 0
        self._most_left = MOST_ANSWER + MOST_SCOPES * len(request.original)
        self._runaway = Runaway(request)
        self._unchecked_for_prose = 0
        self._arrivals: list[tuple[int, float]] = []
        self._last_arrival: float | None = None
        self.shown = START
        self.realigned = False
        """Whether the states are others than before the answer ended, and nobody knows yet."""
        self.only_selected = False
        """Whether the answer holds only what the user selected of the scope."""
        self._completed = False  # The model itself has said that its answer is whole.
        self._shown_despite_doubt = False  # The user wants to see a part in place of the whole.
        self._tried = 1  # Every cut before this index has been tried since the last change.
        self.frame_at: float | None = None
        self.edits = 0
        """How many edits have been proposed for it."""
        self.wider_level = ""
        """The level of the ladder for which the held answer can be taken; "" for none."""
        self.unchecked: int | None = None
        """The document's line from which on its last text is shown though no grammar knows it."""
        self.lost: tuple[str, ...] = ()
        """The declarations that are gone with it and that no instruction speaks of."""

    # -- the stream --

    def push(self, text: str, now: float, read_at: float | None) -> float:
        """More of the answer. Returns the milliseconds since the chunk before; 0 for the first."""
        since = now - self._last_arrival if self._last_arrival is not None else 0.0
        self._last_arrival = now
        self.frame_at = read_at
        text, self._most_left = text[: self._most_left], max(self._most_left - len(text), 0)
        self._align(self._reader.push(text), now)
        self.decide_by_time(now)
        self._runaway.push(text, thinks=self._reader.thinks)
        self._unchecked_for_prose += len(text)
        if self._unchecked_for_prose >= _PROSE_CHECK_EVERY:
            self._unchecked_for_prose = 0
            reading = self._reader
            self._runaway.check_prose(reading.chat, reading.talk, whole=reading.is_whole)
        return since

    def allow(self, tokens: int) -> None:
        """The profile itself limits the answer, to so many tokens."""
        self._runaway.allow(tokens)

    @property
    def spent(self) -> bool:
        """Whether the whole answer has come, so that the rest need not be waited for."""
        return self._reader.spent

    @property
    def excess(self) -> Excess | None:
        """In which way the answer has run away, if it has."""
        return self._runaway.excess or (None if self._most_left else Excess.LENGTH)

    def finish(self, completed: bool, now: float) -> None:
        """No more will come; `completed` tells whether the model said that this was all."""
        self._align(self._reader.finish(completed), now)
        self.over, self._completed = True, completed
        self.proven = self._reader.proven
        instead = self._reader.instead
        if instead is None and (part := self._in_selection()) is not None:
            instead, self.proven = part, True
            self.only_selected = self._shown_despite_doubt = True
        if instead is not None:
            self._align_anew(instead, now)
        elif self.is_held:
            self._align_anew("", now)
        if self.proven:
            self._aligner.finish()
            self._tried = min(self._tried, max(len(self._aligner.candidates) - MOST_TRIES, 0))
        elif not completed:  # Nothing more tells where its last whole lines belong.
            self._aligner.stalled()

    def _align_anew(self, text: str, now: float) -> None:
        """What came is not the scope's new text, as was thought; `text` is. It is aligned from the
        beginning, so all states are others: the pen has to be told (`ScopeWriter.begin_anew`)."""
        self._aligner = Aligner(self.request.current, self._line_end, self._publish)
        self._aligner.push(text)
        self.shown, self._tried, self.realigned = START, 1, True
        self._length = len(self._aligner.output)
        self._arrivals = [(self._length, now)]

    def _in_selection(self) -> str | None:
        """The scope with the answer in it, where that is only what the user selected of it."""
        reader = self._reader
        if not reader.is_whole or not (reader.proven or reader.doubt is Doubt.PART):
            return None
        return in_selection(self.request, reader.text, self._lead)

    def reread(self, reply: str, now: float) -> None:
        """Read an answer that came for another scope, all of it."""
        self.push(reply, now, None)
        self.finish(True, now)

    @property
    def is_held(self) -> bool:
        """Whether the answer is less or more than the scope, and what belongs there not known."""
        return self.over and self._reader.doubt in _HELD and not self._shown_despite_doubt

    @property
    def is_unread(self) -> bool:
        """Whether nothing of the answer is taken for the scope's new text, for what it is."""
        return (
            self.over
            and self._completed
            and not self._shown_despite_doubt
            and bool(self._reader.unread)
        )

    @property
    def full_text(self) -> str | None:
        """The scope with all of an answer that has ended and of which nothing is shown; None for
        every other answer."""
        if not self.over or not self._completed:
            return None
        if self.is_held or self.is_unread:
            held = self._reader.text if self.is_held else self._reader.unread
            return held.replace("\n", self._line_end)
        hides = self.shown == START and bool(self.held_text())
        if not hides:
            return None
        return self.state(self.newest) if self.proven else self.raw_state()

    def decide_by_time(self, now: float) -> None:
        """Time has passed: what has waited long enough is decided by what has come."""
        arrived = bisect_right(self._arrivals, (self._aligner.latest.answer, float("inf")))
        if self.over or arrived == len(self._arrivals):
            return
        waited = now - self._arrivals[arrived][1]
        if waited >= MOST_WAIT_MS:
            self._aligner.stalled()
        if waited >= MOST_WORDS_MS:
            self._aligner.show_begun()

    def show_by_line(self) -> None:
        """From now on every line may be shown, whether it parses or not."""
        self._publish = Publish.LINE
        if self.is_held or self.is_unread:
            held = self._reader.text if self.is_held else self._reader.unread
            self._align_anew(held, self._last_arrival or 0.0)
            self._shown_despite_doubt = self.proven = True
            self._aligner.finish()
        self._aligner.publish_as(Publish.LINE)
        self._tried = 0

    def _align(self, clean: str, now: float) -> None:
        if clean:
            self._aligner.push(clean)
            ends = clean.count("\n") * (len(self._line_end) - 1)
            self._length += len(clean) + ends
            self._arrivals.append((self._length, now))

    # -- what could be shown --

    @property
    def refusal(self) -> str | None:
        """What the model said instead of code."""
        return self._reader.refusal

    @property
    def doubt(self) -> Doubt | None:
        """Why the answer is no proof although nothing of it was left open, if that is so."""
        return self._reader.doubt

    @property
    def reach(self) -> EnclosingReach | None:
        """How far the answer reaches above the scope, where it holds more than that."""
        return self._reader.reach

    @property
    def reply(self) -> str:
        """The whole answer as it came."""
        return self._reader.reply

    @property
    def is_part(self) -> bool:
        """Whether the answer holds only a part of the scope, and its place is known."""
        return self._reader.instead is not None

    @property
    def skipped(self) -> tuple[str, ...]:
        """A sentence for each change of the answer that was left out."""
        return self._reader.skipped

    @property
    def needs(self) -> tuple[str, ...]:
        """The imports of the answer that are left out, for they have no place in the scope."""
        return self._reader.needs

    @property
    def echoed(self) -> tuple[str, ...]:
        """The lines around the scope that the answer repeated and that were left out, stripped."""
        return () if self._reader.whole is None else self._reader.whole.removed_context

    @property
    def guessed(self) -> tuple[ElisionGuess, ...]:
        """The lines that were taken for placeholders and could be meant as they stand."""
        return () if self._reader.whole is None else self._reader.whole.guesses

    @property
    def mended(self) -> frozenset[Repair]:
        """What of the answer was not as it should be, so far."""
        return self._reader.mended

    @property
    def answer(self) -> str:
        """The clean answer so far, with "\\n" as its line ends."""
        return self._reader.text

    @property
    def staying(self) -> tuple[str, ...]:
        """The names of the scope that an answer does not hold that is only a part of it."""
        return self._reader.staying

    @property
    def newest(self) -> Candidate:
        """The newest decided state."""
        return self._aligner.latest

    @property
    def raw(self) -> Candidate:
        """Everything that came, over the rest of the original."""
        return self._aligner.raw()

    def state(self, cut: Candidate) -> str:
        """The scope's text in that state."""
        return self._seam.state(cut)

    @property
    def _seam(self) -> Seam:
        return Seam(self._aligner, self.request.current, self._indentation)

    def raw_state(self) -> str:
        """The scope's text in the state `raw`.

        Half a line of the answer stands on a line of its own, unless the answer was just writing
        that line of the original anew: so neither is torn.
        """
        cut, current = self.raw, self.request.current
        head, rest = self._aligner.text(0, cut.answer), current[cut.original :]
        if head.endswith(_LINE_ENDS):
            return self._seam.state(replace(cut, inside=False, tail=""))
        line = _line_start(current, cut.original)
        said, known = head[_line_start(head, len(head)) :], current[line : cut.original]
        if not (said and rest) or rest[0] in _LINE_ENDS or said == known:
            return head + rest
        newest = self.newest
        following = newest.inside and not newest.tail and newest.original >= line
        if known and following:
            return head + rest
        first = self._indentation if line == 0 else ""
        return f"{head}{self._line_end}{first}{current[line:]}"

    def untried(self) -> Iterator[Candidate]:
        """The states that have come since the last ones were tried, newest first.

        Of those within a line only the newest state is worth a try: where it does not parse, the
        ends of the lines before it are what may.
        """
        cuts = self._aligner.candidates
        fresh, self._tried = cuts[self._tried :], len(cuts)
        worth = (c for i, c in enumerate(reversed(fresh)) if i == 0 or not c.inside)
        for cut in islice(worth, MOST_TRIES):
            ahead = cut.answer >= self.shown.answer and cut.original >= self.shown.original
            if ahead and cut != self.shown:
                yield cut

    def states_at_line_ends(self) -> list[Candidate]:
        """The newest decided state and all those at the ends of lines, newest first.

        The last is the one before anything came.
        """
        cuts = self._aligner.candidates
        return [c for i, c in enumerate(reversed(cuts)) if i == 0 or not c.inside or c == START]

    @property
    def shows_half_a_line(self) -> bool:
        """Whether what is shown ends within a line of which not all is known to have come."""
        if not self.shown.inside or not self.reply.endswith(_LINE_ENDS):
            return self.shown.inside
        whole = self._aligner.text(0, self._length)
        line = _line_start(whole, self._length)
        rest = self.request.current[self.shown.original :].splitlines()
        shown = whole[line : self.shown.answer] + (rest[0] if rest else "")
        return line > self.shown.answer or shown != whole[line:]

    def earlier_line_ends(self) -> Iterator[Candidate]:
        """The states at the ends of lines that are not beyond the shown one, newest first.

        The last is the one before anything came.
        """
        ends = (c for c in reversed(self._aligner.candidates) if not c.inside and c != START)
        yield from islice(filter(self.is_before_shown, ends), MOST_TRIES)
        yield START

    def is_decided(self, cut: Candidate) -> bool:
        """Whether the text of that state can no longer change."""
        return cut <= self._aligner.latest and cut.original <= self._aligner.latest.original

    def is_before_shown(self, cut: Candidate) -> bool:
        """Whether it is the shown state or an earlier one."""
        return cut.answer <= self.shown.answer and cut.original <= self.shown.original

    def passes_unchecked(self, unknown: Callable[[str], int | None], candidate: str) -> bool:
        """Whether the last text is only not known to the grammar: of a proven answer it is shown,
        and the user is told."""
        self.unchecked = unknown(candidate) if self.proven else None
        return self.unchecked is not None

    def changes_to(self, cut: Candidate) -> ChangeSet:
        """What leads from the shown state to a later one."""
        return self._seam.changes(self.shown, cut)

    def changes_back_to(self, cut: Candidate) -> ChangeSet:
        """What leads from the shown state to an earlier one."""
        return self._seam.changes(cut, self.shown).invert(self.state(cut))

    def retry(self) -> None:
        """The text around has changed: what was refused may be tried again."""
        self._tried = max(len(self._aligner.candidates) - MOST_TRIES, 0)

    def held_text(self) -> str:
        """What has come beyond the shown state and is not what stands there anyway."""
        if self.is_held:
            return self._reader.text
        if self.is_unread:
            return self._reader.unread
        rest = self.request.current[self.shown.original :]
        waiting = self._aligner.text(self.shown.answer, self._length)
        return "" if rest.startswith(waiting) and not self.proven else waiting

    @property
    def tokens_since_shown(self) -> int:
        """How many chunks have come with text beyond the shown state."""
        at = bisect_right(self._arrivals, (self.shown.answer, float("inf")))
        return len(self._arrivals) - at

    def held_for(self, cut: Candidate, now: float) -> float:
        """How long (ms) the first character that `cut` newly shows has waited for it."""
        new = self._aligner.text(self.shown.answer, cut.answer)
        old = self.shown.tail + self.request.current[self.shown.original :][: len(new) + 1]
        departure = self.shown.answer + common_prefix(new, old)
        at = bisect_right(self._arrivals, (departure, float("inf")))
        return now - self._arrivals[at][1] if at < len(self._arrivals) else 0.0


def _indentation_behind(before: str) -> str:
    """The blanks with which a text ends, where nothing else stands in their line."""
    line = before[_line_start(before, len(before)) :]
    return line if not line.strip(" \t") else ""


def _line_start(text: str, place: int) -> int:
    """Where the line starts in which the place is."""
    return max(text.rfind(end, 0, place) for end in _LINE_ENDS) + 1
