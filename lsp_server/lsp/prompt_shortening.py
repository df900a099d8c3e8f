"""A request was longer than its model can read: it is asked again with less around the scope.

First with as much as the server says that it reads, then with nothing around the scope at all. Only
where that is too long as well is there something for the user to do.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from lsp_server.backends.base import ModelRequest
from lsp_server.errors import MidstreamError
from lsp_server.lsp.driver import Driver
from lsp_server.lsp.models import SURE_SHARE
from lsp_server.prompt.budget import tokens_of
from lsp_server.session.request import EditRequest

if TYPE_CHECKING:
    from lsp_server.lsp.server_state import ServerState

_LESS = 0.6
"""Of what was sent: how much to send where the server does not say how much it reads."""

_NOTHING_AROUND = 1


class PromptShortening:
    """For one attempt: makes its request shorter, twice at most. See `backends.base.Shorten`."""

    def __init__(
        self,
        server_state: "ServerState",
        driver: Driver,
        session: str,
        request: EditRequest,
        asked: ModelRequest,
    ) -> None:
        self._server_state = server_state
        self._driver = driver
        self._session = session
        self._request = request
        self._asked = asked
        self._tried = self._nothing_left = False

    def __call__(self, limit: int | None, done: Callable[[ModelRequest | None], None]) -> None:
        """`done` gets the shorter request, or None when there is nothing left to leave out."""
        if self._nothing_left:
            done(None)
            return
        sent = tokens_of(self._asked.instructions + self._asked.input)
        most = int(sent * _LESS) if limit is None else int(limit * SURE_SHARE)
        self._make(_NOTHING_AROUND if self._tried else most, done)
        self._tried = True

    def _make(self, most: int, done: Callable[[ModelRequest | None], None]) -> None:
        """A request of `most` tokens, or of as few as can be where that is no shorter."""
        self._nothing_left = most == _NOTHING_AROUND
        server_state, driver, session = self._server_state, self._driver, self._session
        try:
            span = driver.document_edits.span_of(session)
            _, work, aside = server_state.request_for(
                driver, session, span, self._request, most=most
            )
        except MidstreamError:
            done(None)
            return

        def made(outcome: ModelRequest | str) -> None:
            if isinstance(outcome, str):
                done(None)
            elif len(outcome.input) < len(self._asked.input):
                self._asked = replace(outcome, tap=self._asked.tap, shorten=self)
                done(self._asked)
            elif self._nothing_left:
                done(None)
            else:
                self._make(_NOTHING_AROUND, done)

        if aside:
            server_state.searches.aside(session, work, made)
            return
        try:
            made(work())
        except MidstreamError:
            done(None)
