"""Puts the answer's lines back into the columns of the document.

The scope begins at its first character, so its first line comes without indentation and the
others with all of theirs. Models also send every line with its indentation, or the whole scope
from column 0 (or any other), or tabs for blanks. The first line only loses its white space and
goes on at once. What is done to the others is decided at the first of them, by its column and by
whether the original holds it, and then kept to the end: KEPT, or MOVED from the first line's
column to the scope's. Blank lines are left alone.

Not done: an answer in another *number* of blanks a level keeps them (alignment could not be told
from indentation). Without a parser, lines inside a string move with the others, except those
that the original holds left of the scope's own column.
"""

from collections import Counter
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise

from lsp_server.edit.reply.place import BLANKS, Place, indent_of, is_blank, names_in
from lsp_server.edit.reply.stage import LineStage

# How wide a tab counts where columns are compared, in blanks, if the file has no unit.
_TAB = 4
# What a level may be in an answer of blanks for a file of tabs, likeliest first.
_LEVELS = (4, 2, 8, 3)
# Lines that end so are followed by deeper ones.
_OPENERS = (":", "{", "(", "[", "=", "=>", "->", " then", " do", " begin", "else", "|")
# Lines that end so are followed by lines exactly one level deeper.
_BLOCK_OPENERS = (":", "{", " then", " do", " begin")


class Kind(Enum):
    """What a line is indented with."""

    TABS = auto()
    BLANKS = auto()
    NONE = auto()  # not at all, or with a single blank, as ` * ` in a comment


def kind_of(indent: str) -> Kind:
    """What `indent` is made of, going by its beginning."""
    if indent.startswith("\t"):
        return Kind.TABS
    return Kind.BLANKS if len(indent) >= 2 else Kind.NONE


@dataclass(frozen=True, slots=True)
class Style:
    """How the document indents; `unit` is the width of a level in blanks."""

    kind: Kind
    unit: int

    @classmethod
    def of(cls, place: Place) -> "Style":
        """The style of the original; if it shows none, of its neighbours. Mixed is none."""
        own = [line for line in place.document_lines if not is_blank(line)]
        unit = _unit_of([indent_of(line) for line in place.lines_before + own + place.lines_after])
        for lines in (own, place.lines_before + place.lines_after):
            kinds = {kind_of(indent_of(line)) for line in lines} - {Kind.NONE}
            if kinds:
                return cls(kinds.pop() if len(kinds) == 1 else Kind.NONE, unit)
        return cls(Kind.NONE, _TAB)

    def width(self, indent: str) -> int:
        """The column after `indent`, in blanks."""
        return sum(self.unit if character == "\t" else 1 for character in indent)


def _unit_of(indents: list[str]) -> int:
    """The commonest step to a deeper line, in blanks; without any, what divides the columns."""
    widths = [len(indent) for indent in indents if "\t" not in indent]
    steps = Counter(b - a for a, b in pairwise(widths) if 2 <= b - a <= 8)
    if steps:
        return max(steps, key=lambda step: (steps[step], -step))
    return 2 if any(width % _TAB == 2 for width in widths) else _TAB


class Restyle:
    """Tabs for blanks or blanks for tabs, decided by the answer's first indented line."""

    def __init__(self, style: Style) -> None:
        self._style = style
        self._decided = style.kind is Kind.NONE
        self._converts = False
        self._level = _TAB  # blanks for one tab, in the answer

    def apply(self, indent: str) -> str:
        """`indent` in the document's style."""
        self._decide(indent)
        if not self._converts:
            return indent
        if self._style.kind is Kind.BLANKS:
            return indent.replace("\t", " " * self._style.unit)
        levels, rest = divmod(indent.count(" "), self._level)
        return "\t" * (indent.count("\t") + levels) + " " * rest

    def _decide(self, indent: str) -> None:
        kind = kind_of(indent)
        if self._decided or kind is Kind.NONE:
            return
        self._decided = True
        self._converts = kind is not self._style.kind
        if kind is Kind.BLANKS:
            self._level = next((n for n in _LEVELS if len(indent) % n == 0), _TAB)


class Rule(Enum):
    """What happens to the lines after the first."""

    KEPT = auto()  # they have the document's columns
    MOVED = auto()  # from the answer's first column to the scope's


class Indenter(LineStage):
    """Answer lines in, the same lines in the document's columns out."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self._place = place
        self._style = Style.of(place)
        self._restyle = Restyle(self._style)
        self._home = place.indent
        self._base = ""  # the indentation that the answer's first line came with
        self._first_line = ""
        self._on_first = True
        self._at_first = False
        self._rule: Rule | None = None
        # Nothing to go by: an insertion point at column 0, or a scope that begins with blanks.
        if (place.blank and not self._home) or place.original[:1].isspace():
            self._rule = Rule.KEPT
            self._on_first = False
        self._columns: dict[str, set[int]] = {}
        for line in filter(str.strip, place.document_lines):
            columns = self._columns.setdefault(line.strip(), set())
            columns.add(self._style.width(indent_of(line)))
        # Lines of the original that stand left of the scope itself, as in a here-document.
        home = self._style.width(self._home)
        self._pinned = frozenset(
            line.rstrip()
            for line in place.lines[1:]
            if not is_blank(line) and self._style.width(indent_of(line)) < home
        )

    def first_line_shows_its_column(self) -> None:
        """The answer began with neighbours: its first line has the indentation it is meant to."""
        if self._on_first:
            self._at_first = True

    def _grow(self, beginning: str) -> None:
        text = beginning.lstrip(BLANKS)
        if not text:
            return
        indent = indent_of(beginning)
        if self._on_first:
            self._on_first = False
            self._begin(indent)
            self._flow(text)
            return
        if self._rule is None:
            self._rule = self._judge(indent, None)
        if self._rule is not None and not self._pinned:
            self._flow(self._placed(indent) + text)

    def _too_long(self, beginning: str) -> None:
        # Such a line is not compared with the original's.
        self._whole_or_beginning(beginning, "")
        self._flowing = True

    def _whole(self, line: str) -> None:
        if is_blank(line):
            if self._on_first:
                self._on_first, self._rule = False, Rule.KEPT
            self._put(line)
        elif line.rstrip() in self._pinned:
            self._put(line)
        else:
            self._whole_or_beginning(line, line.strip())

    def _whole_or_beginning(self, line: str, text: str) -> None:
        """Write a line that had to wait; `text` is what the original may hold of it."""
        if self._on_first:
            self._on_first, self._rule = False, Rule.KEPT
        indent = indent_of(line)
        self._rule = self._rule or self._judge(indent, text) or Rule.KEPT
        self._put(self._placed(indent) + line[len(indent) :])

    def _ended(self, line: str) -> None:
        if not self._first_line:
            self._first_line = line.strip()

    def _begin(self, indent: str) -> None:
        self._base = self._restyle.apply(indent)
        if self._base == self._home:
            self._rule = Rule.KEPT
        elif self._at_first or not self._home:
            self._rule = Rule.MOVED

    def _placed(self, indent: str) -> str:
        indent = self._restyle.apply(indent)
        if self._rule is Rule.KEPT:
            return indent
        if indent.startswith(self._base):
            return self._home + indent[len(self._base) :]
        # Left of the answer's own first line: as far left of the scope's.
        missing = self._style.width(self._base) - self._style.width(indent)
        home = self._home
        while home and missing > 0:
            missing -= self._style.width(home[-1])
            home = home[:-1]
        return home

    def _judge(self, indent: str, text: str | None) -> Rule | None:
        """The rule that the first line after the first speaks for.

        `text` is that line without its indentation, None while it is not complete; the answer
        is None while it takes the complete line to tell.
        """
        home = self._style.width(self._home)
        here = self._style.width(self._restyle.apply(indent))
        if not self._base:
            if here < home and (text is not None or not self._pinned):
                return Rule.MOVED
            if here <= home and self._opens():
                return Rule.MOVED
            if here == home + self._style.unit and self._first_line.endswith(_BLOCK_OPENERS):
                # One level below the scope; moved, it would be two below it or more.
                return Rule.KEPT
        if text is None:
            return None
        known = self._columns.get(text.strip(), set())
        moved = here + home - self._style.width(self._base)
        if here in known:
            return Rule.KEPT
        if moved in known:
            return Rule.MOVED
        return Rule.MOVED if self._base else Rule.KEPT

    def _opens(self) -> bool:
        """Whether the answer's first line has to be followed by a deeper one."""
        rest = [line for line in self._place.lines[1:] if not is_blank(line)]
        home = self._style.width(self._home)
        deeper = bool(rest) and self._style.width(indent_of(rest[0])) > home
        if self._first_line.endswith(_OPENERS):
            # Some languages put `case` no deeper than its `switch {`: the original shows it.
            return deeper or not rest or not self._place.first.endswith(_OPENERS)
        return deeper and names_in(self._first_line)[:1] == names_in(self._place.first)[:1]
