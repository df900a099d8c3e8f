"""Finds the indentation style of a document and converts an answer to it.

A style is tabs, spaces, or tabs of eight columns followed by spaces (as in GNU's C), and a number
of spaces per level. The style of the answer is decided by its first line that shows one, and then
kept. The style of the document is the style of the text around the scope; if that shows none, of
the scope itself; else of the language. Knows nothing about the position of the lines.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise

from lsp_server.edit.reply.reply_context import PROSE, ReplyContext, balance_of, indent_of, is_blank

# The width of a tab in spaces when columns are compared and the file has no unit.
_TAB = 4
# The width of a tab in a file that uses spaces for less than a tab.
_WIDE = 8
# The possible widths of a level in an answer with spaces, the most likely first.
_LEVELS = (4, 2, 8, 3)
# After a line with one of these ends, the next line is exactly one level deeper.
BLOCK_OPENERS = (":", "{", " then", " do", " begin")
# A comment opens no block, whatever it ends with. `#[` and `#id {` are no comments.
COMMENT = re.compile(r"(//|--|/\*|\*|<!--|%|;|#([\s#!]|$))")
BEGINS = re.compile(r"(def|class|module|if|unless|while|until|for|case|begin|do|local|function)\b")
# A line with one of these ends continues in the next line, or is a complete statement.
_GOES_ON = (",", "\\", "&&", "||", "and", "or", "+", "-", ".", "end", ";", "}", ")", "fi", "done")
# Languages that indent with tabs unless the document shows otherwise.
_TABBED = frozenset({"go", "makefile"})
MAKE = "makefile"
# The beginning of a rule in a makefile, and lines in a rule that are not part of its recipe.
_RULE = re.compile(r"[^\s#=][^#=]*:(?![:=]?=)")
_CONDITION = re.compile(r"(if(eq|neq|def|ndef)|else|endif)\b")
_ASSIGNMENT = re.compile(r"(export |override )?[\w.-]+\s*([:+?!]|::)?=")


class IndentKind(Enum):
    """The characters of an indentation."""

    TABS = auto()
    BLANKS = auto()
    MIXED = auto()  # a tab for every eight columns, spaces for the rest
    NONE = auto()  # none, or a single space as before ` * ` in a comment


def kind_of(indent: str) -> IndentKind:
    """The kind of `indent`, judged by its beginning."""
    if indent.startswith("\t"):
        return IndentKind.TABS
    return IndentKind.BLANKS if len(indent) >= 2 else IndentKind.NONE


@dataclass(frozen=True, slots=True)
class IndentStyle:
    """The style of the document; `unit` is the width of a level in spaces."""

    kind: IndentKind
    unit: int
    sure: bool = False
    """Whether every block of the document is exactly one unit deeper than its opener."""

    @classmethod
    def of(cls, context: ReplyContext, language: str = "") -> "IndentStyle":
        """The style that the original and the known text around it agree on."""
        own = [line for line in context.document_lines if not is_blank(line)]
        above, below = (
            [line for line in text.split("\n") if not is_blank(line)]
            for text in (context.before.rpartition("\n")[0], context.after.partition("\n")[2])
        )
        known = [*above, *own, *below]
        unit = _unit_of([indent_of(line) for line in known])
        if _is_mixed([indent_of(line) for line in known]):
            return cls(IndentKind.MIXED, _WIDE)
        near = [*context.lines_before, context.indent + "x", *context.lines_after]
        kinds = _kinds(own)
        # The nearest lines decide; if they are not indented, all known lines do.
        outside = _kinds(near) or _kinds([*above, *below])
        agreed = kinds & outside if kinds and outside else kinds or outside
        single = len(kinds or outside) == 1 and len(agreed) == 1
        kind = next(iter(agreed)) if single else IndentKind.NONE
        if not kinds and not outside and language in _TABBED:
            kind = IndentKind.TABS
        if language == MAKE:
            kind = IndentKind.TABS
        # A text without a language may be anything, but if it is indented with tabs it is no prose.
        if language in PROSE and (language != "plaintext" or kind is not IndentKind.TABS):
            kind = IndentKind.NONE
        return cls(kind, unit, kind is IndentKind.BLANKS and _is_sure(known, unit))

    def width(self, indent: str) -> int:
        """The column after `indent`, in spaces."""
        return sum(self.unit if character == "\t" else 1 for character in indent)


def _kinds(lines: Sequence[str]) -> set[IndentKind]:
    return {kind_of(indent_of(line)) for line in lines} - {IndentKind.NONE}


def _unit_of(indents: Sequence[str]) -> int:
    """The most common step to a deeper line, in spaces; without any, a divisor of the columns."""
    widths = [len(indent) for indent in indents if "\t" not in indent]
    steps = Counter(b - a for a, b in pairwise(widths) if 2 <= b - a <= _WIDE)
    if steps:
        return max(steps, key=lambda step: (steps[step], -step))
    return 2 if any(width % _TAB == 2 for width in widths) else _TAB


def _is_mixed(indents: Sequence[str]) -> bool:
    """Whether there are tabs, with spaces for less than a tab."""
    if any(" " * _WIDE in indent or " \t" in indent for indent in indents):
        return False
    unit = _unit_of(indents)
    wide = [len(indent.expandtabs(_WIDE)) for indent in indents]
    steps = zip(pairwise(indents), pairwise(wide), strict=True)
    # Spaces follow a tab, or the level after some spaces is a tab.
    return any(indent.startswith("\t") and indent.endswith("  ") for indent in indents) or any(
        kind_of(a) is IndentKind.BLANKS and b.startswith("\t") and v - u == unit
        for (a, b), (u, v) in steps
    )


def opens_block(line: str) -> bool:
    """Whether the next line is surely one level deeper."""
    text = line.strip()
    if COMMENT.match(text) is not None:
        return False
    begins = BEGINS.match(text) and not balance_of(text) and not text.endswith(_GOES_ON)
    return text.endswith(BLOCK_OPENERS) or bool(begins)


def _is_sure(lines: Sequence[str], unit: int) -> bool:
    steps = [
        len(indent_of(b)) - len(indent_of(a))
        for a, b in pairwise(lines)
        if opens_block(a) and len(indent_of(b)) > len(indent_of(a))
    ]
    return bool(steps) and all(step == unit for step in steps)


class IndentConverter:
    """Converts the indentation of an answer's lines to the document's style."""

    def __init__(
        self,
        style: IndentStyle,
        context: ReplyContext,
        language: str = "",
        keeps_style: bool = False,
    ) -> None:
        """`keeps_style`: the answer's style is intended, whatever the document's style is."""
        self._style = style
        self._decided = style.kind is IndentKind.NONE or keeps_style
        self._converts = False
        self._level = _TAB  # spaces per tab in the answer
        self._scope_tabs = context.indent.count("\t")
        self._unit_decided = not style.sure or keeps_style
        self._unit = 0  # spaces per level in the answer if the document has another number, else 0
        self._opened: int | None = None  # the column of the last line if that opens a block
        self._last = (0, 0)  # the column of the last line, in the answer and as written
        self._aligned = False  # the next line continues a list: its column may be an alignment
        self._recipes = language == MAKE
        self._in_rule = False
        self._known = frozenset(line.rstrip() for line in context.document_lines)
        if self._recipes:
            for line in context.before.rpartition("\n")[0].split("\n"):
                self._note_rule(line)

    @property
    def has_unit(self) -> bool:
        """Whether the answer is known to use another number of spaces per level."""
        return self._unit > 0

    def needs_line(self, indent: str) -> bool:
        """Whether the complete line is needed to convert `indent`."""
        if self._recipes and self._in_rule and indent:
            return True
        if self._unit_decided or self._opened is None or "\t" in indent:
            return False
        step = len(indent) - self._opened
        return step in _LEVELS and step != self._style.unit

    def decide(self, indent: str, text: str) -> None:
        """Learn from the next line, which has the indentation `indent` and the rest `text`."""
        self._decide(indent)
        self._decide_unit(indent, text)

    def apply(self, indent: str, text: str = "") -> str:
        """`indent` in the document's style. `text`: the rest of the line, needed for a recipe."""
        self._decide(indent)
        if self._unit:
            return " " * self._in_units(len(indent))
        if not self._converts or (self._recipes and not self._is_recipe(text)):
            return indent
        return self.in_document_style(indent)

    def in_document_style(self, indent: str) -> str:
        """`indent` with the characters that the document uses."""
        if self._style.kind is IndentKind.BLANKS:
            return indent.replace("\t", " " * self._style.unit)
        if self._style.kind is IndentKind.MIXED:
            levels, rest = divmod(self._style.width(indent), _WIDE)
            return "\t" * levels + " " * rest
        levels, rest = divmod(indent.count(" "), self._level)
        return "\t" * (indent.count("\t") + levels) + " " * rest

    def note(self, line: str, shows_column: bool = True) -> None:
        """Remember a line of the answer that has ended and is not blank.

        `shows_column`: the line shows its column. The scope's first line may not.
        """
        width = len(indent_of(line))
        self._last = (width, self._in_units(width) if self._unit else width)
        self._opened = width if shows_column and opens_block(line) else None
        self._aligned = line.rstrip().endswith((",", "\\"))
        if self._recipes:
            self._note_rule(line)

    def _decide(self, indent: str) -> None:
        kind = kind_of(indent)
        if self._decided or self._aligned or kind is IndentKind.NONE:
            return
        self._decided = True
        self._converts = kind is not self._style.kind
        if kind is IndentKind.BLANKS:
            self._level = self._level_of(len(indent))

    def _level_of(self, width: int) -> int:
        """The number of spaces per level in the answer, judged by its first indented line."""
        if self._opened is not None and width - self._opened in _LEVELS:
            return width - self._opened
        if self._opened is None and self._scope_tabs and width / self._scope_tabs in _LEVELS:
            return width // self._scope_tabs
        return next((n for n in _LEVELS if width % n == 0), _TAB)

    def _decide_unit(self, indent: str, text: str) -> None:
        """Find the number of spaces per level in the answer by the first line of a block."""
        if self._unit_decided or self._opened is None:
            return
        step = len(indent) - self._opened
        if step <= 0 or "\t" in indent:
            return
        self._unit_decided = True
        other = step in _LEVELS and step != self._style.unit
        if other and (indent + text).rstrip() not in self._known:
            self._unit = step

    def _in_units(self, width: int) -> int:
        levels, rest = divmod(width, self._unit)
        if rest and self._aligned:
            # The line is aligned with something in the line before it.
            return width + self._last[1] - self._last[0]
        return levels * self._style.unit + rest

    def _note_rule(self, line: str) -> None:
        if is_blank(line) or line[:1] in " \t#" or _CONDITION.match(line):
            return
        self._in_rule = _RULE.match(line) is not None and _ASSIGNMENT.match(line) is None

    def _is_recipe(self, text: str) -> bool:
        """Whether an indented line of a makefile has to begin with a tab."""
        if not self._in_rule or self._aligned:
            return False
        return _CONDITION.match(text) is None and _ASSIGNMENT.match(text) is None
