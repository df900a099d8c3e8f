"""The one edit of a document that the editor has not yet settled: what came of it, and for how long
it is waited for.
"""

from dataclasses import dataclass, field

from lsp_server.session.claim import Claim, claim
from lsp_server.session.inputs import EditAnswered
from lsp_server.text.changes import ChangeSet

__all__ = ["ANSWER_BOUND_MS", "REFUSAL_BOUND_MS", "Flight"]

# How long (milliseconds) an editor may take to answer an edit and to report it. Editors that
# delay their reports do so by up to 500 (measured: Neovim 150, eglot 500 when idle).
ANSWER_BOUND_MS = 10_000.0
# How long (milliseconds) a refusal waits for the change that explains it, before it is final.
REFUSAL_BOUND_MS = 2_000.0


@dataclass(slots=True)
class Flight:
    """An edit that has been asked for at `sent_at` (ms), and what the editor said of it since.

    `parts` are each session's share of it, against its scope; `came` are the changes that the
    editor has reported meanwhile, in order.
    """

    edit: int
    changes: ChangeSet
    parts: dict[str, ChangeSet]
    sent_at: float
    answered_at: float | None = None
    applied: bool = False
    reason: str | None = None
    came: list[ChangeSet] = field(default_factory=list)

    def answered(self, event: EditAnswered, now: float) -> bool:
        """The editor's answer; says whether it is one to this edit, and the first."""
        if event.edit != self.edit or self.answered_at is not None:
            return False
        self.answered_at, self.applied, self.reason = now, event.applied, event.reason
        return True

    def verdict(self, before: str) -> Claim | None:
        """What became of it in the text `before`; `None` while what has come does not decide it."""
        if self.answered_at is None or not self.came:
            return None
        if not self.applied:
            return Claim(False, tuple(self.came))
        return claim(before, self.changes, self.came)

    def overdue(self, now: float) -> str | None:
        """Why it is given up, in a sentence for the user; `None` while it is still waited for."""
        if self.answered_at is not None and not self.applied:
            if now - self.answered_at <= REFUSAL_BOUND_MS:
                return None
            reason = f" ({self.reason})" if self.reason else ""
            return (
                f"The editor refuses to change this document{reason}. "
                "Is it read-only, or closed? Nothing more was written."
            )
        if now - self.sent_at <= ANSWER_BOUND_MS:
            return None
        return (
            f"The editor did not settle an edit within {ANSWER_BOUND_MS / 1000:.0f} seconds, "
            "so this session has ended. What is in the file stays."
        )
