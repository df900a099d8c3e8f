"""Where the scopes were in the earlier texts of the document.

When a deletion across the edge of a scope is undone, the restored text does not say where the edge
was. An editor that sends whole documents does not say at which of two equal places a change was
made. But an undo restores an earlier text exactly, and then the scopes are where they were in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from lsp_server.session.import_offers import AcceptedImport
from lsp_server.text.span import Span

# Only the length and hash of each text are kept, so this takes little memory.
MOST_TEXTS = 10_000


@dataclass(frozen=True, slots=True)
class ScopePosition:
    """Where a session is in one text of the document, and the imports that it has written there."""

    span: Span
    imports: tuple[AcceptedImport, ...] = ()


class ScopePositions:
    """The earlier texts of one document, latest last, each with the places of its sessions."""

    def __init__(self) -> None:
        self._spans: dict[tuple[int, int], Mapping[str, ScopePosition]] = {}

    def add(self, text: str, spans: Mapping[str, ScopePosition]) -> None:
        """Record where the sessions are in `text`, which is about to change."""
        key = len(text), hash(text)
        self._spans.pop(key, None)
        self._spans[key] = spans
        if len(self._spans) > MOST_TEXTS:
            del self._spans[next(iter(self._spans))]

    def find(self, text: str) -> Mapping[str, ScopePosition]:
        """Where the sessions were when the document last had this text; empty if it never did."""
        return self._spans.get((len(text), hash(text)), {})

    def clear(self) -> None:
        """Forget all texts."""
        self._spans.clear()
