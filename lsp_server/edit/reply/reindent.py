"""Moves the lines of an answer to the columns of the document.

The scope begins at its first character, so its first line comes without indentation, and the others
with all of theirs. But models also indent every line, or send the scope from column 0 (or any
other), or use tabs for spaces. The first line only loses its white space and passes at once. One
decision applies to all other lines: KEPT, or MOVED from the first line's column to the scope's.
Blank lines stay as they are.

The request asks for the document's own columns, so KEPT applies unless something proves the
contrary. If the first line came without indentation, the proof is one of these:

- A line is left of the scope, no line of the original is, and it does not leave the scope on
  purpose. Lines that do so are a closing bracket that the answer did not open, a preprocessor line,
  and a definition after two blank lines. A comment proves nothing: it waits for the next line.
- A line is left of the scope, and in the original it is deeper by the indentation of the scope.
- The first line opens a block, and the next line is no deeper than the scope. If the original has
  that next line in that very column, the lines wait for one left of the scope.
- The first line is similar to the original's, the next one is the original's next, and in the
  original it is deeper by the indentation of the scope.

`indent_style` decides what a level is. Without a parser, lines inside a string move with the
others, except those that the original has left of the scope's column.
"""

import re
from enum import Enum, auto

from rapidfuzz.distance import Indel

from lsp_server.edit.reply.indent_style import (
    BEGINS,
    BLOCK_OPENERS,
    COMMENT,
    IndentConverter,
    IndentStyle,
    opens_block,
)
from lsp_server.edit.reply.line_filter import LONGEST_HELD, LineFilter
from lsp_server.edit.reply.reply_context import (
    BLANKS,
    PROSE,
    ReplyContext,
    balance_of,
    indent_of,
    is_blank,
    is_substantial,
    names_in,
)

# Lines with one of these ends are followed by deeper ones.
_OPENERS = (":", "{", "(", "[", "=", "=>", "->", " then", " do", " begin", "else", "|")
# Lines that some styles put into the column of the line that opens their block.
_LABEL = re.compile(r"(case|default|when|else|public|private|protected|in)\b|\w+:$|- ")
_DIRECTIVE = re.compile(r"#(if|ifdef|ifndef|elif|else|endif|define|undef|include|pragma)\b")
# A tag that contains the lines after it.
_TAG = re.compile(r"<(?!(?:br|hr|img|input|link|meta)\b)[A-Za-z][^<]*(?<!/)>$")
_QUOTE = re.compile(r"[A-Za-z]{0,2}#*[\"'`]")
_ENDS = re.compile(r"(end|when|else|elsif|elif)\b")
_CLOSER = re.compile(r"[)\]}]")
# From this similarity on (0 to 1) the answer's first line is a changed version of the original's.
_ALIKE = 0.7


class IndentRule(Enum):
    """What happens to the lines after the first one."""

    KEPT = auto()  # they have the document's columns
    MOVED = auto()  # from the answer's first column to the scope's


def inner_column(context: ReplyContext) -> str:
    """The indentation of the block around an insertion point in column 0; "" for none."""
    if not context.blank or context.indent or not context.lines_before or not context.lines_after:
        return ""
    above, below = context.lines_before[-1], context.lines_after[0]
    outer, inner = indent_of(above), indent_of(below)
    opens = opens_block(above)
    if opens and inner.startswith(outer) and inner != outer:
        return inner
    if not opens and outer and (_CLOSER.match(below.strip()) or _ENDS.match(below.strip())):
        return outer if len(inner) < len(outer) else inner
    return min(outer, inner, key=len)


class Indenter(LineFilter):
    """Takes lines of an answer and returns them in the document's columns."""

    def __init__(
        self, context: ReplyContext, language: str = "", keeps_style: bool = False
    ) -> None:
        """`keeps_style`: the indentation style of the answer is intended."""
        super().__init__()
        self._context = context
        self._style = IndentStyle.of(context, language)
        self._restyle = IndentConverter(self._style, context, language, keeps_style)
        # At an insertion point in column 0 of a block the answer has to bring its indentation
        # along.
        self._block_indent = "" if language in PROSE else inner_column(context)
        self._scope_indent = context.indent or self._block_indent
        self._first_indent = ""  # the indentation of the answer's first line, as it came
        self._first_line = ""
        self._on_first = True
        self._at_first = False
        self._rule: IndentRule | None = None
        # Nothing proves a column: an insertion point in column 0, a scope that begins with white
        # space, or one that begins with a conflict marker, which is in column 0 whatever follows.
        begins = context.original.startswith("<<<<<<<") or context.original[:1].isspace()
        if (context.blank and not self._scope_indent) or begins:
            self._rule = IndentRule.KEPT
            self._on_first = False
        self._waiting: list[str] = []  # lines that wait for one left of the scope
        self._waits = False
        # Comments left of the scope wait too; they prove nothing.
        self._has_left_comments = False
        self._blanks = 0  # blank lines since the last non-blank one
        self._lines = 0  # non-blank lines so far
        self._balance = 0  # opening brackets minus closing brackets
        self._columns: dict[str, set[int]] = {}
        for line in filter(str.strip, context.document_lines):
            columns = self._columns.setdefault(line.strip(), set())
            columns.add(self._style.width(indent_of(line)))
        home = self._style.width(self._scope_indent)
        rest = [line for line in context.lines[1:] if not is_blank(line)]
        self._second = rest[0].strip() if rest else ""
        self._deepens = bool(rest) and self._style.width(indent_of(rest[0])) > home
        # Lines of the original that are left of the scope, as in a here-document.
        self._pinned = frozenset(
            line.rstrip()
            for line in context.lines[1:]
            if not is_blank(line) and self._style.width(indent_of(line)) < home
        )

    def first_line_shows_its_column(self) -> None:
        """Called when lines before the answer's first one were removed, so it is indented."""
        if self._on_first:
            self._at_first = True

    def _line_grew(self, beginning: str) -> None:
        text = beginning.lstrip(BLANKS)
        if not text:
            return
        indent = indent_of(beginning)
        if self._on_first:
            self._on_first = False
            self._begin(indent)
            self._flow(self._block_indent + text)
            return
        if self._rule is None and not self._pinned:
            self._rule = self._judge_early(indent, text)
        if self._rule is not None and not self._pinned:
            self._place_first()
            if self._restyle.needs_line(indent):
                return
            self._restyle.decide(indent, "")
            self._stop_waiting()
            self._flow(self._placed(indent) + text)

    def _beginning_too_long(self, beginning: str) -> None:
        # Such a line is not compared with the original's.
        self._put_undecided(beginning, "")
        self._stop_waiting()
        self._flowing = True

    def _line_undecided(self, line: str) -> None:
        if is_blank(line):
            if self._on_first:
                self._on_first, self._rule = False, IndentRule.KEPT
            self._blanks += 1
            self._put_or_wait(line)
        elif line.rstrip() in self._pinned:
            self._put_or_wait(line)
            self._count(line)
        else:
            self._put_undecided(line, line.strip())
            self._count(line)

    def _put_undecided(self, line: str, text: str) -> None:
        """Write a line that had to wait. `text` is the text to compare with the original."""
        if self._on_first:
            self._on_first, self._rule = False, IndentRule.KEPT
        self._learn(line)
        if self._rule is None:
            self._rule = self._judge(indent_of(line), text)
            self._learn(line)
            if self._rule is not None:
                self._stop_waiting()
        self._put_or_wait(line)

    def _place_first(self) -> None:
        """If the lines move from column 0, that is the column of the first line.

        It came without its indentation.
        """
        if self._lines == 1 and self._rule is IndentRule.MOVED and not self._first_indent:
            self._restyle.note(self._first_line)

    def _learn(self, line: str) -> None:
        """Learn from the line which characters the answer indents with, and how many per level."""
        self._place_first()
        knew = self._restyle.has_unit
        self._restyle.decide(indent_of(line), line.strip())
        learnt = self._restyle.has_unit and not knew
        if (
            learnt
            and self._rule is IndentRule.KEPT
            and not self._first_indent
            and self._scope_indent
        ):
            # If these were the document's columns, the lines would not be a level deeper here. They
            # came from column 0, in levels that are wider by the indentation of the scope.
            self._rule = IndentRule.MOVED

    def _put_or_wait(self, line: str) -> None:
        if self._waits or self._has_left_comments:
            self._waiting.append(line)
        elif is_blank(line) or line.rstrip() in self._pinned:
            self._put(line)
        else:
            indent = indent_of(line)
            self._put(self._placed(indent, line[len(indent) :]) + line[len(indent) :])

    def _stop_waiting(self) -> None:
        if self._rule is None and (self._waits or self._has_left_comments):
            # If only comments are left of the scope, they are in the column of the first line.
            self._rule = IndentRule.KEPT if self._waits else IndentRule.MOVED
        self._waits = self._has_left_comments = False
        waiting, self._waiting = self._waiting, []
        for line in waiting:
            self._put_or_wait(line)

    def _text_ended(self) -> None:
        self._stop_waiting()

    def _flowed_line_ended(self, line: str) -> None:
        if not self._first_line:
            self._first_line = line.strip()
        self._count(line)

    def _count(self, line: str) -> None:
        """Note a non-blank line that has been handled."""
        if not self._lines and self._at_first and COMMENT.match(line.strip()) is None:
            self._rule = self._rule or IndentRule.MOVED
        self._restyle.note(line, bool(self._lines or self._first_indent or not self._scope_indent))
        self._lines += not self._has_left_comments
        self._blanks = 0
        if self._rule is None:
            self._balance += balance_of(line)

    def _begin(self, indent: str) -> None:
        self._first_indent = indent
        if self._base == self._scope_indent:
            self._rule = IndentRule.KEPT
        elif not self._scope_indent:
            self._rule = IndentRule.MOVED

    @property
    def _base(self) -> str:
        """The indentation of the answer's first line, in the document's style."""
        return self._restyle.apply(self._first_indent)

    def _placed(self, indent: str, text: str = "") -> str:
        indent = self._restyle.apply(indent, text)
        if self._rule is not IndentRule.MOVED:
            return indent
        if indent.startswith(self._base):
            return self._scope_indent + indent[len(self._base) :]
        # The line is left of the answer's first line, so it goes as far left of the scope's.
        missing = self._style.width(self._base) - self._style.width(indent)
        home = self._scope_indent
        while home and missing > 0:
            missing -= self._style.width(home[-1])
            home = home[:-1]
        return home

    def _judge_early(self, indent: str, beginning: str) -> IndentRule | None:
        """The result of `_judge` for every line with this beginning; None if it is too short."""
        home = self._style.width(self._scope_indent)
        here = self._style.width(self._restyle.apply(indent))
        if self._base or self._waits:
            return None
        if here < home:
            may_leave = self._blanks >= 2 or beginning[0] in "#)]}ew/-*<%;"
            may_leave = may_leave or self._first_line[:2] == "- "
            return None if may_leave else IndentRule.MOVED
        if here == home and self._lines == 1 and self._opens():
            return IndentRule.MOVED if self._opens_surely() else None
        if here == home and self._continues_item(beginning):
            return IndentRule.MOVED
        known = self._columns.get(self._second, set())
        shifted = self._lines == 1 and here not in known and here + home in known
        return None if shifted and self._second.startswith(beginning.rstrip()) else IndentRule.KEPT

    def _judge(self, indent: str, text: str) -> IndentRule | None:
        """What a line after the first one proves; None if nothing.

        `text` is the complete line without white space at its ends.
        """
        home = self._style.width(self._scope_indent)
        here = self._style.width(self._restyle.apply(indent))
        known = self._columns.get(text, set())
        if self._base:
            moved = here + home - self._style.width(self._base)
            return IndentRule.KEPT if here in known and moved not in known else IndentRule.MOVED
        shifted = here not in known and here + home in known
        if here >= home:
            return self._judge_inside(text, here, shifted)
        if self._waits or (shifted and is_substantial(text)):
            return IndentRule.MOVED
        if _DIRECTIVE.match(text):
            return None
        if COMMENT.match(text) and not self._pinned:
            self._has_left_comments = True
            return None
        if self._lines == 1 and self._opens():
            return IndentRule.MOVED
        if self._pinned:
            return None
        return IndentRule.KEPT if self._leaves_scope(text, here) else IndentRule.MOVED

    def _judge_inside(self, text: str, here: int, shifted: bool) -> IndentRule | None:
        """The same for a line that is not left of the scope."""
        if self._waits:
            return None
        if here == self._style.width(self._scope_indent) and self._continues_item(text):
            return IndentRule.MOVED
        if self._lines > 1:
            return IndentRule.KEPT
        if here == self._style.width(self._scope_indent) and self._opens():
            self._waits = here in self._columns.get(text, set()) and not self._opens_surely()
            if self._waits:
                return None
            if self._opens_surely() or not (_LABEL.match(text) or _ENDS.match(text)):
                return IndentRule.MOVED
        if here == self._style.width(self._scope_indent) + self._style.unit:
            # It is one level below the beginning of a block; moved, it would be at least two below
            # it.
            shifted = shifted and not self._first_line.endswith(BLOCK_OPENERS)
        goes_on = shifted and text == self._second and self._first_is_alike()
        return IndentRule.MOVED if goes_on else IndentRule.KEPT

    def _opens(self) -> bool:
        """Whether a deeper line has to follow the answer's first line."""
        first = self._first_line
        if _TAG.match(first):
            return self._deepens and names_in(first)[:1] == names_in(self._context.first)[:1]
        if BEGINS.match(first) and BEGINS.match(self._context.first) and self._deepens:
            return True
        if not first.endswith(_OPENERS) or COMMENT.match(first):
            return False
        if _QUOTE.match(first) and not first.endswith(("{", "[", "(")):
            return False
        # Some languages put `case` no deeper than its `switch {`: the original shows it.
        return self._deepens or not self._second or not self._context.first.endswith(_OPENERS)

    def _continues_item(self, beginning: str) -> bool:
        """Whether a line in the scope's column continues the list item before it.

        In the document it would be deeper, as in the original.
        """
        first = self._first_line.startswith("- ") and self._context.first.startswith("- ")
        return first and self._lines == 1 and self._deepens and beginning[0] not in "-#"

    def _opens_surely(self) -> bool:
        """Whether only columns close the block of the first line, and no brackets or words."""
        return self._first_line.endswith(":") and not _LABEL.match(self._first_line)

    def _first_is_alike(self) -> bool:
        ours, theirs = self._first_line[:LONGEST_HELD], self._context.first[:LONGEST_HELD]
        return Indel.normalized_similarity(ours, theirs, score_cutoff=_ALIKE) > 0

    def _leaves_scope(self, text: str, here: int) -> bool:
        """Whether a line left of the scope ends the block of which the scope is a part."""
        if _CLOSER.match(text):
            return self._balance <= 0
        if self._first_line.startswith("- ") and here == 0:
            return not text.startswith(("-", "#"))
        alone = self._lines == 1 and not BEGINS.match(self._first_line)
        return (alone and _ENDS.match(text) is not None) or (self._blanks >= 2 and here == 0)
