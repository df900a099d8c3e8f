"""What a session that settles still has to write, and what it has asked the editor for.

Plain values: the pen works with them, the machine and the commands say which goal it is.
"""

from dataclasses import dataclass
from enum import Enum

from lsp_server.edit.align import Candidate
from lsp_server.edit.hunks import Attribution
from lsp_server.edit.shadow_copy import PendingWrite, ProtectedSpan, ShadowCopy
from lsp_server.edit.user_lines import keeping_lines
from lsp_server.text.changes import Change, ChangeSet
from lsp_server.text.span import Span

__all__ = ["InFlight", "SettleTarget", "alters"]


class SettleTarget(Enum):
    """What a session that settles still has to write."""

    ANSWER = "all of the answer that may be shown"
    NOTHING = "nothing: only an edit in flight is waited for"
    RAW = "everything that came"
    VALID = "the newest state that parses"
    BASE = "what would be there without the model"
    RESULT = "the result of an earlier attempt"


@dataclass(frozen=True, slots=True)
class InFlight:
    """A proposal whose fate is not known yet, and how to book it when it lands.

    `write` is set when it comes from the answer (it then moves the model's private copy), `cut`
    when that answer is the present attempt's. `attempt` is the number of the attempt it is of. When
    one with a `goal` has landed, nothing is left to write for that goal. `taking_back` are the
    hunks that it takes back, `offer` is the withheld one that it shows. `bare` is set where more is
    written than was to be, so that lines of the user's stay apart: what was to be, and what more.
    """

    changes: ChangeSet
    attempt: int
    write: PendingWrite | None = None
    cut: Candidate | None = None
    settle_target: SettleTarget | None = None
    taking_back: tuple[str, ...] = ()
    offer: str | None = None
    bare: tuple[ChangeSet, ChangeSet] | None = None

    @classmethod
    def plain(
        cls,
        attribution: Attribution,
        changes: ChangeSet,
        attempt: int,
        taking_back: tuple[str, ...],
        offer: str | None,
    ) -> "InFlight":
        """A write that is not the answer's: `changes` as they leave the user's lines alone."""
        kept, more = keeping_lines(changes, attribution.view, attribution.typed, attribution.edges)
        bare = (changes, more) if more else None
        return cls(kept, attempt, taking_back=taking_back, offer=offer, bare=bare)

    @classmethod
    def answering(
        cls, attribution: Attribution, write: PendingWrite, attempt: int, cut: Candidate
    ) -> "InFlight":
        """A write of the answer's. It knows the user's lines in the scope, not those beside it."""
        kept, more = keeping_lines(write.shown, attribution.view, (), attribution.edges)
        return cls(kept, attempt, write, cut, bare=(write.shown, more) if more else None)

    def mirrored(self, shadow_copy: ShadowCopy) -> ShadowCopy:
        """The mirror when that is written."""
        if self.write is None:
            return shadow_copy.took_back(self.changes)
        shadow_copy = shadow_copy.landed(self.write)
        return shadow_copy if self.bare is None else shadow_copy.took_back(self.bare[1])

    def booked(self, attribution: Attribution) -> Attribution:
        """The account when that is written; what was needed for the user's lines is theirs.

        But a line end that a write of the answer's needs at the edge is ours: the answer left out
        the one that stood there, and who takes the answer back has that one again. And what is
        shown of the model's stays ours where it goes elsewhere for such a line.
        """
        if self.bare is None or self.write is not None or self._moves_ours:
            return attribution.written(self.changes)
        written, more = self.bare
        return attribution.written(written).typed_in(more)

    @property
    def _moves_ours(self) -> bool:
        """Whether what is shown of the model's text goes elsewhere for a line of the user's."""
        shows = self.offer is not None or self.settle_target is SettleTarget.RESULT
        return shows and self.bare is not None and self.bare[1].deleted > 0


def alters(change: Change, span: Span) -> bool:
    """Whether the change alters that piece of a text; what is beside it does not, but at a gap."""
    at_gap = span.empty and change.start <= span.start <= change.end
    return at_gap or ProtectedSpan(span, whole_lines=False).forbids(change, "")
