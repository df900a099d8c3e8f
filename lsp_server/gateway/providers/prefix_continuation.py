"""An answer that goes on from a prefix, made whole. No I/O.

What leaves the gateway is always the whole answer, prefix included. Most servers send only what
comes behind the prefix; some repeat it first; and a model that did not take it for its own words
begins anew. The first line tells: a fence is opened once.
"""

from lsp_server.gateway.request_protocol import Piece


class Continuation:
    """Feeds pieces through; only the beginning of the answer is looked at."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._first_line = prefix[: prefix.find("\n") + 1] or prefix
        self._came = ""
        self._decided = not prefix

    def feed(self, piece: Piece) -> list[Piece]:
        """What leaves now."""
        if not isinstance(piece, str) or self._decided:
            return [piece]
        self._came += piece
        length = min(len(self._came), len(self._first_line))
        repeats = self._came[:length] == self._first_line[:length]
        if repeats and length < len(self._first_line):
            return []
        self._decided = True
        return [self._came] if repeats else [self._prefix, self._came]

    def end(self) -> list[Piece]:
        """The answer has ended: what was held back."""
        if self._decided:
            return []
        self._decided = True
        return [self._prefix, self._came] if self._came else [self._prefix]
