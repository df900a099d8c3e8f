"""Which lines of one indentation belong together, in a language without a grammar.

`if`, `else` and `end` are at one column, and so are a header and the brace below it, a start tag
and its end tag. `group` makes blocks of such lines: a block has *own* lines, which open, continue
and close it, and may have other blocks between them. Of deeper lines it knows only how many there
are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from lsp_server.syntax.line_heads import MEMBERS, OPENERS, LineHead, follows

__all__ = ["LineBlock", "Sibling", "blocks_of", "path_to", "wraps"]

_CASES = frozenset({"cases", "data", "fun", "function", "match", "newtype", "try", "type", "with"})
"""Words whose line may have rows of `| Pattern` below it."""
_MOST_BLOCKS = 200
"""How many blocks above a line are searched for the one that it closes, without nested ones."""
_MOST_REMARKS = 5
"""How many comments may be between the first two lines of an SQL statement."""
_LABELS = frozenset({"private", "protected", "public", "published"})
"""Labels that are alone on their line in a class, before a row of members."""
_SWITCHES = frozenset({"evaluate", "match", "select", "switch"})
"""Words whose line may have rows of `case` below it, each a part of its block."""
_WRAPS = ("\\", " &", " _", " ^", " `")
"""The ends of lines that continue on the next line, in various languages."""


@dataclass(frozen=True, slots=True)
class Sibling:
    """A line at the common indentation, with what is indented under it."""

    head: LineHead
    end: str
    """The text of its last line that is not blank."""
    deep: bool
    """Whether anything is indented under it."""
    gap: bool
    """Whether a blank line precedes it."""
    net: Callable[[], int]
    """Opened brackets minus closed brackets, in the line and under it."""


@dataclass(slots=True)
class LineBlock:
    """Siblings that belong together, by their indexes."""

    first: int
    last: int
    own: list[int]
    mark: str
    word: str
    words: set[str]
    balance: int
    opened: list[str]
    deep: bool
    quotes: int
    """How many `$$`, which quote a text in SQL, its own lines contain."""
    sql: bool = False
    closed: bool = False
    """Whether its last line has been added."""
    children: list["LineBlock"] = field(default_factory=list)


def blocks_of(siblings: Sequence[Sibling]) -> list[LineBlock]:
    """The blocks of the siblings, in order."""
    rows = _Rows(siblings)
    for index in range(len(siblings)):
        rows.add(index)
    return _sections(rows.blocks, siblings)


def path_to(blocks: Sequence[LineBlock], index: int) -> list[LineBlock]:
    """The blocks that contain a sibling, the outermost first, the one with it as own line last."""
    path: list[LineBlock] = []
    while True:
        around = next((block for block in blocks if block.first <= index <= block.last), None)
        if around is None:
            return path
        path.append(around)
        if index in around.own:
            return path
        blocks = around.children


def wraps(line: str) -> bool:
    """Whether the line continues on the next one. Two backslashes end a line in LaTeX."""
    end = line.rstrip()
    return end.endswith(_WRAPS) and not end.endswith("\\\\")


def _sections(blocks: list[LineBlock], siblings: Sequence[Sibling]) -> list[LineBlock]:
    """The blocks, those under a header `[name]` as its children."""
    if not any(_is_section(siblings[block.first].head) for block in blocks):
        return blocks
    grouped: list[LineBlock] = []
    for block in blocks:
        section = grouped[-1] if grouped and _is_section(siblings[grouped[-1].first].head) else None
        if section is None or _is_section(siblings[block.first].head):
            grouped.append(block)
        else:
            section.children.append(block)
            section.last = block.last
    return grouped


def _is_section(head: LineHead) -> bool:
    text = head.text
    named = text.startswith("[") and text.endswith("]") and "," not in text
    return named and head.balance == 0 and not head.adorns


class _Rows:
    """The blocks so far, built line by line."""

    def __init__(self, siblings: Sequence[Sibling]) -> None:
        self._siblings = siblings
        self.blocks: list[LineBlock] = []

    def add(self, index: int) -> None:
        """Add the next sibling to its block."""
        at = self._place(index) if self.blocks else None
        sibling = self._siblings[index]
        head = sibling.head
        if at is None:
            self.blocks.append(
                LineBlock(
                    index,
                    index,
                    [index],
                    head.mark,
                    head.word,
                    set(head.words),
                    head.balance,
                    list(head.opened),
                    sibling.deep,
                    head.text.count("$$"),
                    self._is_sql(index),
                )
            )
        else:
            self._merge(at, index)

    def _place(self, index: int) -> int | None:
        """The index of the block that a sibling belongs to; None for a new one."""
        sibling = self._siblings[index]
        head, last = sibling.head, len(self.blocks) - 1
        if self._joined(index):
            return last
        if head.closed:
            return self._latest(lambda block: head.closed in block.opened)
        if head.bare[:1] in tuple(")]}"):
            return self._bracketed()
        if head.text.startswith((">", "/>")) and not head.text.startswith((">>", "> ")):
            begins = self._siblings[self.blocks[last].first].head.text
            return last if begins.startswith("<") else None
        ended = head.ends
        if ended is not None and (at := self._ended(head, ended)) is not None:
            return at
        return last if self._goes_on(sibling) else None

    def _latest(self, fits: Callable[[LineBlock], bool]) -> int | None:
        count = len(self.blocks)
        near = range(count - 1, max(count - _MOST_BLOCKS, 0) - 1, -1)
        return next((i for i in near if fits(self.blocks[i])), None)

    def _joined(self, index: int) -> bool:
        """Whether the line above is not finished: it wraps, adorns, or is SQL without its `;`."""
        sibling, above = self._siblings[index], self._siblings[index - 1]
        block = self.blocks[-1]
        if block.sql:
            return self._in_sql(block, above, sibling)
        if sibling.gap:
            return False
        if above.head.alone and above.head.word == "in" and not above.deep:
            return True
        if wraps(above.end):
            return True
        return above.head.adorns and not above.deep and sibling.head.ends is None

    def _in_sql(self, block: LineBlock, above: Sibling, sibling: Sibling) -> bool:
        """Whether an SQL statement continues: it has no `;` yet, or is within a quoted text."""
        if block.quotes % 2 == 1:
            return True
        end = above.end.rstrip()
        if end.endswith(";") or sibling.head.text.upper() in ("GO", "/"):
            return False
        if block.closed and "begin" in block.words:
            return False
        if not sibling.gap:
            return True
        # Between the queries of a `with` and the statement that uses them.
        return end.endswith(",") or (block.word == "with" and end == ")" and sibling.head.is_sql)

    def _is_sql(self, index: int) -> bool:
        """Whether an SQL statement begins here."""
        head = self._siblings[index].head
        if not head.is_sql:
            return False
        if head.is_clause(at_start=False):
            return True
        for below in self._siblings[index + 1 : index + 1 + _MOST_REMARKS]:
            if below.gap or not below.head.is_comment:
                return not below.gap and below.head.is_clause(at_start=True)
        return False

    def _bracketed(self) -> int | None:
        """The block that is closed by a bracket at the start of a line."""
        last = len(self.blocks) - 1
        block = self.blocks[last]
        if block.balance > 0:
            return last
        open_ = self._latest(lambda block: block.balance > 0)
        if open_ is None or (block.deep and not block.closed and self._net(block) > 0):
            return last if block.deep and not block.closed else None
        return open_

    def _net(self, block: LineBlock) -> int:
        return sum(self._siblings[index].net() for index in range(block.first, block.last + 1))

    def _ended(self, head: LineHead, ended: frozenset[str]) -> int | None:
        """The block that one of the words ends."""
        if ended:
            at = self._latest(
                lambda block: (
                    not block.closed
                    and block.mark == head.mark
                    and _named(block, ended)
                    and (block.word in ended or not self._is_part(block))
                )
            )
            if at is not None or head.word != "end":
                return at
        at = self._latest(lambda block: not self._is_part(block))
        block = None if at is None else self.blocks[at]
        if block is not None and block.deep and not block.closed and _alike(block, head):
            return at
        return None if ended else self._opener(head)

    def _opener(self, head: LineHead) -> int | None:
        """The last open block that a bare `end` can close."""
        return self._latest(
            lambda block: (
                not block.closed
                and block.mark == head.mark
                and not self._is_part(block)
                and not OPENERS.isdisjoint(block.words)
                and "end" not in block.words
                and (block.deep or not self._siblings[block.last].end.endswith(";"))
            )
        )

    def _is_part(self, block: LineBlock) -> bool:
        """Whether a block is part of another one that begins above it."""
        if block.word in _LABELS and self._siblings[block.first].head.is_label:
            return True
        if block.word != "case":
            return block.word in MEMBERS
        return any(
            not above.closed and above.mark == block.mark and not _SWITCHES.isdisjoint(above.words)
            for above in self.blocks
            if above.first < block.first and above.word != "case"
        )

    def _goes_on(self, sibling: Sibling) -> bool:
        """Whether a line continues the last block, which has no end yet."""
        head, block = sibling.head, self.blocks[-1]
        above = self._siblings[block.last]
        razor = block.mark == "@" and not head.mark and above.end.rstrip().endswith("}")
        if (head.mark == block.mark or razor) and follows(head, block.words):
            ended = block.closed and (above.head.mark or above.head.word not in ("", "end"))
            return not ended and (block.deep or not above.end.rstrip().endswith((",", ".")))
        if block.word == "do" and head.word in ("while", "until") and not sibling.deep:
            return head.balance <= 0
        if block.word == "when" and head.word == "else" and head.is_label:
            return True
        if sibling.gap or above.head.is_comment:
            return sibling.gap and head.text.startswith(", ") and block.balance <= 0
        if head.is_call:
            ends = above.end.strip().endswith("}") and (above.deep or above.head.text == "}")
            return ends or (above.head.is_call and len(block.own) > 1)
        if head.alone:
            return not block.closed and not above.end.rstrip().endswith((";", "{", "}", ","))
        if head.underlines:
            return not (above.deep or above.head.underlines or self._in_conflict())
        if head.text.startswith("|") and not head.led:
            return not _CASES.isdisjoint(block.words)
        return head.led

    def _in_conflict(self) -> bool:
        return any("<<<<<<<" in block.opened for block in self.blocks)

    def _merge(self, at: int, index: int) -> None:
        """Make a sibling an own line of the block; the blocks in between become its children."""
        block, sibling = self.blocks[at], self._siblings[index]
        head = sibling.head
        for child in self.blocks[at + 1 :]:
            first = self._siblings[child.first].head
            divides = first.text.startswith(("=======", "|||||||")) and "<<<<<<<" in block.opened
            if divides or (child.mark == block.mark and follows(first, block.words)):
                block.own += child.own
                block.children += child.children
            else:
                block.children.append(child)
        del self.blocks[at + 1 :]
        if at < len(self.blocks) and head.ends is not None:
            block.closed = not head.reopens
        elif head.bare[:1] in tuple(")]}"):
            block.closed = head.bare.startswith("}") and not head.reopens
        elif not block.sql:
            block.closed = False
        if head.closed in block.opened:
            block.opened.remove(head.closed)
        if all(self._siblings[i].head.adorns for i in block.own):
            block.word, block.mark = head.word, head.mark
        block.own.append(index)
        block.last = index
        block.words |= head.words
        block.balance += head.balance
        block.quotes += head.text.count("$$")
        block.opened += head.opened
        block.deep = block.deep or sibling.deep


def _alike(block: LineBlock, head: LineHead) -> bool:
    """Whether a bare `end` has the same mark as the block; Julia's macros have their own `@`."""
    return block.mark == head.mark or (block.mark == "@" and not head.mark)


def _named(block: LineBlock, ended: frozenset[str]) -> bool:
    """Whether the block's own lines contain one of the words; `ifdef` counts as `if`."""
    if not ended.isdisjoint(block.words):
        return True
    return "if" in ended and any(word.startswith("if") for word in block.words)
