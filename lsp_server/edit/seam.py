"""Where the answer ends and the rest of the original begins, at the first line of a scope.

A scope begins at the first character of its code: the indentation of its first line stands in front
of it, and an answer has none there either. So the line that was the first one needs it as soon as a
line of the answer stands before it, and the line that becomes the first one has it already.
"""

from dataclasses import dataclass

from lsp_server.edit.align import Aligner, Candidate
from lsp_server.edit.diff import diff
from lsp_server.text.changes import ChangeSet

_LINE_ENDS = ("\n", "\r")


@dataclass(frozen=True, slots=True)
class Seam:
    """The states of an aligner as they stand behind `indentation`. `original` is what it aligns."""

    aligner: Aligner
    original: str
    indentation: str

    def state(self, cut: Candidate) -> str:
        """The text of the scope in that state."""
        carried, rest = self.rest(cut)
        return self.aligner.text(0, cut.answer) + carried + self.original[rest:]

    def changes(self, before: Candidate, after: Candidate) -> ChangeSet:
        """What leads from one state to a later one. Costs what lies between them only."""
        carried, start = self.rest(before)
        carries, end = self.rest(after)
        if not carried and start == before.original and not carries and end == after.original:
            return self.aligner.changes(before, after)
        last = max(start, end)
        old = carried + self.original[start:last]
        new = self.aligner.text(before.answer, after.answer) + carries + self.original[end:last]
        length = before.answer + len(carried) + len(self.original) - start
        return diff(old, new).shifted(before.answer, length)

    def rest(self, cut: Candidate) -> tuple[str, int]:
        """What stands in front of the rest of the original there, and where that begins."""
        place = cut.original
        if cut.tail:
            return cut.tail + (self.indentation if place == 0 else ""), place
        if cut.inside or not self.indentation:
            return "", place
        if place == 0 and self.original and self.aligner.text(0, cut.answer).endswith(_LINE_ENDS):
            return self.indentation, place
        if cut.answer == 0 and self.original.endswith(_LINE_ENDS, 0, place):
            doubled = self.original.startswith(self.indentation, place)
            return "", place + len(self.indentation) * doubled
        return "", place
