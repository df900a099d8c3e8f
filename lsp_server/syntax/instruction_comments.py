"""Instructions in the code: a comment `ms: <instruction>`.

Such a comment is about the unit below it, or about the unit around it if it follows code on its
line or is the last thing in its block. The comment is part of the scope: the edit removes it, and a
revert brings it back.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from lsp_server.errors import TooCostly
from lsp_server.syntax.indentation import IndentedLines
from lsp_server.syntax.languages import Language
from lsp_server.syntax.nodes import LINES, Unit, blank, trim, union
from lsp_server.syntax.scope import PARSE_LIMIT, Scope, ScopeLevel
from lsp_server.syntax.tree import DocumentTree
from lsp_server.syntax.units import Units
from lsp_server.text.lines import Text
from lsp_server.text.span import Span

__all__ = ["InstructionComment", "InstructionTooLong", "instruction_comment"]

LONGEST = 10_000
"""Code points of a comment with an instruction, its marks included. A longer one is not read."""
_LONGEST_OPENER = 200
"""Code points from the start of a comment to its `ms:`, in all languages."""
_MOST_MARKS = 200
"""How many `ms:` are tried; most are words in a text."""
TOO_LONG = (
    f"This `ms:` comment has more than {LONGEST:,} characters and isn't read. Shorten it, "
    "or select the code and enter the instruction."
)

_MARK = re.compile("[mM](?<!\\w[mM])[sSſ]:")
"""`ms:` in any case; that it begins with a letter takes a fifth of the time."""
_OPENER = re.compile(r"[^\w\s\"'`]+")
"""What may be between the start of a comment and `ms:`: marks, no words and no quotes."""
_OPENERS = re.compile(
    r"(?<!\S)(?:#+|//+|--+|;+|%+|/\*+|<!--+|\(\*+|\{-+|--\[=*\[|rem|')$", re.IGNORECASE
)
"""How a comment opens in languages without a grammar, at the end of the text before `ms:`."""
_CLOSERS = (("/*", "*/"), ("<!--", "-->"), ("(*", "*)"), ("{-", "-}"))
"""What ends a comment that begins so; the first that fits counts."""
_LINE_MARKS = re.compile(r"^[ \t]*(?:#+|//+[!/]?|--+|;+|%+|\*+(?!/))?[ \t]?")
_LOOK_ABOVE = 40
"""How many lines above the cursor an instruction may begin and still reach it."""


@dataclass(frozen=True, slots=True)
class InstructionComment:
    """A comment that tells the model what to do."""

    instruction: str
    """Its text on one line, without comment marks. Never empty."""
    comment: Span
    """What is removed with the comment: its whole lines with their line end if it has them to
    itself, otherwise the comment and the white space between it and the code."""
    scope: Scope
    """What the instruction is about, the comment included."""

    def rest(self, text: str) -> str:
        """The scope's text without the comment; `text` is the whole document.

        As if the comment had never been there: the text after it starts where the comment started,
        and no blank line or trailing blank stays in its place.
        """
        scope = self.scope.span
        start, end = max(self.comment.start, scope.start), min(self.comment.end, scope.end)
        if start == scope.start:
            end += len(text[end : scope.end]) - len(text[end : scope.end].lstrip())
        if end == scope.end:
            start -= len(text[scope.start : start]) - len(text[scope.start : start].rstrip())
        return text[scope.start : start] + text[end : scope.end]


@dataclass(frozen=True, slots=True)
class InstructionTooLong:
    """The result for a comment that is too long to be read."""

    sentence: str = TOO_LONG


def instruction_comment(
    text: str, selection: Span, language: Language | None, tree: DocumentTree | None = None
) -> InstructionComment | InstructionTooLong | None:
    """The first instruction in a comment on the lines that `selection` touches.

    An instruction continues in the next line comments if they are indented more than its `ms:`, so
    a doc comment below is never a part of it. Never raises. Takes time in proportion to the text;
    `LONGEST` and `_MOST_MARKS` bound the rest.
    """
    if _MARK.search(text) is None:
        return None
    try:
        return _instruction(text, selection, _units(text, language, tree))
    except TooCostly:
        return _instruction(text, selection, None)


def _instruction(
    text: str, selection: Span, units: Units | None
) -> InstructionComment | InstructionTooLong | None:
    """The same, with the units of the text or by its lines."""
    lines = Text(text)
    start, end = min(selection.start, len(text)), min(selection.end, len(text))
    first, last = lines.line_of(start), lines.line_of(end)
    if end > start and lines.line_span(last).start == end:
        last -= 1  # A selection of whole lines ends where the next line starts.
    place = Span(lines.line_span(max(first - _LOOK_ABOVE, 0)).start, lines.line_span(last).end)
    for mark in islice(_MARK.finditer(text, place.start, place.end), _MOST_MARKS):
        found = _read(text, lines, units, Span(mark.start(), mark.end()))
        if found is None or found.last < first:
            continue
        if found.instruction is None:
            return InstructionTooLong()
        if found.instruction:
            return InstructionComment(
                found.instruction,
                _lines_of_comment(text, lines, found.span),
                _scope(text, lines, units, found),
            )
    return None


@dataclass(frozen=True, slots=True)
class _Comment:
    """A comment that holds an instruction."""

    instruction: str | None
    """None of one that is too long."""
    span: Span
    last: int
    """The line on which it ends."""
    unit: Unit | None
    """Where it is in the tree, if there is one."""


def _units(text: str, language: Language | None, tree: DocumentTree | None) -> Units | None:
    """The units of the text, if there is a grammar for it."""
    if tree is None or tree.text != text:
        if language is None or len(text) > PARSE_LIMIT:
            return None
        tree = DocumentTree(language, text)
    return Units(tree) if tree.readable else None


def _read(text: str, lines: Text, units: Units | None, mark: Span) -> _Comment | None:
    """The comment whose first words are the `ms:` at `mark`."""
    unit = None if units is None else units.comment_at(mark.start)
    if units is None:
        comment_span = _in_plain_text(text, lines, mark)
    else:
        comment_span = None if unit is None else _in_grammar(text, unit.span, mark)
    if comment_span is None:
        return None
    closer = _closer_of(text[comment_span.start : mark.start])
    words = [_before(closer, text[mark.end : min(comment_span.end, mark.end + LONGEST)])]
    for more in _continued(text, lines, units, comment_span, mark) if closer is None else ():
        comment_span = Span(comment_span.start, more.end)
        if comment_span.length > LONGEST:
            break
        words.append(more.text(text))
    last = lines.line_of(comment_span.end)
    if comment_span.length > LONGEST:
        return _Comment(None, comment_span, last, None)
    comment_lines = [line for part in words for line in re.split(r"[\r\n]+", part)]
    instruction = " ".join(" ".join(_without_mark(line) for line in comment_lines).split())
    if units is not None and unit is not None:
        unit = (
            unit if comment_span.end <= unit.span.end else Unit(comment_span, unit.kind, unit.way)
        )
        comment_span = union(comment_span, units.wrapped(unit).span)
    return _Comment(instruction, comment_span, last, unit)


def _in_grammar(text: str, comment: Span, mark: Span) -> Span | None:
    """The comment that the grammar found, if `ms:` is the first word in it."""
    if mark.start - comment.start > _LONGEST_OPENER:
        return None
    before = text[comment.start : mark.start]
    return comment if before.strip() and not _OPENER.sub("", before).strip() else None


def _in_plain_text(text: str, lines: Text, mark: Span) -> Span | None:
    """What looks like a comment that begins with `ms:`, up to the end of its line."""
    line = lines.line_span(lines.line_of(mark.start))
    before = Span(max(line.start, mark.start - _LONGEST_OPENER), mark.start)
    opener = _OPENERS.search(text, before.start, before.start + len(before.text(text).rstrip()))
    return None if opener is None else Span(opener.start(), trim(text, line).end)


def _closer_of(opener: str) -> str | None:
    """What ends a comment that begins with `opener`; None if the end of the line does."""
    if long_bracket := re.search(r"--\[(=*)\[", opener):
        return f"]{long_bracket[1]}]"
    return next((end for start, end in _CLOSERS if start in opener), None)


def _before(closer: str | None, words: str) -> str:
    """The words of a comment without its end."""
    if closer is None:
        return words
    before_closer = words.partition(closer)[0]
    return before_closer.rstrip("*") if closer == "*/" else before_closer


def _without_mark(line: str) -> str:
    """A line of a comment without the marks that it begins with."""
    found = _LINE_MARKS.match(line)
    return line if found is None else line[found.end() :]


def _continued(
    text: str, lines: Text, units: Units | None, comment: Span, mark: Span
) -> Iterator[Span]:
    """The line comments right below, as long as their words are indented more than `ms:`."""
    line = lines.line_of(comment.start)
    if lines.line_of(comment.end) != line:
        return
    margin = mark.start - comment.start
    opener = text[comment.start : mark.start].rstrip()
    if not opener or not blank(text[lines.line_span(line).start : comment.start]):
        return
    for below in range(line + 1, lines.line_count):
        content = trim(text, lines.line_span(below))
        if not text.startswith(opener, content.start, content.end):
            return
        words = trim(text, Span(content.start + len(opener), content.end))
        if words.empty or words.start - content.start <= margin:
            return
        if units is not None and units.comment_at(content.start) is None:
            return
        yield content


def _lines_of_comment(text: str, lines: Text, comment: Span) -> Span:
    """What is removed with the comment."""
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
        return Scope(span, unit.kind, ScopeLevel.SMALLEST)
    indented = IndentedLines(text)
    line = lines.line_span(lines.line_of(comment.span.start))
    if not blank(text[line.start : comment.span.start]):
        return Scope(indented.statement(comment.span), LINES, ScopeLevel.SMALLEST)
    below = trim(text, Span(comment.span.end, len(text)))
    if not below.empty and indented.indent_at(below.start) >= indented.indent_at(line.start):
        unit_below = indented.statement(Span(below.start, below.start + 1))
        if unit_below.start == below.start:
            return Scope(union(comment.span, unit_below), LINES, ScopeLevel.SMALLEST)
    around = indented.enclosing(comment.span) or trim(text, Span(0, len(text)))
    return Scope(union(around, comment.span), LINES, ScopeLevel.SMALLEST)
