"""The one edit of a document that is neither landed nor refused yet, and how long it may take."""

from dataclasses import dataclass, field

from lsp_server.session.effects import ApplyEdit
from lsp_server.session.match_echo import EchoMatch, match_echo
from lsp_server.text.changes import ChangeSet

__all__ = ["ANSWER_BOUND_MS", "REFUSAL_BOUND_MS", "UNREPORTED", "EditInFlight"]

# How long (milliseconds) an editor may take to answer an edit. If it answers "applied" and reports
# no change for this long, the user gets a message and we go on waiting: Vim with vim-lsp reports
# nothing while its user does nothing. Others report within 500 (measured: Neovim 150, eglot 500
# when idle).
ANSWER_BOUND_MS = 10_000.0
UNREPORTED = (
    "Your editor hasn't reported Midstream's last edit. Type something in the file, or "
    "undo the edit."
)
# How long (milliseconds) a refusal waits for the change that explains it before it is final.
REFUSAL_BOUND_MS = 2_000.0


@dataclass(slots=True)
class EditInFlight:
    """An edit that the editor was asked for at `sent_at` (ms), and what the editor said since.

    `parts` are each session's changes in it, against its scope. The session `imports_of` ("" for
    none) changes the document outside of the scopes by `imports`; `scopes` are all parts together.
    Both are against the text before. `reported` are the changes that the editor has reported
    meanwhile, in order.
    """

    sent: ApplyEdit
    parts: dict[str, ChangeSet]
    sent_at: float
    imports_of: str
    imports: ChangeSet
    scopes: ChangeSet
    answered_at: float | None = None
    applied: bool = False
    reason: str | None = None
    reported: list[ChangeSet] = field(default_factory=list)
    user_knows: bool = False
    """Whether the user saw the message that the report is missing."""
    ending_at: float | None = None
    """Since when (ms) the user has wanted its sessions to end."""

    @property
    def sessions(self) -> frozenset[str]:
        """The sessions that write something with it."""
        return frozenset((*self.parts, *((self.imports_of,) if self.imports_of else ())))

    @property
    def beside(self) -> ChangeSet:
        """The changes outside of the scopes, against the text after the parts."""
        return self.imports.over(self.scopes, first=True)

    @property
    def scopes_after(self) -> ChangeSet:
        """The parts together, against the text after the changes outside of the scopes."""
        return self.scopes.over(self.imports, first=False)

    def answered(self, edit: int, applied: bool, reason: str | None, now: float) -> bool:
        """The editor answered. Returns whether this is the first answer to this edit."""
        if edit != self.sent.edit or self.answered_at is not None:
            return False
        self.answered_at, self.applied, self.reason = now, applied, reason
        return True

    def verdict(self, before: str) -> EchoMatch | None:
        """Whether it landed in the text `before`; None while that is not certain."""
        if self.answered_at is None or not self.reported:
            return None
        if not self.applied:
            return EchoMatch(False, tuple(self.reported))
        return match_echo(before, self.sent.changes, self.reported)

    def report_is_missing(self, now: float) -> bool:
        """Whether the editor said "applied" long ago and has reported no change; true once.

        The report may still come, so we go on waiting.
        """
        if self.user_knows or not self.applied or now - self.sent_at <= ANSWER_BOUND_MS:
            return False
        self.user_knows = True
        return True

    def reason_to_give_up(self, now: float, line: int, *, ending: bool) -> str | None:
        """Why to give it up, as a sentence for the user; None while we go on waiting.

        `line` (from 1) is where it begins. `ending`: the user wants its sessions to end.
        """
        if not ending:
            self.ending_at = None
        elif self.ending_at is None:
            self.ending_at = now
        if self.applied:
            late = now - self.sent_at > ANSWER_BOUND_MS
            if not late or self.ending_at is None or now - self.ending_at <= REFUSAL_BOUND_MS:
                return None
            return (
                f"Your editor never reported the edit at line {line}, so Midstream has ended it. "
                "Undo removes it."
            )
        if self.answered_at is not None:
            if now - self.answered_at <= REFUSAL_BOUND_MS:
                return None
            reason = f" ({self.reason})" if self.reason else ""
            return (
                f"Your editor refused to change this document{reason}. Is it read-only, or closed? "
                "Nothing more was written."
            )
        if now - self.sent_at <= ANSWER_BOUND_MS:
            return None
        return (
            f"Your editor didn't answer the edit at line {line}, so Midstream has ended it. Undo "
            "removes it."
        )
