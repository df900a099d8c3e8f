"""Gives unchanged lines the bytes that they have in the original.

Models drop blanks at line ends and write letters with accents in one piece where the file has two,
or the other way round. A line that is the original's but for that is the original's: else every
such line would count as changed. Not where the instruction may speak of just that, nor where the
answer has such blanks elsewhere: then it does not drop them by habit. Blanks that an answer adds
stay.
"""

from unicodedata import combining, normalize

from lsp_server.edit.reply.line_filter import LineFilter
from lsp_server.edit.reply.reply_context import ReplyContext, is_blank


class UnchangedLines(LineFilter):
    """Answer lines in, the same with the original's bytes where they are the original's out."""

    def __init__(self, place: ReplyContext, meant: bool = False) -> None:
        """`meant`: the instruction may ask for other bytes."""
        super().__init__()
        self._indent = place.indent
        self._lines = place.document_lines
        self._exact = frozenset(self._lines)
        self._places: dict[str, list[int]] = {}
        self._delicate: list[str] = []  # lines, decomposed, that have other bytes than usual
        if not meant:
            for index, line in enumerate(self._lines):
                self._places.setdefault(_key(line), []).append(index)
            self._delicate = [
                normalize("NFD", line.rstrip())
                for line in self._lines
                if line != line.rstrip() or normalize("NFC", line) != normalize("NFD", line)
            ]
        self._faithful = False  # blanks at the end of a line have come as they are
        self._restored = False  # some have not
        self._cursor = 0  # the original's line behind the last one that came
        self._behind = 0  # and behind the last one that was recognised

    @property
    def torn(self) -> bool:
        """Whether blanks were put back before it showed that the answer drops none by habit."""
        return self._faithful and self._restored

    def _grow(self, beginning: str) -> None:
        if not self._delicate:
            self._flow(beginning)
            return
        # The last letter may go on.
        size = len(beginning) - 1
        while size > 0 and combining(beginning[size]):
            size -= 1
        indent = "" if self._begun else self._indent
        known = normalize("NFD", indent + beginning[: max(size, 0)])
        if not any(line.startswith(known.rstrip()) for line in self._delicate):
            self._flow(beginning)

    def _whole(self, line: str) -> None:
        if not self._delicate:
            self._put(line)
            return
        indent = "" if self._begun else self._indent
        self._put(self._as_it_was(indent + line).removeprefix(indent))

    def _ended(self, line: str) -> None:
        if self._delicate and not is_blank(line):
            self._pass(line)

    def _as_it_was(self, line: str) -> str:
        """The original's line that `line` is; the line itself where it is none."""
        if is_blank(line):
            at = self._cursor
            if not 0 < at < len(self._lines) or not is_blank(self._lines[at]):
                return line
            self._cursor += 1
            return self._with_blanks(line, self._lines[at])
        place = self._pass(line)
        return line if place is None else self._with_blanks(line, self._lines[place])

    def _with_blanks(self, line: str, original: str) -> str:
        """A line that is the original's but for its bytes."""
        ours, theirs = (text[len(text.rstrip()) :] for text in (line, original))
        if ours:
            self._faithful = self._faithful or ours == theirs or line in self._exact
            return original.rstrip() + ours
        if not ours and theirs:
            if self._faithful:
                return original.rstrip()
            self._restored = True
        return original

    def _pass(self, line: str) -> int | None:
        """Go on behind the line in the original, and say where it stands there, if it does."""
        known = self._places.get(_key(line), [])
        if not known:
            self._cursor = len(self._lines)  # Blank lines behind it are the answer's own.
            return None
        place = next((index for index in known if index >= self._behind), known[0])
        self._cursor = self._behind = place + 1
        return place


def _key(line: str) -> str:
    return normalize("NFC", line.rstrip())
