"""Everything that the language server keeps about one session, in one record.

`Driver.begin` creates the record. The driver drops it when the session has ended, when it could not
begin, and when its document closes. Nothing else is kept by session id, except open streams.
"""

from dataclasses import dataclass, field

from lsp_server.context.named_files import NamedFile
from lsp_server.lsp.convert import Json
from lsp_server.lsp.journal import Journal
from lsp_server.lsp.progress import Progress
from lsp_server.lsp.redaction import Redaction
from lsp_server.lsp.secret_search import SecretSearches
from lsp_server.lsp.timing import Alarm
from lsp_server.prompt.pieces import ContextPiece, SentPiece
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
class SessionContext:
    """What one session's prompts hold beside its scope."""

    named: tuple[NamedFile, ...] = ()
    """What the command names."""
    refused: tuple[str, ...] = ()
    """Sentences about what it names and cannot be sent."""
    left_out: tuple[str, ...] = ()
    """URIs of files that the prompts must not hold."""
    found: tuple[ContextPiece, ...] = ()
    """What was found for the first attempt."""
    pieces: tuple[ContextPiece, ...] | None = None
    """What the first attempt sent of it; None until its prompt is written."""
    pieces_later: tuple[ContextPiece, ...] = ()
    """What the instructions of redirects name."""
    texts: tuple[str, ...] = ()
    """Texts of files to be searched for secrets that a piece holds only in part."""
    said: set[str] = field(default_factory=set)
    """The sentences that the user has read about pieces that are not sent."""
    sent: tuple[SentPiece, ...] = ()
    """What the latest prompt holds."""
    listed: tuple[tuple[SentPiece, ...], list[Json]] | None = None
    """The same as clients see it, and of which `sent` that was made."""


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
    context: SessionContext = field(default_factory=SessionContext)
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
