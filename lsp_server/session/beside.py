"""How a scope stands in the lines of its document, and beside the scopes of other sessions."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from lsp_server.edit.apart import edges_of
from lsp_server.session.machine import Session
from lsp_server.text.span import Span


class Seated(Protocol):
    """A session, and where its scope is in the document."""

    session: Session
    span: Span


def stand(seat: Seated, seats: Iterable[Seated], text: str) -> None:
    """Tell the session how its scope stands in `text`; what the user typed next door is held."""
    span = seat.span
    typed = [other.span for other in seats if other.session.pen.account.typed]
    others = [other for other in typed if other is not span]
    edges = replace(
        edges_of(text, span.start, span.end),
        held_start=any(other.end == span.start for other in others),
        held_end=any(other.start == span.end for other in others),
    )
    seat.session.pen.stands(edges)
