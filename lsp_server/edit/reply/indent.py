"""Puts the answer's lines back into the columns of the document.

The scope begins at its first character, so its first line comes without indentation and the
others with all of theirs. Models also send every line with its indentation, or the whole scope
from column 0 (or any other), or tabs for blanks. The first line only loses its white space and
goes on at once. What is done to the others is decided once and then kept to the end: KEPT, or
MOVED from the first line's column to the scope's. Blank lines are left alone.

An answer is asked for in the document's own columns, so KEPT is what holds without proof to the
contrary. Where the first line came without indentation, the proof is one of these:
- a line stands left of the scope, no line of the original does, and it is none that leaves the
  scope on purpose: a closer of a bracket that the answer did not open, a preprocessor line, a
  definition after two blank lines;
- a line stands left of the scope, and the original holds it as much deeper as the scope is;
- the first line opens a block, and the next line stands no deeper than the scope. If the original
  has that next line in that very column, the lines wait for one left of the scope;
- the first line is like the original's, the next one is the original's next, and the original has
  it as much deeper as the scope is.

Not done: an answer in another *number* of blanks a level keeps them (alignment could not be told
from indentation). Without a parser, lines inside a string move with the others, except those
that the original holds left of the scope's own column.
"""

import re
from collections import Counter
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise

from rapidfuzz.distance import Indel

from lsp_server.edit.reply.place import (
    BLANKS,
    PROSE,
    Place,
    balance_of,
    indent_of,
    is_blank,
    is_substantial,
    names_in,
)
from lsp_server.edit.reply.stage import LONGEST_HELD, LineStage

# How wide a tab counts where columns are compared, in blanks, if the file has no unit.
_TAB = 4
# What a level may be in an answer of blanks for a file of tabs, likeliest first.
_LEVELS = (4, 2, 8, 3)
# Lines that end so are followed by deeper ones.
_OPENERS = (":", "{", "(", "[", "=", "=>", "->", " then", " do", " begin", "else", "|")
# Lines that end so are followed by lines exactly one level deeper.
_BLOCK_OPENERS = (":", "{", " then", " do", " begin")
# A comment opens nothing, whatever it ends with. `#[` and `#id {` are no comments.
_COMMENT = re.compile(r"(//|--|/\*|\*|<!--|%|;|#([\s#!]|$))")
# What may stand in the column of its opener, in some styles.
_LABEL = re.compile(r"(case|default|when|else|public|private|protected|in)\b|\w+:$|- ")
_DIRECTIVE = re.compile(r"#(if|ifdef|ifndef|elif|else|endif|define|undef|include|pragma)\b")
# A tag that holds the lines after it.
_TAG = re.compile(r"<(?!(?:br|hr|img|input|link|meta)\b)[A-Za-z][^<]*(?<!/)>$")
_QUOTE = re.compile(r"[A-Za-z]{0,2}#*[\"'`]")
_BEGINS = re.compile(r"(def|class|module|if|unless|while|until|for|case|begin|do|local|function)\b")
_ENDS = re.compile(r"(end|when|else|elsif|elif)\b")
_CLOSER = re.compile(r"[)\]}]")
# From this similarity on (0 to 1) the answer's first line is the original's, changed.
_ALIKE = 0.7


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
        """The style of the original and of its neighbours, which have to agree; mixed is none.

        A scope that no indented line stands around may be given another style on purpose.
        """
        own = [line for line in place.document_lines if not is_blank(line)]
        unit = _unit_of([indent_of(line) for line in place.lines_before + own + place.lines_after])
        around = [*place.lines_before, place.indent + "x", *place.lines_after]
        kinds = {kind_of(indent_of(line)) for line in own} - {Kind.NONE}
        outside = {kind_of(indent_of(line)) for line in around} - {Kind.NONE}
        agreed = (kinds & outside) if kinds else outside
        single = len(kinds or outside) == 1 and len(agreed) == 1
        return cls(agreed.pop() if single else Kind.NONE, unit)

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
        self.aligned = False  # the next line goes on a list: its column may be an alignment
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
        if self._decided or self.aligned or kind is Kind.NONE:
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

    def __init__(self, place: Place, language: str = "") -> None:
        super().__init__()
        self._place = place
        self._style = Style.of(place)
        if language in PROSE:
            self._style = Style(Kind.NONE, self._style.unit)
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
        self._waiting: list[str] = []  # lines that wait for one left of the scope
        self._waits = False
        self._blanks = 0  # blank lines since the last line that is not
        self._lines = 0  # lines so far that are not blank
        self._balance = 0  # brackets opened less brackets closed
        self._columns: dict[str, set[int]] = {}
        for line in filter(str.strip, place.document_lines):
            columns = self._columns.setdefault(line.strip(), set())
            columns.add(self._style.width(indent_of(line)))
        home = self._style.width(self._home)
        rest = [line for line in place.lines[1:] if not is_blank(line)]
        self._second = rest[0].strip() if rest else ""
        self._deepens = bool(rest) and self._style.width(indent_of(rest[0])) > home
        # Lines of the original that stand left of the scope itself, as in a here-document.
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
        if self._rule is None and not self._pinned:
            self._rule = self._judge_early(indent, text)
        if self._rule is not None and not self._pinned:
            self._flow(self._placed(indent) + text)

    def _too_long(self, beginning: str) -> None:
        # Such a line is not compared with the original's.
        self._whole_or_beginning(beginning, "")
        self._stop_waiting()
        self._flowing = True

    def _whole(self, line: str) -> None:
        if is_blank(line):
            if self._on_first:
                self._on_first, self._rule = False, Rule.KEPT
            self._blanks += 1
            self._put_or_wait(line)
        elif line.rstrip() in self._pinned:
            self._put_or_wait(line)
            self._count(line)
        else:
            self._whole_or_beginning(line, line.strip())
            self._count(line)

    def _whole_or_beginning(self, line: str, text: str) -> None:
        """Write a line that had to wait; `text` is what the original may hold of it."""
        if self._on_first:
            self._on_first, self._rule = False, Rule.KEPT
        if self._rule is None:
            self._rule = self._judge(indent_of(line), text)
            if self._rule is not None:
                self._stop_waiting()
        self._put_or_wait(line)

    def _put_or_wait(self, line: str) -> None:
        if self._waits:
            self._waiting.append(line)
        elif is_blank(line) or line.rstrip() in self._pinned:
            self._put(line)
        else:
            indent = indent_of(line)
            self._put(self._placed(indent) + line[len(indent) :])

    def _stop_waiting(self) -> None:
        self._rule = self._rule or (Rule.KEPT if self._waits else None)
        self._waits = False
        waiting, self._waiting = self._waiting, []
        for line in waiting:
            self._put_or_wait(line)

    def _settle(self) -> None:
        self._stop_waiting()

    def _ended(self, line: str) -> None:
        if not self._first_line:
            self._first_line = line.strip()
        self._count(line)

    def _count(self, line: str) -> None:
        """A line that is not blank has been dealt with."""
        self._lines += 1
        self._blanks = 0
        self._restyle.aligned = line.rstrip().endswith(",")
        if self._rule is None:
            self._balance += balance_of(line)

    def _begin(self, indent: str) -> None:
        self._base = self._restyle.apply(indent)
        if self._base == self._home:
            self._rule = Rule.KEPT
        elif self._at_first or not self._home:
            self._rule = Rule.MOVED

    def _placed(self, indent: str) -> str:
        indent = self._restyle.apply(indent)
        if self._rule is not Rule.MOVED:
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

    def _judge_early(self, indent: str, beginning: str) -> Rule | None:
        """What `_judge` says of every line that begins so; None while it takes more to tell."""
        home = self._style.width(self._home)
        here = self._style.width(self._restyle.apply(indent))
        if self._base or self._waits:
            return None
        if here < home:
            may_leave = (
                self._blanks >= 2 or beginning[0] in "#)]}ew" or self._first_line[:2] == "- "
            )
            return None if may_leave else Rule.MOVED
        if here == home and self._lines == 1 and self._opens():
            return Rule.MOVED if self._opens_surely() else None
        if here == home and self._goes_on_item(beginning):
            return Rule.MOVED
        known = self._columns.get(self._second, set())
        shifted = self._lines == 1 and here not in known and here + home in known
        return None if shifted and self._second.startswith(beginning.rstrip()) else Rule.KEPT

    def _judge(self, indent: str, text: str) -> Rule | None:
        """What this line proves, the first after the first one or a later one; None: nothing.

        `text` is the complete line without white space at its ends.
        """
        home = self._style.width(self._home)
        here = self._style.width(self._restyle.apply(indent))
        known = self._columns.get(text, set())
        if self._base:
            moved = here + home - self._style.width(self._base)
            return Rule.KEPT if here in known and moved not in known else Rule.MOVED
        shifted = here not in known and here + home in known
        if here >= home:
            return self._judge_inside(text, here, shifted)
        if self._waits or (shifted and is_substantial(text)):
            return Rule.MOVED
        if _DIRECTIVE.match(text):
            return None
        if self._lines == 1 and self._opens():
            return Rule.MOVED
        if self._pinned:
            return None
        return Rule.KEPT if self._leaves(text, here) else Rule.MOVED

    def _judge_inside(self, text: str, here: int, shifted: bool) -> Rule | None:
        """The same for a line that does not stand left of the scope."""
        if self._waits:
            return None
        if here == self._style.width(self._home) and self._goes_on_item(text):
            return Rule.MOVED
        if self._lines > 1:
            return Rule.KEPT
        if here == self._style.width(self._home) and self._opens():
            self._waits = here in self._columns.get(text, set()) and not self._opens_surely()
            if self._waits:
                return None
            if self._opens_surely() or not (_LABEL.match(text) or _ENDS.match(text)):
                return Rule.MOVED
        if here == self._style.width(self._home) + self._style.unit:
            # One level below a block's beginning; moved, it would be two or more below it.
            shifted = shifted and not self._first_line.endswith(_BLOCK_OPENERS)
        goes_on = shifted and text == self._second and self._first_is_alike()
        return Rule.MOVED if goes_on else Rule.KEPT

    def _opens(self) -> bool:
        """Whether the answer's first line has to be followed by a deeper one."""
        first = self._first_line
        if _TAG.match(first):
            return self._deepens and names_in(first)[:1] == names_in(self._place.first)[:1]
        if _BEGINS.match(first) and _BEGINS.match(self._place.first) and self._deepens:
            return True
        if not first.endswith(_OPENERS) or _COMMENT.match(first):
            return False
        if _QUOTE.match(first) and not first.endswith(("{", "[", "(")):
            return False
        # Some languages put `case` no deeper than its `switch {`: the original shows it.
        return self._deepens or not self._second or not self._place.first.endswith(_OPENERS)

    def _goes_on_item(self, beginning: str) -> bool:
        """Whether a line in the scope's column goes on with the item of a list before it.

        In the document it would stand deeper, as the original's does.
        """
        first = self._first_line.startswith("- ") and self._place.first.startswith("- ")
        return first and self._lines == 1 and self._deepens and beginning[0] not in "-#"

    def _opens_surely(self) -> bool:
        """Whether no brackets or words close what the first line opens: only columns do."""
        return self._first_line.endswith(":") and not _LABEL.match(self._first_line)

    def _first_is_alike(self) -> bool:
        ours, theirs = self._first_line[:LONGEST_HELD], self._place.first[:LONGEST_HELD]
        return Indel.normalized_similarity(ours, theirs, score_cutoff=_ALIKE) > 0

    def _leaves(self, text: str, here: int) -> bool:
        """Whether a line left of the scope ends what the scope is a part of."""
        if _CLOSER.match(text):
            return self._balance <= 0
        if self._first_line.startswith("- ") and here == 0:
            return not text.startswith(("-", "#"))
        alone = self._lines == 1 and not _BEGINS.match(self._first_line)
        return (alone and _ENDS.match(text) is not None) or (self._blanks >= 2 and here == 0)
