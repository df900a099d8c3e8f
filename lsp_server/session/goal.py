"""What a session that settles still has to write, and what it has asked the editor for.

Plain values: the pen works with them, the machine and the commands say which goal it is.
"""

from dataclasses import dataclass
from enum import Enum

from lsp_server.edit.align import Cut
from lsp_server.edit.mirror import Owned, Write
from lsp_server.text.changes import Change, ChangeSet
from lsp_server.text.span import Span

__all__ = ["Goal", "InFlight", "alters"]


class Goal(Enum):
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
    hunks that it takes back, `offer` is the withheld one that it shows.
    """

    changes: ChangeSet
    attempt: int
    write: Write | None = None
    cut: Cut | None = None
    goal: Goal | None = None
    taking_back: tuple[str, ...] = ()
    offer: str | None = None


def alters(change: Change, span: Span) -> bool:
    """Whether the change alters that piece of a text; what is beside it does not, but at a gap."""
    at_gap = span.empty and change.start <= span.start <= change.end
    return at_gap or Owned(span, whole_lines=False).forbids(change, "")
