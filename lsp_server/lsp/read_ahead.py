"""An edit is likely: the model may read the code ahead, so that its first token comes sooner.

Where the model's server takes a request that is not to be answered (`generate: false`), it is sent
what an edit of the selection would begin with: only to a model on this machine, unless the user's
setting `read_ahead` says otherwise. Nothing here is ever told to the user or waited for.
"""

from lsp_server.backends.base import ModelRequest
from lsp_server.errors import MidstreamError
from lsp_server.lsp.driver import Driver
from lsp_server.lsp.models import stays_here
from lsp_server.lsp.redaction import Redaction
from lsp_server.lsp.reply_form import form_of
from lsp_server.lsp.server_state import ServerState
from lsp_server.prompt.marking import marked
from lsp_server.session.request import EditRequest
from lsp_server.settings import Profile, Provider, ReadAhead
from lsp_server.syntax.scope import ScopeLevel, find_scope
from lsp_server.text.span import Span

_AHEAD = "ahead"
"""Stands for a session among the searches; no session is called so."""
EVERY_MS = 3_000.0
"""The least time between two requests that nobody has asked for."""


class ReadAheadTrigger:
    """Remembers what was read ahead last, so that the same is not sent twice."""

    def __init__(self, server_state: ServerState) -> None:
        self._server_state = server_state
        self._last: tuple[str, int, Span] | None = None
        self._next_at = float("-inf")

    def selected(self, driver: Driver, selection: Span) -> None:
        """The user has asked what can be done with this selection (a place on the desk)."""
        server_state, profile = self._server_state, self._server_state.settings.current
        if selection.empty or driver.document_edits.at(selection) is not None:
            return
        if profile is None or not _may_read(profile, server_state.settings.read_ahead):
            return
        if server_state.timing.now_ms() < self._next_at:
            return
        if server_state.capability("workspace", "applyEdit") is not True:
            return
        text = driver.document_edits.text.text
        scope = find_scope(
            text, selection, driver.language, ScopeLevel.SMALLEST, driver.tree()
        ).span
        wanted = (driver.document.uri, driver.document.version, scope)
        if wanted == self._last:
            return
        self._last, self._next_at = wanted, server_state.timing.now_ms() + EVERY_MS
        code = scope.text(text)
        form = form_of(driver, profile, scope, code, server_state.settings.patch_from_lines)
        try:
            server_state.refuse_ignored(driver)
            part = marked(text, scope, selection)
            request = EditRequest("", code, code, profile.name, form=form, selected=part)
            name = server_state.numbers.coming
            # With placeholders of its own: the session may begin before this has been searched.
            to, work, aside = server_state.request_for(driver, name, scope, request, Redaction())
            if aside:
                server_state.searches.aside(_AHEAD, work, lambda asked: self._warm(to, asked))
            else:
                self._warm(to, work())
        except MidstreamError:
            return

    def _warm(self, profile: Profile, asked: ModelRequest | str) -> None:
        if not isinstance(asked, str):
            self._server_state.models.warm(profile, asked)


def _may_read(profile: Profile, read_ahead: ReadAhead) -> bool:
    """Whether code may go to this profile's model before an edit is started."""
    if profile.provider is Provider.PRACTICE:  # It makes nothing of it.
        return False
    return read_ahead is ReadAhead.ALWAYS or (read_ahead is ReadAhead.LOCAL and stays_here(profile))
