"""Where the scopes were in the texts that the document had before.

When a deletion across the edge of a scope is undone, the text that comes back says nothing of
where the edge ran through it; and an editor that sends whole documents leaves open which of two
equal places a change was made at. But an undo brings back a text that was there before, to the
letter, and then the scopes are where they were in it.
"""

from collections.abc import Mapping

from lsp_server.text.span import Span

# A text is kept whole; a bound on the count and on the size keeps a long session small.
MOST_TEXTS = 200
MOST_CODE_POINTS = 4_000_000


class Trail:
    """The texts of one document, oldest first, each with the spans of the sessions in it."""

    def __init__(self) -> None:
        self._texts: list[tuple[str, Mapping[str, Span]]] = []
        self._size = 0

    def add(self, text: str, spans: Mapping[str, Span]) -> None:
        """The document is about to change from `text`, in which the sessions are at `spans`."""
        self._texts.append((text, spans))
        self._size += len(text)
        while len(self._texts) > MOST_TEXTS or self._size > MOST_CODE_POINTS:
            self._size -= len(self._texts.pop(0)[0])

    def find(self, text: str) -> Mapping[str, Span]:
        """Where the sessions were when the document last had this text; empty if it never had."""
        return next((spans for known, spans in reversed(self._texts) if known == text), {})

    def clear(self) -> None:
        """No session is left to be found again."""
        self._texts.clear()
        self._size = 0
