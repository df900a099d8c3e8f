"""Whether a request fits into what its model reads, and whether the server cut it. No I/O.

Most servers refuse what is too long. Ollama cuts off its beginning instead, without a word: the
instructions go first, and what the model then writes is about something else.
"""

from dataclasses import replace

from lsp_server.backends.refusal_reading import RefusalReading
from lsp_server.backends.refusals import RefusalKind
from lsp_server.gateway.capabilities import Capabilities
from lsp_server.gateway.providers.faults import Faults
from lsp_server.gateway.request_protocol import Piece, ResponseCreate

PROMPT_CUT = "prompt_cut"
"""Why an answer counts for nothing whose question was cut; beside OpenAI's own reasons."""

_LEAST_PER_TOKEN = 4
"""Code points. A request of more of them for each token that fits is too long for certain."""

_MOST_PER_TOKEN = 8
"""Code points. No tokenizer makes fewer tokens of code, however deep it is indented."""

_WORTH_A_LOOK = 8_000
"""Code points. The least context there is holds a shorter request whole."""


class ContextWindow:
    """One request, and how many tokens its model `reads`; None where that is not known."""

    def __init__(self, create: ResponseCreate, reads: int | None, faults: Faults) -> None:
        self._reads = reads
        self._faults = faults
        self._sent = len(create.instructions) + sum(len(m.text) for m in create.messages)

    def refuse_what_would_be_cut(self, row: Capabilities) -> None:
        """Raises `ProviderError` for a request that is too long, where the server would not."""
        if self._reads is None or not row.cuts or self._sent <= self._reads * _LEAST_PER_TOKEN:
            return
        raise self._faults.of_verdict(RefusalReading(RefusalKind.CONTEXT, 400, limit=self._reads))

    def noted(self, piece: Piece) -> Piece:
        """The same piece, with what it tells of how much was read."""
        if isinstance(piece, str):
            return piece
        used = piece.usage
        read = 0 if used is None else used.input
        if read and self._sent > _WORTH_A_LOOK and read * _MOST_PER_TOKEN < self._sent:
            return replace(piece, reads=self._reads, incomplete=PROMPT_CUT)
        return piece if self._reads is None else replace(piece, reads=self._reads)
