"""The promises of the contract, watched from outside while something runs.

The watch follows each character by the number that the fake editor gave it, so it does not rest on
what the server believes. What it reads of the server is named: the session's account and mirror for
the books, the edit in flight for the count of errors.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from lsp_server.session.desk import DocumentDesk
from lsp_server.session.effects import ApplyEdit
from lsp_server.session.machine import Outcome, Phase, Session
from lsp_server.session.pen import Goal
from lsp_server.text.span import Span
from tests.support.fake_editor import Author, Characters, FakeEditor, Taken

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
    asked: bool = False  # The user locked or restored something: the scope need not be as before.
    ended: bool = False


class Watch:
    """Told of everything that happens; raises `AssertionError` where a promise does not hold."""

    def __init__(self, editor: FakeEditor, desk: DocumentDesk) -> None:
        self.editor = editor
        self.desk = desk
        self.errors: Callable[[str], int] | None = None
        """Counts the errors of a scope, where the gate counts them."""
        self.typed: set[str] = set()
        """Every character of the user's alone that should be there."""
        self.removed: set[int] = set()
        """What the user took away, undo of the server's edits left out."""
        self.rewritten = False
        """Another program has changed the text, so that places are told by comparing only."""
        self._released: set[int] = set()
        self._runs: set[tuple[int, int]] = set()
        self._last: int | None = None
        self._watched: dict[str, _Watched] = {}
        self._asked: tuple[ApplyEdit, str, frozenset[str]] | None = None

    # -- what happens --

    def begun(self, session: str, span: Span) -> None:
        """A session has begun over that span of the desk's text."""
        there = self._as_the_desk_sees_it()
        inside = there.numbers[span.start : span.end]
        self._watched[session] = _Watched(
            frozenset(there.numbers[: span.start]),
            frozenset(there.numbers[span.end :]),
            {number: index for index, number in enumerate(inside)},
            len(self.editor.authors),
        )

    def released(self, session: str) -> None:
        """The model is about to read the scope: it may write anew what the user typed there."""
        there = self._as_the_desk_sees_it()
        span = self.desk.span_of(session)
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
        self.removed -= came
        self.typed.difference_update(typed_in(_text_of(before, gone)))
        self.typed.update(typed_in(_text_of(after, came)))
        if in_one_go:
            self._note_run(after, came)
        self._note_places(after, came)

    def asked(self, edit: ApplyEdit) -> None:
        """The server asks for an edit."""
        self._asked = edit, self.desk.text.text, self.desk.writers
        for name in self.desk.writers:
            session = self.desk.find(name)
            assert session.phase is not Phase.ENDED, "an edit of a session that has ended"
            if self.errors is not None:
                self._check_errors(session)

    def taken(self, taken: Taken) -> None:
        """The editor has applied an edit."""
        assert self._asked is not None
        edit, text, writers = self._asked
        assert edit is taken.edit, "an edit came that was not asked for"
        assert text == taken.before.text, "the edit was made for another text"
        self._check_outside(taken, writers)
        self._check_typed(taken)

    # -- checking --

    def check(self) -> None:
        """What holds after every step."""
        for session in self.desk.sessions:
            pen, span = session.pen, self.desk.span_of(session.id)
            assert self.desk.text.text[span.start : span.end] == pen.view, "not the scope's text"
            assert pen.account.ours.apply(pen.account.base) == pen.view, "the account is wrong"
            mirror = pen.mirror
            assert mirror.view == pen.view, "account and mirror differ"
            assert mirror.theirs.apply(mirror.copy) == mirror.view, "the mirror is wrong"
            assert 0 <= mirror.frontier <= len(mirror.copy)
        for session_id, watched in self._watched.items():
            if not watched.ended:
                session = self.desk.find(session_id)
                if session.phase is Phase.ENDED:
                    watched.ended = True
                    self._check_end(session, watched)
        if not self._released:
            present = typed_in(self.editor.text)
            assert len(present) == len(set(present)), "a typed character is there twice"
            assert self.typed == set(present), "typed characters are lost"

    def _check_errors(self, session: Session) -> None:
        flight = session.pen.in_flight
        if flight is None or flight.write is None or not session.pen.sound:
            return
        if flight.cut is None or not flight.cut.answer:
            return
        if session.phase is Phase.SETTLING and session._goal is not Goal.ANSWER:
            return
        assert self.errors is not None
        before = session.pen.view
        assert self.errors(flight.changes.apply(before)) <= self.errors(before), "more errors"

    def _check_outside(self, taken: Taken, writers: frozenset[str]) -> None:
        """Every change lies between what stood before a scope and what stood behind it."""
        places = {number: place for place, number in enumerate(taken.before.numbers)}
        free: list[tuple[int, int]] = []
        for name in writers:
            watched = self._watched[name]
            start = max((places[n] + 1 for n in watched.head if n in places), default=0)
            end = min(
                (places[n] for n in watched.tail if n in places), default=len(taken.before.text)
            )
            free.append((start, end))
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

    def _check_typed(self, taken: Taken) -> None:
        """Nothing that the user typed goes away, and what they typed in one go stays together."""
        kept = set(taken.after.numbers)
        lost = [
            number
            for number in taken.before.numbers
            if number not in kept and self._is_kept(number, taken.before)
        ]
        assert not lost, f"our edit takes typed text away: {_text_of(taken.before, lost)!r}"
        if not self._runs:
            return
        follows = dict(zip(taken.before.numbers, taken.before.numbers[1:], strict=False))
        follows_after = dict(zip(taken.after.numbers, taken.after.numbers[1:], strict=False))
        for one, other in self._runs:
            if follows.get(one) == other and not {one, other} & self._released:
                assert follows_after.get(one) == other, "our edit tears what the user typed"

    def _is_kept(self, number: int, text: Characters) -> bool:
        if self.editor.authors[number] is not Author.USER or number in self._released:
            return False
        if not self.editor.manners.whole_documents and not self.rewritten:
            return True
        # Who wrote which of two equal characters cannot be told there.
        return bool(typed_in(_text_of(text, [number])))

    def _check_end(self, session: Session, watched: _Watched) -> None:
        """A session that was taken back leaves the original and what the user typed."""
        if session.outcome not in (Outcome.REVERTED, Outcome.CANCELLED) or watched.asked:
            return
        view = session.pen.view
        present = typed_in(view)
        assert len(present) == len(set(present)), "after a revert a typed character is there twice"
        removed = any(n < watched.newest for n in self.removed) or self.rewritten
        removed = removed or any(self.editor.authors[n] is Author.SERVER for n in self.removed)
        if removed or (self._typed_more and self._released):
            return
        assert self._bare(session, view) == session.original, "a revert is not the original"
        for place, character in enumerate(view):
            known = watched.places.get(character)
            if known is not None:
                before = len(self._bare(session, view[:place]))
                assert known.left < before <= known.right, f"{character} has moved"

    def _bare(self, session: Session, text: str) -> str:
        """`text`, the beginning of the scope, without what the user typed."""
        if self._released:
            return without_typed(text)
        start = self.desk.span_of(session.id).start
        numbers = self._as_the_desk_sees_it().numbers[start : start + len(text)]
        return without_typed(
            "".join(
                character
                for character, number in zip(text, numbers, strict=True)
                if self.editor.authors[number] is not Author.USER
            )
        )

    # -- inside --

    @property
    def _typed_more(self) -> bool:
        """Whether the user has typed what cannot be told from other text by its look."""
        now = self._as_the_desk_sees_it()
        return any(
            self.editor.authors[number] is Author.USER and not typed_in(character)
            for character, number in zip(now.text, now.numbers, strict=True)
        )

    def _note_run(self, after: Characters, came: set[int]) -> None:
        run = [number for number in after.numbers if number in came]
        if not run:
            return
        first = after.numbers.index(run[0])
        if first and after.numbers[first - 1] == self._last:
            run.insert(0, after.numbers[first - 1])
        self._runs.update(zip(run, run[1:], strict=False))
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
                elif number in came and typed_in(character):
                    waiting.append(character)
            for one in waiting:
                watched.places[one] = _Place(left, len(watched.index))

    def _as_the_desk_sees_it(self) -> Characters:
        text = self.desk.text.text
        return next(past for past in reversed(self.editor.past) if past.text == text)


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
