"""Gives unchanged lines the exact bytes that they have in the original.

Models drop white space at line ends, and write an accented letter as one character where the file
has two, or the reverse. A line that differs from the original only in this way is taken from the
original; otherwise it would count as changed. This stops if the instruction may ask for such a
change, or if the answer keeps such white space elsewhere, since then it does not drop it by habit.
White space that an answer adds stays.
"""

from unicodedata import combining, normalize

from lsp_server.edit.reply.line_filter import LineFilter
from lsp_server.edit.reply.reply_context import ReplyContext, is_blank


class UnchangedLines(LineFilter):
    """Takes lines of an answer and returns unchanged ones with the bytes of the original."""

    def __init__(self, context: ReplyContext, bytes_intended: bool = False) -> None:
        """`bytes_intended`: the instruction may ask for other bytes."""
        super().__init__()
        self._indent = context.indent
        self._lines = context.document_lines
        self._exact = frozenset(self._lines)
        self._places: dict[str, list[int]] = {}
        # Lines, decomposed, that a model may not repeat byte for byte.
        self._fragile_lines: list[str] = []
        if not bytes_intended:
            for index, line in enumerate(self._lines):
                self._places.setdefault(_key(line), []).append(index)
            self._fragile_lines = [
                normalize("NFD", line.rstrip())
                for line in self._lines
                if line != line.rstrip() or normalize("NFC", line) != normalize("NFD", line)
            ]
        self._keeps_white_space = False  # white space at a line end has come unchanged
        self._restored = False  # white space at a line end has been restored
        self._cursor = 0  # the place after the last line in the original
        self._after_recognised = 0  # the place after the last recognised line

    @property
    def restored_wrongly(self) -> bool:
        """Whether white space was restored before the answer proved to drop none by habit."""
        return self._keeps_white_space and self._restored

    def _line_grew(self, beginning: str) -> None:
        if not self._fragile_lines:
            self._flow(beginning)
            return
        # The last letter may continue.
        size = len(beginning) - 1
        while size > 0 and combining(beginning[size]):
            size -= 1
        indent = "" if self._begun else self._indent
        known = normalize("NFD", indent + beginning[: max(size, 0)])
        if not any(line.startswith(known.rstrip()) for line in self._fragile_lines):
            self._flow(beginning)

    def _line_undecided(self, line: str) -> None:
        if not self._fragile_lines:
            self._put(line)
            return
        indent = "" if self._begun else self._indent
        self._put(self._original_line(indent + line).removeprefix(indent))

    def _flowed_line_ended(self, line: str) -> None:
        if self._fragile_lines and not is_blank(line):
            self._advance(line)

    def _original_line(self, line: str) -> str:
        """The original's line for `line`; `line` itself if there is none."""
        if is_blank(line):
            at = self._cursor
            if not 0 < at < len(self._lines) or not is_blank(self._lines[at]):
                return line
            self._cursor += 1
            return self._with_blanks(line, self._lines[at])
        place = self._advance(line)
        return line if place is None else self._with_blanks(line, self._lines[place])

    def _with_blanks(self, line: str, original: str) -> str:
        """The original's line, with the white space at its end that the answer should have."""
        ours, theirs = (text[len(text.rstrip()) :] for text in (line, original))
        if ours:
            self._keeps_white_space = (
                self._keeps_white_space or ours == theirs or line in self._exact
            )
            return original.rstrip() + ours
        if not ours and theirs:
            if self._keeps_white_space:
                return original.rstrip()
            self._restored = True
        return original

    def _advance(self, line: str) -> int | None:
        """Move to the place after the line in the original; return its place there, if any."""
        known = self._places.get(_key(line), [])
        if not known:
            self._cursor = len(self._lines)  # Blank lines after it are the answer's own.
            return None
        place = next((index for index in known if index >= self._after_recognised), known[0])
        self._cursor = self._after_recognised = place + 1
        return place


def _key(line: str) -> str:
    return normalize("NFC", line.rstrip())
