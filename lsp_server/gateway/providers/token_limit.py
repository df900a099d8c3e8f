"""The limit of output tokens: the profile's own, or what the scope can need.

A model that thinks needs an unknown number more, so it gets no limit of ours. A model that turns
out to think is asked again without the limit and never limited again. No I/O.
"""

from dataclasses import replace

from lsp_server.backends.failure_sentences import SCOPE_LIMIT
from lsp_server.backends.option_fallback import Option, Refusals
from lsp_server.gateway.capabilities import Capabilities
from lsp_server.gateway.providers.http_stream import Again
from lsp_server.gateway.request_protocol import Piece, ResponseCreate

_FOR_THOUGHTS = 4_096
"""Tokens added for thoughts where every request needs a limit (`counts_limit`)."""

_LEAST, _SPARED = 2_500, 5_500
"""Tokens of a usual answer: at least `_LEAST`, and `_SPARED` less than the longest possible answer.
No more are asked for where the limit is deducted beforehand (`reserves_limit`)."""

_CHARS_PER_TOKEN = 3
"""Code points, at least: used to be sure that request and answer fit the context."""

_THOUGHT = ("<think", "<thought", "<reasoning")
"""How thoughts begin that a server sends as text."""


class TokenLimit:
    """The limit of one answer. `reads` is the model's context in tokens, its answer included, if
    known: some servers refuse a limit beyond it."""

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
            available = reads - sent // _CHARS_PER_TOKEN
            own = min(own, available) if available >= _usual(own) else None
        self.is_ours = own is not None
        """Whether the limit is ours, not the profile's."""
        wanted = create.max_output_tokens if own is None else own
        self.tokens = None if wanted is None else refusals.capped(wanted, create.model)
        """The limit to ask for. None: the server's own."""

    def noted(self, piece: Piece) -> Piece:
        """The piece, which says so if our limit ended the answer. Raises `Again` if the model spent
        the limit on thoughts."""
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
    """The limit by the needs of the scope. None where it should not be limited."""
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
