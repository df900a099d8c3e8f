"""What a session remembers, and the few moves that its events and its commands share.

The rules, what event leads where, are in `machine` and `commands`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from lsp_server.choices import Leave, Publish
from lsp_server.edit.definitions import DefinitionReader, NoDefinitions
from lsp_server.edit.hunks import HunkState
from lsp_server.session.attempt import Attempt
from lsp_server.session.effects import Answer, CloseStream, Effect, Level, OpenStream, Report
from lsp_server.session.ledger import Ledger
from lsp_server.session.request import EditRequest
from lsp_server.session.scope_writer import ScopeWriter
from lsp_server.session.settle_target import SettleTarget


class Phase(StrEnum):
    """Where a session is in its life; see the contract, section 4."""

    STARTING = "starting"
    STREAMING = "streaming"
    SETTLING = "settling"
    REVIEW = "review"
    ENDED = "ended"


class SessionOutcome(StrEnum):
    """How a session ended."""

    ACCEPTED = "accepted"
    REVERTED = "reverted"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Moment:
    """When an event happens and what stands around the scope at that time.

    `now` is in milliseconds; `before` and `after` are a few lines of the document; `line_end`
    gives the one that most lines of it have. `language` is the document's LSP language id; `names`
    tells the definitions of a text that takes the scope's place, `level` the level of the ladder
    that takes in so many lines above the scope; "" for none.
    """

    now: float
    before: str = ""
    after: str = ""
    line_end: Callable[[], str] = "\n".__str__
    language: str = ""
    names: Callable[[str], DefinitionReader] = NoDefinitions.of
    level: Callable[[int], str] = lambda lines: ""


@dataclass(slots=True)
class WaitingCommand:
    """A command that is answered when the session has settled, or at `until` (ms)."""

    token: int
    result: Callable[[], Mapping[str, object]]
    until: float | None = None


class SessionState:
    """One edit from the first instruction to accept or revert, without the rules.

    `goal` is what is still to be written while it settles, `after` how it ends then; with
    `ends_when_empty` it ends when nothing of the model's has landed, with `ends_when_decided` when
    no hunk is open any more.
    """

    def __init__(self, id_: str, scope: str, publish: Publish, now: float) -> None:
        self.id = id_
        self.phase = Phase.STARTING
        self.outcome: SessionOutcome | None = None
        self.original = scope
        self.publish = publish
        self.scope_writer = ScopeWriter(scope, sound=publish is Publish.SYNTAX)
        self.attempts: list[Attempt] = []
        self.endings: dict[int, str] = {}
        self.ledger = Ledger(now)
        self.message: tuple[Level, str] | None = None
        self.settle_target = SettleTarget.NOTHING
        self.after: SessionOutcome | None = None
        self.ends_when_empty = self.ends_when_decided = False
        self.left = Leave.VALID
        self.waiting: list[WaitingCommand] = []
        self.held_since: tuple[float, int] | None = None
        self.told_of_hold = False
        self.edits_alone = 0
        """How many edits have landed since the model or the user last asked for anything."""

    # -- reading it --

    @property
    def attempt(self) -> Attempt:
        """The newest attempt."""
        return self.attempts[-1]

    @property
    def live(self) -> bool:
        """Whether a stream is open."""
        return self.phase in (Phase.STARTING, Phase.STREAMING)

    @property
    def busy(self) -> bool:
        """Whether the session may still write of itself."""
        return self.live or self.phase is Phase.SETTLING

    @property
    def urgent(self) -> bool:
        """Whether the cap on edits does not hold: for the first edit of an attempt and the last."""
        return self.phase is Phase.SETTLING or not self.attempt.edits

    @property
    def wants_ticks(self) -> bool:
        """Whether time alone may change something."""
        return self.live or any(waiting.until is not None for waiting in self.waiting)

    @property
    def remaining(self) -> int:
        """How many hunks the user has still to decide."""
        return sum(h.state is not HunkState.LOCKED for h in self.scope_writer.attribution.hunks())

    # -- moves --

    def open_attempt(self, request: EditRequest, moment: Moment) -> list[Effect]:
        """A new attempt."""
        number = len(self.attempts) + 1
        self.attempts.append(self.new_attempt(number, request, moment))
        self.scope_writer.sound = self.publish is Publish.SYNTAX
        self.phase = Phase.STARTING
        self.message = None
        self.told_of_hold, self.held_since = False, None
        return [OpenStream(self.id, number, request), Report(self.id)]

    def new_attempt(self, number: int, request: EditRequest, moment: Moment) -> Attempt:
        """What reads an answer to that request."""
        return Attempt(
            number,
            request,
            self.publish,
            before=moment.before,
            after=moment.after,
            line_end=moment.line_end(),
            language=moment.language,
            names=moment.names,
        )

    def cut(self, ending: str) -> list[Effect]:
        """Close the stream that is open, if one is; remember how the attempt ended."""
        self.endings.setdefault(self.attempt.number, ending)
        if not self.live:
            return []
        self.attempt.over = True
        self.scope_writer.attribution = self.scope_writer.attribution.remembering(
            self.attempt.number
        )
        return [CloseStream(self.id, self.attempt.number)]

    def settle(self, settle_target: SettleTarget) -> list[Effect]:
        """From here on only `goal` is written."""
        self.phase = Phase.SETTLING
        self.settle_target = settle_target
        return [Report(self.id)]

    def end(self, outcome: SessionOutcome) -> list[Effect]:
        """Nothing is written any more."""
        self.phase, self.outcome = Phase.ENDED, outcome
        return [*self.answer_all(), Report(self.id)]

    def wait(self, token: int) -> None:
        """Answer this command with how many hunks are open, once all is written."""

        def result() -> Mapping[str, object]:
            over = self.phase is Phase.ENDED
            return {"session": self.id, "remaining": 0 if over else self.remaining}

        self.waiting.append(WaitingCommand(token, result))

    def what_is_left(self) -> Mapping[str, object]:
        """The answer to a cancel: what the last one leaves in the scope."""
        return {"session": self.id, "left": self.left.value}

    def answer_all(self) -> list[Effect]:
        """Answer every command that waits."""
        waiting, self.waiting = self.waiting, []
        return [Answer(w.token, w.result()) for w in waiting]
