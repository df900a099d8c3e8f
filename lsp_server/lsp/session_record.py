"""Everything that the language server keeps about one session, in one record.

`Driver.begin` creates the record. The driver drops it when the session has ended, when it could not
begin, and when its document closes. Nothing else is kept by session id, except open streams.
"""

from dataclasses import dataclass, field

from lsp_server.lsp.convert import Json
from lsp_server.lsp.journal import Journal
from lsp_server.lsp.progress import Progress
from lsp_server.lsp.redaction import Redaction
from lsp_server.lsp.secret_search import SecretSearches
from lsp_server.lsp.timing import Alarm
from lsp_server.session.machine import Phase
from lsp_server.text.span import Span


@dataclass(slots=True)
class NotificationState:
    """What the editor was last sent about a session."""

    phase: Phase | None = None
    hunk_count: int = -1
    sent_at: float = float("-inf")
    """When the last notification left, in milliseconds."""
    alarm: Alarm | None = None
    """Set while a notification is due."""
    body: Json | None = None
    """The last `midstream/session`."""
    shown: tuple[int, str] | None = None
    """The attempt and the sentence of the last popup."""
    progress: Progress | None = None


@dataclass(slots=True)
class SessionRecord:
    """One session as the language server sees it; the session itself is in `DocumentEdits`."""

    id: str
    scope_kind: str = ""
    """The grammar's name for the scope; "" for a session that was recovered."""
    diagnostics: tuple[str, ...] = ()
    """What the editor reports as wrong in the scope."""
    selection: Span | None = None
    """What the user selected, in the editor's text, kept up to date with its changes."""
    redaction: Redaction = field(default_factory=Redaction)
    searches: SecretSearches = field(default_factory=SecretSearches)
    notified: NotificationState = field(default_factory=NotificationState)
    journal: Journal | None = None
    journaled: bool = False
    """Whether a journal was begun. It may be None all the same: the disk may refuse it."""

    def close(self) -> None:
        """Cancel the notification that is due and remove a journal that nobody took over."""
        if self.notified.alarm is not None:
            self.notified.alarm.cancel()
            self.notified.alarm = None
        if (journal := self.take_journal()) is not None:
            journal.drop()

    def take_journal(self) -> Journal | None:
        """The journal, for the caller to drop or to leave behind; the record has none any more."""
        journal, self.journal = self.journal, None
        return journal
