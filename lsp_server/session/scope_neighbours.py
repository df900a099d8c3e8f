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


def stand(
    session_entry: ScopeNeighbours, session_entries: Iterable[ScopeNeighbours], text: str
) -> None:
    """Tell the session how its scope stands in `text`; what the user typed next door is held.

    Only what stands at the edge: from anything else the line of the other scope parts it.
    """
    span = session_entry.span
    others = [other for other in session_entries if other is not session_entry]
    edges = replace(
        edges_of(text, span.start, span.end),
        held_start=any(o.span.end == span.start and _ends_typed(o.session) for o in others),
        held_end=any(o.span.start == span.end and _begins_typed(o.session) for o in others),
    )
    session_entry.session.scope_writer.stands(edges)


def _begins_typed(session: Session) -> bool:
    """Whether the scope begins with what the user typed, but for blanks."""
    attribution = session.scope_writer.attribution
    first = len(attribution.view) - len(attribution.view.lstrip(_BLANKS))
    return any(span.start <= first and span.end > 0 for span in attribution.typed)


def _ends_typed(session: Session) -> bool:
    """Whether the scope ends with what the user typed, but for blanks."""
    attribution = session.scope_writer.attribution
    return any(span.end >= len(attribution.view.rstrip(_BLANKS)) for span in attribution.typed)
