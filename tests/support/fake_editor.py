"""An editor without a screen: holds a document, takes edits, types, undoes, reports.

It behaves as the real ones do (measured on VS Code, Neovim, eglot and lsp-mode): an edit against an
old version is refused in one of four ways, the report of a change may come before or after the
answer, late, or together with others, and some send whole documents.

Unlike a real one it remembers who wrote each character, so that a test can follow one wherever it
goes.
"""

from collections import deque
from dataclasses import dataclass
from enum import Enum

from lsp_server.edit.diff import diff
from lsp_server.session.document_edits import DocumentChanged, EditAnswered
from lsp_server.session.effects import ApplyEdit
from lsp_server.text.changes import Change, ChangeSet


@dataclass(frozen=True, slots=True)
class Manners:
    """How this editor behaves."""

    answers_first: bool = False  # The answer to an edit comes before the report of it.
    lies: bool = False  # Says "applied" of an edit that it dropped, as Neovim does.
    whole_documents: bool = False  # Reports each change as the whole new text.
    batches: bool = False  # Puts all waiting changes into one notification.


class Author(Enum):
    """Who put a character into the document."""

    FILE = "the file"
    USER = "the user, or another program"
    SERVER = "an edit that the server asked for"


@dataclass(frozen=True, slots=True)
class Characters:
    """A text of which each character is known by a number of its own.

    Invariant: `text` and `numbers` are equally long, and no number is there twice.
    """

    text: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """An edit of the server's that was applied."""

    edit: ApplyEdit
    before: Characters
    after: Characters


@dataclass(frozen=True, slots=True)
class _Step:
    """The change that undoes a change, the text after that, and the author."""

    changes: ChangeSet
    after: Characters
    author: Author


class FakeEditor:
    """One open document. `text` and `version` are the truth."""

    def __init__(self, text: str, manners: Manners) -> None:
        self.now = Characters(text, tuple(range(len(text))))
        self.authors = [Author.FILE] * len(text)
        self.version = 1
        self.manners = manners
        self.asked: deque[ApplyEdit] = deque()
        self.outbox: deque[DocumentChanged | EditAnswered] = deque()
        self.past = [self.now]  # By version, from the first.
        self._undo: list[_Step] = []
        self._redo: list[_Step] = []

    @property
    def text(self) -> str:
        """What the document holds."""
        return self.now.text

    # -- what it is asked --

    def take(self, *, refuse: bool = False, silent: bool = False) -> Taken | None:
        """Look at the oldest edit that was asked for.

        Returns it when it was applied. A `silent` editor applies it and never answers.
        """
        edit = self.asked.popleft()
        stale = edit.version != self.version
        if refuse or stale:
            told = self.manners.lies and stale and not refuse
            self.outbox.append(EditAnswered(edit.edit, told, None if told else "stale"))
            return None
        answer = EditAnswered(edit.edit, True)
        before = self.now
        if self.manners.answers_first and not silent:
            self.outbox.append(answer)
        self._change(edit.changes, Author.SERVER)
        if not self.manners.answers_first and not silent:
            self.outbox.append(answer)
        return Taken(edit, before, self.now)

    # -- what its user does --

    def type(self, start: int, end: int, text: str) -> ChangeSet:
        """Replace `[start, end)` (code points) by `text`."""
        changes = ChangeSet.of(len(self.text), [Change(start, end, text)])
        if changes:
            self._change(changes, Author.USER)
        return changes

    def rewrite(self, text: str, *, whole: bool) -> None:
        """Another program changes the text: a formatter, or with `whole` a reload from disk.

        A reload is reported as one replacement of everything. Which characters are still the same
        is decided by comparing the texts: there is no other way.
        """
        fine = diff(self.text, text)
        if fine:
            everything = ChangeSet(len(self.text), (Change(0, len(self.text), text),))
            self._change(fine, Author.USER, everything if whole and self.text else None)

    def undo(self) -> Author | None:
        """Take back the last change, whoever made it. Returns whose it was."""
        return self._step(self._undo, self._redo)

    def redo(self) -> Author | None:
        """Give back what was undone last. Returns whose it was."""
        return self._step(self._redo, self._undo)

    # -- what it says --

    def report(self) -> DocumentChanged | EditAnswered | None:
        """The next report to the server."""
        if not self.outbox:
            return None
        said = self.outbox.popleft()
        while (
            self.manners.batches
            and isinstance(said, DocumentChanged)
            and self.outbox
            and isinstance(more := self.outbox[0], DocumentChanged)
        ):
            self.outbox.popleft()
            said = DocumentChanged(more.version, (*said.changes, *more.changes))
        return said

    # -- inside --

    def _change(
        self, changes: ChangeSet, author: Author, reported: ChangeSet | None = None
    ) -> None:
        before = self.now
        numbers: list[int] = []
        position = 0
        for change in changes.changes:
            numbers += before.numbers[position : change.start]
            numbers += range(len(self.authors), len(self.authors) + len(change.text))
            self.authors += [author] * len(change.text)
            position = change.end
        numbers += before.numbers[position:]
        after = Characters(changes.apply(before.text), tuple(numbers))
        self._become(after, reported or changes)
        self._undo.append(_Step(changes.invert(before.text), before, author))
        self._redo.clear()

    def _become(self, after: Characters, changes: ChangeSet) -> None:
        if self.manners.whole_documents:
            changes = ChangeSet.replace(self.text, after.text)
        self.now = after
        self.past.append(after)
        self.version += 1
        self.outbox.append(DocumentChanged(self.version, (changes,)))

    def _step(self, source: list[_Step], target: list[_Step]) -> Author | None:
        if not source:
            return None
        step = source.pop()
        target.append(_Step(step.changes.invert(self.text), self.now, step.author))
        self._become(step.after, step.changes)
        return step.author
