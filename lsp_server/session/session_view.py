"""What clients see of a session: one value, made on request."""

from dataclasses import dataclass

from lsp_server.edit.diff import minimal_churn
from lsp_server.edit.hunks import Hunk, HunkState
from lsp_server.edit.reply.repairs import counted
from lsp_server.session.effects import Level
from lsp_server.session.import_offers import ImportHunk
from lsp_server.session.ledger import Answerer
from lsp_server.session.machine import Phase, Session, SessionOutcome
from lsp_server.text.span import Span

# Longer texts (code points) are not compared for `charsMinimal`, which takes quadratic time.
_FAR = 60_000


@dataclass(frozen=True, slots=True)
class HeldText:
    """Text that came and is not shown, and where it would be in the document."""

    offset: int
    text: str
    level: str = ""
    """The level of the scope for which it can be read, where it is more than the scope."""


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session at one moment. Spans and offsets are in code points of the document.

    `hunks` are against the scope: add `scope.start`.
    """

    id: str
    phase: Phase
    outcome: SessionOutcome | None
    attempt: int
    instruction: str
    profile: str
    scope: Span
    hunks: tuple[Hunk, ...]
    held: HeldText | None
    answerer: Answerer
    message: tuple[Level, str] | None
    tokens: int
    tokens_per_second: float | None
    reading: tuple[int, int] | None = None
    """How many tokens of the prompt were read, and how many there are, until the first delta."""
    loading: bool = False
    """Whether the server is loading the model."""
    imports: tuple[ImportHunk, ...] = ()
    """Imports outside of the scope, in code points of the document."""

    @property
    def offers(self) -> tuple[ImportHunk, ...]:
        """The imports that are not written."""
        return tuple(one for one in self.imports if one.state is HunkState.OFFERED)


def view_of(session: Session, scope: Span, imports: tuple[ImportHunk, ...] = ()) -> SessionView:
    """The session as it is now; `scope` is where its scope is in the document."""
    attempt = session.attempt
    held = attempt.held_text() if session.phase is not Phase.ENDED else ""
    shadow_copy, attribution = session.scope_writer.shadow_copy, session.scope_writer.attribution
    deleted = scope.empty and bool(attribution.view)
    level = attempt.wider_level if attempt.is_held else ""
    return SessionView(
        id=session.id,
        phase=session.phase,
        outcome=session.outcome,
        attempt=attempt.number,
        instruction=attempt.request.instruction,
        profile=attempt.request.profile,
        scope=scope,
        hunks=() if deleted else attribution.hunks(),
        held=HeldText(scope.start + shadow_copy.shown_at(shadow_copy.frontier), held, level)
        if held
        else None,
        answerer=session.ledger.answerer(attempt.number),
        message=session.message,
        tokens=session.ledger.tokens,
        tokens_per_second=session.ledger.tokens_per_second,
        reading=session.ledger.reading if session.phase is Phase.STARTING else None,
        loading=session.ledger.loading and session.phase is Phase.STARTING,
        imports=imports,
    )


def ledger_of(session: Session) -> dict[str, object]:
    """The session's ledger, with the smallest number of changed characters as `charsMinimal`."""
    attribution = session.scope_writer.attribution
    near = len(attribution.base) + len(attribution.view) <= _FAR
    figures = session.ledger.as_json(
        minimal_churn(attribution.base, attribution.view) if near else None
    )
    return {**figures, "mended": counted(attempt.repairs for attempt in session.attempts)}
