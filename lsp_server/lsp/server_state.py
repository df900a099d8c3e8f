"""What the server knows while it runs: settings, documents, models, sessions; and how to ask.

The handlers of commands, code actions and lenses all work on this one object, so none of them
needs module variables, and a test can build one with any client.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from lsp_server.backends.base import ModelRequest, Stream
from lsp_server.errors import InvalidParams, NoSuchProfile, RequestFailed, SettingsError
from lsp_server.ignore import Ignore
from lsp_server.lsp.client import EditorClient, MessageType
from lsp_server.lsp.convert import Json, uri_from
from lsp_server.lsp.documents import Documents
from lsp_server.lsp.driver import OUR_MISTAKE, Driver
from lsp_server.lsp.event_log import EventLog
from lsp_server.lsp.ignored import refusal_of
from lsp_server.lsp.journal import Journals
from lsp_server.lsp.models import Models, cache_key_of, model_request
from lsp_server.lsp.notifications import Notifications
from lsp_server.lsp.profile_consent import ProfileConsent
from lsp_server.lsp.project_rules import RulesFiles
from lsp_server.lsp.prompt_shortening import PromptShortening
from lsp_server.lsp.recording import Recorder
from lsp_server.lsp.recovery import Recovery
from lsp_server.lsp.redaction import Redaction
from lsp_server.lsp.secret_search import SecretSearches, Work, is_long
from lsp_server.lsp.sent_files import SentFiles
from lsp_server.lsp.session_ids import SessionIds
from lsp_server.lsp.settings_loading import SettingsLoading, only_ignore, trusts
from lsp_server.lsp.timing import Timing
from lsp_server.lsp.uris import path_from, root_above, roots_after, roots_of
from lsp_server.prompt.compose import Prompt, PromptPlace
from lsp_server.session import events as ev
from lsp_server.session.effects import Level, Report
from lsp_server.session.machine import Phase, Session
from lsp_server.session.request import EditRequest, Form
from lsp_server.settings import Loaded, Profile, Settings, load, unread
from lsp_server.text.lines import Encoding
from lsp_server.text.span import Span

log = logging.getLogger(__name__)


class ServerState:
    """All that belongs to one conversation with one editor."""

    def __init__(
        self,
        client: EditorClient,
        journals: Journals | None = None,
        recorder: Recorder | None = None,
        timing: Timing | None = None,
    ) -> None:
        """Without `journals` nothing of a session outlives this process."""
        self.load: Callable[..., Loaded] = load
        self.recorder = recorder
        self.timing = timing or (recorder.timing if recorder is not None else Timing())
        self.client = client
        self.event_log = EventLog(self._send_trace)
        self.documents = Documents()
        self.models = Models()
        if recorder is not None:
            self.models.on_key = recorder.hide
        else:
            # What a handshake tells is no part of a recording.
            self.models.on_detour = lambda told: self.client.tell_once(MessageType.WARNING, told)
        self.redaction = Redaction()
        self.searches = SecretSearches()
        self.told = SentFiles()
        self.settings = Settings()
        self.capabilities: Json = {}
        self.roots: tuple[Path, ...] = ()
        """All folders of the workspace."""
        self.root: Path | None = None
        """The first of them."""
        self.ignore = Ignore()
        self.rules_files = RulesFiles(self.ignore)
        self.notifications = Notifications(self)
        self.recovery = Recovery(self, journals)
        self.last_ledger: Json | None = None
        self._drivers: dict[str, Driver] = {}
        self.numbers = SessionIds()
        self._diagnostics: dict[str, tuple[str, ...]] = {}
        self._kinds: dict[str, str] = {}
        self._initialization: object = None
        self._configuration: object = None
        self.loading = SettingsLoading(client, self._settled)
        self.off_loop = False
        """Whether what takes long is done aside of the event loop: settings are read, and a long
        text is searched."""
        self.trusted = True
        """Whether the user trusts the workspace; if not, nothing of it is read."""
        self._profile_consent = ProfileConsent(client, self.load_settings)

    # -- settings --

    @property
    def aside(self) -> bool:
        """Whether that is so here; a replay has all at hand."""
        return self.off_loop and self.load is load

    @property
    def encoding(self) -> Encoding:
        """The units in which this editor counts columns."""
        return self.documents.encoding

    def capability(self, *path: str) -> object:
        """What the client declares at `path`, or `None`."""
        value: object = self.capabilities
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        return value

    def begin(self, params: Json, encoding: Encoding) -> None:
        """`initialize` has been read."""
        capabilities = params.get("capabilities")
        self.capabilities = capabilities if isinstance(capabilities, dict) else {}
        self.documents.encoding = encoding
        self.event_log.set_trace(params.get("trace"))
        self._take_roots(roots_of(params))
        self._initialization = params.get("initializationOptions")
        self.trusted = trusts(self._initialization)
        self.load_settings()

    def set_trace(self, params: object) -> None:
        """`$/setTrace`: the editor wants to see more, or less, of what happens."""
        if isinstance(params, dict):
            self.event_log.set_trace(params.get("value"))

    def _send_trace(self, line: str, text: str | None) -> None:
        message = {"message": line} if text is None else {"message": line, "verbose": text}
        self.client.notify("$/logTrace", message)

    def folders_changed(self, params: object) -> None:
        """`workspace/didChangeWorkspaceFolders`."""
        before = self.root
        self._take_roots(roots_after(self.roots, params))
        if self.root != before:
            self.load_settings()

    def _take_roots(self, roots: tuple[Path, ...]) -> None:
        self.roots, self.root = roots, roots[0] if roots else None

    def configured(self, section: object) -> None:
        """The client's configuration has been read; `section` is its part `midstream`."""
        self._configuration = section
        self.load_settings()

    def load_settings(self) -> None:
        """Read all settings anew. What is wrong in them is told once, in one message."""
        told = self._configuration
        configuration = told if self.trusted else only_ignore(told)
        editor = {"initialization": self._initialization, "configuration": configuration}
        workspace = self.root if self.trusted else None
        read = partial(self.load, workspace=workspace, **editor)
        if self.aside:
            self.loading.aside(read, lambda fault: unread(fault, **editor))
        else:
            self.loading.at_once(read)

    def _settled(self, loaded: Loaded) -> None:
        """These settings are in force from now on."""
        before = self.settings.current
        self.settings = self._profile_consent.settle(loaded.settings)
        self.models.keep(loaded.settings.profiles.values(), self._profiles_at_work())
        if self.recorder is not None:
            self.recorder.settings(self.settings)
        for driver in self._drivers.values():
            driver.document_edits.max_edits_per_second = loaded.settings.max_edits_per_second
        if self._drivers and self.settings.current != before:
            self.warm()

    def warm(self) -> None:
        """Open the sockets to the model in use, if there is one."""
        if self.refusal is None and (profile := self.settings.current) is not None:
            self.models.warm(profile)

    def _profiles_at_work(self) -> set[str]:
        """The names of the profiles whose models answer right now."""
        return {s.attempt.request.profile for _, s in self.sessions() if s.live}

    def hand_keys(self, keys: Mapping[str, str]) -> None:
        """`midstream/keys`: keys by profile."""
        self.models.hand_keys(keys, self._profiles_at_work())

    def requested_model(self, profile: str) -> str:
        """What a profile's model is called."""
        found = self.settings.profiles.get(profile, self.settings.current)
        return "" if found is None else found.model

    @property
    def refusal(self) -> str | None:
        """Why no edit can begin as the settings are; None when one can."""
        return self.settings.ignore_fault or self.settings.choice_fault

    def profile(self, name: str | None) -> Profile:
        """The profile of that name, or the one in use. Raises `RequestFailed` for one that cannot
        be used, and `NoSuchProfile` once it is gone.

        `fast` and `deep` stand for the first profile with that role, where none is called so.
        """
        try:
            profile = self.settings.in_use() if name is None else self.settings.called(name)
        except SettingsError as error:
            raise RequestFailed(str(error)) from None
        if profile is None:
            known = ", ".join(f"`{known}`" for known in self.settings.profiles)
            raise NoSuchProfile(f"`profile`: there is no profile `{name}`; there is {known}.")
        return profile

    # -- documents --

    def opened(self, params: object) -> None:
        """`textDocument/didOpen`."""
        document = self.documents.open(params)
        if (before := self._drivers.pop(document.uri, None)) is not None:
            before.closed()
        driver = Driver(self, document, self.settings.max_edits_per_second)
        self._drivers[document.uri] = driver
        self.warm()
        self.recovery.opened(driver)

    def changed(self, params: object) -> None:
        """`textDocument/didChange`."""
        if (change := self.documents.change(params)) is not None:
            driver = self._drivers[change.after.uri]
            driver.changed(change)
            self.recovery.changed(driver)

    def closed(self, params: object) -> None:
        """`textDocument/didClose`."""
        if (document := self.documents.close(params)) is not None:
            driver = self._drivers.pop(document.uri)
            driver.closed()
            self.recovery.closed(driver)
            self.told.forget(document.uri)

    def driver(self, uri: str) -> Driver:
        """The driver of an open document. Raises `RequestFailed`, and `InvalidParams` for what is
        no URI."""
        document = self.documents.get(uri)
        if document is None:
            uri_from(uri)
            raise RequestFailed("`uri`: the editor has not opened this document here.")
        return self._drivers[document.uri]

    def take_back(self, uri: str | None) -> bool:
        """What waits for a document to be read (any, without `uri`) shall not be done; whether
        anything did."""
        drivers = list(self._drivers.values()) if uri is None else [self.driver(uri)]
        return True in {driver.take_back() for driver in drivers}

    def path_of(self, driver: Driver) -> Path | None:
        """Where a document is on the disk; `None` for one that is not."""
        return path_from(driver.document.uri)

    def refuse_ignored(self, driver: Driver) -> None:
        """Raises `RequestFailed` for a file that must not be sent to a model."""
        if self.settings.ignore_fault is not None:
            raise RequestFailed(self.settings.ignore_fault)
        uri, patterns = driver.document.uri, self.settings.ignore
        sentence = refusal_of(self.ignore, uri, self.roots, patterns, trusted=self.trusted)
        if sentence is not None:
            raise RequestFailed(sentence)

    # -- sessions --

    def sessions(self) -> list[tuple[Driver, Session]]:
        """All sessions that have not ended, the latest first."""
        found = [(d, s) for d in self._drivers.values() for s in d.document_edits.sessions]
        return sorted(found, key=lambda pair: int(pair[1].id[1:]), reverse=True)

    def find(
        self, session: str | None, uri: str | None = None, place: Span | None = None
    ) -> tuple[Driver, Session]:
        """The session meant: by its id, by where the cursor is, or the latest that lives.

        Raises `RequestFailed` when there is none now, `InvalidParams` when there never was.
        """
        live = self.sessions()
        if session is not None:
            for driver, found in live:
                if found.id == session:
                    return driver, found
            if self.numbers.has_given(session):
                raise RequestFailed(f"`session`: session {session} has ended; start a new edit.")
            raise InvalidParams(f"`session`: there is no session `{session}`.")
        if uri is not None:
            here = self.driver(uri)
            if place is not None and (at := here.document_edits.at(place)) is not None:
                return here, at
            live = [pair for pair in live if pair[0] is here] or live
        if not live:
            raise RequestFailed("There is no edit under way; select some code and start one.")
        return live[0]

    def note_scope(
        self, session: str, kind: str, diagnostics: tuple[str, ...] | None = None
    ) -> None:
        """What a session's scope is, and what the editor says is wrong in it (`None`: no news)."""
        self._kinds[session] = kind
        if diagnostics is not None:
            self._diagnostics[session] = diagnostics

    def forget_scope(self, session: str) -> None:
        """The session has ended, or never began."""
        self._diagnostics.pop(session, None)
        self._kinds.pop(session, None)
        self.redaction.forget(session)

    def kind_of(self, session: str) -> str:
        """What a session's scope is: the grammar's name for it."""
        return self._kinds.get(session, "")

    def prompt_for(
        self,
        driver: Driver,
        session: str,
        span: Span,
        request: EditRequest,
        most: int | None = None,
    ) -> tuple[Profile, Prompt]:
        """What would be asked of the model for an attempt, with no more than `most` tokens."""
        profile = self.profile(request.profile)
        root = root_above(self.roots, path := self.path_of(driver))
        shown = driver.document.uri if path is None else path.name
        if path is not None and root is not None and path.is_relative_to(root):
            shown = path.relative_to(root).as_posix()
        place = PromptPlace(
            path=shown,
            language=driver.language_name,
            document=driver.document_edits.text.text,
            scope=span,
            diagnostics=self._diagnostics.get(session, ()),
            rules=self.rules_files.of(root, self.roots, self.settings.ignore)
            if self.trusted
            else "",
            tree=driver.tree(),
        )
        most = most or self.models.context_tokens(profile)
        return profile, self.told.compose(driver.document.uri, profile, request, place, most)

    def request_for(
        self,
        driver: Driver,
        session: str,
        span: Span,
        request: EditRequest,
        redaction: Redaction | None = None,
        most: int | None = None,
    ) -> tuple[Profile, Work, bool]:
        """To which profile's model an attempt goes, what makes the request as it may leave (by
        `border`, or that of all sessions), and whether that takes too long for the event loop."""
        profile, prompt = self.prompt_for(driver, session, span, request, most)
        key = cache_key_of(driver.document.uri, session)
        asked = model_request(profile, prompt, key, request, driver.language_name)
        document, redact = driver.document_edits.text.text, self.settings.redact_secrets
        part = None if request.selected is None else (request.original, request.selected)
        work = (redaction or self.redaction).masking(
            session, document, span, asked, redact=redact, part=part
        )
        # A recording holds nothing of threads.
        aside = self.aside and self.recorder is None and is_long(document, asked)
        return profile, work, aside

    # -- what a driver needs --

    def ask(
        self,
        driver: Driver,
        session: str,
        attempt: int,
        request: EditRequest,
        sink: Callable[[ev.ModelEvent], None],
    ) -> Stream:
        """Open a stream for an attempt. Raises `MidstreamError` when that cannot be done."""
        self.refuse_ignored(driver)
        span = driver.document_edits.span_of(session)
        profile, work, aside = self.request_for(driver, session, span, request)
        asking = driver.document_edits.find(session)
        asking.ledger.asked(attempt, profile.model)
        if profile.max_output_tokens is not None:
            asking.attempt.allow(profile.max_output_tokens)
        document = driver.document_edits.text.text

        def tell(sentence: str) -> None:
            self.notifications.reported(driver, Report(session, Level.WARNING, sentence))

        def opened(asked: ModelRequest) -> Stream:
            sift = self.redaction.sifting(
                session,
                document,
                sink,
                tell,
                refuse=self.settings.refuse_invisible,
                patch=request.form is Form.PATCH,
            )
            if (recorder := self.recorder) is not None:
                sift = recorder.stream(session, attempt, sift)
                asked = replace(asked, tap=partial(recorder.frame, session, attempt))
            asked = replace(asked, shorten=PromptShortening(self, driver, session, request, asked))
            return self.models.backend(profile).open(attempt, asked, sift)

        def failed(sentence: str) -> None:
            sink(ev.Failed(attempt, sentence))

        return self.searches.open(session, work, opened, failed, aside=aside)

    def reported(self, driver: Driver, report: Report) -> None:
        """Something about a session has changed."""
        self.notifications.reported(driver, report)
        self.recovery.reported(driver)

    def writing(self, driver: Driver) -> None:
        """An edit is about to leave."""
        self.recovery.note(driver)

    def ended(self, driver: Driver, session: Session, ledger: Json) -> None:
        """A session has ended and its watchers know."""
        self.last_ledger = ledger
        self.forget_scope(session.id)
        self.recovery.ended(driver, session)
        if session.phase is Phase.ENDED:
            driver.forget(session.id)

    def broke(self, driver: Driver, sessions: Sequence[str]) -> None:
        """Sessions were lost by a mistake of ours."""
        self.notifications.lost(driver, sessions)
        for session in sessions:
            self.forget_scope(session)
            self.recovery.lost(session)
        self.client.show_message(MessageType.ERROR, OUR_MISTAKE)

    def halt(self) -> None:
        """The conversation is about to end: nothing more is written."""
        self.recovery.close()
        for driver in self._drivers.values():
            driver.halt()

    async def aclose(self) -> None:
        """The conversation is over."""
        self.halt()
        for driver in self._drivers.values():
            driver.closed()
        self._drivers.clear()
        await self.models.aclose()
        if self.recorder is not None:
            self.recorder.close()
