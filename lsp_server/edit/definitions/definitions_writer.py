"""The scope's new text as it grows: the original's lines, and what takes the place of some.

The text only grows, in the order of the scope; what lies before what is written stays as it is.
"""

from lsp_server.edit.definitions.scope_regions import DefinitionRegion, ScopeRegions
from lsp_server.edit.reply.reply_context import indent_of
from lsp_server.edit.reply.reply_reader import ReplyReader

# Longer than any fence that code holds.
_FENCE = "`" * 60


class DefinitionsWriter:
    """Lines go in, in order; `take` gives what has become certain."""

    def __init__(self, ground: ScopeRegions, language: str) -> None:
        self._ground = ground
        self._language = language
        self._new: list[str] = []
        self._begun = False
        self.floor = 0
        """The first line of the scope that is not written."""

    def take(self) -> str:
        """What has been written since the last time."""
        new, self._new = "".join(self._new), []
        return new

    def originals(self, end: int) -> None:
        """The scope's own lines up to `end`."""
        while self.floor < end:
            self._line(self._own(self.floor))
            self.floor += 1

    def lines(self, lines: list[str]) -> None:
        """New lines, with the indentation that they have in the document."""
        for line in lines:
            self._line(line if self._begun else line.removeprefix(self._ground.place.indent))

    def replacing(self, start: int, end: int) -> "Rewriting":
        """The lines up to `start`, then what is written in place of those up to `end`."""
        self.originals(start)
        place = self._ground.place
        above = "\n".join([*self._ground.lines[:start], ""]) if start else ""
        before = place.before + above + (indent_of(self._ground.lines[start]) if start else "")
        below = "\n".join(self._ground.lines[end:])
        after = ("\n" if end < len(self._ground.lines) else "") + below + place.after
        old = self._ground.text(start, end)
        reader = ReplyReader(old, before=before, after=after, language=self._language)
        return Rewriting(self, reader, start, end)

    def inserted(self, lines: list[str], anchor: DefinitionRegion, indent: str) -> list[str]:
        """New lines in the document's columns, as a neighbour of `anchor`."""
        ground = self._ground
        before = ground.place.before + "\n".join([*ground.lines[: anchor.end], "", indent])
        after = "\n" + "\n".join(ground.lines[anchor.end :]) + ground.place.after
        reader = ReplyReader("", before=before, after=after, language=self._language)
        reader.push(f"{_FENCE}\n" + "\n".join(lines) + f"\n{_FENCE}\n")
        reader.finish(True)
        return (indent + reader.text).split("\n")

    def put(self, text: str) -> None:
        """A piece of text; the line before it is complete, or it belongs to that."""
        self._new.append(text)

    def begin_line(self, line: int) -> None:
        """A line begins, with the indentation that one of the scope has."""
        text = "\n" if self._begun else ""
        if self._begun:
            text += self._ground.indent(line)
        self._begun = True
        self._new.append(text)

    def _own(self, line: int) -> str:
        text = self._ground.lines[line]
        return self._ground.place.indent + text if line == 0 and self._begun else text

    def _line(self, line: str) -> None:
        self._new.append("\n" + line if self._begun else line)
        self._begun = True


class Rewriting:
    """One definition of the scope that is being written anew, as a reply of its own."""

    def __init__(
        self, writer: DefinitionsWriter, reader: ReplyReader, start: int, end: int
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._start = start
        self._end = end
        self._begun = False
        self._put(reader.push(f"{_FENCE}\n"))

    def add(self, lines: list[str]) -> None:
        """More of its lines."""
        self._put(self._reader.push("".join(line + "\n" for line in lines)))

    def finish(self) -> None:
        """It is complete."""
        self._put(self._reader.push(f"{_FENCE}\n") + self._reader.finish(True))
        if self._begun:
            self._writer.floor = self._end

    def cut(self) -> None:
        """The answer broke off in it."""
        self._put(self._reader.finish(False))

    def _put(self, text: str) -> None:
        if not text:
            return
        if not self._begun:
            self._begun = True
            self._writer.begin_line(self._start)
        self._writer.put(text)
