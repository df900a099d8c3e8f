"""The promises of the contract, watched from outside while something runs.

The watch follows each character by the number that the fake editor gave it, so it does not rest on
what the server believes. From the server it reads only the session's view and its copy of the text,
and the edit in flight for the count of errors.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from operator import is_

from lsp_server.edit.hunks import HunkState
from lsp_server.edit.line_joins import line_start
from lsp_server.session.document_edits import DocumentEdits
from lsp_server.session.effects import ApplyEdit
from lsp_server.session.machine import Phase, Session, SessionOutcome
from lsp_server.session.settle_target import SettleTarget
from lsp_server.text.changes import ChangeSet
from lsp_server.text.lines import split_lines
from lsp_server.text.span import Span
from tests.support.fake_editor import Author, Characters, FakeEditor, Taken
from tests.support.own_lines import are_left, missing_lines, opened_lines

# What only the user types in drawn runs: CJK ideographs, each used once.
TYPED = range(0x4E00, 0x9FA5)
_TYPED = re.compile("[\u4e00-\u9fa4]")


def typed_in(text: str) -> list[str]:
    """The characters of `text` that only the user can have written, in order."""
    return _TYPED.findall(text)


def without_typed(text: str) -> str:
    """The rest of `text`."""
    return _TYPED.sub("", text)


@dataclass(frozen=True, slots=True)
class _Place:
    """Between which characters of a session's original the user typed one (indices)."""

    left: int
    right: int


@dataclass(slots=True)
class _Watched:
    """What stood around and in a scope when its session began."""

    head: frozenset[int]
    tail: frozenset[int]
    index: dict[int, int]
    newest: int  # The highest number that was given then.
    places: dict[str, _Place] = field(default_factory=dict)
    asked: bool = False  # Something was locked or restored: the scope need not be as before.
    ended: bool = False
    blurred: bool = False  # Outer text was deleted and came back: perhaps typed at the edge.
    locked: dict[str, tuple[int, ...]] = field(default_factory=dict)  # The hunks accepted so far.


class Watch:
    """Observes everything that happens; raises `AssertionError` where a promise does not hold."""

    def __init__(self, editor: FakeEditor, document_edits: DocumentEdits) -> None:
        self.editor = editor
        self.document_edits = document_edits
        self.errors: Callable[[str], int] | None = None
        """Counts the errors of a scope, where the gate counts them."""
        self.typed: set[str] = set()
        """Every character of the user's alone that should be there."""
        self.removed: set[int] = set()
        """What the user ever took away, undo of the server's edits left out."""
        self.rewritten = False
        """Another program has changed the text, so only a comparison finds the places."""
        self._released: set[int] = set()
        self._runs: set[tuple[int, int]] = set()
        self._opened: set[str] = set()  # Lines that were all the user's when they typed them.
        self._last: int | None = None
        self._undone = False
        self.gave_up = False
        """An edit was never answered: its text, once in the file, is nobody's."""
        self._typed_more: set[str] = set()  # What the user typed that others write too.
        self.may_import: set[str] = set()
        """The sessions of which the user has accepted imports."""
        self._imports: dict[int, ChangeSet] = {}  # What an edit changes outside of the scopes.
        self._watched: dict[str, _Watched] = {}
        self._asked: dict[int, tuple[str, frozenset[str]]] = {}
        self._offers: dict[int, frozenset[str]] = {}  # Whose withheld change an edit shows.
        self._checked: dict[str, tuple[object, ...]] = {}

    # -- what happens --

    def begun(self, session: str, span: Span) -> None:
        """A session has begun over that span of the document's text."""
        there = self._as_the_document_sees_it()
        inside = [
            number
            for number, character in zip(
                there.numbers[span.start : span.end], span.text(there.text), strict=True
            )
            if not typed_in(character)
        ]
        self._watched[session] = _Watched(
            frozenset(there.numbers[: span.start]),
            frozenset(there.numbers[span.end :]),
            {number: index for index, number in enumerate(inside)},
            len(self.editor.authors),
        )
        self.released(session)

    def released(self, session: str) -> None:
        """The model is about to read the scope: it may write anew what the user typed there."""
        there = self._as_the_document_sees_it()
        span = self.document_edits.span_of(session)
        self._released.update(
            number
            for number in there.numbers[span.start : span.end]
            if self.editor.authors[number] is Author.USER
        )

    def touched(self, session: str) -> None:
        """The user locked a hunk or went back to a result: a revert no longer brings all back."""
        self._watched[session].asked = True

    def user_did(self, before: Characters, whose: Author, *, in_one_go: bool = False) -> None:
        """The user changed the document, or took back a change of `whose`."""
        after = self.editor.now
        gone = set(before.numbers) - set(after.numbers)
        came = set(after.numbers) - set(before.numbers)
        if whose is Author.USER:
            self.removed |= gone
        else:
            self._undone = True
            for watched in self._watched.values():
                # An edit of an earlier session: what this one found there is not as it was.
                old = {n for n in came if n < watched.newest} - watched.index.keys()
                older = any(n < watched.newest for n in gone) or old - watched.head - watched.tail
                watched.asked = watched.asked or bool(older)
        new = [n for n in came if n not in before.numbers and whose is Author.USER]
        self._typed_more.update(without_typed(_text_of(after, new)))
        self.typed.difference_update(typed_in(_text_of(before, gone)))
        self.typed.update(typed_in(_text_of(after, came)))
        for watched in self._watched.values():
            back = came & (watched.head | watched.tail)
            watched.blurred = watched.blurred or bool(back and whose is Author.USER)
        if in_one_go:
            spans = [
                self.document_edits.span_of(session.id) for session in self.document_edits.sessions
            ]
            touching = {span.start for span in spans} & {span.end for span in spans}
            if gone or touching:  # Outside of a scope, or in the next one.
                self._last = None
            self._note_run(after, came)
            if gone or touching:
                self._last = None
        self._note_places(after, came)
        if whose is Author.USER and typed_in(after.text):
            opened = opened_lines(after, self.editor.authors, came)
            self._opened.update(line.strip() for line, _ in opened)

    def asked(self, edit: ApplyEdit) -> None:
        """The server asks for an edit."""
        for waiting in self.editor.asked:
            for name in self._asked[waiting.edit][1]:
                # A second one goes out only when the first has been given up for lost.
                assert self.document_edits.find(name).phase is Phase.ENDED, "two edits in flight"
                self.gave_up = True
        self._asked[edit.edit] = self.document_edits.text.text, self.document_edits.writers
        in_flight = self.document_edits._edit_in_flight
        assert in_flight is not None
        self._imports[edit.edit] = in_flight.imports
        allowed = not in_flight.imports or in_flight.imports_of in self.may_import
        assert allowed, "imports are written that nobody accepted"
        sessions = {name: self.document_edits.find(name) for name in self.document_edits.writers}
        edits_in_flight = {
            name: session.scope_writer.in_flight for name, session in sessions.items()
        }
        self._offers[edit.edit] = frozenset(n for n, f in edits_in_flight.items() if f and f.offer)
        for session in sessions.values():
            assert session.phase is not Phase.ENDED, "an edit of a session that has ended"
            if self.errors is not None:
                self._check_errors(session)

    def taken(self, taken: Taken) -> None:
        """The editor has applied an edit."""
        text, writers = self._asked.pop(taken.edit.edit)
        assert text == taken.before.text, "the edit was made for another text"
        imports = self._imports.pop(taken.edit.edit)
        self._check_outside(taken, writers, imports)
        for session in self.document_edits.sessions:
            # A session that began there since: to it, the imports are somebody else's.
            span = self.document_edits.span_of(session.id)
            if any(c.start < span.end and span.start < c.end for c in imports.changes):
                self.touched(session.id)
        self._check_typed(taken)
        self._check_lines(taken, writers)
        offers = self._offers.pop(taken.edit.edit)
        for name, watched in self._watched.items():
            if name in writers - offers and not watched.ended:  # They asked for an offer.
                for numbers in watched.locked.values():
                    self._check_locked(taken, numbers)

    # -- checking --

    def check(self) -> None:
        """What holds after every step."""
        for session in self.document_edits.sessions:
            scope_writer, span = session.scope_writer, self.document_edits.span_of(session.id)
            state = (
                scope_writer.attribution,
                scope_writer.shadow_copy,
                self.document_edits.text,
                span,
            )
            known = self._checked.get(session.id, ())
            if len(known) == 4 and all(map(is_, state, known)):
                continue  # Nothing of it has changed since.
            self._checked[session.id] = state
            self._note_locked(session)
            assert self.document_edits.text.text[span.start : span.end] == scope_writer.view, (
                "not the scope's text"
            )
            assert (
                scope_writer.attribution.ours.apply(scope_writer.attribution.base)
                == scope_writer.view
            ), "the account is wrong"
            shadow_copy = scope_writer.shadow_copy
            assert shadow_copy.view == scope_writer.view, "account and mirror differ"
            assert shadow_copy.theirs.apply(shadow_copy.copy) == shadow_copy.view, (
                "the mirror is wrong"
            )
            assert 0 <= shadow_copy.frontier <= len(shadow_copy.copy)
        for session_id, watched in self._watched.items():
            if not watched.ended:
                session = self.document_edits.find(session_id)
                if session.phase is Phase.ENDED:
                    watched.ended = True
                    # What it wrote and was not told of is told to whom it stands beside.
                    late = session.scope_writer.in_flight is not None and bool(self.editor.outbox)
                    self.gave_up = self.gave_up or late
                    self._check_end(session, watched)
        if not self._released and self._checked.get("", (None,))[0] is not self.editor.now:
            self._checked[""] = (self.editor.now,)
            present = typed_in(self.editor.text)
            assert len(present) == len(set(present)), "a typed character is there twice"
            assert self.typed == set(present), "typed characters are lost"

    def _check_errors(self, session: Session) -> None:
        edit = session.scope_writer.in_flight
        if edit is None or edit.write is None or not session.scope_writer.only_sound:
            return
        if edit.candidate is None or not edit.candidate.answer:
            return
        if session.phase is Phase.SETTLING and session.settle_target is not SettleTarget.ANSWER:
            return
        assert self.errors is not None
        before = session.scope_writer.view
        assert self.errors(edit.changes.apply(before)) <= self.errors(before), "more errors"

    def _check_outside(self, taken: Taken, writers: frozenset[str], imports: ChangeSet) -> None:
        """Every change lies between what stood before a scope and what stood behind it, or is one
        of the imports."""
        places = {number: place for place, number in enumerate(taken.before.numbers)}
        free = [(change.start, change.end) for change in imports.changes]
        for name in writers:
            watched = self._watched[name]
            if self._by_text and (self.removed or self._undone):
                return  # Which of two equal line ends at the edge is gone is unknown.
            if watched.blurred:
                return
            start = max((places[n] + 1 for n in watched.head if n in places), default=0)
            end = min(
                (places[n] for n in watched.tail if n in places), default=len(taken.before.text)
            )
            free.append(
                self._with_twins(taken.before, start, end) if self._by_text else (start, end)
            )
        free.sort()
        merged: list[tuple[int, int]] = []
        for start, end in free:
            if merged and start <= merged[-1][1]:
                merged[-1] = merged[-1][0], max(end, merged[-1][1])
            else:
                merged.append((start, end))
        for change in taken.edit.changes.changes:
            assert any(s <= change.start and change.end <= e for s, e in merged), (
                f"outside of every scope: {change}"
            )

    def _with_twins(self, before: Characters, start: int, end: int) -> tuple[int, int]:
        """The range, up to the twin of what stands at its edge, where the user typed one there.

        Behind "x" and an outer line end they type "y" and another line end. If our edit was to put
        a line end between "x" and the outer one, nobody can tell by the text whether it did and
        they typed "y" alone, and which of the two line ends is the outer one. So it is with the
        indentation in front of a scope, where they typed a line above that begins with the same.
        """
        text = before.text
        theirs = [self.editor.authors[number] is Author.USER for number in before.numbers]
        edge = "\r\n" if text.startswith("\r\n", end) else text[end : end + 1]
        first = last = end + len(edge)
        while last < len(text) and theirs[last]:
            last += 1
        twin = text.rfind(edge, first, last) if edge else -1
        wide_end = end if twin < 0 else twin
        front = text[line_start(text, start) : start]
        edge = "\r\n" if text.endswith("\r\n", 0, start) else text[max(start - 1, 0) : start]
        blanks = range(0 if front.strip(" \t") else len(front))
        edges = {edge, *(front[place:] for place in blanks)}
        return min(self._in_front_of_twin(before, start, edge) for edge in edges), wide_end

    def _in_front_of_twin(self, before: Characters, start: int, edge: str) -> int:
        """Where the range may begin, which has `edge` in front of it at `start`.

        Behind the twin what the user typed may stand, and what was written there since.
        """
        first = last = start - len(edge)
        while first and self.editor.authors[before.numbers[first - 1]] is not Author.FILE:
            first -= 1
        twin = before.text.find(edge, first, last) if edge else -1
        return start if twin < 0 else twin + len(edge)

    def _check_typed(self, taken: Taken) -> None:
        """Nothing that the user typed goes away, and what they typed in one go stays together."""
        kept = set(taken.after.numbers)
        before = taken.before
        for place, number in enumerate(before.numbers):
            if number in kept or not self._is_kept(number, before.text[place]):
                continue
            # Which of two equal neighbours was deleted nobody can see.
            start = end = place
            while start and before.text[start - 1] == before.text[place]:
                start -= 1
            while end < len(before.text) and before.text[end] == before.text[place]:
                end += 1
            theirs = sum(self._is_kept(n, before.text[place]) for n in before.numbers[start:end])
            left = sum(n in kept for n in before.numbers[start:end])
            assert left >= theirs, f"our edit takes typed text away: {before.text[place]!r}"
        if not self._runs:
            return
        text = dict(zip(before.numbers, before.text, strict=True))
        follows = dict(pairwise(before.numbers))
        at = {number: place for place, number in enumerate(taken.after.numbers)}
        for one, other in self._runs:
            if follows.get(one) != other or {one, other} & self._released:
                continue
            pair = text[one] + text[other]
            if (self._by_text and len(typed_in(pair)) < 2) or set(pair) & {"\r", "\n", " "}:
                continue
            together = one in at and taken.after.text.startswith(pair, at[one])
            if other in at and not together:
                together = taken.after.text.endswith(pair, 0, at[other] + 1)
            assert together, f"our edit tears what the user typed: {pair!r}"

    def _check_lines(self, taken: Taken, writers: frozenset[str]) -> None:
        """A line that the user opened stays a line of its own."""
        if self._opened:
            names = [session.id for session in self.document_edits.sessions]
            lines = [line for name in names for line in self._lines_opened_in(name, taken.before)]
            places = [self.document_edits.span_of(name).start for name in writers]
            changes = taken.edit.changes
            firsts = [changes.map_offset(p, after=a) for p in places for a in (False, True)]
            joined = missing_lines(lines, taken.after.text, None if self._by_text else firsts)
            assert not joined, f"our edit joins a line that the user opened: {joined}"

    def _lines_opened_in(self, session: str, before: Characters) -> Iterator[str]:
        """The lines that the user has opened in a scope since its session began.

        A line end that was there is not known to it as theirs: behind it stood another line, and
        what is typed where the model has emptied that one is no line of its own.
        """
        span, since = self.document_edits.span_of(session), self._watched[session].newest
        within = set(before.numbers[span.start : span.end])
        for line, numbers in opened_lines(before, self.editor.authors, within, since=since):
            if line.strip() in self._opened and self._released.isdisjoint(numbers):
                yield line

    def _is_kept(self, number: int, character: str) -> bool:
        if self.editor.authors[number] is not Author.USER or number in self._released:
            return False
        if character in "\r\n ":
            # A new line above another may be given the line end or the indentation of either; that
            # it has its own is seen by the line (`_check_lines`).
            return False
        return not self._by_text or bool(typed_in(character))

    def _check_locked(self, taken: Taken, numbers: tuple[int, ...]) -> None:
        """What is left of an accepted hunk stays byte for byte; only the user may change it."""
        before, after = taken.before, taken.after
        at = {number: place for place, number in enumerate(after.numbers)}
        text = dict(zip(before.numbers, before.text, strict=True))
        there = {number: place for place, number in enumerate(before.numbers)}
        left = [number for number in numbers if number in there]
        while left:
            run = [left.pop(0)]
            while left and there[left[0]] == there[run[-1]] + 1:
                run.append(left.pop(0))
            piece = "".join(text[number] for number in run)
            stays = run[0] in at and after.text.startswith(piece, at[run[0]])
            stays = stays or (run[-1] in at and after.text.endswith(piece, 0, at[run[-1]] + 1))
            # Where only the text tells, a neighbour that is equal may stand for it.
            stays = stays or (self._by_text and piece in after.text)
            assert stays, f"our edit changes what the user has accepted: {piece!r}"

    def _check_end(self, session: Session, watched: _Watched) -> None:
        """A session that was taken back leaves the original and what the user typed."""
        if (
            session.outcome not in (SessionOutcome.REVERTED, SessionOutcome.CANCELLED)
            or watched.asked
        ):
            return
        view = session.scope_writer.view
        present = [c for c in typed_in(view) if c not in session.original]
        assert len(present) == len(set(present)), "after a revert a typed character is there twice"
        removed = any(n < watched.newest for n in self.removed) or self.rewritten
        # A "\n" typed behind a lone "\r" makes one line end of two, half of it outside.
        joined = self._by_text and "\n" in self._typed_more
        removed = removed or joined or self.gave_up or (self._undone and self.editor.manners.lies)
        removed = removed or any(self.editor.authors[n] is Author.SERVER for n in self.removed)
        if removed:
            return
        more = self._typed_more
        bare = _bare(view, more)
        if bare != _bare(session.original, more):
            self._check_lines_left(session, view)
            return
        for place, character in enumerate(view):
            known = watched.places.get(character)
            if known is not None and not more:
                before = len(_bare(view[:place], more))
                assert known.left < before <= known.right, f"{character} has moved"

    def _check_lines_left(self, session: Session, view: str) -> None:
        """What was typed into lines of the model's is left on lines of its own; the rest is as it
        was."""
        more = {*self._typed_more, "\r", "\n"}
        left = [(line, _bare(line, more)) for line in split_lines(view)]
        wanted = [_bare(line, more) for line in split_lines(session.original)]
        start, text = self.document_edits.span_of(session.id).start, self.document_edits.text.text
        front = text[line_start(text, start) : start]
        indentation = "" if front.strip(" \t") else _bare(front, more)
        if {"\r", "\n"} & self._typed_more:  # Of the lines some may be theirs.
            whole, bare = "".join(wanted), "".join(bare for _, bare in left)
            fine = bare in (whole, indentation + whole)
        else:
            fine = are_left(wanted, left, indentation)
        assert fine, "a revert is not the original"

    # -- inside --

    @property
    def _by_text(self) -> bool:
        """Whether it is unknown who wrote which of two equal characters.

        So it is where whole documents are sent, and where the editor says "applied" of an edit
        that it dropped: then only the text tells, and a typed line end looks like the model's.
        """
        manners = self.editor.manners
        return manners.whole_documents or manners.lies or self.rewritten

    def _note_locked(self, session: Session) -> None:
        """Remember the characters of the hunks that have just been accepted."""
        known = self._watched[session.id].locked if session.id in self._watched else {}
        for hunk in session.scope_writer.attribution.hunks():
            if hunk.state is HunkState.LOCKED and hunk.id not in known:
                start = self.document_edits.span_of(session.id).start
                there = self._as_the_document_sees_it().numbers
                known[hunk.id] = there[start + hunk.span.start : start + hunk.span.end]

    def _note_run(self, after: Characters, came: set[int]) -> None:
        run = [number for number in after.numbers if number in came]
        if not run:
            return
        first = after.numbers.index(run[0])
        if first and after.numbers[first - 1] == self._last:
            run.insert(0, after.numbers[first - 1])
        self._runs.update(pairwise(run))
        self._last = run[-1]

    def _note_places(self, after: Characters, came: set[int]) -> None:
        for watched in self._watched.values():
            left = -1
            waiting: list[str] = []
            for character, number in zip(after.text, after.numbers, strict=True):
                if number in watched.index:
                    left_before, left = left, watched.index[number]
                    for one in waiting:
                        watched.places[one] = _Place(left_before, left)
                    waiting.clear()
                elif number in came and self.editor.authors[number] is Author.USER:
                    waiting += typed_in(character)  # An answer may repeat what they typed.
            for one in waiting:
                watched.places[one] = _Place(left, len(watched.index))

    def _as_the_document_sees_it(self) -> Characters:
        text = self.document_edits.text.text
        return next(past for past in reversed(self.editor.past) if past.text == text)


def _bare(text: str, more: set[str]) -> str:
    """The text without what the user typed, and without `more`, which they may have typed."""
    return "".join(character for character in without_typed(text) if character not in more)


def _text_of(characters: Characters, numbers: Iterable[int]) -> str:
    """Those characters of a text that have these numbers, in order."""
    wanted = set(numbers)
    if not wanted:
        return ""
    return "".join(
        character
        for character, number in zip(characters.text, characters.numbers, strict=True)
        if number in wanted
    )
