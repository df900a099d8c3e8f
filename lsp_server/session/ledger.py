"""What a session cost and which models answered it: recorded while it runs, read at its end.

All times are milliseconds of the clock that comes with the events. `docs/protocol.md`, "Ledger",
says what each figure measures.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of `values` lie, by nearest rank."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def spread(values: Sequence[float]) -> dict[str, float] | None:
    """The median and the 95th percentile; None if nothing was measured."""
    if not values:
        return None
    return {"p50": round(percentile(values, 0.5), 3), "p95": round(percentile(values, 0.95), 3)}


@dataclass(frozen=True, slots=True)
class Answerer:
    """Who answered an attempt, as far as known.

    `requested` is the requested model, `served` the one that the server says it served,
    `service_tier` the class of service that it says it used, `queue_ms` the milliseconds in its
    queue.
    """

    requested: str | None = None
    served: str | None = None
    service_tier: str | None = None
    queue_ms: float | None = None


def answerer_json(answerer: Answerer) -> dict[str, object]:
    """An answerer as the ledger shows it; what the server did not say is None."""
    queue = answerer.queue_ms
    return {
        "requested": answerer.requested,
        "served": answerer.served,
        "serviceTier": answerer.service_tier,
        "queueMs": None if queue is None else round(queue, 3),
    }


@dataclass(slots=True)
class Ledger:
    """Times, edits and tokens of a session so far."""

    command_at: float
    request_to_wire: float | None = None
    first_token: float | None = None
    first_edit: float | None = None
    cancel: float | None = None
    redirect: float | None = None
    tokens: int = 0
    edits: int = 0
    refused: int = 0
    unchecked: int = 0
    """How many answers were shown although the grammar does not know their syntax."""
    imports: int = 0
    """How many imports were written outside of the scope."""
    chars_inserted: int = 0
    chars_deleted: int = 0
    held: list[float] = field(default_factory=list)
    round_trips: list[float] = field(default_factory=list)
    frame_to_edit: list[float] = field(default_factory=list)
    streamed_ms: float = 0.0
    redirected_at: float | None = None
    cancelled_at: float | None = None
    answerers: dict[int, Answerer] = field(default_factory=dict)
    reading: tuple[int, int] | None = None
    """How many tokens of the prompt the model has read and how many there are, if known."""
    loading: bool = False
    """Whether the server was loading the model when it last reported."""

    def requested(self, attempt: int, model: str) -> None:
        """The attempt is about to request this model."""
        self.answerers[attempt] = Answerer(model)
        self.reading, self.loading = None, False

    def answered(
        self, attempt: int, served: str | None, service_tier: str | None, queue_ms: float | None
    ) -> None:
        """Record what the server has said so far about who answers the attempt."""
        requested = self.answerer(attempt).requested
        self.answerers[attempt] = Answerer(requested, served, service_tier, queue_ms)

    def answerer(self, attempt: int) -> Answerer:
        """Who answers the attempt."""
        return self.answerers.get(attempt, Answerer())

    def request_written(self, now: float) -> None:
        """`response.create` was written to the socket."""
        if self.redirected_at is not None:
            self.redirect, self.redirected_at = now - self.redirected_at, None
        elif self.request_to_wire is None:
            self.request_to_wire = now - self.command_at

    def token(self, now: float, since_last: float) -> None:
        """A delta came, `since_last` milliseconds after the previous one (0 for the first)."""
        self.tokens += 1
        self.streamed_ms += since_last
        if self.first_token is None:
            self.first_token = now - self.command_at

    def landed(self, now: float, inserted: int, deleted: int) -> None:
        """An edit has landed; `inserted` and `deleted` are code points."""
        self.edits += 1
        self.chars_inserted += inserted
        self.chars_deleted += deleted
        if self.first_edit is None:
            self.first_edit = now - self.command_at

    @property
    def tokens_per_second(self) -> float | None:
        """The rate of deltas between the first and the last one."""
        if self.streamed_ms <= 0 or self.tokens < 2:
            return None
        return (self.tokens - 1) * 1000 / self.streamed_ms

    def as_json(self, chars_minimal: int | None) -> dict[str, object]:
        """The ledger as `docs/protocol.md` describes it; what was not measured is None."""

        def ms(value: float | None) -> float | None:
            return None if value is None else round(value, 3)

        return {
            "requestToWire": ms(self.request_to_wire),
            "firstToken": ms(self.first_token),
            "firstEdit": ms(self.first_edit),
            "held": spread(self.held),
            "applyRoundTrip": spread(self.round_trips),
            "frameToEdit": spread(self.frame_to_edit),
            "tokens": self.tokens,
            "tokensPerSecond": ms(self.tokens_per_second),
            "edits": self.edits,
            "refused": self.refused,
            "unchecked": self.unchecked,
            "imports": self.imports,
            "charsInserted": self.chars_inserted,
            "charsDeleted": self.chars_deleted,
            "charsMinimal": chars_minimal,
            "cancel": ms(self.cancel),
            "redirect": ms(self.redirect),
            "models": [
                {"attempt": attempt, **answerer_json(answerer)}
                for attempt, answerer in sorted(self.answerers.items())
            ],
        }
