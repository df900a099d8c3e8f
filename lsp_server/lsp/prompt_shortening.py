"""Sends a request that was too long for its model again, with less code around the scope.

First with as much as the server says that it reads, then with nothing around the scope. Only if
that is too long as well does the user have to act.
"""

from collections.abc import Callable
from dataclasses import replace

from lsp_server.backends.base import ModelRequest
from lsp_server.errors import MidstreamError
from lsp_server.lsp.models import SURE_SHARE
from lsp_server.lsp.secret_search import SecretSearches, Work
from lsp_server.prompt.budget import tokens_of

_LESS = 0.6
"""The share of the tokens sent to try next if the server does not say how many it reads."""

_NOTHING_AROUND = 1
"""Tokens. So few that the prompt holds nothing but the scope."""

Done = Callable[[ModelRequest | None], None]


class PromptShortening:
    """Shortens the request of one attempt, twice at most. See `backends.base.Shorten`."""

    def __init__(
        self,
        sent: ModelRequest,
        shorter: Callable[[int], tuple[Work, bool]],
        searches: SecretSearches,
    ) -> None:
        """`shorter` gets a number of tokens. It returns a function that makes the request, and
        whether that function takes too long for the event loop; it raises `MidstreamError`.
        """
        self._sent = sent
        self._shorter = shorter
        self._searches = searches
        self._tried = self._nothing_left = False

    def __call__(self, limit: int | None, done: Done) -> None:
        """`done` gets the shorter request, or None if there is nothing left to leave out.

        `limit` is how many tokens the server reads, if it says so.
        """
        if self._nothing_left:
            done(None)
            return
        sent = tokens_of(self._sent.instructions + self._sent.input)
        max_tokens = int(sent * _LESS) if limit is None else int(limit * SURE_SHARE)
        self._shorten(_NOTHING_AROUND if self._tried else max_tokens, done)
        self._tried = True

    def _shorten(self, max_tokens: int, done: Done) -> None:
        """Make a request of `max_tokens`; the shortest possible one if that is no shorter."""
        self._nothing_left = max_tokens == _NOTHING_AROUND
        try:
            work, in_thread = self._shorter(max_tokens)
        except MidstreamError:
            done(None)
            return

        def searched(outcome: ModelRequest | str) -> None:
            if isinstance(outcome, str):
                done(None)
            elif len(outcome.input) < len(self._sent.input):
                self._sent = replace(outcome, tap=self._sent.tap, shorten=self)
                done(self._sent)
            elif self._nothing_left:
                done(None)
            else:
                self._shorten(_NOTHING_AROUND, done)

        if in_thread:
            self._searches.run_in_thread(work, searched)
            return
        try:
            searched(work())
        except MidstreamError:
            done(None)
