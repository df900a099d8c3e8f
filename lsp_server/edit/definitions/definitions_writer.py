"""Writes the scope's new text in order: original lines, and new lines that replace some."""

from lsp_server.edit.definitions.scope_regions import DefinitionRegion, ScopeRegions
from lsp_server.edit.reply.reply_context import indent_of
from lsp_server.edit.reply.reply_reader import ReplyReader

# Longer than any fence that code holds.
_FENCE = "`" * 60


class DefinitionsWriter:
    """Takes lines in order; `take` returns the text that became certain."""

    def __init__(self, scope: ScopeRegions, language: str) -> None:
        self._scope = scope
        self._language = language
        self._new: list[str] = []
        self._begun = False
        self.floor = 0
        """The index of the first line of the scope that isn't written yet."""

    def take(self) -> str:
        """The text written since the last call."""
        new, self._new = "".join(self._new), []
        return new

    def originals(self, end: int) -> None:
        """Write the scope's own lines up to line `end`."""
        while self.floor < end:
            self._line(self._own(self.floor))
            self.floor += 1

    def lines(self, lines: list[str]) -> None:
        """Write new lines, which have their indentation in the document."""
        for line in lines:
            self._line(line if self._begun else line.removeprefix(self._scope.place.indent))

    def replacing(self, start: int, end: int) -> "Rewriting":
        """Write the lines up to `start`, then what replaces the lines `[start, end)`."""
        self.originals(start)
        place = self._scope.place
        above = "\n".join([*self._scope.lines[:start], ""]) if start else ""
        before = place.before + above + (indent_of(self._scope.lines[start]) if start else "")
        below = "\n".join(self._scope.lines[end:])
        after = ("\n" if end < len(self._scope.lines) else "") + below + place.after
        old = self._scope.text(start, end)
        reader = ReplyReader(old, before=before, after=after, language=self._language)
        return Rewriting(self, reader, start, end)

    def inserted(self, lines: list[str], anchor: DefinitionRegion, indent: str) -> list[str]:
        """New lines, converted to the document's columns as a neighbour of `anchor`."""
        scope = self._scope
        before = scope.place.before + "\n".join([*scope.lines[: anchor.end], "", indent])
        after = "\n" + "\n".join(scope.lines[anchor.end :]) + scope.place.after
        reader = ReplyReader("", before=before, after=after, language=self._language)
        reader.push(f"{_FENCE}\n" + "\n".join(lines) + f"\n{_FENCE}\n")
        reader.finish(True)
        return (indent + reader.text).split("\n")

    def put(self, text: str) -> None:
        """Write text that continues the last line or begins with a line end."""
        self._new.append(text)

    def begin_line(self, line: int) -> None:
        """Begin a line, with the indentation of line `line` of the scope."""
        text = "\n" if self._begun else ""
        if self._begun:
            text += self._scope.indent(line)
        self._begun = True
        self._new.append(text)

    def _own(self, line: int) -> str:
        text = self._scope.lines[line]
        return self._scope.place.indent + text if line == 0 and self._begun else text

    def _line(self, line: str) -> None:
        self._new.append("\n" + line if self._begun else line)
        self._begun = True


class Rewriting:
    """Replaces one definition of the scope, read as a reply of its own."""

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
        """Take more lines of the definition."""
        self._put(self._reader.push("".join(line + "\n" for line in lines)))

    def finish(self) -> None:
        """The definition is complete."""
        self._put(self._reader.push(f"{_FENCE}\n") + self._reader.finish(True))
        if self._begun:
            self._writer.floor = self._end

    def cut(self) -> None:
        """The answer broke off within the definition."""
        self._put(self._reader.finish(False))

    def _put(self, text: str) -> None:
        if not text:
            return
        if not self._begun:
            self._begun = True
            self._writer.begin_line(self._start)
        self._writer.put(text)
