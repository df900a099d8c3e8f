"""How a scope stands in the lines of its document, and beside the scopes of other sessions."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from lsp_server.edit.line_joins import edges_of
from lsp_server.session.machine import Session
from lsp_server.text.span import Span

_BLANKS = " \t"


class ScopeNeighbours(Protocol):
    """A session, and where its scope is in the document."""

    session: Session
    span: Span


def stand(seat: ScopeNeighbours, seats: Iterable[ScopeNeighbours], text: str) -> None:
    """Tell the session how its scope stands in `text`; what the user typed next door is held.

    Only what stands at the edge: from anything else the line of the other scope parts it.
    """
    span = seat.span
    others = [other for other in seats if other is not seat]
    edges = replace(
        edges_of(text, span.start, span.end),
        held_start=any(o.span.end == span.start and _ends_typed(o.session) for o in others),
        held_end=any(o.span.start == span.end and _begins_typed(o.session) for o in others),
    )
    seat.session.pen.stands(edges)


def _begins_typed(session: Session) -> bool:
    """Whether the scope begins with what the user typed, but for blanks."""
    account = session.pen.account
    first = len(account.view) - len(account.view.lstrip(_BLANKS))
    return any(span.start <= first and span.end > 0 for span in account.typed)


def _ends_typed(session: Session) -> bool:
    """Whether the scope ends with what the user typed, but for blanks."""
    account = session.pen.account
    return any(span.end >= len(account.view.rstrip(_BLANKS)) for span in account.typed)
