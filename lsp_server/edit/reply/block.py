"""One fenced block of a reply: whether it is the answer, and how much it is like the scope.

A reply may hold several blocks: a quote of the original or of its neighbourhood, an import, a
shell command, the answer. What a block equals in the document costs nothing while it is kept back,
since it could not be seen. Knows nothing of fences.
"""

from lsp_server.edit.reply.place import Place, is_blank
from lsp_server.edit.reply.prose import Likeness

# A later block wins over the first one if it is more than so many times as much like the scope.
_MUCH_MORE = 2.0
# A block like less than this share of a scope of at least so many lines is no proof of its end.
_LEAST_LIKE, _LEAST_LINES = 0.34, 4


class Block:
    """A fenced block: kept back until it convinces, and weighed when it is over."""

    def __init__(self, place: Place, likeness: Likeness, *, kept: bool, eager: bool) -> None:
        """`kept`: its text waits. `eager`: the beginning of its first line may convince."""
        self._likeness = likeness
        self._scope = [line.strip() for line in place.lines if not is_blank(line)]
        self._before = [line.strip() for line in place.lines_before]
        self._after = [line.strip() for line in place.lines_after]
        self._document = [*self._before, *self._scope, *self._after]
        self._position: int | None = None  # in `_document`, behind the last line
        self._started_in_scope = False
        self._begins_with_it = False  # with the scope's own first line
        self._count = 0
        self._likes = 0.0
        self._resembles = False
        self._first = ""  # of the first line, as much as is needed
        self.kept = kept
        self.demoted = False  # it stands under a heading of another section of the request
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
        return self.differs and self._resembles and not self.demoted

    def begins_alike(self, piece: str) -> bool:
        """More of a line: whether the first one begins as the scope's first line does."""
        if not self._eager or self.demoted or self._count or not self._scope:
            return False
        first = self._scope[0]
        if len(self._first) <= len(first):
            self._first = (self._first + piece).lstrip()[: len(first) + 1]
        alike = next(
            (i for i, (a, b) in enumerate(zip(self._first, first, strict=False)) if a != b),
            min(len(self._first), len(first)),
        )
        return alike >= 3 and 2 * alike >= len(first)

    def take(self, line: str) -> None:
        """Count one more complete line."""
        self.begun = True
        if is_blank(line):
            return
        text = line.strip()
        self._count += 1
        self._begins_with_it = self._begins_with_it or (
            self._likeness.has_line(line) and text == self._scope[0]
        )
        self.differs = not self._follows(text) or self.differs
        if self._likeness.has_line(line):
            self._likes += 1
            self._resembles = True
        elif text in self._before or text in self._after:
            pass  # a neighbour speaks of the same things and is no answer
        elif self._likeness.resembles(line):
            self._likes += 0.5
            self._resembles = True

    def _follows(self, text: str) -> bool:
        """Whether the document goes on with this line after the one before it."""
        if self._position is None:
            found = text in self._scope[:1] or text not in self._document
            self._started_in_scope = found
            self._position = len(self._before) if found else self._document.index(text)
        at, self._position = self._position, self._position + 1
        return at < len(self._document) and self._document[at] == text

    def finish(self) -> None:
        """The block has ended: a mere beginning of the original differs from it as well."""
        if self._started_in_scope or self._position is None:
            self.differs = self.differs or self._count < len(self._scope)

    @property
    def is_neighbourhood(self) -> bool:
        """Whether it quotes lines around the scope, and nothing of the scope."""
        return bool(self._count) and not self.differs and not self._likes

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
        if len(self._scope) < _LEAST_LINES or self._begins_with_it:
            return True
        return self._likes >= _LEAST_LIKE * len(self._scope)


def best_of(blocks: list[Block]) -> Block:
    """The block that is the answer: the first that no other is much more like the scope than."""
    worth = [block for block in blocks if block.differs and not block.empty]
    worth = [block for block in worth if not block.demoted] or worth
    if not worth:
        return min(blocks, key=lambda block: block.empty)
    most = max(block.likeness for block in worth)
    return next(block for block in worth if block.likeness * _MUCH_MORE >= most)


def outweighs(later: Block, chosen: Block) -> bool:
    """Whether a block that came later is much more like the scope than the one taken."""
    return later.outlines and later.likeness > _MUCH_MORE * chosen.likeness
