"""Lets the model read the code before the user starts an edit: its first token comes sooner.

Model servers that take a request without an answer (`generate: false`) get what an edit of the
selection would begin with. Only a model on this machine gets it, unless the user's setting
`read_ahead` says otherwise. The user sees nothing of it, and nothing waits for it.
"""

from lsp_server.errors import MidstreamError
from lsp_server.lsp.client_context import ClientContext
from lsp_server.lsp.driver import Driver
from lsp_server.lsp.model_requests import ModelRequests
from lsp_server.lsp.models import stays_here
from lsp_server.lsp.reply_form import form_of
from lsp_server.lsp.session_ids import SessionIds
from lsp_server.lsp.session_record import SessionRecord
from lsp_server.lsp.workspace import Workspace
from lsp_server.prompt.marking import lines_to_mark
from lsp_server.session.request import EditRequest
from lsp_server.settings import Profile, Provider, ReadAhead
from lsp_server.syntax.scope import ScopeLevel, find_scope
from lsp_server.text.span import Span

EVERY_MS = 3_000.0
"""The least time between two such requests, in milliseconds."""


class ReadAheadTrigger:
    """Starts reading ahead, and remembers what was read so that it is not sent twice."""

    def __init__(
        self,
        context: ClientContext,
        workspace: Workspace,
        requests: ModelRequests,
        ids: SessionIds,
    ) -> None:
        self._context = context
        self._workspace = workspace
        self._requests = requests
        self._ids = ids
        self._last: tuple[str, int, Span] | None = None
        """Document, version and scope that were read last."""
        self._next_at = float("-inf")

    def selected(self, driver: Driver, selection: Span) -> None:
        """The user has asked what can be done with this selection of `document_edits`."""
        context, profile = self._context, self._context.settings.current
        if selection.empty or driver.document_edits.at(selection) is not None:
            return
        if profile is None or not _may_read(profile, context.settings.read_ahead):
            return
        if context.timing.now_ms() < self._next_at or not context.can_apply_edits:
            return
        text = driver.document_edits.text.text
        smallest = ScopeLevel.SMALLEST
        scope = find_scope(text, selection, driver.language, smallest, driver.tree()).span
        latest = (driver.document.uri, driver.document.version, scope)
        if latest == self._last:
            return
        self._last, self._next_at = latest, context.timing.now_ms() + EVERY_MS
        code = scope.text(text)
        form = form_of(driver, profile, scope, code, context.settings.patch_from_lines)
        try:
            self._workspace.refuse_ignored(driver.document.uri)
            part = lines_to_mark(text, scope, selection)
            request = EditRequest("", code, code, profile.name, form=form, selected=part)
            # A record of its own: the session may begin before the search for secrets is over.
            record = SessionRecord(self._ids.coming)
            self._requests.read_ahead(driver, record, scope, request)
        except MidstreamError:
            return


def _may_read(profile: Profile, read_ahead: ReadAhead) -> bool:
    """Whether code may go to this profile's model before an edit is started."""
    if profile.provider is Provider.PRACTICE:  # It cannot use it.
        return False
    return read_ahead is ReadAhead.ALWAYS or (read_ahead is ReadAhead.LOCAL and stays_here(profile))
