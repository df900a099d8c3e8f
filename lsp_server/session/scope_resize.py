"""Makes a scope wider or narrower while its session lives. Pure."""

from dataclasses import dataclass, replace

from lsp_server.edit.diff import diff
from lsp_server.errors import RequestFailed
from lsp_server.text.changes import ChangeSet
from lsp_server.text.span import Span


@dataclass(frozen=True, slots=True)
class ScopeResize:
    """The step from a scope to another level of it.

    `add_before` and `add_after` are text of the document that the scope takes in. `cut_before` and
    `cut_after` are how many code points it gives up.
    """

    add_before: str = ""
    add_after: str = ""
    cut_before: int = 0
    cut_after: int = 0

    @classmethod
    def between(cls, document: str, now: Span, wanted: Span) -> "ScopeResize":
        """The step from the scope `now` to the scope `wanted` of the same document."""
        return cls(
            document[wanted.start : now.start],
            document[now.end : wanted.end],
            max(wanted.start - now.start, 0),
            max(now.end - wanted.end, 0),
        )

    def as_of(self, then: tuple[str, Span], now: tuple[str, Span]) -> "ScopeResize":
        """The same step in an earlier text of the document.

        `then` and `now` are texts of the document, each with the scope's place in it.
        """
        (old, place), (new, here) = then, now
        before, after = old[: place.start], old[place.end :]
        if not before.endswith(self.add_before):
            top = here.start - len(self.add_before)
            back = diff(new[: here.start], before)
            before = before[back.map_offset(top, after=False) :]
        else:
            before = self.add_before
        if not after.startswith(self.add_after):
            back = diff(new[here.end :], after)
            after = after[: back.map_offset(len(self.add_after), after=True)]
        else:
            after = self.add_after
        return replace(self, add_before=before, add_after=after)

    def around(self, text: str) -> str:
        """The text of the resized scope, from its present `text`."""
        return self.add_before + text[self.cut_before : len(text) - self.cut_after] + self.add_after

    def span(self, scope: Span) -> Span:
        """Where the resized scope is in the document."""
        start = scope.start + self.cut_before - len(self.add_before)
        return Span(start, scope.end - self.cut_after + len(self.add_after))

    @property
    def widens(self) -> bool:
        """Whether the scope takes in something and gives up nothing."""
        return bool(self.add_before or self.add_after) and not (self.cut_before or self.cut_after)

    @property
    def by(self) -> int:
        """By how many code points a place of the scope moves, counted from the scope's start."""
        return len(self.add_before) - self.cut_before

    def given_up(self, text: str) -> tuple[str, str]:
        """What a scope with this text gives up at its start and at its end."""
        return text[: self.cut_before], text[len(text) - self.cut_after :]

    def part(self, span: Span | None, text: str) -> Span | None:
        """A piece of the scope as a piece of the resized scope, which holds `text`.

        None where that is all of it or nothing.
        """
        if span is None:
            return None
        start, end = max(span.start + self.by, 0), min(span.end + self.by, len(text))
        inside = start <= end and span.start + self.by <= len(text)
        left = Span(start, end) if inside else None
        return None if left == Span(0, len(text)) else left

    def moved(self, span: Span) -> Span:
        """A piece of the scope, counted from the start of the resized scope.

        Raises `RequestFailed` where it begins before that.
        """
        if span.start + self.by < 0:
            raise RequestFailed(
                "You can't narrow this edit further. Revert it and start a new one."
            )
        return span.shift(self.by)

    def changes(self, changes: ChangeSet) -> ChangeSet:
        """Changes of the scope's text as changes of the resized scope's text.

        Raises `RequestFailed` where they reach into what the scope gives up.
        """
        end = changes.length - self.cut_after
        if any(c.start < self.cut_before or c.end > end for c in changes.changes):
            raise RequestFailed(
                "You can't narrow this edit further. Revert it and start a new one."
            )
        length = changes.length + self.by + len(self.add_after) - self.cut_after
        return changes.shifted(self.by, length)
