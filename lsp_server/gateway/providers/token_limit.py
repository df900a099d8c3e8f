"""How many tokens of an answer are asked for: the profile's limit, or what its scope can need.

A model that thinks needs more than that, and nobody knows how much, so it is not limited; one that
turns out to think is asked again without the limit, and never limited again. No I/O.
"""

from dataclasses import replace

from lsp_server.backends.failure_sentences import SCOPE_LIMIT
from lsp_server.backends.option_fallback import Option, Refusals
from lsp_server.gateway.capabilities import Capabilities
from lsp_server.gateway.providers.http_stream import Again
from lsp_server.gateway.request_protocol import Piece, ResponseCreate

_FOR_THOUGHTS = 4_096
"""Tokens beside the answer, for a model that may think at a place that counts the limit."""

_LEAST, _SPARED = 2_500, 5_500
"""Tokens of a usual answer: so many at least, and so many less than for one that says far more
than its scope. No more are asked for where they are taken from a minute's worth beforehand."""

_CHARS_PER_TOKEN = 3
"""Code points of a request, to be sure that it and its answer fit into what the model reads."""

_THOUGHT = ("<think", "<thought", "<reasoning")
"""How thoughts begin that a server tells as text."""


class TokenLimit:
    """The limit of one answer. `reads`: tokens that the model reads, its answer included, where
    that is known; a limit beyond it is refused by some servers."""

    def __init__(
        self, create: ResponseCreate, row: Capabilities, refusals: Refusals, reads: int | None
    ) -> None:
        self._model = create.model
        self._counts = row.counts_limit
        self._refusals = refusals
        self._thought = self._text = False
        own = _own(create, row) if refusals.allows(Option.LIMIT, create.model) else None
        if own is not None and reads is not None:
            sent = len(create.instructions) + sum(len(m.text) for m in create.messages)
            room = reads - sent // _CHARS_PER_TOKEN
            own = min(own, room) if room >= _usual(own) else None
        self.is_ours = own is not None
        """Whether the limit is ours, and not the profile's."""
        wanted = create.max_output_tokens if own is None else own
        self.tokens = None if wanted is None else refusals.capped(wanted, create.model)
        """None: the server's own limit."""

    def noted(self, piece: Piece) -> Piece:
        """The same piece; where our limit is reached it says so. Raises `Again` where the model
        has spent it on thoughts."""
        if not self.is_ours:
            return piece
        if isinstance(piece, str):
            self._thought |= not self._text and piece.lstrip().startswith(_THOUGHT)
            self._text |= bool(piece.strip())
            self._learn()
            return piece
        self._thought |= piece.thought
        self._learn()
        if piece.incomplete != "max_output_tokens":
            return piece
        if self._thought and not self._text and not self._counts:
            raise Again
        return replace(piece, incomplete=SCOPE_LIMIT)

    def _learn(self) -> None:
        if self._thought and not self._counts:
            self._refusals.leave_out(Option.LIMIT, self._model)


def _usual(enough: int) -> int:
    return min(enough, max(_LEAST, enough - _SPARED))


def _own(create: ResponseCreate, row: Capabilities) -> int | None:
    """What the scope can need, where that is to be the limit."""
    if create.enough is None or create.max_output_tokens is not None:
        return None
    enough = create.enough
    if row.reserves_limit:
        enough = _usual(enough)
    if row.counts_limit:
        return enough + (0 if create.reasoning_effort == "none" else _FOR_THOUGHTS)
    if create.prediction and row.predicts(create.model) and not row.prediction_with_limit:
        return None
    thinks = create.reasoning_effort not in (None, "none")
    return enough if not thinks and row.is_brief(create.model) else None
