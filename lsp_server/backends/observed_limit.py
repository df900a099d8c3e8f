"""The observed context of a model, and how long it is believed.

Its server may be restarted with a larger or smaller context without notice. Pure except for the
clock.
"""

from lsp_server.backends.pacing import Clock
from lsp_server.backends.refusals import RefusalKind
from lsp_server.backends.wire import Facts

KNOWN_S = 300.0
"""Seconds that an observation is believed."""

_STARTED_ANEW = frozenset(
    {RefusalKind.UNKNOWN, RefusalKind.LOADING, RefusalKind.CRASHED, RefusalKind.NOT_LOADED}
)
"""Failures after which the context may differ. A server that does not answer, or an answer that
broke off, is UNKNOWN here."""


class ObservedLimit:
    """The observed context of one model, in tokens, its answer included."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tokens: int | None = None
        self._until = 0.0

    @property
    def tokens(self) -> int | None:
        """The context. None if it is unknown or the observation too old."""
        return self._tokens if self._clock.time() < self._until else None

    def learn(self, tokens: int | None) -> None:
        """Note an observation. None changes nothing."""
        if tokens is not None:
            self._tokens, self._until = tokens, self._clock.time() + KNOWN_S

    def learn_from(self, facts: Facts) -> None:
        """Note what an answer reported."""
        if facts.verdict is not None and facts.verdict.kind in _STARTED_ANEW:
            self._tokens = None
        self.learn(facts.reads)
