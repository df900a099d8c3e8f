"""What an accepted hunk deleted, and which changes would bring it back.

A later attempt must undo neither the text of an accepted hunk nor its deletion. The text is a span
of the scope, which can be protected. Deleted text has no span, so it is recognised by its content.
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
# Code points over which an insertion is moved to see whether it could go next to the hunk.
_SLIDE = 2_000


@dataclass(frozen=True, slots=True)
class AcceptedRemovals:
    """An accepted hunk with what it deleted. Immutable."""

    span: Span
    """The hunk in the text, in code points, with text that was inserted at its edges since."""
    before: str
    """The text that the hunk replaced."""
    lines: frozenset[str]
    """The lines that it deleted and doesn't contain, stripped; no blank ones."""

    @classmethod
    def of(cls, span: Span, before: str, text: str) -> "AcceptedRemovals":
        """The hunk at `span` of `text`, which replaced `before`."""
        head = text[line_start(text, span.start) : span.start]
        tail = text[span.end : line_end(text, span.end)]
        old, new = (_lines(head + piece + tail) for piece in (before, span.text(text)))
        return cls(span, before, frozenset(old) - frozenset(new) - {""})

    def after(self, changes: ChangeSet) -> "AcceptedRemovals":
        """The same after `changes`; text that they insert at its edges becomes part of the span."""
        start = changes.map_offset(self.span.start, after=False)
        end = changes.map_offset(self.span.end, after=True)
        return replace(self, span=Span(start, max(start, end)))

    def allows(self, change: Change, text: str) -> Change | None:
        """The part of a change of `text` that doesn't bring back deleted text; `None` for nothing.

        Keeps new lines and leaves out deleted ones.
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
        """Whether only white space is between the change and the hunk."""
        gap = text[change.end : self.span.start] or text[self.span.end : change.start]
        return not gap.strip()

    def _moved_beside(self, change: Change, text: str) -> Change | None:
        """An equivalent insertion next to the hunk, if there is one."""
        place, new = change.start, change.text
        for edge in (self.span.start, self.span.end) if place == change.end else ():
            if place <= edge <= place + _SLIDE:
                between = text[place:edge]
                if (new + between).startswith(between):
                    return Change(edge, edge, (new + between)[len(between) :])
            elif edge < place <= edge + _SLIDE:
                between = text[edge:place]
                if (between + new).endswith(between):
                    return Change(edge, edge, (between + new)[: len(new)])
        return None

    def _without_lines(self, here: Change, change: Change, text: str) -> Change | None:
        """`change` without deleted lines; `here` is the equivalent one next to the hunk."""
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
        keeps_edges = left.startswith(head) and left.endswith(tail) and len(left) >= size
        if not keeps_edges:
            return None
        text_left = left[len(head) : len(left) - len(tail)]
        return (
            Change(here.start, here.end, text_left) if text_left or here.end > here.start else None
        )

    def _kept(self, lines: list[str]) -> Iterator[str]:
        """The lines without runs of deleted ones.

        A run without any word, such as "}", counts only if there are no other lines.
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
    """Whether `text` contains `words` at word boundaries; `False` if there is no word in them."""
    if not _WORD.search(words):
        return False
    front = r"(?<!\w)" if _WORD.match(words[0]) else ""
    behind = r"(?!\w)" if _WORD.match(words[-1]) else ""
    return re.search(front + re.escape(words) + behind, text) is not None
