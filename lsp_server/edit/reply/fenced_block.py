"""One fenced block of a reply: whether it is the answer, and how much it is like the scope.

A reply may hold several blocks: a quote of the original or of its neighbourhood, an import, a
shell command, the answer. What a block equals in the document costs nothing while it is kept back,
since it could not be seen. Knows nothing of fences.
"""

from lsp_server.edit.reply.diff_detection import DiffSigns
from lsp_server.edit.reply.open_literal import OpenLiteral
from lsp_server.edit.reply.prose import CodeLikeness
from lsp_server.edit.reply.reply_context import ReplyContext, balance_of, is_blank
from lsp_server.text.changes import common_prefix

# A later block wins over the first one if it is more than so many times as much like the scope.
_MUCH_MORE = 2.0
# A block like less than this share of the scope is no proof of its end, unless it begins as a scope
# of less than so many lines does.
_LEAST_LIKE, _LEAST_LINES = 0.34, 4
# A first line is like the scope's if so many code points, and half of the scope's, are the same.
_LEAST_ALIKE = 3
# What the reply begins with and is the scope's own, line by line, is held for so many lines.
_MOST_QUOTED = 400


class FencedBlock:
    """A fenced block: kept back until it convinces, and weighed when it is over."""

    def __init__(
        self,
        place: ReplyContext,
        likeness: CodeLikeness,
        *,
        kept: bool,
        eager: bool,
        announced: bool = False,
    ) -> None:
        """`kept`: its text waits. `eager`: the reply begins with it, so a line's beginning may
        convince. `announced`: its fence says that it is a diff."""
        self._likeness = likeness
        self._before, self._scope, _ = place.written
        self._own = place.stripped_lines
        self._document, self._at = place.written_lines, place.written_at
        self._position: int | None = None  # in `_document`, behind the last line
        self._started_in_scope = False
        self._begins_with_it = False  # with the scope's own first line
        self.begins_alike = False  # its first line with the beginning of that
        self._count = 0
        self._last = ""  # the last line that is not blank
        self._held: set[str] = set()  # all of them
        self._likes = 0.0
        self._resembles = False
        self._head = ""  # of the line that comes, as much as is needed
        self._shows = False  # a line's beginning has shown that this is the answer
        self.kept = kept
        self.demoted = False  # it stands under a heading of another section of the request
        self._text = OpenLiteral()
        self._signs = DiffSigns(place, announced=announced)
        self.sealed = False  # its text is no code before it is unwrapped: nothing convinces
        self._balance = 0  # brackets opened less brackets closed
        self._most_open = max(0, balance_of(place.original))
        self._cuts_text = place.cuts_text
        self._eager = eager
        self.differs = False
        self.pieces: list[str] = []
        self.begun = False

    @property
    def empty(self) -> bool:
        """Whether no line has come."""
        return not self.begun

    @property
    def convinces(self) -> bool:
        """Whether it is surely the answer: like the original, and not merely a quote of it."""
        worth_it = self.differs or (self._eager and self._count >= _MOST_QUOTED)
        closed = self.demoted or self.sealed or self._signs.maybe
        return worth_it and self._resembles and not closed

    def departs(self, piece: str) -> bool:
        """More of a line: whether it shows already that the block is the answer.

        It does where the block has been like the scope, and the line cannot become the one that
        the document goes on with; and in the first line where it begins as the scope does.
        """
        off = self.demoted or self.sealed or self._signs.maybe
        if not self._eager or off or self._shows or not self._scope:
            return False
        goes_on = self._next
        if len(self._head) <= len(goes_on):
            self._head = (self._head + piece).lstrip()[: len(goes_on) + 1]
        head = self._head.rstrip()
        if self._signs.may_sign(head):
            return False
        if goes_on.startswith(head):
            return False
        alike = common_prefix(head, goes_on)
        self._shows = self._resembles or (not self._count and _is_alike(alike, goes_on))
        return self._shows

    @property
    def _next(self) -> str:
        """The line that a quote of the document goes on with; the scope's first at the start."""
        at = len(self._before) if self._position is None else self._position
        return self._document[at] if at < len(self._document) else ""

    def take(self, line: str) -> None:
        """Count one more complete line."""
        self.begun, self._head = True, ""
        if is_blank(line):
            return
        text = line.strip()
        self._text.take(line)
        self._signs.take(line)
        self._balance += balance_of(line)
        if not self._count and self._scope:
            alike = common_prefix(text, self._scope[0])
            self.begins_alike = _is_alike(alike, self._scope[0])
        self._count += 1
        self._last = text
        self._held.add(text)
        self.differs = not self._follows(text) or self.differs
        if self._likeness.has_line(line):
            self._likes += 1
            self._resembles = True
            self._begins_with_it = self._begins_with_it or text == self._scope[0]
        elif text in self._at and text not in self._own:
            pass  # A neighbour speaks of the same things and is no answer.
        elif self._likeness.resembles(line):
            self._likes += 0.5
            self._resembles = True

    def _follows(self, text: str) -> bool:
        """Whether the document goes on with this line after the one before it."""
        if self._position is None:
            own = text in self._scope[:1] or text not in self._at
            self._started_in_scope = own
            self._position = len(self._before) if own else self._at[text]
        at, self._position = self._position, self._position + 1
        return at < len(self._document) and self._document[at] == text

    def finish(self) -> None:
        """The block has ended: a mere beginning of the original differs from it as well."""
        self._signs.end()
        if self._started_in_scope or self._position is None:
            self.differs = self.differs or self._count < len(self._scope)

    @property
    def seems_open(self) -> bool:
        """Whether it ends within a text of several lines, in a bracket, or where the scope goes on:
        a fence there may belong to it.

        A text counts only where the scope does not begin or end within one itself.
        """
        in_text = self._text.open and not self._cuts_text
        return in_text or self._balance > self._most_open or self.breaks_off

    def text_ends_with(self, lines: list[str]) -> bool:
        """Whether it ends within a text of several lines, and these lines close that."""
        return not self._cuts_text and self._text.closed_by(lines)

    @property
    def speaks_anew(self) -> bool:
        """Whether it says something of the scope that does not stand there yet."""
        return self.differs and (self._resembles or not self._own)

    @property
    def is_diff(self) -> bool:
        """Whether it is a diff of the scope."""
        return self._signs.sure

    @property
    def is_neighbourhood(self) -> bool:
        """Whether it quotes lines around the scope, and nothing of the scope."""
        return bool(self._count) and not self.differs and not self._likes

    @property
    def breaks_off(self) -> bool:
        """Whether its last line is one of the scope's, or the beginning of one, behind which the
        scope goes on with lines of which it holds none."""
        scope, last = self._scope, self._last
        if not last or not scope or last == scope[-1]:
            return False
        if last not in self._own:
            return any(line.startswith(last) and line not in self._held for line in scope)
        goes_on = scope[len(scope) - scope[::-1].index(last) :] if last in scope else ()
        return bool(goes_on) and self._held.isdisjoint(goes_on)

    @property
    def likeness(self) -> float:
        """How much of it and of the scope are alike, 0 to 1."""
        return self._likes / max(self._count, len(self._scope), 1)

    @property
    def outlines(self) -> bool:
        """Whether it is the whole scope anew, from its own first line on."""
        return self.differs and self._begins_with_it and self.covers

    @property
    def covers(self) -> bool:
        """Whether it is enough like the scope to stand for all of it."""
        begins = self.begins_alike and len(self._scope) < _LEAST_LINES
        if begins or self._begins_with_it or not self._scope:
            return True
        return self._likes >= _LEAST_LIKE * len(self._scope)


def _is_alike(alike: int, line: str) -> bool:
    """Whether two first lines that share so many code points are alike."""
    return alike >= _LEAST_ALIKE and 2 * alike >= len(line)


def best_of(blocks: list[FencedBlock]) -> FencedBlock:
    """The block that is the answer: the first that no other is much more like the scope than."""
    worth = [block for block in blocks if block.differs and not block.empty]
    worth = [block for block in worth if not block.demoted] or worth
    if not worth:
        return min(blocks, key=lambda block: block.empty)
    most = max(block.likeness for block in worth)
    return next(block for block in worth if block.likeness * _MUCH_MORE >= most)


def outweighs(later: FencedBlock, chosen: FencedBlock) -> bool:
    """Whether a block that came later is much more like the scope than the one taken."""
    return later.outlines and later.likeness > _MUCH_MORE * chosen.likeness


def stands_up_to(later: FencedBlock, chosen: FencedBlock) -> bool:
    """Whether a block is not much less like the scope than the lines without a fence before it."""
    return later.likeness * _MUCH_MORE >= chosen.likeness
