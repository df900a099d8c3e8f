"""How many tokens a model was found to read, its answer included, and how long that is believed.

Its server may be started anew with room for more or less, and tells nobody. Pure but for the clock.
"""

from lsp_server.backends.pacing import Clock
from lsp_server.backends.refusals import RefusalKind
from lsp_server.backends.wire import Facts

KNOWN_S = 300.0
"""How long it is believed."""

_STARTED_ANEW = frozenset(
    {RefusalKind.UNKNOWN, RefusalKind.LOADING, RefusalKind.CRASHED, RefusalKind.NOT_LOADED}
)
"""Faults after which it may be another number; that nobody answers, or that an answer broke off, is
an unknown one here."""


class ObservedLimit:
    """What is known of one model."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tokens: int | None = None
        self._until = 0.0

    @property
    def tokens(self) -> int | None:
        """None: that is not known, or not any more."""
        return self._tokens if self._clock.time() < self._until else None

    def learn(self, tokens: int | None) -> None:
        """It was found to read so many; None: nothing was told."""
        if tokens is not None:
            self._tokens, self._until = tokens, self._clock.time() + KNOWN_S

    def learn_from(self, facts: Facts) -> None:
        """An answer has told something."""
        if facts.verdict is not None and facts.verdict.kind in _STARTED_ANEW:
            self._tokens = None
        self.learn(facts.reads)
