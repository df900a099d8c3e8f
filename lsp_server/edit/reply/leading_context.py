"""Removes statements at the beginning of an answer that the document has outside of the scope.

Models begin the new text of a function with the imports that it needs, with the package clause, or
with all the code above the scope. Written into the scope, these would appear twice. A statement is
removed if the document has it outside of the scope, word for word, or if it is an import and the
document imports the same. An import that the document lacks stays where imports are allowed.
Elsewhere it is removed and reported.

Only statements before the first new one count. Knows no grammar: the caller tells what the document
has, and is asked only if the first line is not the scope's own.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lsp_server.edit.reply.import_names import covers
from lsp_server.edit.reply.line_filter import LineFilter
from lsp_server.edit.reply.reply_context import BLANKS, ReplyContext, balance_of, is_blank

# Statements that a file has only once, whatever their text.
_ONCE = ("package", "<?php")
_IMPORTING = ("import", "from", "use", "using", "#include", "require", "require_relative")
_WORD = re.compile(r"[#<?\w]+")
# A comment that contains only a file name.
_FILE_NAME = re.compile(
    r"(?:#|//|--|/\*)\s*(?:[Ff]ile(?:name)?:\s*)?[\w.\\/-]*\w\.\w{1,6}\s*(?:\*/)?"
)
_COMMENTS = ("#", "//", "--", "/*")
# The number of lines that are held, and the length in code points of a comment that may be held.
_MOST_LINES, _LONGEST_NAME = 400, 120


@dataclass(frozen=True, slots=True)
class Outside:
    """The statements outside of the scope that an answer may repeat."""

    statements: tuple[tuple[str, ...], ...]
    """The lines of each statement, stripped; no blank ones."""
    imports: tuple[str, ...]
    forbids_imports: bool
    """Whether the scope is at a place where no import is allowed."""
    is_import: Callable[[str], bool]
    """Whether a statement of the answer is an import."""

    @classmethod
    def of(
        cls,
        texts: Iterable[str],
        imports: Iterable[str],
        *,
        forbids_imports: bool,
        is_import: Callable[[str], bool],
    ) -> "Outside":
        """Build it from the texts of statements, including imports."""
        lines = (tuple(t.strip() for t in text.split("\n") if not is_blank(t)) for text in texts)
        return cls(
            tuple(each for each in lines if each), tuple(imports), forbids_imports, is_import
        )


class LeadingContext(LineFilter):
    """Holds statements at the beginning of the answer until it is known whether they stay."""

    def __init__(self, context: ReplyContext, outside: Callable[[], Outside | None]) -> None:
        super().__init__()
        self._context = context
        self._get_outside = outside
        self._has_outside = False
        self._outside: Outside | None = None
        self._searching = True
        self._at_start = True  # only blank lines have come
        self._held: list[str] = []  # all held lines, in case the answer has no others
        self._kept: list[str] = []  # the held lines that stay
        self._blanks: list[str] = []  # blank lines since the last statement
        self._statement: list[str] = []  # the lines of the current statement
        self._dropped = False
        self.removed_imports: list[str] = []
        """The imports that were removed because imports are not allowed there."""
        self.repeats = False
        """Whether statements of the document were removed."""

    def _line_grew(self, beginning: str) -> None:
        text = beginning.lstrip(BLANKS)
        if text and not (self._searching and self._may_go_on(text)):
            self._stop()
            self._flow(beginning)

    def _beginning_too_long(self, beginning: str) -> None:
        self._stop()
        self._flow(beginning)

    def _line_undecided(self, line: str) -> None:
        if not self._searching:
            self._put(line)
        elif is_blank(line):
            self._held.append(line)
            (self._statement or self._blanks).append(line)
        elif len(self._held) < _MOST_LINES and self._may_go_on(line.strip()):
            self._held.append(line)
            self._statement.append(line)
            self._judge()
        else:
            self._stop()
            self._put(line)

    def _text_ended(self) -> None:
        if self._searching and not self._kept and not self._statement:
            # The answer has nothing else: then these statements are the answer.
            self._kept, self._blanks, self._dropped = self._held, [], False
            self.removed_imports = []
        self._stop()

    def _load_outside(self) -> Outside | None:
        if not self._has_outside:
            self._has_outside, self._outside = True, self._get_outside()
        return self._outside

    # --- which lines may be a statement of the document ---

    def _may_go_on(self, text: str) -> bool:
        """Whether a line with this beginning may belong to a statement to be removed.

        Also True while it may still become the scope's own first line.
        """
        if not self._statement and self._context.first:
            if self._context.first.startswith(text):
                return self._context.first != text
            if text.startswith(self._context.first):
                return False
        outside = self._load_outside()
        if outside is None:
            return False
        return self._is_in_statement(outside, text) or self._may_import(text) or self._names(text)

    def _is_in_statement(self, outside: Outside, text: str) -> bool:
        run = [line.strip() for line in self._statement if not is_blank(line)]
        at = len(run)
        return any(
            len(each) > at
            and list(each[:at]) == run
            and (each[at].startswith(text) or each[at] == text.rstrip())
            for each in outside.statements
        )

    def _may_import(self, text: str) -> bool:
        if self._statement:
            return self._imports(self._statement[0].strip())
        return self._imports(text)

    def _imports(self, text: str) -> bool:
        found = _WORD.match(text)
        word = found[0] if found else ""
        words = (*_IMPORTING, *_ONCE)
        return word in words if len(text) > len(word) else any(w.startswith(word) for w in words)

    def _names(self, text: str) -> bool:
        """Whether the first line may be a comment with a file name."""
        may_be = self._at_start and len(text) <= _LONGEST_NAME
        return may_be and any(text.startswith(c) or c.startswith(text) for c in _COMMENTS)

    # --- what becomes of them ---

    def _judge(self) -> None:
        """Decide about the current statement, to which a line was added, if it is complete."""
        outside = self._outside
        run = [line.strip() for line in self._statement if not is_blank(line)]
        at_start, self._at_start = self._at_start, False
        text = "\n".join(run)
        if outside is None:
            return
        once = next((word for word in _ONCE if run[0].startswith(word)), None)
        in_document = tuple(run) in outside.statements
        in_document = in_document or bool(
            once and any(each[0].startswith(once) for each in outside.statements)
        )
        if in_document or (at_start and _FILE_NAME.fullmatch(text)):
            self.repeats = self.repeats or once is None
            self._drop()
        elif balance_of(text) <= 0 and self._imports(run[0]) and outside.is_import(text):
            if covers(outside.imports, text):
                self._drop()
            elif outside.forbids_imports:
                self.removed_imports.append(" ".join(run))
                self._drop()
            else:
                self._kept += [*self._blanks, *self._statement] if self._kept else self._statement
                self._statement, self._blanks = [], []
        elif not self._is_in_statement(outside, "") and balance_of(text) <= 0:
            self._stop()

    def _drop(self) -> None:
        self._statement, self._dropped = [], True
        self._blanks = self._blanks if self._kept else []

    def _stop(self) -> None:
        """Stop searching: from here on the text is the answer's own."""
        if not self._searching:
            return
        self._searching = False
        blanks = [] if self._dropped and not self._kept else self._blanks
        for line in [*self._kept, *blanks, *self._statement]:
            self._put(line)
        self._kept, self._blanks, self._statement, self._held = [], [], [], []
