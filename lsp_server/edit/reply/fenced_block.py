"""Judges one block of a reply: is it the answer, and how much does it resemble the scope?

A reply may contain several blocks: a quotation of the original or of the lines around it, an
import, a shell command, the answer. Holding back lines that equal the document costs nothing, since
the user could not see them arrive. Knows nothing about fences.
"""

from lsp_server.edit.reply.diff_detection import DiffSigns
from lsp_server.edit.reply.open_literal import OpenLiteral
from lsp_server.edit.reply.prose import CodeLikeness
from lsp_server.edit.reply.reply_context import ReplyContext, balance_of, is_blank
from lsp_server.text.changes import common_prefix

# A later block wins over the first one if its similarity to the scope is more than this many times
# as high.
_MUCH_MORE = 2.0
# A block whose similarity to the scope is below this share does not prove that the scope ends
# there, unless the scope has fewer than `_LEAST_LINES` lines and the block begins like it.
_LEAST_LIKE, _LEAST_LINES = 0.34, 4
# A first line resembles the scope's if it shares at least this many code points, and half of the
# scope's line.
_LEAST_ALIKE = 3
# The number of lines for which a quotation of the scope at the beginning of a reply is held back.
_MOST_QUOTED = 400


class FencedBlock:
    """A block that is held back until it convinces, and rated when it has ended."""

    def __init__(
        self,
        context: ReplyContext,
        likeness: CodeLikeness,
        *,
        held_back: bool,
        eager: bool,
        announced: bool = False,
    ) -> None:
        """Start an empty block.

        `held_back`: its text waits. `eager`: the reply begins with it, so the beginning of a line
        may convince. `announced`: its fence marks it as a diff.
        """
        self._likeness = likeness
        self._before, self._scope, _ = context.parts
        self._scope_lines = context.stripped_lines
        self._document, self._at = context.known_lines, context.known_index
        self._position: int | None = None  # index in `_document` after the last line
        self._started_in_scope = False
        self._begins_with_it = False  # it has the scope's own first line
        self.begins_alike = False  # its first line begins like the scope's first line
        self._count = 0
        self._last = ""  # the last line that is not blank
        self._lines_seen: set[str] = set()  # all lines that are not blank
        self._matches = 0.0
        self._resembles = False
        self._line_start = ""  # the beginning of the current line, as long as needed
        self._shown_early = False  # the beginning of a line has shown that this is the answer
        self.held_back = held_back
        self.demoted = False  # it is under the heading of another section of the request
        self._text = OpenLiteral()
        self._signs = DiffSigns(context, announced=announced)
        self.cannot_convince = False  # it is a diff, or must be unwrapped first
        self._balance = 0  # opening brackets minus closing brackets
        self._most_open = max(0, balance_of(context.original))
        self._cuts_text = context.cuts_text
        self._eager = eager
        self.differs = False
        self.pieces: list[str] = []
        self.begun = False

    @property
    def empty(self) -> bool:
        """Whether the block has no line yet."""
        return not self.begun

    @property
    def convinces(self) -> bool:
        """Whether the block is surely the answer: like the original, and no mere quotation."""
        worth_it = self.differs or (self._eager and self._count >= _MOST_QUOTED)
        closed = self.demoted or self.cannot_convince or self._signs.maybe
        return worth_it and self._resembles and not closed

    def convinces_early(self, piece: str) -> bool:
        """Take the next piece of the current line; return whether it already shows the answer.

        It does if the block has resembled the scope and the line can no longer become the
        document's next line. In the first line, it does if the line begins as the scope does.
        """
        off = self.demoted or self.cannot_convince or self._signs.maybe
        if not self._eager or off or self._shown_early or not self._scope:
            return False
        goes_on = self._next
        if len(self._line_start) <= len(goes_on):
            self._line_start = (self._line_start + piece).lstrip()[: len(goes_on) + 1]
        head = self._line_start.rstrip()
        if self._signs.may_be_change(head):
            return False
        if goes_on.startswith(head):
            return False
        alike = common_prefix(head, goes_on)
        self._shown_early = self._resembles or (not self._count and _is_alike(alike, goes_on))
        return self._shown_early

    @property
    def _next(self) -> str:
        """The next line of a quotation of the document; at the start the scope's first line."""
        at = len(self._before) if self._position is None else self._position
        return self._document[at] if at < len(self._document) else ""

    def take(self, line: str) -> None:
        """Add one complete line."""
        self.begun, self._line_start = True, ""
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
        self._lines_seen.add(text)
        self.differs = not self._follows(text) or self.differs
        if self._likeness.has_line(line):
            self._matches += 1
            self._resembles = True
            self._begins_with_it = self._begins_with_it or text == self._scope[0]
        elif text in self._at and text not in self._scope_lines:
            pass  # A line around the scope shares its names but is no answer.
        elif self._likeness.resembles(line):
            self._matches += 0.5
            self._resembles = True

    def _follows(self, text: str) -> bool:
        """Whether this line follows the previous one in the document."""
        if self._position is None:
            own = text in self._scope[:1] or text not in self._at
            self._started_in_scope = own
            self._position = len(self._before) if own else self._at[text]
        at, self._position = self._position, self._position + 1
        return at < len(self._document) and self._document[at] == text

    def finish(self) -> None:
        """End the block. A block that stops before the end of the original differs from it, too."""
        self._signs.end()
        if self._started_in_scope or self._position is None:
            self.differs = self.differs or self._count < len(self._scope)

    @property
    def seems_open(self) -> bool:
        """Whether the block ends where a fence may belong to it.

        That is within a multi-line literal, within a bracket, or where the scope continues. A
        literal counts only if the scope itself does not begin or end within one.
        """
        in_text = self._text.open and not self._cuts_text
        return in_text or self._balance > self._most_open or self.stops_midway

    def text_ends_with(self, lines: list[str]) -> bool:
        """Whether the block ends within a multi-line literal and `lines` close it."""
        return not self._cuts_text and self._text.closed_by(lines)

    @property
    def says_something_new(self) -> bool:
        """Whether the block says something about the scope that the document does not have yet."""
        return self.differs and (self._resembles or not self._scope_lines)

    @property
    def is_diff(self) -> bool:
        """Whether the block is a diff of the scope."""
        return self._signs.sure

    @property
    def is_neighbourhood(self) -> bool:
        """Whether the block quotes lines around the scope and none of the scope."""
        return bool(self._count) and not self.differs and not self._matches

    @property
    def stops_midway(self) -> bool:
        """Whether the block stops in the middle of the scope.

        Its last line is a line of the scope, or the beginning of one, and it has none of the lines
        that follow in the scope.
        """
        scope, last = self._scope, self._last
        if not last or not scope or last == scope[-1]:
            return False
        if last not in self._scope_lines:
            return any(line.startswith(last) and line not in self._lines_seen for line in scope)
        goes_on = scope[len(scope) - scope[::-1].index(last) :] if last in scope else ()
        return bool(goes_on) and self._lines_seen.isdisjoint(goes_on)

    @property
    def similarity(self) -> float:
        """How similar the block and the scope are, from 0 to 1."""
        return self._matches / max(self._count, len(self._scope), 1)

    @property
    def is_full_rewrite(self) -> bool:
        """Whether the block is a new version of the entire scope, beginning with its first line."""
        return self.differs and self._begins_with_it and self.covers

    @property
    def covers(self) -> bool:
        """Whether the block is similar enough to replace the entire scope."""
        begins = self.begins_alike and len(self._scope) < _LEAST_LINES
        if begins or self._begins_with_it or not self._scope:
            return True
        return self._matches >= _LEAST_LIKE * len(self._scope)


def _is_alike(alike: int, line: str) -> bool:
    """Whether two first lines that share `alike` code points resemble each other."""
    return alike >= _LEAST_ALIKE and 2 * alike >= len(line)


def best_of(blocks: list[FencedBlock]) -> FencedBlock:
    """The answer among the blocks: the first one that no other exceeds much in similarity."""
    worth = [block for block in blocks if block.differs and not block.empty]
    worth = [block for block in worth if not block.demoted] or worth
    if not worth:
        return min(blocks, key=lambda block: block.empty)
    most = max(block.similarity for block in worth)
    return next(block for block in worth if block.similarity * _MUCH_MORE >= most)


def is_much_more_similar(later: FencedBlock, chosen: FencedBlock) -> bool:
    """Whether a later block resembles the scope much more than the chosen one."""
    return later.is_full_rewrite and later.similarity > _MUCH_MORE * chosen.similarity


def is_nearly_as_similar(later: FencedBlock, chosen: FencedBlock) -> bool:
    """Whether a block is not much less similar to the scope than the raw lines before it."""
    return later.similarity * _MUCH_MORE >= chosen.similarity
