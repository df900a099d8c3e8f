"""What an accepted hunk has taken away, and which changes would bring it back beside what replaced
it.

An accepted hunk stays as a whole: neither its text nor its deletion is undone by a later attempt.
Its text is a piece of the scope and looks after itself; what it has taken away stands nowhere any
more, so it is known by what it was. Knows nothing of attempts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lsp_server.edit.line_joins import line_end, line_start
from lsp_server.text.changes import Change, ChangeSet
from lsp_server.text.lines import split_lines
from lsp_server.text.span import Span

_LINE_ENDS = "\r\n"
_WORD = re.compile(r"\w")
# An insertion is moved over at most so many code points to see whether it can stand elsewhere.
_SLIDE = 2_000


@dataclass(frozen=True, slots=True)
class AcceptedRemovals:
    """An accepted hunk: where it stands in a text, what stood there, and the lines that it took."""

    span: Span
    before: str
    lines: frozenset[str]

    @classmethod
    def of(cls, span: Span, before: str, text: str) -> "AcceptedRemovals":
        """The hunk at `span` of `text`, in place of `before`."""
        head = text[line_start(text, span.start) : span.start]
        tail = text[span.end : line_end(text, span.end)]
        old, new = (_lines(head + piece + tail) for piece in (before, span.text(text)))
        return cls(span, before, frozenset(old) - frozenset(new) - {""})

    def after(self, changes: ChangeSet) -> "AcceptedRemovals":
        """The same after `changes`; what they put in at its edges is beside it no less."""
        start = changes.map_offset(self.span.start, after=False)
        end = changes.map_offset(self.span.end, after=True)
        return replace(self, span=Span(start, max(start, end)))

    def allows(self, change: Change, text: str) -> Change | None:
        """What of `change` of `text` does not bring back what was taken away; `None`: nothing.

        New lines stay, those that were taken away are left out of it.
        """
        here = change if self._is_beside(change, text) else self._moved_beside(change, text)
        if here is None or not here.text:
            return change
        new, old = here.text.strip(), self.before.strip()
        if (new == old and self.before) or (self._is_within_a_line and _holds(new, old)):
            return None
        return self._without_lines(here, change, text)

    @property
    def _is_within_a_line(self) -> bool:
        return not any(end in self.before for end in _LINE_ENDS)

    def _is_beside(self, change: Change, text: str) -> bool:
        """Whether nothing but blanks stands between the change and the hunk."""
        gap = text[change.end : self.span.start] or text[self.span.end : change.start]
        return not gap.strip()

    def _moved_beside(self, change: Change, text: str) -> Change | None:
        """The same insertion where it touches the hunk, if it can be there as well."""
        place, new = change.start, change.text
        for settle_target in (self.span.start, self.span.end) if place == change.end else ():
            if place <= settle_target <= place + _SLIDE:
                between = text[place:settle_target]
                if (new + between).startswith(between):
                    return Change(settle_target, settle_target, (new + between)[len(between) :])
            elif settle_target < place <= settle_target + _SLIDE:
                between = text[settle_target:place]
                if (between + new).endswith(between):
                    return Change(settle_target, settle_target, (between + new)[: len(new)])
        return None

    def _without_lines(self, here: Change, change: Change, text: str) -> Change | None:
        """The change without the lines that were taken away, where it brings whole ones."""
        head = text[line_start(text, here.start) : here.start]
        tail = text[here.end : line_end(text, here.end)]
        lines = split_lines(head + here.text + tail)
        kept = list(self._kept(lines))
        if len(kept) == len(lines):
            return change
        left = "".join(kept)
        if not lines[-1].endswith(("\n", "\r")) and left.endswith(("\n", "\r")):
            left = left[: -2 if left.endswith("\r\n") else -1]
        size = len(head) + len(tail)
        whole = left.startswith(head) and left.endswith(tail) and len(left) >= size
        if not whole:
            return None
        text_left = left[len(head) : len(left) - len(tail)]
        return (
            Change(here.start, here.end, text_left) if text_left or here.end > here.start else None
        )

    def _kept(self, lines: list[str]) -> Iterator[str]:
        """The lines without runs of those that were taken away.

        A run in which no word stands ("}") is one only where it is all there is.
        """
        run: list[str] = []
        for line in [*lines, ""]:
            if line and line.strip() in self.lines:
                run.append(line)
                continue
            if run and not (len(run) == len(lines) or any(map(_WORD.search, run))):
                yield from run
            run = []
            if line:
                yield line


def _lines(text: str) -> list[str]:
    return [line.strip() for line in split_lines(text)]


def _holds(text: str, words: str) -> bool:
    """Whether `words` stand in `text` as whole words, and there is a word in them."""
    if not _WORD.search(words):
        return False
    front = r"(?<!\w)" if _WORD.match(words[0]) else ""
    behind = r"(?!\w)" if _WORD.match(words[-1]) else ""
    return re.search(front + re.escape(words) + behind, text) is not None
