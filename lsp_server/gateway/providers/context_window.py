"""Whether a request fits the model's context, and whether the server cut it. No I/O.

Most servers refuse a prompt that is too long. Ollama silently cuts off its beginning instead, so
the instructions are lost first and the model writes about something else.
"""

from dataclasses import replace

from lsp_server.backends.refusal_reading import RefusalReading
from lsp_server.backends.refusals import RefusalKind
from lsp_server.gateway.capabilities import Capabilities
from lsp_server.gateway.providers.faults import Faults
from lsp_server.gateway.request_protocol import Piece, ResponseCreate

PROMPT_CUT = "prompt_cut"
"""Our own reason for an incomplete answer, beside OpenAI's: its prompt was cut."""

_LEAST_PER_TOKEN = 4
"""Code points. A request with more of them for each token of context is certainly too long."""

_MOST_PER_TOKEN = 8
"""Code points. No tokenizer packs more code into a token, however deep it is indented."""

_WORTH_A_LOOK = 8_000
"""Code points. A shorter request fits even the smallest context."""


class ContextWindow:
    """One request, and its model's context: `reads` tokens, None if not known."""

    def __init__(self, create: ResponseCreate, reads: int | None, faults: Faults) -> None:
        self._reads = reads
        self._faults = faults
        self._sent = len(create.instructions) + sum(len(m.text) for m in create.messages)

    def refuse_what_would_be_cut(self, row: Capabilities) -> None:
        """Raise `ProviderError` for a request that is too long where the server would cut it."""
        if self._reads is None or not row.cuts or self._sent <= self._reads * _LEAST_PER_TOKEN:
            return
        raise self._faults.of_verdict(RefusalReading(RefusalKind.CONTEXT, 400, limit=self._reads))

    def noted(self, piece: Piece) -> Piece:
        """The piece, with the context added and marked incomplete if its usage shows a cut."""
        if isinstance(piece, str):
            return piece
        used = piece.usage
        read = 0 if used is None else used.input
        if read and self._sent > _WORTH_A_LOOK and read * _MOST_PER_TOKEN < self._sent:
            return replace(piece, reads=self._reads, incomplete=PROMPT_CUT)
        return piece if self._reads is None else replace(piece, reads=self._reads)
