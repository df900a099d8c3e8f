"""One stream of the model inside a session: from its chunks to the states that could be shown.

Reads the answer, aligns it with the text that it rewrites, and records when each part came. Does
not know whether a state may be shown, or what the user does meanwhile.
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

# How long (milliseconds) a line waits for the next ones. At 1,000 tokens a second two lines take
# 20, so only a slow or pausing model is shown without look-ahead.
MOST_WAIT_MS = 150.0
# How long (milliseconds) the words of an unfinished line wait for its end. A line of 200 code
# points takes 60 at 1,000 tokens a second. Showing them costs one more edit.
MOST_WORDS_MS = 60.0
# At most this many states are tried for one edit, newest first; each costs one parse of the scope.
# At 1,000 tokens a second about four lines come between two edits, so this reaches far back.
MOST_TRIES = 32

# An answer may have this many code points plus this many times the scope; models give fewer.
MOST_ANSWER = 128 * 1024
MOST_SCOPES = 8
# How many code points come between two checks of whether there is any code among them.
_PROSE_CHECK_EVERY = 512

_HELD = (Doubt.PART, Doubt.WIDER, Doubt.EMPTIED)
_LINE_ENDS = ("\n", "\r")

# The state in which nothing of an answer is shown.
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
            imports=request.imports,
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
        """Whether the answer was aligned anew and the scope writer has not followed yet."""
        self.only_selected = False
        """Whether the answer holds only the part of the scope that the user selected."""
        self._completed = False  # The model itself said that the answer is complete.
        self._shown_despite_doubt = False  # The user wants to see it for the whole scope.
        self._tried = 1  # Every state before this index was tried since the last change.
        self.frame_at: float | None = None
        self.edits = 0
        """How many edits were proposed for it."""
        self.wider_level = ""
        """The level of the scope for which the held answer can be read; "" for none."""
        self.unchecked: int | None = None
        """The document's line whose syntax the grammar does not know, shown all the same."""
        self.lost: tuple[str, ...] = ()
        """The declarations that it removes and no instruction mentions."""

    # -- the stream --

    def push(self, text: str, now: float, read_at: float | None) -> float:
        """Take a chunk. Returns the milliseconds since the previous one; 0 for the first."""
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
        """The profile limits the answer to this many tokens."""
        self._runaway.allow(tokens)

    @property
    def spent(self) -> bool:
        """Whether the whole answer has come and the stream can be closed."""
        return self._reader.spent

    @property
    def excess(self) -> Excess | None:
        """How the answer has run away, if it has."""
        return self._runaway.excess or (None if self._most_left else Excess.LENGTH)

    def finish(self, completed: bool, now: float) -> None:
        """The stream has ended; `completed` says whether the model itself ended the answer."""
        self._align(self._reader.finish(completed), now)
        self.over, self._completed = True, completed
        self.proven = self._reader.proven
        instead = self._reader.new_scope_text
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
        elif not completed:  # Nothing more will tell where its last lines belong.
            self._aligner.stalled()

    def _align_anew(self, text: str, now: float) -> None:
        """Align `text`, not what has come, as the scope's new text.

        All states change, so the scope writer has to follow (`ScopeWriter.follow_realignment`).
        """
        self._aligner = Aligner(self.request.current, self._line_end, self._publish)
        self._aligner.push(text)
        self.shown, self._tried, self.realigned = START, 1, True
        self._length = len(self._aligner.output)
        self._arrivals = [(self._length, now)]

    def _in_selection(self) -> str | None:
        """The scope's new text, where the answer holds only what the user selected of it."""
        reader = self._reader
        if not reader.is_whole or not (reader.proven or reader.doubt is Doubt.PART):
            return None
        return in_selection(self.request, reader.text, self._lead)

    def reread(self, reply: str, now: float) -> None:
        """Read the complete answer that came for another scope."""
        self.push(reply, now, None)
        self.finish(True, now)

    @property
    def is_held(self) -> bool:
        """Whether the answer is less or more than the scope and is held for that."""
        return self.over and self._reader.doubt in _HELD and not self._shown_despite_doubt

    @property
    def is_unread(self) -> bool:
        """Whether no part of the answer can be read as the scope's new text."""
        return (
            self.over
            and self._completed
            and not self._shown_despite_doubt
            and bool(self._reader.unread)
        )

    @property
    def full_text(self) -> str | None:
        """The scope with all of an ended answer, if nothing of it is shown; else None."""
        if not self.over or not self._completed:
            return None
        if self.is_held or self.is_unread:
            held = self._reader.text if self.is_held else self._reader.unread
            return held.replace("\n", self._line_end)
        hides = self.shown == START and bool(self.held_text())
        if not hides:
            return None
        return self.text_of(self.newest) if self.proven else self.raw_text()

    def decide_by_time(self, now: float) -> None:
        """Decide by the text so far if the answer has waited long enough for more."""
        arrived = bisect_right(self._arrivals, (self._aligner.latest.answer, float("inf")))
        if self.over or arrived == len(self._arrivals):
            return
        waited = now - self._arrivals[arrived][1]
        if waited >= MOST_WAIT_MS:
            self._aligner.stalled()
        if waited >= MOST_WORDS_MS:
            self._aligner.show_begun()

    def show_by_line(self) -> None:
        """From now on show every line, whether it parses or not."""
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
        """Why a complete answer is not taken as proven, if that is so."""
        return self._reader.doubt

    @property
    def reach(self) -> EnclosingReach | None:
        """How far the answer reaches above the scope, where it holds more than the scope."""
        return self._reader.reach

    @property
    def reply(self) -> str:
        """The whole answer as it came."""
        return self._reader.reply

    @property
    def is_part(self) -> bool:
        """Whether the answer holds only a part of the scope, at a known place."""
        return self._reader.new_scope_text is not None

    @property
    def left_out(self) -> tuple[str, ...]:
        """One sentence for each change of the answer that was left out."""
        return self._reader.skipped

    @property
    def needs(self) -> str:
        """The imports that the code needs: those of the answer that were left out, having no place
        in the scope, and the lines of its `needs` blocks."""
        removed = "".join(f"{line}\n" for line in self._reader.removed_imports)
        return removed + self._reader.needs

    @property
    def removed_imports(self) -> tuple[str, ...]:
        """The imports of the answer that were left out, having no place in the scope."""
        return self._reader.removed_imports

    @property
    def echoed(self) -> tuple[str, ...]:
        """Lines around the scope that the answer repeated and that were left out, stripped."""
        return (
            () if self._reader.reply_reader is None else self._reader.reply_reader.removed_context
        )

    @property
    def guessed(self) -> tuple[ElisionGuess, ...]:
        """Lines that were read as placeholders and might be meant literally."""
        return () if self._reader.reply_reader is None else self._reader.reply_reader.guesses

    @property
    def repairs(self) -> frozenset[Repair]:
        """What had to be repaired in the answer so far."""
        return self._reader.repairs

    @property
    def answer(self) -> str:
        """The clean answer so far, with "\\n" as line ends."""
        return self._reader.text

    @property
    def staying(self) -> tuple[str, ...]:
        """Names of the scope that a partial answer does not hold."""
        return self._reader.staying

    @property
    def newest(self) -> Candidate:
        """The newest decided state."""
        return self._aligner.latest

    @property
    def raw(self) -> Candidate:
        """Everything that came, followed by the rest of the original."""
        return self._aligner.raw()

    def text_of(self, state: Candidate) -> str:
        """The scope's text in that state."""
        return self._seam.state(state)

    @property
    def _seam(self) -> Seam:
        return Seam(self._aligner, self.request.current, self._indentation)

    def raw_text(self) -> str:
        """The scope's text in the state `raw`.

        An unfinished line of the answer gets a line of its own, unless the answer was rewriting
        that line of the original. So neither line is torn.
        """
        state, current = self.raw, self.request.current
        head, rest = self._aligner.text(0, state.answer), current[state.original :]
        if head.endswith(_LINE_ENDS):
            return self._seam.state(replace(state, inside=False, tail=""))
        line = _line_start(current, state.original)
        begun, known = head[_line_start(head, len(head)) :], current[line : state.original]
        if not (begun and rest) or rest[0] in _LINE_ENDS or begun == known:
            return head + rest
        newest = self.newest
        following = newest.inside and not newest.tail and newest.original >= line
        if known and following:
            return head + rest
        first = self._indentation if line == 0 else ""
        return f"{head}{self._line_end}{first}{current[line:]}"

    def untried(self) -> Iterator[Candidate]:
        """The states that came since the last ones were tried, newest first.

        Of the states within a line only the newest is tried. If it does not parse, the ends of the
        lines before it may.
        """
        cuts = self._aligner.candidates
        untried, self._tried = cuts[self._tried :], len(cuts)
        tried = (c for i, c in enumerate(reversed(untried)) if i == 0 or not c.inside)
        for state in islice(tried, MOST_TRIES):
            ahead = state.answer >= self.shown.answer and state.original >= self.shown.original
            if ahead and state != self.shown:
                yield state

    def states_at_line_ends(self) -> list[Candidate]:
        """The newest decided state and all at ends of lines, newest first. The last is `START`."""
        cuts = self._aligner.candidates
        return [c for i, c in enumerate(reversed(cuts)) if i == 0 or not c.inside or c == START]

    @property
    def shows_half_a_line(self) -> bool:
        """Whether what is shown ends within a line that may be incomplete."""
        if not self.shown.inside or not self.reply.endswith(_LINE_ENDS):
            return self.shown.inside
        answer = self._aligner.text(0, self._length)
        line = _line_start(answer, self._length)
        rest = self.request.current[self.shown.original :].splitlines()
        shown = answer[line : self.shown.answer] + (rest[0] if rest else "")
        return line > self.shown.answer or shown != answer[line:]

    def earlier_line_ends(self) -> Iterator[Candidate]:
        """The states at ends of lines up to the shown one, newest first. The last is `START`."""
        ends = (c for c in reversed(self._aligner.candidates) if not c.inside and c != START)
        yield from islice(filter(self.is_before_shown, ends), MOST_TRIES)
        yield START

    def is_decided(self, state: Candidate) -> bool:
        """Whether the text of that state is final."""
        return state <= self._aligner.latest and state.original <= self._aligner.latest.original

    def is_before_shown(self, state: Candidate) -> bool:
        """Whether it is the shown state or an earlier one."""
        return state.answer <= self.shown.answer and state.original <= self.shown.original

    def passes_unchecked(self, unknown: Callable[[str], int | None], candidate: str) -> bool:
        """Whether the last text of a proven answer is refused only for unknown syntax.

        Then it is shown, and the user gets a message.
        """
        self.unchecked = unknown(candidate) if self.proven else None
        return self.unchecked is not None

    def changes_to(self, state: Candidate) -> ChangeSet:
        """The changes from the shown state to a later one."""
        return self._seam.changes(self.shown, state)

    def changes_back_to(self, state: Candidate) -> ChangeSet:
        """The changes from the shown state to an earlier one."""
        return self._seam.changes(state, self.shown).invert(self.text_of(state))

    def retry(self) -> None:
        """Try refused states again: the text around the scope has changed."""
        self._tried = max(len(self._aligner.candidates) - MOST_TRIES, 0)

    def held_text(self) -> str:
        """What came beyond the shown state, unless the scope goes on with it anyway."""
        if self.is_held:
            return self._reader.text
        if self.is_unread:
            return self._reader.unread
        rest = self.request.current[self.shown.original :]
        waiting = self._aligner.text(self.shown.answer, self._length)
        return "" if rest.startswith(waiting) and not self.proven else waiting

    @property
    def tokens_since_shown(self) -> int:
        """How many chunks came with text beyond the shown state."""
        at = bisect_right(self._arrivals, (self.shown.answer, float("inf")))
        return len(self._arrivals) - at

    def held_for(self, state: Candidate, now: float) -> float:
        """How long (ms) the first character that `state` newly shows was held."""
        new = self._aligner.text(self.shown.answer, state.answer)
        old = self.shown.tail + self.request.current[self.shown.original :][: len(new) + 1]
        departure = self.shown.answer + common_prefix(new, old)
        at = bisect_right(self._arrivals, (departure, float("inf")))
        return now - self._arrivals[at][1] if at < len(self._arrivals) else 0.0


def _indentation_behind(before: str) -> str:
    """The blanks at the end of a text, if they are all of its last line."""
    line = before[_line_start(before, len(before)) :]
    return line if not line.strip(" \t") else ""


def _line_start(text: str, place: int) -> int:
    """The start of the line that contains the place."""
    return max(text.rfind(end, 0, place) for end in _LINE_ENDS) + 1
