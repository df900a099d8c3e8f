"""Where the scopes were in the texts that the document had before.

When a deletion across the edge of a scope is undone, the text that comes back says nothing of
where the edge ran through it; and an editor that sends whole documents leaves open which of two
equal places a change was made at. But an undo brings back a text that was there before, to the
letter, and then the scopes are where they were in it.
"""

from collections.abc import Mapping

from lsp_server.text.span import Span

# Of each text only its length and its hash are kept, so this is small.
MOST_TEXTS = 10_000


class ScopePositions:
    """The texts of one document, the latest last, each with the spans of the sessions in it."""

    def __init__(self) -> None:
        self._spans: dict[tuple[int, int], Mapping[str, Span]] = {}

    def add(self, text: str, spans: Mapping[str, Span]) -> None:
        """The document is about to change from `text`, in which the sessions are at `spans`."""
        key = len(text), hash(text)
        self._spans.pop(key, None)
        self._spans[key] = spans
        if len(self._spans) > MOST_TEXTS:
            del self._spans[next(iter(self._spans))]

    def find(self, text: str) -> Mapping[str, Span]:
        """Where the sessions were when the document last had this text; empty if it never had."""
        return self._spans.get((len(text), hash(text)), {})

    def clear(self) -> None:
        """No session is left to be found again."""
        self._spans.clear()
