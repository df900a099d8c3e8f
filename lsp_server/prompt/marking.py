"""The part of a scope that the user selected, if the scope is more than that.

In whole lines: half a line could be half a secret, which the search for secrets would not find.
"""

from lsp_server.prompt.sections import section
from lsp_server.text.lines import Text
from lsp_server.text.span import Span

__all__ = ["lines_of_part", "lines_to_mark", "selection_section"]


def lines_to_mark(document: str, scope: Span, selection: Span) -> Span | None:
    """What to send as the selection, counted from the scope's start; None for nothing.

    All in code points; `scope` and `selection` are places in `document`. A cursor without a
    selection is an empty span, unless it is in the scope's first line: there it means all of it.
    """
    code = scope.text(document)
    start = min(max(selection.start - scope.start, 0), len(code))
    end = min(max(selection.end - scope.start, start), len(code))
    inside = code[start:end]
    if not inside.strip():
        text = Text(code)
        line = text.line_of(start)
        place = text.line_span(line)
        is_cursor = line > 0 and selection.empty and place.text(code).strip()
        return Span(place.start, place.start) if is_cursor else None
    start += len(inside) - len(inside.lstrip())
    lines = lines_of_part(code, Span(start, start + len(inside.strip())))
    return None if lines.text(code).strip() == code.strip() else lines


def lines_of_part(code: str, place: Span) -> Span:
    """The whole lines of the scope that hold a part of it, without the last line end."""
    text = Text(code)
    first, last = text.line_of(place.start), text.line_of(place.end)
    return Span(text.line_span(first).start, text.line_span(last).end)


def selection_section(
    document: str, scope: Span, selected: Span | None, lead: str, language: str
) -> str:
    """The section that shows what was selected of the scope; "" for none.

    `lead` is the indentation of the scope's first line.
    """
    if selected is None:
        return ""
    code = scope.text(document)
    lines, text = lines_of_part(code, selected), Text(code)
    words = (lead if not lines.start else "") + lines.text(code)
    above = Text(document).line_of(scope.start) + 1
    first, last = (above + text.line_of(place) for place in (lines.start, lines.end))
    if selected.empty:
        return section("cursor", words, rest=f", line {first}", language=language)
    return section("part", words, rest=f", lines {first}-{last}", language=language)
