"""What a session cost: counts and times, kept while it runs and read at its end.

All times are milliseconds of the clock whose readings the events bring along. Which moment is
meant by each figure stands in `docs/protocol.md`, "Ledger".
"""

from collections.abc import Sequence
from dataclasses import dataclass, field


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of `values` lie, by nearest rank."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def spread(values: Sequence[float]) -> dict[str, float] | None:
    """The median and the 95th percentile; `None` when nothing was measured."""
    if not values:
        return None
    return {"p50": round(percentile(values, 0.5), 3), "p95": round(percentile(values, 0.95), 3)}


@dataclass(slots=True)
class Ledger:
    """The running account of a session's times, edits and tokens."""

    command_at: float
    request_to_wire: float | None = None
    first_token: float | None = None
    first_edit: float | None = None
    cancel: float | None = None
    redirect: float | None = None
    tokens: int = 0
    edits: int = 0
    refused: int = 0
    chars_inserted: int = 0
    chars_deleted: int = 0
    held: list[float] = field(default_factory=list)
    round_trips: list[float] = field(default_factory=list)
    frame_to_edit: list[float] = field(default_factory=list)
    streamed_ms: float = 0.0
    redirected_at: float | None = None
    cancelled_at: float | None = None

    def wired(self, now: float) -> None:
        """`response.create` has been written."""
        if self.redirected_at is not None:
            self.redirect, self.redirected_at = now - self.redirected_at, None
        elif self.request_to_wire is None:
            self.request_to_wire = now - self.command_at

    def token(self, now: float, since_last: float) -> None:
        """A delta has come, `since_last` milliseconds after the one before (0 for the first)."""
        self.tokens += 1
        self.streamed_ms += since_last
        if self.first_token is None:
            self.first_token = now - self.command_at

    def landed(self, now: float, inserted: int, deleted: int) -> None:
        """An edit is in the document; `inserted` and `deleted` are code points."""
        self.edits += 1
        self.chars_inserted += inserted
        self.chars_deleted += deleted
        if self.first_edit is None:
            self.first_edit = now - self.command_at

    @property
    def tokens_per_second(self) -> float | None:
        """The rate at which deltas came while they came."""
        if self.streamed_ms <= 0 or self.tokens < 2:
            return None
        return (self.tokens - 1) * 1000 / self.streamed_ms

    def as_json(self, chars_minimal: int | None) -> dict[str, object]:
        """The ledger as the contract shows it; what was not measured is `None`."""

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
            "charsInserted": self.chars_inserted,
            "charsDeleted": self.chars_deleted,
            "charsMinimal": chars_minimal,
            "cancel": ms(self.cancel),
            "redirect": ms(self.redirect),
        }
