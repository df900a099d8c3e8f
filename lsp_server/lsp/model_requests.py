"""From a session's attempt to the stream of its model's answer.

The prompt is composed, searched for secrets and sent; the answer is filtered on its way back.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from lsp_server.backends.base import ModelRequest, Stream
from lsp_server.lsp.client_context import ClientContext
from lsp_server.lsp.driver import Driver
from lsp_server.lsp.models import Models, cache_key_of, model_request
from lsp_server.lsp.prompt_shortening import PromptShortening
from lsp_server.lsp.recording import Recorder
from lsp_server.lsp.secret_search import Work, is_long
from lsp_server.lsp.sent_files import SentFiles
from lsp_server.lsp.session_record import SessionRecord
from lsp_server.lsp.workspace import Workspace
from lsp_server.prompt.compose import Prompt, PromptPlace
from lsp_server.session import events as ev
from lsp_server.session.request import EditRequest, Form
from lsp_server.settings import Profile
from lsp_server.text.span import Span

Warn = Callable[[Driver, str, str], None]
"""Shows a warning about a session: its driver, its id, the sentence."""


class ModelRequests:
    """Makes and sends the requests of one conversation."""

    def __init__(
        self,
        context: ClientContext,
        workspace: Workspace,
        models: Models,
        recorder: Recorder | None,
        warn: Warn,
        may_use_threads: Callable[[], bool],
    ) -> None:
        self._context = context
        self._workspace = workspace
        self._models = models
        self._recorder = recorder
        self._warn = warn
        self._may_use_threads = may_use_threads
        self._sent_files = SentFiles()

    def document_closed(self, uri: str) -> None:
        """Forget what models were sent of a document."""
        self._sent_files.forget(uri)

    def request_for(
        self,
        driver: Driver,
        record: SessionRecord,
        span: Span,
        request: EditRequest,
        max_tokens: int | None = None,
    ) -> tuple[Profile, Work, bool]:
        """The profile, a function that makes the request as it may leave, and whether that function
        takes too long for the event loop.

        The prompt has at most `max_tokens`; by default what the model can read. Raises
        `MidstreamError`.
        """
        profile, prompt = self._prompt_for(driver, record, span, request, max_tokens)
        settings, document = self._context.settings, driver.document_edits.text.text
        key = cache_key_of(driver.document.uri, record.id)
        unmasked = model_request(profile, prompt, key, request, driver.language_name)
        part = None if request.selected is None else (request.original, request.selected)
        work = record.redaction.masking(
            document, span, unmasked, redact=settings.redact_secrets, part=part
        )
        in_thread = self._may_use_threads() and is_long(document, unmasked)
        return profile, work, in_thread

    def _prompt_for(
        self,
        driver: Driver,
        record: SessionRecord,
        span: Span,
        request: EditRequest,
        max_tokens: int | None,
    ) -> tuple[Profile, Prompt]:
        profile, uri = self._context.profile(request.profile), driver.document.uri
        place = PromptPlace(
            path=self._workspace.shown_path(uri),
            language=driver.language_name,
            document=driver.document_edits.text.text,
            scope=span,
            diagnostics=record.diagnostics,
            uri=uri,
            pieces=self._workspace.rules(uri),
            tree=driver.tree(),
        )
        limit = max_tokens or self._models.context_tokens(profile)
        return profile, self._sent_files.compose(uri, profile, request, place, limit)

    def open_stream(
        self,
        driver: Driver,
        session: str,
        attempt: int,
        request: EditRequest,
        sink: Callable[[ev.ModelEvent], None],
    ) -> Stream:
        """Open a stream for an attempt. Raises `MidstreamError` if that is not possible."""
        self._workspace.refuse_ignored(driver.document.uri)
        record = driver.record(session)
        span = driver.document_edits.span_of(session)
        profile, work, in_thread = self.request_for(driver, record, span, request)
        live = driver.document_edits.find(session)
        live.ledger.requested(attempt, profile.model)
        if profile.max_output_tokens is not None:
            live.attempt.allow(profile.max_output_tokens)
        document = driver.document_edits.text.text

        def opened(masked: ModelRequest) -> Stream:
            filtered = record.redaction.filtering(
                document,
                sink,
                partial(self._warn, driver, session),
                refuse=self._context.settings.refuse_invisible,
                patch=request.form is Form.PATCH,
            )
            if (recorder := self._recorder) is not None:
                filtered = recorder.stream(session, attempt, filtered)
                masked = replace(masked, tap=partial(recorder.frame, session, attempt))
            shorten = self._shortening(driver, record, request, masked)
            masked = replace(masked, shorten=shorten)
            return self._models.backend(profile).open(attempt, masked, filtered)

        def failed(sentence: str) -> None:
            sink(ev.Failed(attempt, sentence))

        return record.searches.open(work, opened, failed, in_thread=in_thread)

    def read_ahead(
        self, driver: Driver, record: SessionRecord, span: Span, request: EditRequest
    ) -> None:
        """Let the model read a request before the user starts the edit. Raises `MidstreamError`."""
        profile, work, in_thread = self.request_for(driver, record, span, request)

        def searched(outcome: ModelRequest | str) -> None:
            if not isinstance(outcome, str):
                self._models.warm(profile, outcome)

        if in_thread:
            record.searches.run_in_thread(work, searched)
        else:
            searched(work())

    def _shortening(
        self, driver: Driver, record: SessionRecord, request: EditRequest, sent: ModelRequest
    ) -> PromptShortening:
        def shorter(max_tokens: int) -> tuple[Work, bool]:
            span = driver.document_edits.span_of(record.id)
            _, work, in_thread = self.request_for(driver, record, span, request, max_tokens)
            return work, in_thread

        return PromptShortening(sent, shorter, record.searches)
