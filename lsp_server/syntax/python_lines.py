"""Python's errors in lines that the grammar does not report.

Indentation that matches no open level, a header without a body, a `try` without a handler, and
misplaced words: `return` outside of a function, `break` outside of a loop, `await` outside of an
`async def`. Reads logical lines, as Python does; the tree only distinguishes a word from a part of
a string. All numbers except columns are bytes.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from tree_sitter import Node

__all__ = ["errors_in_lines"]

# The groups of a possessive repetition are atomic: after others, Python 3.11.2 (Debian 12)
# continues at the wrong place (`tests/support/patterns.py`).
_STRINGS = rb"""
    \"\"\" (?> [^"\\]++ | \\. | "(?!"") )*+ (?: \"\"\" | \Z )
  | ''' (?> [^'\\]++ | \\. | '(?!'') )*+ (?: ''' | \Z )
  | " (?> [^"\\\n]++ | \\(?:\r\n|.) )*+ "?
  | ' (?> [^'\\\n]++ | \\(?:\r\n|.) )*+ '?
"""
_COMMENT = rb"\#[^\n]*+"
# The text between brackets, with its line ends. Each level of nesting contains the next pattern.
_INNER = rb"(?> [^\"'\#()\[\]{}]++ | " + _STRINGS + rb" | " + _COMMENT + rb" )*+"
for _ in range(4):
    _INNER = (
        rb"(?> [^\"'\#()\[\]{}]++ | " + _STRINGS + rb" | " + _COMMENT + rb" | [(\[{]"
        rb"(?>" + _INNER + rb")[)\]}] )*+"
    )

_LINE = re.compile(
    rb"""
    (?> [ \t\f]*+ (?: \#[^\n]*+ )? \r?\n )*+
    ([ \t\f]*+)
    (?![!%])
    (\w*+)
    ((?>
        [^\n"'\#\\()\[\]{}:]++
      | :(?! [ \t\f]* (?: \#|\r?\n|\r?\Z ) )
      | """
    + _STRINGS
    + rb"""
      | \\\r?\n | \\
      | [(\[{] (?>"""
    + _INNER
    + rb""") [)\]}]
    )*+)
    (:?) [ \t\f]*+ (?: """
    + _COMMENT
    + rb""" )? \r? (?: \n | \Z )
    """,
    re.VERBOSE | re.DOTALL,
)
"""One logical line, if its brackets are closed and not nested too deep."""

_TOKEN = re.compile(_STRINGS + rb"|" + _COMMENT + rb"|\\\r?\n|[()\[\]{}\n]", re.VERBOSE | re.DOTALL)
_START = re.compile(rb"([ \t\f]*)(\w*)")
_LONE_CR = re.compile(rb"\r(?!\n)")
_HEADER_END = re.compile(rb":[ \t\f]*(?:#[^\n]*)?\r?\Z")
_BLANK = re.compile(rb"(?>[ \t\f]*+(?:#[^\n]*+)?\r?\n)*+")
_WORDS = re.compile(rb"\b(?:return|yield|await|async|break|continue)\b")
_FROM = re.compile(rb"\s+from\b")
_CATCH_ALL = re.compile(rb"[ \t]*\(?[ \t]*(?!None\b|True\b|False\b)[^\W\d]\w*[ \t]*\)?[ \t]*\Z")
_TAB = 8

_HANDLERS = (b"except", b"finally")
_LOOPS = (b"for", b"while")
_JOINING = b" \t\f\\\r\n"
"""What may follow the last word of a continued line, up to the first word of the next one."""
_NEXT_IMPORT = re.compile(rb"\\\r?\n[ \t]*(?:from|import)\b")
_WANTING = re.compile(rb"(?:[-=+*/%&|^<>.~@!]|\b(?:and|or|not|in|is|if|else|lambda|import))\Z")
"""How an unfinished line ends. Complete lines that end so match one of the next three."""
_COMPLETE = b"..."
_NUMBER = re.compile(rb"(?<![\w)\]}.])\d[\d_]*\.\Z")
_ALL = re.compile(rb"\bimport\s*\*\Z")
_WATCHED = frozenset((b"try", b"except", b"case", b"from", b"import"))
"""Words of statements that need a certain place, or something after them."""
_MARK = b"\xef\xbb\xbf"


class _LogicalLine(NamedTuple):
    """A logical line that is not blank and not only a comment."""

    start: int
    """Where its first word starts."""
    end: int
    indent: bytes
    word: bytes
    """The letters at its beginning."""
    rest: bytes
    """The text after the word, without the colon of a header and what follows it."""
    header: bool
    """Whether it ends in a colon, so a block must follow."""


@dataclass(slots=True)
class _IndentLevel:
    """A level of indentation: its statements and what is around them."""

    indent: bytes
    column: int
    """As Python counts it: a tab leads to the next multiple of eight."""
    narrow: int
    """The same with tabs of one column. If the two disagree, so do editors."""
    function: bytes | None = None
    """`def`, `async` or `class`, whichever is nearest; None at the top level."""
    gives: set[bytes] = field(default_factory=set)
    """Which of `return` with a value and `yield` that function contains."""
    loop: bool = False
    match: bool = False
    """Whether its statements are the cases of a `match`."""
    trying: bool = False
    """Whether the statement before is a `try` without a handler so far."""
    closed: bool = False
    """Whether the statement before catches everything: a bare `except`, or a case of a name."""


def errors_in_lines(root: Node, source: bytes, look_at_the_time: Callable[[], None]) -> int:
    """The number of errors in `source`, whose tree is at `root`.

    Finds nothing after a bracket that stays open. `look_at_the_time` may raise.
    """
    # A lone return, the line end of old Macs, becomes a newline of the same length.
    return _OpenRows(root, _LONE_CR.sub(b"\n", source)).read(look_at_the_time)


@dataclass(slots=True)
class _OpenRows:
    """The open levels at the line that is being read."""

    root: Node
    source: bytes
    found: int = 0
    levels: list[_IndentLevel] = field(default_factory=lambda: [_IndentLevel(b"", 0, 0)])
    header: _LogicalLine | None = None
    """The previous line, if a block must follow it."""

    def read(self, look_at_the_time: Callable[[], None]) -> int:
        """Read all lines. Returns the number of errors."""
        words = _WORDS.finditer(self.source)
        word = next(words, None)
        level = self.levels[-1]
        for count, line in enumerate(_lines(self.source)):
            if not count % 64:
                look_at_the_time()
            if self.header is not None or line.indent != level.indent:
                self._place(line)
                level = self.levels[-1]
            if level.trying or level.closed or line.word in _WATCHED:
                self._follow(level, line)
            while word is not None and word.start() < line.end:
                if word.start() >= line.start:
                    self._judge(level, word)
                word = next(words, None)
            self.header = line if line.header else None
            # For the grammar a line continues after its end, a blank line and a comment.
            self.found += _wants_more(line)
        self.found += self.header is not None
        return self.found + sum(level.trying for level in self.levels)

    def _judge(self, level: _IndentLevel, match: re.Match[bytes]) -> None:
        """Check that the word is allowed in a line of this level, and in its function."""
        word = match[0]
        if not _lets(level, word):
            self.found += _is_out_of_place(self.root, match.start(), word)
        elif level.function == b"async" and word in (b"return", b"yield"):
            node = _statement(self.root, match.start(), word)
            if node is None or (word == b"return" and not node.named_child_count):
                return
            self.found += word == b"yield" and _FROM.match(self.source, match.end()) is not None
            before = len(level.gives)
            level.gives.add(word)
            self.found += before == 1 < len(level.gives)  # An async generator returns no value.

    # -- the level of a line --

    def _place(self, line: _LogicalLine) -> None:
        """Open or leave the levels that the line's indentation opens or leaves."""
        column, narrow = _columns(line.indent)
        level = self.levels[-1]
        if column > level.column:
            self.found += self.header is None or narrow <= level.narrow
            self.levels.append(self._opened(line.indent, column, narrow))
            return
        self.found += self.header is not None
        while column < level.column:
            self.found += level.trying
            self.levels.pop()
            if self.levels[-1].column < column:
                self.found += 1  # It matches no open level.
                level.trying = level.closed = False
                level.indent, level.column, level.narrow = line.indent, column, narrow
                self.levels.append(level)
                return
            level = self.levels[-1]
        self.found += narrow != level.narrow

    def _opened(self, indent: bytes, column: int, narrow: int) -> _IndentLevel:
        """The level that begins after the header."""
        outer, header = self.levels[-1], self.header
        level = _IndentLevel(indent, column, narrow, outer.function, outer.gives, outer.loop)
        if header is None:
            return level
        word = header.word
        if word == b"async":
            word = header.rest.split(None, 1)[0] if header.rest.strip() else word
            word = b"async" if word == b"def" else word
        if word in (b"def", b"async", b"class"):
            level.function, level.gives, level.loop = word, set(), False
        elif word in _LOOPS:
            level.loop = True
        level.match = word == b"match"
        return level

    # -- what it may follow --

    def _follow(self, level: _IndentLevel, line: _LogicalLine) -> None:
        """Check the line against the statement before it at the same level."""
        word = line.word
        if word in (b"from", b"import"):
            rest = line.rest.rstrip(_JOINING)
            self.found += rest.endswith(b",") or _NEXT_IMPORT.search(rest) is not None
            self.found += level.function is not None and rest.endswith(b"import *")
        if level.trying:
            self.found += word not in _HANDLERS
        if level.closed:
            self.found += word == (b"case" if level.match else b"except")
        level.trying = word == b"try" and (line.header or line.rest.lstrip().startswith(b":"))
        if level.match:
            level.closed = word == b"case" and _CATCH_ALL.match(line.rest) is not None
        else:
            level.closed = word == b"except" and line.header and not line.rest.strip()


def _wants_more(line: _LogicalLine) -> bool:
    """Whether the line ends too early: with an operator, or a word that needs another."""
    end = line.rest.rstrip(_JOINING)
    if _WANTING.search(end) is None:
        return False
    return not (end.endswith(_COMPLETE) or _NUMBER.search(end) or _ALL.search(line.word + end))


def _lets(level: _IndentLevel, word: bytes) -> bool:
    """Whether the word is allowed in a statement of this level."""
    if word in (b"return", b"yield"):
        return level.function in (b"def", b"async")
    if word in (b"break", b"continue"):
        return level.loop
    return level.function == b"async"


def _columns(indent: bytes) -> tuple[int, int]:
    if b"\f" in indent:
        indent = indent[indent.rindex(b"\f") + 1 :]
    if b"\t" not in indent:
        return len(indent), len(indent)
    column = 0
    for byte in indent:
        column = (column // _TAB + 1) * _TAB if byte == 9 else column + 1
    return column, len(indent)


def _lines(source: bytes) -> Iterator[_LogicalLine]:
    """The logical lines, up to the end or to a bracket that stays open."""
    place, end = len(_MARK) if source.startswith(_MARK) else 0, len(source)
    while place < end:
        match = _LINE.match(source, place)
        if match is not None:
            place = match.end()
            indent, word, rest, colon = match.groups()
            if word or rest or colon:
                yield _LogicalLine(match.start(2), place, indent, word, rest, bool(colon))
            continue
        line = _odd_line(source, place)
        if line is None:
            return
        place = line.end
        yield line


def _odd_line(source: bytes, place: int) -> _LogicalLine | None:
    """A logical line that only notebooks have, or with deeply nested brackets.

    None if a bracket stays open. A notebook's line ends where its letters do.
    """
    blank = _BLANK.match(source, place)
    start = _START.match(source, place if blank is None else blank.end())
    assert start is not None  # Both patterns match an empty text, too.
    first = start.end(1)
    if source[first : first + 1] in (b"!", b"%"):
        end = source.find(b"\n", first) + 1 or len(source)
        return _LogicalLine(first, end, start[1], b"", b"", False)
    stop = _line_end(source, first)
    if stop is None:
        return None
    text = source[start.end() : stop].rstrip(b"\n")
    header = _HEADER_END.search(text)
    rest = text if header is None else text[: header.start()]
    return _LogicalLine(first, stop, start[1], start[2], rest, header is not None)


def _line_end(source: bytes, place: int) -> int | None:
    """The end of the logical line, including its line end; None if a bracket stays open."""
    depth = 0
    for match in _TOKEN.finditer(source, place):
        kind = match[0][:1]
        if kind in b"([{":
            depth += 1
        elif kind in b")]}":
            depth = max(depth - 1, 0)
        elif kind == b"\n" and not depth:
            return match.end()
    return None if depth else len(source)


def _statement(root: Node, place: int, word: bytes) -> Node | None:
    """The statement that the word at `place` begins; None if it is part of a string or a name."""
    token = root.descendant_for_byte_range(place, place + len(word))
    if token is None:
        return None
    if token.type == word.decode():
        # A statement that is only this word has no separate token for it.
        return token if token.named_child_count or token.is_named else token.parent
    return token if token.type == f"{word.decode()}_statement" else None


def _is_out_of_place(root: Node, place: int, word: bytes) -> bool:
    """Whether `place` has that word as a word, and nothing on its own line allows it there."""
    node = _statement(root, place, word)
    if node is None:
        return False
    row = node.start_point.row
    while node is not None and node.start_point.row == row:
        kind = node.type
        if kind == "lambda":
            return word in (b"await", b"async")
        if kind in ("function_definition", "for_statement", "while_statement"):
            return not _lets_itself(node, word)
        if kind == "generator_expression" and word in (b"await", b"async"):
            return False
        node = node.parent
    return True


def _lets_itself(node: Node, word: bytes) -> bool:
    """Whether a statement on one line allows this word in its body."""
    if node.type == "function_definition":
        first = node.child(0)
        own = first is not None and first.type == "async"
        return word in (b"return", b"yield") or (word in (b"await", b"async") and own)
    return word in (b"break", b"continue")
