"""An editor without a screen: holds a document, takes edits, types, undoes, reports.

It behaves as the real ones do (measured on VS Code, Neovim, eglot and lsp-mode): an edit against an
old version is refused in one of four ways, the report of a change may come before or after the
answer, late, or together with others, and some send whole documents.
"""

from collections import deque
from dataclasses import dataclass

from lsp_server.session.desk import DocumentChanged, EditAnswered
from lsp_server.session.effects import ApplyEdit
from lsp_server.text.changes import Change, ChangeSet


@dataclass(frozen=True, slots=True)
class Manners:
    """How this editor behaves."""

    answers_first: bool = False  # The answer to an edit comes before the report of it.
    lies: bool = False  # Says "applied" of an edit that it dropped, as Neovim does.
    whole_documents: bool = False  # Reports each change as the whole new text.
    batches: bool = False  # Puts all waiting changes into one notification.


class FakeEditor:
    """One open document. `text` and `version` are the truth."""

    def __init__(self, text: str, manners: Manners) -> None:
        self.text = text
        self.version = 1
        self.manners = manners
        self.asked: deque[ApplyEdit] = deque()
        self.outbox: deque[DocumentChanged | EditAnswered] = deque()
        self.applied: list[tuple[str, ChangeSet]] = []  # Text before, change: only edits asked for.
        self._undo: list[ChangeSet] = []
        self._redo: list[ChangeSet] = []

    # -- what it is asked --

    def take(self, *, refuse: bool = False) -> bool:
        """Look at the oldest edit that was asked for. Returns whether it was applied."""
        edit = self.asked.popleft()
        stale = edit.version != self.version
        if refuse or stale:
            told = self.manners.lies and stale and not refuse
            self.outbox.append(EditAnswered(edit.edit, told, None if told else "stale"))
            return False
        answer = EditAnswered(edit.edit, True)
        self.applied.append((self.text, edit.changes))
        if self.manners.answers_first:
            self.outbox.append(answer)
        self._change(edit.changes)
        if not self.manners.answers_first:
            self.outbox.append(answer)
        return True

    # -- what its user does --

    def type(self, start: int, end: int, text: str) -> ChangeSet:
        """Replace `[start, end)` (code points) by `text`."""
        changes = ChangeSet.of(len(self.text), [Change(start, end, text)])
        if changes:
            self._change(changes)
        return changes

    def undo(self) -> bool:
        """Take back the last change, whoever made it."""
        return self._step(self._undo, self._redo)

    def redo(self) -> bool:
        """Give back what was undone last."""
        return self._step(self._redo, self._undo)

    # -- what it says --

    def report(self) -> DocumentChanged | EditAnswered | None:
        """The next thing that it tells the server."""
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

    def _change(self, changes: ChangeSet, *, forget_redo: bool = True) -> None:
        before = self.text
        self.text = changes.apply(before)
        self.version += 1
        if forget_redo:
            self._undo.append(changes.invert(before))
            self._redo.clear()
        if self.manners.whole_documents:
            changes = ChangeSet.replace(before, self.text)
        self.outbox.append(DocumentChanged(self.version, (changes,)))

    def _step(self, source: list[ChangeSet], target: list[ChangeSet]) -> bool:
        if not source:
            return False
        changes = source.pop()
        target.append(changes.invert(self.text))
        self._change(changes, forget_redo=False)
        return True
