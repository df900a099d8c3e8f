"""The units a document is made of: statements, members, expressions, and what belongs to them.

A comment belongs to the code below it or before it on its line, an attribute to a declaration, a
`;` to a statement. `scope.py` decides which unit a request is about.
"""

import re
from dataclasses import replace

from lsp_server.syntax.indentation import IndentedLines
from lsp_server.syntax.nodes import LINES, SIBLINGS, Nodes, Unit, trim, union
from lsp_server.syntax.tree import DocumentTree, TreeStep
from lsp_server.text.span import Span

__all__ = ["Units"]

_MOST_COMMENTS = 500
"""How many comments and attributes in a row are passed to find what they belong to. Each costs a
look through all of its siblings, and nobody writes more."""
_INK = re.compile(r"\S")


class Units(Nodes):
    """Finds units in one document. Never raises, whatever the text; knows no levels."""

    def __init__(self, tree: DocumentTree) -> None:
        super().__init__(tree)
        self._indented: IndentedLines | None = None

    # -- units -------------------------------------------------------------------------------

    def covering(self, selection: Span) -> Unit:
        """The smallest unit that covers `selection`, which is not empty and has no blank ends."""
        way = self._whole_tokens(self.way(selection))
        sound = self.sound(way)
        if sound < len(way) or not self._reaches(way[0].node, selection):
            return self.by_lines(selection, way, bare=False)
        unit = self._covered(way, selection)
        if unit.kind == SIBLINGS:
            return self._complete(unit)
        while len(unit.way) > 1 and unit.node.type in self.rules.attributes:
            if self.is_body(unit.way[-2].node):
                break
            unit = self._unit(unit.way[:-1])
        if self._adorns(unit.node):
            if self._is_comment(unit.node) and self.wrapped(unit).span == selection:
                return self.wrapped(unit)
            return self.adorned(unit)
        return self._terminated(self._outermost(unit))

    def at(self, place: int) -> Unit:
        """The statement or member that holds the character at `place`, which is not blank.

        With what it adorns if it adorns something, and with its own decorators and attributes.
        """
        place_span = Span(place, place + 1)
        way = self._whole_tokens(self.way(place_span))
        sound = self.sound(way)
        astray = not self._reaches(way[0].node, place_span)
        if astray or (sound < len(way) and self._stands_alone(way, sound)):
            return self.by_lines(place_span, way, bare=True)
        way = way[: max(sound, 1)]
        if self._adorns(way[-1].node) or self._wrapped_comment(way):
            return self.adorned(self._unit(way))
        return self._completed(self.statement(way, loose=True))

    def by_lines(self, place: Span, way: tuple[TreeStep, ...], *, bare: bool) -> Unit:
        """The unit by lines and indentation inside the last sound node, where the tree has none.

        `bare`: for a cursor, not for a selection.
        """
        way = way[: max(self.sound(way), 1)]
        if self._indented is None:
            self._indented = IndentedLines(self.text)
        lines = self._indented.statement(place) if bare else self._indented.selected(place)
        bounds = Span(0, len(self.text)) if len(way) == 1 else self.span(way[-1].node)
        start, end = max(lines.start, bounds.start), min(lines.end, bounds.end)
        within = union(place, trim(self.text, Span(start, max(start, end))))
        return self.whole_lines(within, way)

    def statement(self, way: tuple[TreeStep, ...], *, loose: bool = False) -> Unit:
        """The statement or member that the last step of `way` is or is part of."""
        for index in range(len(way) - 1, 0, -1):
            if self.holds_units(way, index, loose=loose) and not way[index].node.is_error:
                return self._unit(way[: index + 1])
        return self._unit(way[:1])

    def enclosing_statement(self, unit: Unit) -> Unit:
        """The statement or member that `unit` is or is part of; the unit itself in broken code."""
        if unit.kind == LINES:
            return unit
        if unit.kind == SIBLINGS and self.is_body(unit.node):
            return unit
        if len(unit.way) > 1 and self.holds_units(unit.way, len(unit.way) - 1, loose=False):
            return unit
        return self._completed(self.statement(unit.way))

    # -- what belongs together ---------------------------------------------------------------

    def adorned(self, unit: Unit) -> Unit:
        """A comment, decorator or attribute together with what it adorns.

        A comment after code on its line belongs to that code. One with lines to itself belongs,
        with its neighbours, to the code right below. Otherwise it stays alone.
        """
        unit = self.wrapped(unit)
        if self._is_comment(unit.node) and not self.starts_line(unit.span):
            return self._behind_code(unit)
        first = self.comments_above(unit)
        end = unit.span.end
        below = self.next_unit(unit, gap=False)
        if below is None:
            last = self._comments_below(unit)
            kind = unit.kind if first == last == unit.span else SIBLINGS
            way = unit.way if kind != SIBLINGS else unit.way[:-1]
            return Unit(Span(first.start, max(end, last.end)), kind, way)
        return replace(below, span=union(first, below.span))

    def next_unit(self, unit: Unit, *, gap: bool) -> Unit | None:
        """The statement or member below a comment or attribute, with its attributes, in that body.

        `gap` says whether blank lines may be in between. None at the end of a body.
        """
        place, attributes = unit.span.end, None
        for _ in range(_MOST_COMMENTS):
            found = _INK.search(self.text, place)
            if found is None:
                break
            after = found.start()
            if not gap and self.lines.line_of(after) > self.lines.line_of(place) + 1:
                break
            way = self._whole_tokens(self.way(Span(after, after + 1)))
            if self._is_comment(way[-1].node) or self._wrapped_comment(way):
                place = max(self.span(self.wrapped(self._unit(way)).node).end, after + 1)
                continue
            below = self._below(unit, after, way)
            if below is None:
                break
            whole = below if attributes is None else _from(attributes.span, below)
            if below.node.type not in self.rules.attributes:
                return whole
            unit, attributes, place, gap = below, whole, below.span.end, True
        return attributes

    def _below(self, unit: Unit, after: int, way: tuple[TreeStep, ...]) -> Unit | None:
        """The unit that starts at `after`, if it is in the same body as `unit`."""
        if self.sound(way) < len(way):
            return None
        below = self.statement(way, loose=True)
        if below.span.start != after or len(below.way) < 2:
            return None
        if not self._same_body(unit, below) and self._column(after) != self._column(
            unit.span.start
        ):
            return None
        return below if below.node.type in self.rules.attributes else self._completed(below)

    def _after_attribute(self, attribute: Unit) -> Unit:
        """An attribute before a declaration, with the declaration."""
        below = self.next_unit(attribute, gap=True)
        return attribute if below is None else _from(attribute.span, below)

    def _same_body(self, unit: Unit, below: Unit) -> bool:
        """Whether `below` is a sibling of `unit`, or the first in a body that is one.

        Many grammars put a comment above the first statement of a block before the block.
        """
        home = unit.way[-2].node if len(unit.way) > 1 else unit.node
        return home in [step.node for step in below.way[-3:-1]]

    def _column(self, place: int) -> int:
        """How many code points are before `place` on its line."""
        return place - self.lines.line_span(self.lines.line_of(place)).start

    def comment_at(self, place: int) -> Unit | None:
        """The comment that holds the character at `place`."""
        way = self._whole_tokens(self.way(Span(place, place + 1)))
        unit = self._unit(way)
        markup = unit.span.text(self.text).startswith("<!--")
        return unit if self._is_comment(way[-1].node) or markup else None

    def addressed(self, comment: Unit) -> Unit:
        """The unit that a comment with an instruction is about.

        The unit below it in the same body, even after blank lines. If there is none, and for a
        comment after code, the statement or member around it.
        """
        comment = self.wrapped(comment)
        if self.sound(comment.way) < len(comment.way):
            return self.whole_lines(comment.span, comment.way[: max(self.sound(comment.way), 1)])
        if not self.starts_line(comment.span):
            return self._behind_code(comment)
        below = self.next_unit(comment, gap=True)
        if below is not None:
            return replace(below, span=union(comment.span, below.span))
        around = self._completed(self.statement(comment.way[:-1] or comment.way, loose=True))
        return replace(around, span=union(around.span, comment.span))

    def _behind_code(self, comment: Unit) -> Unit:
        """A comment behind code on its line, with the statement that the code is part of."""
        line = self.lines.line_span(self.lines.line_of(comment.span.start))
        code = trim(self.text, Span(line.start, comment.span.start))
        unit = self.at(code.end - 1)
        return replace(unit, span=union(unit.span, comment.span))

    def comments_above(self, unit: Unit) -> Span:
        """The span of `unit` and of the comments and attributes right above it."""
        span = unit.span
        for _ in range(_MOST_COMMENTS):
            line = self.lines.line_of(span.start)
            if line == 0 or not self.starts_line(span):
                return span
            above = trim(self.text, self.lines.line_span(line - 1))
            if above.empty:
                return span
            found = self._adornment_at(above.end - 1)
            if found is None or not self.starts_line(found) or found.start >= span.start:
                return span
            span = union(found, span)
        return span

    def _comments_below(self, unit: Unit) -> Span:
        """The span of `unit` and of the comments right below it, each with lines to itself."""
        span = unit.span
        for _ in range(_MOST_COMMENTS):
            line = self.lines.line_of(span.end)
            if line + 1 >= self.lines.line_count:
                return span
            below = trim(self.text, self.lines.line_span(line + 1))
            if below.empty:
                return span
            found = self._adornment_at(below.start)
            if found is None or found.start != below.start:
                return span
            span = union(span, found)
        return span

    def _adornment_at(self, place: int) -> Span | None:
        """The comment or sibling attribute that holds `place`."""
        way = self._whole_tokens(self.way(Span(place, place + 1)))
        for index in range(len(way) - 1, 0, -1):
            node = way[index].node
            if self._is_comment(node) or (
                node.type in self.rules.attributes and self.is_body(way[index - 1].node)
            ):
                return self.span(self.wrapped(self._unit(way[: index + 1])).node)
        return None

    def complete_at(self, way: tuple[TreeStep, ...]) -> Unit:
        """The last node of `way` with its own attributes before it and `;` behind it."""
        unit = self._unit(way)
        parent = way[-2].node if len(way) > 1 else None
        return self._completed(unit) if parent is not None and self.is_body(parent) else unit

    def _completed(self, unit: Unit) -> Unit:
        """A statement or member with its own attributes before it and `;` behind it."""
        if unit.node.type in self.rules.attributes and len(unit.way) > 1:
            return self._after_attribute(unit)
        unit = self._terminated(unit)
        if not self.rules.attributes:
            return unit
        start = unit.span.start
        sibling = unit.node.prev_named_sibling
        while sibling is not None and (
            self._is_comment(sibling) or sibling.type in self.rules.attributes
        ):
            if sibling.type in self.rules.attributes:
                start = self.span(sibling).start
            sibling = sibling.prev_named_sibling
        return replace(unit, span=Span(min(start, unit.span.start), unit.span.end))

    def _complete(self, run: Unit) -> Unit:
        """Several siblings with the rest of what the first and last of them belong to."""
        children = [
            child for child in run.node.named_children if run.span.overlaps(self.span(child))
        ]
        if not children:
            return run
        if all(self._adorns(child) for child in children[:-1]):
            last = self._completed(self._unit((*run.way, TreeStep(children[-1], None))))
            return replace(last, span=union(run.span, last.span))
        span = run.span
        for child in (children[0], children[-1]):
            edge = self._unit((*run.way, TreeStep(child, None)))
            if self._adorns(child):
                span = union(span, self.adorned(edge).span)
            elif self.is_body(run.node):
                span = union(span, self._completed(edge).span)
        return replace(run, span=span)

    def _terminated(self, unit: Unit) -> Unit:
        """A statement or member with the `;` behind it, where the language counts it in."""
        if not self.rules.terminator or len(unit.way) < 2:
            return unit
        if not self.is_body(unit.way[-2].node):
            return unit
        sibling = unit.node.next_sibling
        if sibling is None or sibling.type != ";" or not sibling.end_byte > sibling.start_byte:
            return unit
        span = self.span(sibling)
        if self.lines.line_of(span.start) != self.lines.line_of(unit.span.end):
            return unit
        return replace(unit, span=union(unit.span, span))


def _from(start: Span, unit: Unit) -> Unit:
    """The unit, extended to begin at `start`."""
    return replace(unit, span=union(start, unit.span))
