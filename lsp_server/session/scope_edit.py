"""One edit of one scope that has left its session and is not confirmed yet."""

from dataclasses import dataclass

from lsp_server.edit.align import Candidate
from lsp_server.edit.hunks import Attribution
from lsp_server.edit.shadow_copy import ProtectedSpan, ShadowCopy, ShadowWrite
from lsp_server.edit.user_lines import keeping_lines
from lsp_server.session.settle_target import SettleTarget
from lsp_server.text.changes import Change, ChangeSet
from lsp_server.text.span import Span

__all__ = ["ScopeEdit", "alters"]


@dataclass(frozen=True, slots=True)
class ScopeEdit:
    """Changes of a scope, and how to record them once the editor holds them.

    `changes` are against the scope's text. `attempt` is the number of the attempt that they are of.
    `write` is set when they come from the answer; recording them then moves the shadow copy.
    `candidate` is the state of the answer that they lead to, unset for an answer of an earlier
    attempt. With a `settle_target` nothing is left to write for it once this has landed.
    `taking_back` are the ids of the hunks that this takes back, `offer` is the id of the withheld
    hunk that it shows. `wanted_and_extra` is set where `changes` hold more than was wanted, to keep
    the user's lines apart: what was wanted, and what came on top of it.
    """

    changes: ChangeSet
    attempt: int
    write: ShadowWrite | None = None
    candidate: Candidate | None = None
    settle_target: SettleTarget | None = None
    taking_back: tuple[str, ...] = ()
    offer: str | None = None
    wanted_and_extra: tuple[ChangeSet, ChangeSet] | None = None

    @classmethod
    def for_user(
        cls,
        attribution: Attribution,
        changes: ChangeSet,
        attempt: int,
        taking_back: tuple[str, ...],
        offer: str | None,
    ) -> "ScopeEdit":
        """An edit that the user asked for (revert, offer, earlier result), not one of the answer.

        It leaves the user's lines alone.
        """
        kept, extra = keeping_lines(changes, attribution.view, attribution.typed, attribution.edges)
        both = (changes, extra) if extra else None
        return cls(kept, attempt, taking_back=taking_back, offer=offer, wanted_and_extra=both)

    @classmethod
    def from_answer(
        cls, attribution: Attribution, write: ShadowWrite, attempt: int, candidate: Candidate
    ) -> "ScopeEdit":
        """An edit of the answer. It spares the user's lines beside the scope; the shadow copy has
        spared those inside."""
        kept, extra = keeping_lines(write.shown, attribution.view, (), attribution.edges)
        both = (write.shown, extra) if extra else None
        return cls(kept, attempt, write, candidate, wanted_and_extra=both)

    def recorded_in_copy(self, shadow_copy: ShadowCopy) -> ShadowCopy:
        """The shadow copy once the editor holds this."""
        if self.write is None:
            return shadow_copy.took_back(self.changes)
        shadow_copy = shadow_copy.landed(self.write)
        if self.wanted_and_extra is None:
            return shadow_copy
        return shadow_copy.took_back(self.wanted_and_extra[1])

    def recorded_in_attribution(self, attribution: Attribution) -> Attribution:
        """The attribution once the editor holds this; what the user's lines needed is theirs.

        Two exceptions. A line end that an answer needs at the edge of the scope is the model's: the
        answer left out the one that was there, and reverting the answer brings that one back. And
        model text that is shown elsewhere because of a line of the user's stays the model's.
        """
        if self.wanted_and_extra is None or self.write is not None or self._moves_model_text:
            return attribution.written(self.changes)
        wanted, extra = self.wanted_and_extra
        return attribution.written(wanted).typed_in(extra)

    @property
    def _moves_model_text(self) -> bool:
        """Whether model text that is shown again goes elsewhere because of a line of the user's."""
        shows = self.offer is not None or self.settle_target is SettleTarget.RESULT
        return shows and self.wanted_and_extra is not None and self.wanted_and_extra[1].deleted > 0


def alters(change: Change, span: Span) -> bool:
    """Whether the change alters that piece of a text.

    A change beside the piece does not, except where the piece is empty and the change is at it.
    """
    at_gap = span.empty and change.start <= span.start <= change.end
    return at_gap or ProtectedSpan(span, whole_lines=False).forbids(change, "")
