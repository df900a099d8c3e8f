"""Which part of a scope the user selected, where the scope is more than that.

In whole lines: half of a line could be half of a secret, which nothing would know for one.
"""

from lsp_server.prompt.sections import section
from lsp_server.text.lines import Text
from lsp_server.text.span import Span

__all__ = ["lines_of_part", "marked", "part"]


def marked(document: str, scope: Span, selection: Span) -> Span | None:
    """What of a scope is told as the selection, from the scope's start on; None for nothing.

    All in code points; the two are places in `document`. A bare cursor is told by its place, but
    not in the scope's first line: there it means all of it.
    """
    code = scope.text(document)
    start = min(max(selection.start - scope.start, 0), len(code))
    end = min(max(selection.end - scope.start, start), len(code))
    inside = code[start:end]
    if not inside.strip():
        text = Text(code)
        line = text.line_of(start)
        place = text.line_span(line)
        told = line > 0 and selection.empty and place.text(code).strip()
        return Span(place.start, place.start) if told else None
    start += len(inside) - len(inside.lstrip())
    lines = lines_of_part(code, Span(start, start + len(inside.strip())))
    return None if lines.text(code).strip() == code.strip() else lines


def lines_of_part(code: str, place: Span) -> Span:
    """The whole lines of the scope that a part of it is in, without the end of the last one."""
    text = Text(code)
    first, last = text.line_of(place.start), text.line_of(place.end)
    return Span(text.line_span(first).start, text.line_span(last).end)


def part(document: str, scope: Span, selected: Span | None, lead: str, language: str) -> str:
    """The section that says what of the scope was selected; "" for none. `lead` is the indentation
    of the scope's first line."""
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
