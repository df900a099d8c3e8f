"""Instructions that stand in the code: a comment `ms: <instruction>`.

Such a comment says what is to be done to the unit below it; or around it, when it stands behind
code on the same line or is the last thing in its block. The comment itself is part of the scope,
so that the edit takes it away and a revert brings it back.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lsp_server.syntax.indentation import IndentedLines
from lsp_server.syntax.languages import Language
from lsp_server.syntax.nodes import LINES, Unit, blank, trim, union
from lsp_server.syntax.scope import PARSE_LIMIT, PLAIN, Rung, Scope
from lsp_server.syntax.tree import DocumentTree
from lsp_server.syntax.units import Units
from lsp_server.text.lines import Text
from lsp_server.text.span import Span

__all__ = ["InstructionComment", "instruction_comment"]

_MARK = re.compile(r"\bms:", re.IGNORECASE)
_OPENER = re.compile(r"[^\w\s\"'`]+")
"""What may stand between the start of a comment and `ms:`: marks, no words and no quotes."""
_OPENERS = re.compile(
    r"(?:^|\s)(?:#+|//+|--+|;+|%+|/\*+|<!--+|\(\*+|\{-+|--\[=*\[|rem|')\s*$", re.IGNORECASE
)
"""How a comment opens in languages without a grammar, at the end of what stands before `ms:`."""
_CLOSER = re.compile(r"\s*(?:\*+/|-->|\]=*\]|\*\)|-\})\s*$|\s*(?:\*+/|-->|\*\)|-\}).*$", re.DOTALL)
_LINE_MARKS = re.compile(r"^[ \t]*(?:#+|//+[!/]?|--+|;+|%+|\*+(?!/))?[ \t]?")
_LOOK_ABOVE = 40
"""How many lines above the cursor an instruction may begin and still reach it."""


@dataclass(frozen=True, slots=True)
class InstructionComment:
    """A comment that tells the model what to do."""

    instruction: str
    """What it says, on one line, without comment marks. Never empty."""
    comment: Span
    """What goes when the comment goes: its whole lines with their line end where it has them to
    itself, else the comment and the white space between it and the code."""
    scope: Scope
    """What the instruction is about, the comment included."""

    def rest(self, text: str) -> str:
        """What of the scope is left without the comment; `text` is the whole document.

        As if the comment had never been there: what follows starts where the comment started,
        and no blank line or blank end is left in its place.
        """
        scope = self.scope.span
        start, end = max(self.comment.start, scope.start), min(self.comment.end, scope.end)
        if start == scope.start:
            end += len(text[end : scope.end]) - len(text[end : scope.end].lstrip())
        if end == scope.end:
            start -= len(text[scope.start : start]) - len(text[scope.start : start].rstrip())
        return text[scope.start : start] + text[end : scope.end]


def instruction_comment(
    text: str, selection: Span, language: Language | None, tree: DocumentTree | None = None
) -> InstructionComment | None:
    """The first instruction in a comment on the lines that `selection` touches.

    An instruction may go on in the next line comments, if they are indented more than its `ms:`;
    so a doc comment below one is never taken for a part of it. Never raises.
    """
    if _MARK.search(text) is None:
        return None
    lines = Text(text)
    start, end = min(selection.start, len(text)), min(selection.end, len(text))
    first, last = lines.line_of(start), lines.line_of(end)
    if end > start and lines.line_span(last).start == end:
        last -= 1  # A selection of whole lines ends where the next line starts.
    units = _units(text, language, tree)
    place = Span(lines.line_span(max(first - _LOOK_ABOVE, 0)).start, lines.line_span(last).end)
    for mark in _MARK.finditer(text, place.start, place.end):
        found = _read(text, lines, units, Span(mark.start(), mark.end()))
        if found is not None and found.last >= first and found.instruction:
            return InstructionComment(
                found.instruction,
                _lines_of_comment(text, lines, found.span),
                _scope(text, lines, units, found),
            )
    return None


@dataclass(frozen=True, slots=True)
class _Comment:
    """A comment that holds an instruction."""

    instruction: str
    span: Span
    last: int
    """The line on which it ends."""
    unit: Unit | None
    """Where it is in the tree, if there is one."""


def _units(text: str, language: Language | None, tree: DocumentTree | None) -> Units | None:
    """The units of the text, if there is a grammar for it."""
    if tree is not None and tree.text == text:
        return Units(tree)
    if language is None or not language.available or len(text) > PARSE_LIMIT:
        return None
    return Units(DocumentTree(language, text))


def _read(text: str, lines: Text, units: Units | None, mark: Span) -> _Comment | None:
    """The comment whose first words are the `ms:` at `mark`."""
    unit = None
    if units is not None:
        unit = units.comment_at(mark.start)
        if unit is None:
            return None
        start, end = unit.span.start, unit.span.end
        before = text[start : mark.start]
        if _OPENER.sub("", before).strip() or not before.strip():
            return None
    else:
        line = lines.line_span(lines.line_of(mark.start))
        opener = _OPENERS.search(text[line.start : mark.start])
        if opener is None:
            return None
        start = trim(text, Span(line.start + opener.start(), mark.start)).start
        end = trim(text, line).end
    words = [_CLOSER.sub("", text[mark.end : end])]
    for more in _continued(text, lines, units, Span(start, end), mark):
        words.append(more.text(text))
        end = more.end
    if unit is not None and end > unit.span.end:
        unit = Unit(Span(start, end), unit.kind, unit.way)
    said = [line for part in words for line in re.split(r"[\r\n]+", part)]
    instruction = " ".join(" ".join(_LINE_MARKS.sub("", line) for line in said).split())
    whole = Span(start, end)
    if units is not None and unit is not None:
        whole = union(whole, units.wrapped(unit).span)
    return _Comment(instruction, whole, lines.line_of(end), unit)


def _continued(
    text: str, lines: Text, units: Units | None, comment: Span, mark: Span
) -> Iterator[Span]:
    """The line comments right below, as long as their words are indented more than `ms:`."""
    line = lines.line_of(comment.start)
    if lines.line_of(comment.end) != line or _CLOSER.search(comment.text(text)):
        return
    margin = mark.start - comment.start
    opener = text[comment.start : mark.start].rstrip()
    if not opener or not blank(text[lines.line_span(line).start : comment.start]):
        return
    for below in range(line + 1, lines.line_count):
        content = trim(text, lines.line_span(below))
        if not content.text(text).startswith(opener):
            return
        words = trim(text, Span(content.start + len(opener), content.end))
        if words.empty or words.start - content.start <= margin:
            return
        if units is not None and units.comment_at(content.start) is None:
            return
        yield content


def _lines_of_comment(text: str, lines: Text, comment: Span) -> Span:
    """What goes when the comment goes."""
    first = lines.line_span(lines.line_of(comment.start))
    last_line = lines.line_of(comment.end)
    last = lines.line_span(last_line)
    before = trim(text, Span(first.start, comment.start))
    after = trim(text, Span(comment.end, last.end))
    if before.empty and after.empty:
        return Span(first.start, lines.line_span(last_line, with_end=True).end)
    if after.empty:
        return Span(before.end, comment.end)
    return Span(comment.start, after.start)


def _scope(text: str, lines: Text, units: Units | None, comment: _Comment) -> Scope:
    """What the instruction is about, with the comment."""
    if units is not None and comment.unit is not None:
        unit = units.addressed(comment.unit)
        span = union(unit.span, comment.span)
        return Scope(span, unit.kind, units.tree.language.id, Rung.SMALLEST)
    indented = IndentedLines(text)
    line = lines.line_span(lines.line_of(comment.span.start))
    if not blank(text[line.start : comment.span.start]):
        return Scope(indented.statement(comment.span), LINES, PLAIN, Rung.SMALLEST)
    below = trim(text, Span(comment.span.end, len(text)))
    if not below.empty and indented.indent_at(below.start) >= indented.indent_at(line.start):
        unit_below = indented.statement(Span(below.start, below.start + 1))
        if unit_below.start == below.start:
            return Scope(union(comment.span, unit_below), LINES, PLAIN, Rung.SMALLEST)
    around = indented.enclosing(comment.span) or trim(text, Span(0, len(text)))
    return Scope(union(around, comment.span), LINES, PLAIN, Rung.SMALLEST)
