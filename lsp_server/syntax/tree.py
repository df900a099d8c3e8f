"""The syntax tree of one document, kept up to date, and the conversion of its offsets.

tree-sitter counts UTF-8 bytes; everything else in Midstream counts code points. Only this module
converts between the two. A document that is all ASCII converts for free.

Rows are never used: to tree-sitter only "\\n" ends a row, to an editor also a lone "\\r".

The parse happens when the root is first needed. So a tree that nobody reads costs nothing, and any
number of changes in between cost one parse.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import NamedTuple

from tree_sitter import Node, Tree

from lsp_server.errors import TooCostly
from lsp_server.syntax.bounded_parse import Parse
from lsp_server.syntax.languages import Language
from lsp_server.text.changes import ChangeSet
from lsp_server.text.lines import Text
from lsp_server.text.span import Span

__all__ = ["ByteIndex", "DocumentTree", "TreeStep", "count_errors", "encode", "point"]

_SURROGATE = re.compile("[\ud800-\udfff]")

_HARMLESS = re.compile(r"[\w\s.,]*")
"""Text that changes the meaning of nothing elsewhere."""

_MOST_SKIPPED = 63
"""How many texts at most are skipped after one that took too long."""

_STRIDE = 1024
"""How many code points lie between two marks of a `ByteIndex`."""


def encode(text: str) -> bytes:
    """`text` in UTF-8 for tree-sitter, with one character for each code point.

    A lone surrogate has no UTF-8 form and becomes U+FFFD, which is as long (three bytes). NUL is
    the end of the file to many scanners and becomes U+0001. No grammar gives either a meaning. The
    result is only parsed, never written back.
    """
    text = text.replace("\0", "\1")
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text).encode()


class ByteIndex:
    """Converts between the code points of a text and the bytes of its UTF-8 form.

    Both directions take `O(log n)` and at most `_STRIDE` characters; ASCII text takes no time.
    The marks are made at the first conversion.
    """

    __slots__ = ("_ascii", "_marks", "source", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._ascii = text.isascii()
        self._marks: list[int] = []
        self.source = encode(text)
        """The text in UTF-8."""

    def byte_of(self, offset: int) -> int:
        """The byte at which code point `offset` starts; places outside go to the nearer end."""
        offset = min(max(offset, 0), len(self.text))
        if self._ascii:
            return offset
        index, rest = divmod(offset, _STRIDE)
        return self._all_marks()[index] + _width(self.text[offset - rest : offset])

    def offset_of(self, byte: int) -> int:
        """The code point that holds `byte`; places outside go to the nearer end."""
        byte = min(max(byte, 0), len(self.source))
        if self._ascii:
            return byte
        marks = self._all_marks()
        index = bisect_right(marks, byte) - 1
        piece = self.source[marks[index] : byte]
        if piece.isascii():
            return index * _STRIDE + len(piece)
        # A byte inside a character belongs to the character's start: the cut piece is dropped.
        return index * _STRIDE + len(piece.decode("utf-8", "ignore"))

    def span_of(self, start_byte: int, end_byte: int) -> Span:
        """The code points of a range of bytes."""
        start = self.offset_of(start_byte)
        length = end_byte - start_byte
        if start_byte >= 0 <= length < _STRIDE and self.source[start_byte:end_byte].isascii():
            return Span(start, min(start + length, len(self.text)))
        return Span(start, max(start, self.offset_of(end_byte)))

    def _all_marks(self) -> list[int]:
        """The byte of every `_STRIDE`th code point."""
        if not self._marks:
            marks = [0]
            for end in range(_STRIDE, len(self.text) + 1, _STRIDE):
                marks.append(marks[-1] + _width(self.text[end - _STRIDE : end]))
            self._marks = marks
        return self._marks


def _width(text: str) -> int:
    """The length of `text` in UTF-8 bytes; a lone surrogate counts as three."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


class TreeStep(NamedTuple):
    """One step on the way from the root down to a place."""

    node: Node
    field: str | None
    """What the node is in its parent, for example `condition`."""


class DocumentTree:
    """The tree of one document in one language.

    Invariant: `root` is the tree of `text` while the text is `readable`; ask for that first. Making
    or updating one never parses and never fails, on any text. Nodes from before an update stay as
    they were.

    A parse that takes longer than the `Watch` allows is *halted*: then the text is not readable
    yet, and `go_on` continues the parse piece by piece. If the text changes meanwhile, its parse
    starts from the tree of the halted one.

    After an update the parse starts from the old tree. In a text with errors tree-sitter may then
    recover differently than in a fresh parse; make a fresh `DocumentTree` where that matters.
    """

    __slots__ = (
        "_halted",
        "_halted_index",
        "_index",
        "_lines",
        "_parsed",
        "_parsed_index",
        "_pending",
        "_refused",
        "_since",
        "_skip",
        "_skipped",
        "_when_halted",
        "language",
        "stands_in",
        "text",
    )

    def __init__(
        self, language: Language, text: str, when_halted: Callable[[], None] = lambda: None
    ) -> None:
        """`when_halted` is called when a parse waits to be continued."""
        self._when_halted = when_halted
        self.language = language
        self.text = text
        """The document as it is now."""
        self.stands_in = False
        """Whether the tree is one of an earlier text; see `stand_in`."""
        self._index: ByteIndex | None = None
        self._lines: Text | None = None
        self._parsed: Tree | None = None
        self._parsed_index: ByteIndex | None = None
        self._pending: ChangeSet | None = None
        self._halted: Parse | None = None
        self._halted_index = ByteIndex("")  # Of the text of the halted parse.
        self._since: ChangeSet | None = None  # The changes since that text.
        self._refused = False  # Whether the parse of the present text was given up.
        self._skip = self._skipped = 0  # Texts still to skip, and how many they were at first.

    def update(self, new_text: str, changes: ChangeSet) -> None:
        """The document is `new_text` now; `changes` lead there from `text`.

        `changes` must be true: `changes.apply(text) == new_text`.
        """
        if self._parsed is not None:
            self._pending = _after(self._pending, changes)
        if self._halted is not None:
            self._since = _after(self._since, changes)
        self.text = new_text
        self._index = self._lines = None
        self._refused = False

    def changed(self, changes: ChangeSet) -> "DocumentTree":
        """The tree of the text with `changes`; this one stays as it is.

        Its parse starts from this one, as after an update.
        """
        after = DocumentTree(self.language, self.text)
        after._parsed, after._parsed_index = self._parsed, self._parsed_index
        after._pending = self._pending
        after.update(changes.apply(self.text), changes)
        return after

    # -- the tree ------------------------------------------------------------------------------

    @property
    def readable(self) -> bool:
        """Whether there is a tree of `text`; parses if the text has changed since the last call.

        False if the grammar is missing or takes too long. Then the next text is skipped, and twice
        as many after each further one that takes too long: nobody waits at every keystroke in such
        a file. False too while a parse is halted; only `go_on` continues it.
        """
        if self._refused or not self.language.available:
            return False
        if self._is_current or self._halted is not None:
            return self._is_current
        if self._skip:
            self._skip -= 1
            self._refused = True
            return False
        try:
            self._parse()
        except TooCostly:
            self.give_up()
        return self._is_current

    @property
    def _is_current(self) -> bool:
        return self._parsed is not None and not self._pending

    @property
    def halted(self) -> bool:
        """Whether a parse is halted, of `text` or of one before it."""
        return self._halted is not None

    @property
    def known(self) -> bool:
        """Whether there is a tree of `text`, or one of an earlier text that can stand in for it."""
        return self._parsed is not None

    def go_on(self, halt: Callable[[], bool]) -> None:
        """Continue the halted parse until `halt` returns true."""
        if self._halted is None:
            return
        watch = self.language.watch
        try:
            tree = self._halted.go_on(halt, halt if watch is None else watch())
        except TooCostly:
            self.give_up()
            return
        if tree is not None:
            self._parsed, self._parsed_index = tree, self._halted_index
            self._pending, self._since = self._since, None
            self._halted, self._skipped = None, 0

    def give_up(self) -> None:
        """Give up the parse of `text`, which takes too long."""
        self._halted = self._since = None
        self._skipped = self._skip = min(2 * self._skipped + 1, _MOST_SKIPPED)
        self._refused = True

    @property
    def too_costly(self) -> bool:
        """Whether the parse of `text` was given up, or the text was skipped."""
        return self._refused

    @property
    def tree(self) -> Tree:
        """The tree of `text`; parses if the text has changed since the last call.

        Raises `TooCostly` for a text that is not `readable`.
        """
        if self._halted is None and not self._is_current:
            self._parse()
        if self._parsed is None or not self._is_current:
            raise TooCostly("The text takes its grammar too long.")
        return self._parsed

    def _parse(self) -> None:
        """Parse `text`, or as much of it as the time allows. Raises `TooCostly`."""
        old, watch = self._shifted(), self.language.watch
        if watch is None:
            self._parsed, self._parsed_index = self.language.parse(self.source, old), self.index
            self._pending = None
            return
        self._halted, self._halted_index = self.language.begin(self.source, old), self.index
        self._since = None
        self.go_on(watch())
        if self._halted is not None:
            self._when_halted()

    def _shifted(self) -> Tree | None:
        """The last tree with the positions of `text`; it does not know what was typed since."""
        if self._parsed is None or self._parsed_index is None or not self._pending:
            return self._parsed
        shifted = self._parsed.copy()
        _tell_edits(shifted, self._parsed_index, self._pending)
        return shifted

    def lags_at(self, span: Span) -> bool:
        """Whether `stand_in` is right at `span` though `text` is not parsed yet.

        So it is if all changes since the last tree are harmless and outside of the top-level node
        at `span`. Text that opens or closes a string, a comment or a bracket is never harmless.
        """
        if self._parsed is None or self._parsed_index is None or not self._pending:
            return False
        before, pending = self._parsed_index.text, self._pending
        for change in pending.changes:
            gone = before[change.start : change.end]
            if not _HARMLESS.fullmatch(change.text) or not _HARMLESS.fullmatch(gone):
                return False
        stand_in = self.stand_in()
        if stand_in is None:
            return False
        way = stand_in.path(span)
        around = stand_in.span_of(way[1]) if len(way) > 1 else span
        return all(end < around.start or start > around.end for start, end in pending.after_spans())

    def stand_in(self) -> "DocumentTree | None":
        """While `text` is not readable yet: the last tree, with its nodes at their new places.

        It lacks what was typed since; a node around that has its new length. Callers must check
        what they find in it. None if there was no tree yet.
        """
        shifted = self._shifted()
        if shifted is None or self._refused:
            return None
        tree = DocumentTree(self.language, self.text)
        tree._parsed, tree._parsed_index, tree._index = shifted, self.index, self.index
        tree.stands_in = True
        return tree

    @property
    def root(self) -> Node:
        """The root node of `text`."""
        return self.tree.root_node

    def path(self, span: Span) -> list[Node]:
        """The nodes that cover `span`, from the root down to the smallest.

        Where two nodes touch at an empty span, the one that starts there counts.
        """
        return [step.node for step in self.steps(span)]

    def steps(self, span: Span) -> list[TreeStep]:
        """`path`, with the name of the field that each node is in its parent."""
        return list(_descend(self.root, self.byte_of(span.start), self.byte_of(span.end)))

    # -- bytes and code points -------------------------------------------------------------------

    @property
    def index(self) -> ByteIndex:
        """The conversion between the bytes and the code points of `text`."""
        if self._index is None:
            self._index = ByteIndex(self.text)
        return self._index

    @property
    def lines(self) -> Text:
        """`text` with an index of its lines, made once."""
        if self._lines is None:
            self._lines = Text(self.text)
        return self._lines

    @property
    def source(self) -> bytes:
        """`text` in UTF-8, as it is parsed."""
        return self.index.source

    def byte_of(self, offset: int) -> int:
        """The byte at which code point `offset` of `text` starts."""
        return self.index.byte_of(offset)

    def offset_of(self, byte: int) -> int:
        """The code point of `text` that holds `byte`."""
        return self.index.offset_of(byte)

    def span_of(self, node: Node) -> Span:
        """The code points that a node of this document's present tree covers."""
        return self.index.span_of(node.start_byte, node.end_byte)


def count_errors(root: Node, start_byte: int = 0, end_byte: int | None = None) -> int:
    """How many ERROR and MISSING nodes there are at or under `root`.

    With a range of bytes only those that share a byte with it count, and empty ones in it or at its
    ends. Walks only the parts of the tree with errors.
    """
    last = root.end_byte if end_byte is None else end_byte
    count = 0
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if not _touches(node, start_byte, last):
            continue
        count += node.is_error or node.is_missing
        if node.has_error and node.child_count:
            waiting.extend(node.children)
    return count


def _after(first: ChangeSet | None, then: ChangeSet) -> ChangeSet:
    return then if first is None else first.compose(then)


def _touches(node: Node, start_byte: int, end_byte: int) -> bool:
    """Whether `node` shares a byte with the range, or, itself empty, lies in it or at its ends."""
    if node.start_byte == node.end_byte or start_byte == end_byte:
        return node.start_byte <= end_byte and start_byte <= node.end_byte
    return node.start_byte < end_byte and start_byte < node.end_byte


def _descend(root: Node, start_byte: int, end_byte: int) -> Iterator[TreeStep]:
    """The nodes that cover a range of bytes, from `root` down."""
    cursor = root.walk()
    yield TreeStep(root, None)
    while cursor.goto_first_child_for_byte(start_byte) is not None:
        node = cursor.node
        if node is None or node.start_byte > start_byte or node.end_byte < end_byte:
            return
        yield TreeStep(node, cursor.field_name)


def _tell_edits(tree: Tree, before: ByteIndex, changes: ChangeSet) -> None:
    """Apply `changes` to the positions in `tree`, which was parsed from `before`.

    From the last change to the first, so that the places before each are still right.
    """
    for change in reversed(changes.changes):
        start, end = before.byte_of(change.start), before.byte_of(change.end)
        inserted = encode(change.text)
        start_point = point(before.source, start)
        tree.edit(
            start_byte=start,
            old_end_byte=end,
            new_end_byte=start + len(inserted),
            start_point=start_point,
            old_end_point=point(before.source, end),
            new_end_point=_advance(start_point, inserted),
        )


def point(source: bytes, byte: int) -> tuple[int, int]:
    """tree-sitter's row and column of a byte; its scanners count columns, so it must be right."""
    return source.count(b"\n", 0, byte), byte - (source.rfind(b"\n", 0, byte) + 1)


def _advance(point: tuple[int, int], text: bytes) -> tuple[int, int]:
    """The row and column after `text` that starts at `point`."""
    rows = text.count(b"\n")
    if not rows:
        return point[0], point[1] + len(text)
    return point[0] + rows, len(text) - (text.rfind(b"\n") + 1)
