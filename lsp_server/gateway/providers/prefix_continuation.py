"""Completes an answer that continues from a prefix. No I/O.

The gateway always sends the whole answer, prefix included. Most servers send only what follows the
prefix; some repeat the prefix first; and a model that did not continue from it starts a new answer.
The first line decides, because a fence is opened once.
"""

from lsp_server.gateway.request_protocol import Piece


class Continuation:
    """Passes pieces through. Only the beginning of the answer is examined."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._first_line = prefix[: prefix.find("\n") + 1] or prefix
        self._received = ""
        self._decided = not prefix

    def feed(self, piece: Piece) -> list[Piece]:
        """The pieces to send now."""
        if not isinstance(piece, str) or self._decided:
            return [piece]
        self._received += piece
        length = min(len(self._received), len(self._first_line))
        repeats = self._received[:length] == self._first_line[:length]
        if repeats and length < len(self._first_line):
            return []
        self._decided = True
        return [self._received] if repeats else [self._prefix, self._received]

    def end(self) -> list[Piece]:
        """The answer has ended: the pieces that were held back."""
        if self._decided:
            return []
        self._decided = True
        return [self._prefix, self._received] if self._received else [self._prefix]
