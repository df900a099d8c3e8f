"""Which piece of a document an edit may change: the smallest unit that covers the selection.

`find_scope` finds the scope of one level, `scopes_by_level` those of all. The rules, with a case
for each, are in `fixtures/scopes/README.md`. `units.py` and `node_rules.py` define what a unit is
in a language; this module knows only levels.

A scope starts at its unit's first character and never includes the line end after it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from tree_sitter import Node

from lsp_server.errors import TooCostly
from lsp_server.syntax.embedded_languages import foreign_around
from lsp_server.syntax.indentation import IndentedLines
from lsp_server.syntax.languages import Language
from lsp_server.syntax.merge_conflicts import holds_mark
from lsp_server.syntax.nodes import LINES, SIBLINGS, Unit, blank, trim, union
from lsp_server.syntax.tree import DocumentTree, TreeStep
from lsp_server.syntax.units import Units
from lsp_server.text.lines import Text
from lsp_server.text.span import Span

__all__ = ["INSERTION", "PARSE_LIMIT", "Scope", "ScopeLevel", "find_scope", "scopes_by_level"]

INSERTION = "insertion"
"""The kind of a scope on a blank line: an empty span, behind the line's white space."""

PARSE_LIMIT = 8_000_000
"""Texts of more code points are read by lines: parsing them takes over a second (measured)."""

_CLOSING = ",;)]}"
"""A bare cursor before one of these means what is on its other side, if anything."""

_WORD = re.compile(r"\w+")
_LONGEST_WORD = 200
"""Code points on either side of a place that are looked at for the ends of a word."""


class ScopeLevel(StrEnum):
    """How much a scope covers, from little to much; the values are those of the protocol."""

    SELECTION = "selection"
    SMALLEST = "smallest"
    STATEMENT = "statement"
    BLOCK = "block"
    FUNCTION = "function"
    CLASS = "class"
    FILE = "file"


_LEVELS = (
    ScopeLevel.SMALLEST,
    ScopeLevel.STATEMENT,
    ScopeLevel.BLOCK,
    ScopeLevel.FUNCTION,
    ScopeLevel.CLASS,
    ScopeLevel.FILE,
)


@dataclass(frozen=True, slots=True)
class Scope:
    """A piece of a document that an edit may change."""

    span: Span
    """In code points; without white space at its ends."""
    kind: str
    """The grammar's name for the unit, or `siblings`, `lines`, `insertion`, `selection`."""
    level: ScopeLevel
    """The level that was requested."""


def find_scope(
    text: str,
    selection: Span,
    language: Language | None,
    level: ScopeLevel = ScopeLevel.SMALLEST,
    tree: DocumentTree | None = None,
) -> Scope:
    """The scope of `selection` (code points; empty for a bare cursor) at one level.

    A level that does not exist takes the next larger one. A `tree` of the same text saves a parse.
    Never raises: a selection that reaches beyond the text is cut.
    """
    return _found(text, selection, language, tree, (level,))[0]


def scopes_by_level(
    text: str, selection: Span, language: Language | None, tree: DocumentTree | None = None
) -> tuple[Scope, ...]:
    """The scopes of `selection` from `smallest` to `file`; each lies within the next.

    Only an insertion point may lie outside of the next level: at the end of a file, for example.
    """
    return _found(text, selection, language, tree, _LEVELS)


def _found(
    text: str,
    selection: Span,
    language: Language | None,
    tree: DocumentTree | None,
    levels: tuple[ScopeLevel, ...],
) -> tuple[Scope, ...]:
    """The scope at each of these levels; by lines where the syntax takes too long to read."""
    place = _within(text, selection)
    try:
        finder = _finder(text, language, tree)
        return tuple(finder.find(place, level) for level in levels)
    except TooCostly:
        by_lines = _ByLines(text)
        return tuple(by_lines.find(place, level) for level in levels)


def _within(text: str, selection: Span) -> Span:
    """`selection`, cut to the text."""
    return Span(min(selection.start, len(text)), min(selection.end, len(text)))


def _finder(
    text: str, language: Language | None, tree: DocumentTree | None
) -> "_BySyntax | _ByLines":
    """Finds scopes in `text` by its syntax, or by its lines where there is no grammar."""
    if tree is None or tree.text != text:
        if language is None or len(text) > PARSE_LIMIT:
            return _ByLines(text)
        tree = DocumentTree(language, text)
    return _BySyntax(tree) if tree.readable else _ByLines(text)


# -- where the selection is ----------------------------------------------------------------------


def _touched(text: str, lines: Text, selection: Span) -> Span:
    """What a selection means: its own text, one character for a bare cursor, or a blank line.

    A selection of nothing but white space is a bare cursor at its start. A bare cursor means the
    character right behind it; before white space, a separator or closing bracket, or at the end of
    a line the one in front of it; in the indentation the first of the line. On a blank line the
    span is empty, behind the line's white space.
    """
    bare = trim(text, selection)
    if not bare.empty:
        return bare
    line = lines.line_span(lines.line_of(selection.start))
    content = trim(text, line)
    if content.empty:
        return Span(line.end, line.end)
    at = min(max(selection.start, content.start), content.end)
    if at == content.end or blank(text[at]):
        at = trim(text, Span(content.start, at)).end - 1
    elif text[at] in _CLOSING and at > content.start and not blank(text[at - 1]):
        at -= 1
    return Span(at, at + 1)


def _whole_words(text: str, selection: Span) -> Span:
    """`selection` with the rest of the words that its ends cut."""
    start, end = selection.start, selection.end
    for place in (start, end):
        before = _WORD.match(text[max(place - _LONGEST_WORD, 0) : place][::-1])
        after = _WORD.match(text, place, place + _LONGEST_WORD)
        if before is not None and after is not None:
            start, end = min(start, place - before.end()), max(end, after.end())
    return Span(start, end)


def _whole_file(text: str, place: Span) -> Span:
    """All of the text but the white space at its ends; `place` when there is nothing else."""
    everything = trim(text, Span(0, len(text)))
    return place if everything.empty else everything


# -- by syntax -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Found:
    """A scope on its way up the levels."""

    span: Span
    kind: str
    way: tuple[TreeStep, ...]
    """From the root down to the unit, or to the node that holds it."""


class _BySyntax:
    """Finds scopes in a document that has a tree."""

    def __init__(self, tree: DocumentTree) -> None:
        self._units = Units(tree)
        self._text = tree.text
        self._pieces: dict[tuple[int, int], _BySyntax | _ByLines] = {}

    def find(self, selection: Span, level: ScopeLevel) -> Scope:
        """The scope of `selection` at one level."""
        place = _touched(self._text, self._units.lines, selection)
        if level is ScopeLevel.SELECTION and not trim(self._text, selection).empty:
            return Scope(self._selected(place), "selection", level)
        if level is not ScopeLevel.FILE:
            within = self._within(selection, place, level)
            if within is not None:
                return within
        found = self._smallest(selection, place)
        if level not in (ScopeLevel.SELECTION, ScopeLevel.SMALLEST):
            found = self._climb(found, level)
        return Scope(found.span, found.kind, level)

    def _within(self, selection: Span, place: Span, level: ScopeLevel) -> Scope | None:
        """The scope in a piece of another language, if the place lies in one."""
        tree = self._units.tree
        way = self._units.way(place)
        first, last = tree.byte_of(place.start), tree.byte_of(place.end)
        piece = foreign_around(tree, way[-1].node, first, last)
        if piece is None or self._units.sound(way) < len(way):
            return None
        start, end = tree.offset_of(piece.start), tree.offset_of(piece.end)
        if (start, end) not in self._pieces:
            text = self._text[start:end]
            self._pieces[start, end] = _finder(text, piece.language, None)
        first = min(max(selection.start - start, 0), end - start)
        last = min(max(selection.end - start, first), end - start)
        scope = self._pieces[start, end].find(Span(first, last), level)
        if scope.span.empty and scope.kind != INSERTION:
            return None
        return replace(scope, span=scope.span.shift(start))

    def _smallest(self, selection: Span, place: Span) -> _Found:
        """The smallest unit."""
        if place.empty:
            return self._insertion(place)
        bare = trim(self._text, selection).empty
        unit = self._units.at(place.start) if bare else self._units.covering(place)
        if self._is_conflict(unit):
            way = self._units.way(place)
            lines = IndentedLines(self._text)
            span = lines.statement(place) if bare else lines.selected(place)
            return _Found(span, LINES, way[: max(self._units.sound(way), 1)])
        if self._is_all(unit, place):
            unit = self._units.by_lines(place, self._units.way(place), bare=bare)
        return _Found(unit.span, unit.kind, unit.way)

    def _is_conflict(self, unit: Unit) -> bool:
        """Whether the unit holds a line that git wrote around two versions."""
        return "<<<<<<<" in self._text and holds_mark(unit.span.text(self._text))

    def _is_all(self, unit: Unit, place: Span) -> bool:
        """Whether the unit is the whole file, though the place is only a piece of it."""
        if len(unit.way) > 1 or unit.kind in (LINES, SIBLINGS):
            return False
        if place == trim(self._text, Span(0, len(self._text))):
            return False
        line_of = self._units.lines.line_of
        return line_of(unit.span.start) != line_of(unit.span.end)

    def _insertion(self, place: Span) -> _Found:
        """An empty scope on a blank line, or the statement whose token the blank line is in."""
        way = self._units.way(place)
        way = way[: max(self._units.sound(way), 1)]
        token = self._units.token_around(way, place.start)
        if token is None:
            return _Found(place, INSERTION, way)
        unit = self._units.at(token.start)
        return _Found(union(unit.span, token), unit.kind, unit.way)

    def _selected(self, selection: Span) -> Span:
        """The selection itself: no token cut, but prose (a token with blanks) only at words."""
        span = _whole_words(self._text, selection)
        for place in (span.start, span.end - 1):
            token = self._units.token(place)
            if not any(character.isspace() for character in token.text(self._text)):
                span = union(span, token)
        return span

    def _climb(self, smallest: _Found, level: ScopeLevel) -> _Found:
        """The unit of a higher level around the smallest one."""
        statement = self._statement(smallest)
        if level is ScopeLevel.STATEMENT:
            return statement
        found = statement
        for index, reached in self._levels(statement):
            if _LEVELS.index(reached) >= _LEVELS.index(level):
                return self._reached(found, statement.way, index)
        return found

    def _statement(self, smallest: _Found) -> _Found:
        """The statement around the smallest unit."""
        if smallest.kind in (INSERTION, LINES):
            return smallest
        unit = self._units.enclosing_statement(Unit(smallest.span, smallest.kind, smallest.way))
        return _Found(union(unit.span, smallest.span), unit.kind, unit.way)

    def _levels(self, statement: _Found) -> Iterator[tuple[int, ScopeLevel]]:
        """The steps to a statement that are a level, from the innermost out to the file.

        A statement is not its own block, even where it is one.
        """
        way = statement.way
        for index in range(len(way) - 1, 0, -1):
            reached = self._level_of(way[index].node)
            if reached is None or self._units.carried(way, index):
                continue
            own = index == len(way) - 1 and way[index].node.type == statement.kind
            if not (own and reached is ScopeLevel.BLOCK):
                yield index, reached
        yield 0, ScopeLevel.FILE

    def _level_of(self, node: Node) -> ScopeLevel | None:
        """The level of a node, by itself or by what it carries."""
        rules = self._units.rules
        for inner in self._units.carried_by(node):
            if inner.type in rules.classes:
                return ScopeLevel.CLASS
            if inner.type in rules.functions:
                return ScopeLevel.FUNCTION
        return ScopeLevel.BLOCK if self._units.is_block(node) else None

    def _reached(self, below: _Found, way: tuple[TreeStep, ...], index: int) -> _Found:
        """The unit at `way[index]`, never smaller than the level below."""
        node = way[index].node
        if index == 0:
            kind = LINES if node.is_error else node.type
            return _Found(_whole_file(self._text, below.span), kind, way[:1])
        unit = self._units.complete_at(way[: index + 1])
        span = unit.span if below.kind == INSERTION else union(unit.span, below.span)
        return _Found(span, node.type, unit.way)


# -- by lines ------------------------------------------------------------------------------------


class _ByLines:
    """Finds scopes in a document without a tree."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._indented = IndentedLines(text)
        self._known: dict[tuple[Span, bool], list[Span]] = {}

    def find(self, selection: Span, level: ScopeLevel) -> Scope:
        """The scope of `selection` at one level."""
        bare = trim(self._text, selection).empty
        place = _touched(self._text, self._indented.lines, selection)
        if level is ScopeLevel.SELECTION and not bare:
            span = _whole_words(self._text, place)
            return Scope(span, "selection", level)
        if (place, bare) not in self._known:
            self._known[place, bare] = list(self._spans(place, bare=bare))
        spans = self._known[place, bare]
        index = 0 if level is ScopeLevel.SELECTION else _LEVELS.index(level)
        kind = INSERTION if place.empty and index < 2 else LINES
        return Scope(spans[index], kind, level)

    def _spans(self, place: Span, *, bare: bool) -> Iterator[Span]:
        """The spans of all levels, each around the one before."""
        lines = self._indented
        if place.empty:
            yield from (place, place)
            yield from (_whole_file(self._text, place),) * 4
            return
        statement = lines.statement(place)
        smallest = statement if bare else lines.selected(place)
        block = union(statement, lines.block(place))
        whole = _whole_file(self._text, block)
        outermost = lines.outermost(place)
        enclosing = lines.enclosing(place)
        climbing = [smallest, statement, block, enclosing or outermost or whole, outermost or whole]
        span = smallest
        for wider in (*climbing, whole):
            span = union(span, wider)
            yield span
