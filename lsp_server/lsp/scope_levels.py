"""The ladder of a session: its scope on other rungs, and which of them takes in what is above.

Knows the document and what the user had selected in it; what a rung is, `syntax.scope` knows.
"""

from typing import TYPE_CHECKING

from lsp_server.session.machine import Session
from lsp_server.syntax.nodes import LINES
from lsp_server.syntax.scope import Scope, ScopeLevel, find_scope
from lsp_server.text.lines import Text

if TYPE_CHECKING:
    from lsp_server.lsp.driver import Driver

_WIDER = (
    ScopeLevel.STATEMENT,
    ScopeLevel.BLOCK,
    ScopeLevel.FUNCTION,
    ScopeLevel.CLASS,
    ScopeLevel.FILE,
)


def level_of(driver: "Driver", session: Session, level: ScopeLevel) -> Scope:
    """Another rung of the ladder that a session's scope is on.

    It is that of the user's selection; of the scope itself where that has changed too much.
    """
    text, now = driver.document_edits.text.text, driver.document_edits.span_of(session.id)
    places = [now] if level is ScopeLevel.SMALLEST else [driver.selection(session.id, now), now]
    found = [find_scope(text, place, driver.language, level, driver.tree()) for place in places]
    fits = (s for s in found if s.span.contains(now) or now.contains(s.span))
    return next(fits, found[-1])


def level_above(driver: "Driver", session: Session, lines: int) -> str:
    """The lowest level of the ladder that takes in so many lines above a session's scope.

    Where a function or class is no more than that, it is called so.
    """
    text, now = driver.document_edits.text, driver.document_edits.span_of(session.id)
    top = max(text.line_of(now.start) - lines, 0)
    ladder = [(level, level_of(driver, session, level)) for level in _WIDER]
    file = ladder[-1][1].kind  # What a rung takes that does not exist; by lines all are of a kind.
    found = [
        (level, scope.span)
        for level, scope in ladder
        if (level is ScopeLevel.FILE or scope.kind != file or file == LINES)
        and scope.span != now
        and scope.span.contains(now)
        and _begins_by(text, scope.span.start, top)
    ]
    if not found:
        return ""
    first, lowest = found[0]
    named = (
        r for r, span in found if span == lowest and r in (ScopeLevel.FUNCTION, ScopeLevel.CLASS)
    )
    return next(named, first).value


def _begins_by(text: Text, start: int, line: int) -> bool:
    """Whether what begins there takes in the whole line."""
    own = text.line_of(start)
    lead = text.text[text.line_span(own).start : start]
    return own < line or (own == line and not lead.strip())
