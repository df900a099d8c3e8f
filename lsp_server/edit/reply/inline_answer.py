"""Fits an answer to a scope within a line: a string gets its quotes, a call is reduced to an
argument.

When the scope is a string, models write its content without quotes. When it is an argument, they
write the is_sound call. Written unchanged, the first would be names, and the second a call within
itself. Only a complete answer of one line is examined. Knows no grammar: the caller tells whether a
text is sound code.
"""

import re
from collections.abc import Callable

from lsp_server.edit.reply.line_filter import LineFilter
from lsp_server.edit.reply.repairs import Repair
from lsp_server.edit.reply.reply_context import ReplyContext, balance_of, names_in

_TEXT = re.compile(r"(?P<open>[A-Za-z]{0,2}(?P<quote>[\"'`]))(?P<inner>.*)(?P=quote)", re.DOTALL)
_BEGINS_TEXT = re.compile(r"(?:[rbfuRBFU]|[rR][bB]|[bBfF][rR])?[\"'`]")
_WORDS_OF_CODE = frozenset(
    {"true", "false", "null", "nil", "none", "undefined", "this", "self", "super", "nan", "not"}
)
_WORDS_BETWEEN = frozenset(
    {"and", "or", "in", "is", "if", "else", "then", "new", "await", "typeof", "lambda", "for", "as"}
)
_SENTENCE = re.compile(r"\b[^\W\d]\w* [^\W\d]\w*\b")
_CALLS = re.compile(r"[\w\]]\(|[\[\]{}=<>|&^~*%+\"`]|^\W*\d[\d._]*\W*$")
# Languages in which a backslash in a string is no escape.
_DOUBLED = frozenset({"sql", "pascal", "vb", "powershell"})


class InlineAnswer(LineFilter):
    """Takes an answer of one line and returns the part of it that replaces the scope."""

    def __init__(
        self,
        context: ReplyContext,
        language: str = "",
        is_sound: Callable[[str], bool] | None = None,
    ) -> None:
        """`is_sound`: whether a text is syntactically sound code; None if that is unknown."""
        super().__init__()
        self._context = context
        self._is_sound = is_sound
        self._language = language
        one_line = "\n" not in context.original and not context.blank
        found = _TEXT.fullmatch(context.original) if one_line else None
        if found is not None and _unescaped(found["quote"], found["inner"]):
            found = None
        self._text = found
        self._starts = _starts(context) if one_line else []
        self._only_line: str | None = None  # the only line so far
        self.removed_lines: list[str] = []

    def _line_grew(self, beginning: str) -> None:
        if self._begun or self._only_line is not None or not self._may_be(beginning):
            self._release()
            self._flow(beginning)

    def _may_be(self, beginning: str) -> bool:
        text = self._text is not None and not _BEGINS_TEXT.match(beginning)
        call = any(s.startswith(beginning) or beginning.startswith(s) for s in self._starts)
        return text or call

    def _line_undecided(self, line: str) -> None:
        if self._begun or self._only_line is not None:
            self._release()
            self._put(line)
        else:
            self._only_line = line

    def _release(self) -> None:
        if self._only_line is not None:
            first, self._only_line = self._only_line, None
            self._put(first)

    def _text_ended(self) -> None:
        if self._only_line is not None:
            self._only_line = self._without_call(self._quoted(self._only_line))
            self._release()

    def _quoted(self, line: str) -> str:
        """The line, in the original's quotes if it is the content of the string."""
        found = self._text
        if found is None or not line.strip() or _BEGINS_TEXT.match(line):
            return line
        if not self._is_text(line.strip(), found["inner"]):
            return line
        quote = found["quote"]
        if _unescaped(quote, line):
            if self._language in _DOUBLED:
                return line
            line = re.sub(rf"(?<!\\){quote}", lambda m: "\\" + m[0], line)
        self.repairs.add(Repair.QUOTES)
        return found["open"] + line + quote

    def _is_text(self, line: str, inner: str) -> bool:
        """Whether a line without quotes is the content of a string and no code."""
        names = names_in(line)
        known = {*names_in(self._context.before), *names_in(self._context.after)} - set(
            names_in(inner)
        )
        if not names or any(name.lower() in _WORDS_OF_CODE for name in names):
            return bool(names) and self._is_sound is not None and not self._is_sound(line)
        if self._is_sound is not None and not self._is_sound(line):
            return True
        if self._is_sound is None and _SENTENCE.search(line) and not _WORDS_BETWEEN & set(names):
            return True
        if _CALLS.search(line) or known & set(names):
            return False
        all_caps = line.upper() == line and inner.upper() != inner
        return not all_caps and ("." not in line.strip(".") or "." in inner)

    def _without_call(self, line: str) -> str:
        """The line without the text before and after the scope on the document's line."""
        after = self._context.after.partition("\n")[0]
        for start in self._starts:
            opened = balance_of(start)
            if not line.startswith(start):
                continue
            for size in range(len(after) + 1):
                end = after[:size]
                rest = line[len(start) : len(line) - size].strip()
                fits = line.endswith(end) and balance_of(end) == -opened and not balance_of(rest)
                # If the inner part is unchanged, the model wants to wrap the scope once more.
                if fits and rest and rest != self._context.original.strip():
                    self.removed_lines = [start.strip(), *([end.strip()] if end.strip() else [])]
                    self.repairs.add(Repair.ECHO)
                    return rest
        return line


def _unescaped(quote: str, text: str) -> bool:
    return re.search(rf"(?<!\\){quote}", text) is not None


def _starts(context: ReplyContext) -> list[str]:
    """The texts before the scope on its line that open a bracket around it.

    Each begins at a word; the longest comes first.
    """
    prefix = context.line_prefix
    words = [found.start() for found in re.finditer(r"(?<![\w.])[^\W\d][\w.]*", prefix)]
    starts = [prefix[at:] for at in words]
    return [s for s in starts if balance_of(s) > 0 and not context.original.startswith(s)]
