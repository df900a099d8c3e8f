"""A session's scope at other levels, and the lowest level that takes in given lines above it."""

from dataclasses import dataclass

from lsp_server.syntax.languages import Language
from lsp_server.syntax.nodes import LINES
from lsp_server.syntax.scope import Scope, ScopeLevel, find_scope
from lsp_server.syntax.tree import DocumentTree
from lsp_server.text.lines import Text
from lsp_server.text.span import Span

_WIDER = (
    ScopeLevel.STATEMENT,
    ScopeLevel.BLOCK,
    ScopeLevel.FUNCTION,
    ScopeLevel.CLASS,
    ScopeLevel.FILE,
)


@dataclass(frozen=True, slots=True)
class ScopeInDocument:
    """Where a session's scope is in its document, and what the user selected for it."""

    text: Text
    scope: Span
    selection: Span
    language: Language | None
    tree: DocumentTree | None

    def at(self, level: ScopeLevel) -> Scope:
        """The scope at another level.

        It is found from the user's selection; from the scope itself if the result would neither
        contain the scope nor lie in it.
        """
        smallest = level is ScopeLevel.SMALLEST
        places = [self.scope] if smallest else [self.selection, self.scope]
        found = [
            find_scope(self.text.text, place, self.language, level, self.tree) for place in places
        ]
        fits = (s for s in found if s.span.contains(self.scope) or self.scope.contains(s.span))
        return next(fits, found[-1])

    def level_above(self, lines: int) -> str:
        """The lowest level that takes in so many lines above the scope; "" if there is none.

        If a function or a class has the same extent as that level, its level is the answer.
        """
        text, scope = self.text, self.scope
        top = max(text.line_of(scope.start) - lines, 0)
        levels = [(level, self.at(level)) for level in _WIDER]
        # A level that does not exist here is found as the file. By lines all are of one kind.
        file_kind = levels[-1][1].kind
        found = [
            (level, wider.span)
            for level, wider in levels
            if (level is ScopeLevel.FILE or wider.kind != file_kind or file_kind == LINES)
            and wider.span != scope
            and wider.span.contains(scope)
            and _takes_in_line(text, wider.span.start, top)
        ]
        if not found:
            return ""
        first, lowest = found[0]
        named = (
            level
            for level, span in found
            if span == lowest and level in (ScopeLevel.FUNCTION, ScopeLevel.CLASS)
        )
        return next(named, first).value


def _takes_in_line(text: Text, start: int, line: int) -> bool:
    """Whether a scope that begins at `start` takes in the whole line."""
    first_line = text.line_of(start)
    lead = text.text[text.line_span(first_line).start : start]
    return first_line < line or (first_line == line and not lead.strip())
