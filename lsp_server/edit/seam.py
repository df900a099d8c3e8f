"""The indentation of a scope's first line, where the answer meets the rest of the original.

A scope begins at the first character of its code, behind the indentation of its first line; so does
an answer. When a line of the answer comes before the original's first line, that line needs its
indentation. When the original's first lines are deleted, the line that becomes the first one must
lose its own, since the document already has it in front of the scope.
"""

from dataclasses import dataclass

from lsp_server.edit.align import Aligner, Candidate
from lsp_server.edit.diff import diff
from lsp_server.text.changes import ChangeSet

_LINE_ENDS = ("\n", "\r")


@dataclass(frozen=True, slots=True)
class Seam:
    """The states of an aligner, with the first line's indentation put right.

    `original` is the aligner's original. `indentation` is the white space before the scope.
    """

    aligner: Aligner
    original: str
    indentation: str

    def state(self, candidate: Candidate) -> str:
        """The text of the scope in this state."""
        carried, rest = self.rest(candidate)
        return self.aligner.text(0, candidate.answer) + carried + self.original[rest:]

    def changes(self, before: Candidate, after: Candidate) -> ChangeSet:
        """The changes from one state to a later one. Compares only the text between the two."""
        carried, start = self.rest(before)
        carries, end = self.rest(after)
        if not carried and start == before.original and not carries and end == after.original:
            return self.aligner.changes(before, after)
        last = max(start, end)
        old = carried + self.original[start:last]
        new = self.aligner.text(before.answer, after.answer) + carries + self.original[end:last]
        length = before.answer + len(carried) + len(self.original) - start
        return diff(old, new).shifted(before.answer, length)

    def rest(self, candidate: Candidate) -> tuple[str, int]:
        """The text to put before the rest of the original, and the offset of that rest."""
        place = candidate.original
        if candidate.tail:
            return candidate.tail + (self.indentation if place == 0 else ""), place
        if candidate.inside or not self.indentation:
            return "", place
        if (
            place == 0
            and self.original
            and self.aligner.text(0, candidate.answer).endswith(_LINE_ENDS)
        ):
            return self.indentation, place
        if candidate.answer == 0 and self.original.endswith(_LINE_ENDS, 0, place):
            doubled = self.original.startswith(self.indentation, place)
            return "", place + len(self.indentation) * doubled
        return "", place
