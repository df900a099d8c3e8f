"""All parts of one conversation with one editor, put together.

Each part gets the parts that it needs. Only the commands, which use nearly all of them, get the
whole.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from lsp_server.backends.base import Stream
from lsp_server.context.lookup import ContextLookup
from lsp_server.lsp.client import EditorClient, MessageType
from lsp_server.lsp.client_context import ClientContext
from lsp_server.lsp.context_orders import ContextOrders
from lsp_server.lsp.context_search import ContextSearch, Lookup
from lsp_server.lsp.convert import Json
from lsp_server.lsp.document_drivers import DocumentDrivers
from lsp_server.lsp.driver import OUR_MISTAKE, Driver
from lsp_server.lsp.index_progress import IndexProgress
from lsp_server.lsp.journal import Journals
from lsp_server.lsp.model_requests import ModelRequests
from lsp_server.lsp.models import Models
from lsp_server.lsp.notifications import Notifications
from lsp_server.lsp.profile_consent import ProfileConsent
from lsp_server.lsp.recording import Recorder
from lsp_server.lsp.recovery import Recovery
from lsp_server.lsp.session_record import SessionRecord
from lsp_server.lsp.settings_loading import SettingsLoading, only_ignore
from lsp_server.lsp.timing import Timing
from lsp_server.lsp.workspace import Workspace
from lsp_server.session import events as ev
from lsp_server.session.effects import Level, Report
from lsp_server.session.machine import Session
from lsp_server.session.request import EditRequest
from lsp_server.settings import Loaded, load, unread
from lsp_server.text.lines import Encoding
from lsp_server.text.span import Span
from lsp_server.wording import LSP, WORDINGS, Wording


class ServerState:
    """One conversation: its settings, its documents, and what happens to its sessions."""

    def __init__(
        self,
        client: EditorClient,
        journals: Journals | None = None,
        recorder: Recorder | None = None,
        timing: Timing | None = None,
        models: Models | None = None,
        lookup: Lookup | None = None,
    ) -> None:
        """Without `journals` no session outlives this process. `lookup` finds definitions, callers
        and open documents; the usual one has an index, built in another process."""
        self.load: Callable[..., Loaded] = load
        self.off_loop = False
        """Whether slow work (reading settings, searching a long text) runs in a thread."""
        self.recorder = recorder
        timing = timing or (recorder.timing if recorder is not None else Timing())
        self.context = ClientContext(client, timing)
        self.workspace = Workspace(self.context)
        self.models = models or Models()
        if recorder is not None:
            self.models.on_key = recorder.hide
        else:
            # A recording does not hold handshakes, so a replay could not repeat this warning.
            self.models.on_detour = lambda sentence: client.tell_once(MessageType.WARNING, sentence)
        self.drivers = DocumentDrivers(self.context, self)
        self.notifications = Notifications(self.context, self.drivers, self._ended)
        self.recovery = Recovery(self.context, self.drivers, journals)
        self.search = ContextSearch(lookup or self._usual_lookup(), timing)
        self._index_progress = IndexProgress(self.context, self.search.lookup)
        self.requests = ModelRequests(
            self.context,
            self.workspace,
            self.models,
            recorder,
            self._warn,
            lambda: self._uses_threads and recorder is None,
            self.search,
            ContextOrders(self.context, self.workspace, lambda: self.drivers.latest_documents),
        )
        self.loading = SettingsLoading(client, self._settled)
        self.last_ledger: Json | None = None
        """The ledger of the session that ended last."""
        self._profile_consent = ProfileConsent(client, self.load_settings)
        self._initialization: object = None
        self._configuration: object = None

    def _usual_lookup(self) -> Lookup:
        return ContextLookup(
            patterns=lambda: self.context.settings.ignore, trusted=lambda: self.workspace.trusted
        )

    # -- settings --

    @property
    def _uses_threads(self) -> bool:
        """Not where another function loads the settings: that one has them already."""
        return self.off_loop and self.load is load

    def begin(self, params: Json, encoding: Encoding) -> None:
        """`initialize`."""
        capabilities = params.get("capabilities")
        self.context.capabilities = capabilities if isinstance(capabilities, dict) else {}
        self.context.client.wording = self._wording()
        self.context.encoding = encoding
        self.drivers.use_encoding(encoding)
        self.context.event_log.set_trace(params.get("trace"))
        self.workspace.begin(params)
        self._initialization = params.get("initializationOptions")
        self.load_settings()

    def _wording(self) -> Wording:
        name = self.context.capability("experimental", "midstream", "wording")
        return WORDINGS.get(name, LSP) if isinstance(name, str) else LSP

    def set_trace(self, params: object) -> None:
        """`$/setTrace`: the editor wants to see more, or less, of what happens."""
        if isinstance(params, dict):
            self.context.event_log.set_trace(params.get("value"))

    def folders_changed(self, params: object) -> None:
        """`workspace/didChangeWorkspaceFolders`."""
        before = self.workspace.root
        self.workspace.folders_changed(params)
        if self.workspace.root != before:
            self.load_settings()

    def configured(self, section: object) -> None:
        """The client has sent its configuration; `section` is its part `midstream`."""
        self._configuration = section
        self.load_settings()

    def load_settings(self) -> None:
        """Read all settings again. New faults in them are shown in one message."""
        trusted, configuration = self.workspace.trusted, self._configuration
        editor = {
            "initialization": self._initialization,
            "configuration": configuration if trusted else only_ignore(configuration),
        }
        workspace = self.workspace.root if trusted else None
        read = partial(self.load, workspace=workspace, **editor)
        if self._uses_threads:
            self.loading.run_in_thread(read, lambda fault: unread(fault, **editor))
        else:
            self.loading.at_once(read)

    def _settled(self, loaded: Loaded) -> None:
        """Put these settings in force."""
        before = self.context.settings.current
        self.context.settings = self._profile_consent.settle(loaded.settings)
        self.models.keep(loaded.settings.profiles.values(), self.drivers.busy_profiles())
        if self.recorder is not None:
            self.recorder.settings(self.context.settings)
        for driver in self.drivers.all:
            driver.document_edits.max_edits_per_second = loaded.settings.max_edits_per_second
        if self.drivers.all and self.context.settings.current != before:
            self.warm()

    def warm(self) -> None:
        """Open the sockets to the model in use, if there is one."""
        if self.context.refusal is None and (profile := self.context.settings.current) is not None:
            self.models.warm(profile)

    def take_keys(self, keys: Mapping[str, str]) -> None:
        """`midstream/keys`: API keys by profile."""
        self.models.hand_keys(keys, self.drivers.busy_profiles())

    # -- documents --

    def opened(self, params: object) -> None:
        """`textDocument/didOpen`."""
        driver = self.drivers.open(params)
        self.warm()
        wanted = self.context.settings.context
        if self._uses_threads and (wanted.definitions or wanted.callers):
            self._index_progress.start(self.workspace.folders.roots, shown=self.recorder is None)
            self.requests.warm_context(driver, Span(0, len(driver.document.text)))
        self.recovery.opened(driver)

    def changed(self, params: object) -> None:
        """`textDocument/didChange`."""
        if (driver := self.drivers.change(params)) is not None:
            self.recovery.changed(driver)

    def closed(self, params: object) -> None:
        """`textDocument/didClose`."""
        if (driver := self.drivers.close(params)) is not None:
            self.recovery.closed(driver)
            self.requests.document_closed(driver.document.uri)

    # -- what drivers ask --

    def ask(
        self,
        driver: Driver,
        session: str,
        attempt: int,
        request: EditRequest,
        sink: Callable[[ev.ModelEvent], None],
    ) -> Stream:
        """See `DriverServices`."""
        return self.requests.open_stream(driver, session, attempt, request, sink)

    def reported(self, driver: Driver, report: Report) -> None:
        """See `DriverServices`."""
        self.notifications.reported(driver, report)
        self.recovery.reported(driver)

    def writing(self, driver: Driver) -> None:
        """See `DriverServices`."""
        self.recovery.note(driver)

    def broke(self, records: Sequence[SessionRecord]) -> None:
        """See `DriverServices`."""
        self.notifications.broke(records)
        self.context.client.show_message(MessageType.ERROR, OUR_MISTAKE)

    def _ended(self, driver: Driver, session: Session, ledger: Json) -> None:
        """A session has ended and the editor was notified."""
        self.last_ledger = ledger
        self.recovery.ended(driver, session)
        driver.forget(session.id)

    def _warn(self, driver: Driver, session: str, sentence: str) -> None:
        """Show a warning about a session."""
        self.notifications.reported(driver, Report(session, Level.WARNING, sentence))

    # -- the end --

    def halt(self) -> None:
        """The conversation is about to end: nothing more is written."""
        self.recovery.close()
        self.drivers.halt()

    async def aclose(self) -> None:
        """The conversation is over."""
        self.halt()
        self._index_progress.close()
        self.drivers.close_all()
        await self.models.aclose()
        if self.recorder is not None:
            self.recorder.close()
