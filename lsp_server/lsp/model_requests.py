"""From a session's attempt to the stream of its model's answer.

The context is searched, the prompt composed, searched for secrets and sent; the answer is filtered
on its way back.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial

from lsp_server.backends.base import ModelRequest, Stream
from lsp_server.errors import MidstreamError, RequestFailed
from lsp_server.lsp.client_context import ClientContext
from lsp_server.lsp.context_orders import ContextOrders
from lsp_server.lsp.context_search import ContextOrder, ContextSearch, FoundContext
from lsp_server.lsp.driver import OUR_MISTAKE, Driver
from lsp_server.lsp.models import Models, cache_key_of, model_request
from lsp_server.lsp.prompt_shortening import PromptShortening
from lsp_server.lsp.recording import Recorder
from lsp_server.lsp.secret_search import SearchedStream, Work, is_long
from lsp_server.lsp.sent_files import SentFiles
from lsp_server.lsp.session_record import SessionContext, SessionRecord
from lsp_server.lsp.workspace import Workspace
from lsp_server.prompt.compose import Prompt, PromptPlace
from lsp_server.prompt.pieces import SentPiece
from lsp_server.session import events as ev
from lsp_server.session.request import EditRequest, Form
from lsp_server.settings import Profile
from lsp_server.text.span import Span

log = logging.getLogger(__name__)

Warn = Callable[[Driver, str, str], None]
"""Shows a warning about a session: its driver, its id, the sentence."""


@dataclass(frozen=True, slots=True)
class PreparedRequest:
    """A request that is not searched for secrets yet."""

    profile: Profile
    prompt: Prompt
    work: Work
    """Makes the request as it may leave."""
    in_thread: bool
    """Whether `work` takes too long for the event loop."""


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
        search: ContextSearch,
        orders: ContextOrders,
    ) -> None:
        self._context = context
        self._workspace = workspace
        self._models = models
        self._recorder = recorder
        self._warn = warn
        self._may_use_threads = may_use_threads
        self._search = search
        self._orders = orders
        self._sent_files = SentFiles()
        self.latest = SessionContext()
        """The context of the latest edit."""

    def document_closed(self, uri: str) -> None:
        """Forget what models were sent of a document."""
        self._sent_files.forget(uri)

    # -- the context --

    def _with_context(
        self,
        driver: Driver,
        record: SessionRecord,
        span: Span,
        request: EditRequest,
        then: Callable[[tuple[str, ...]], None],
    ) -> None:
        """Search the context of a request, if there is anything to search for, and go on.

        `then` gets the sentences for the user. It is called at once where nothing is searched or no
        thread may be used.
        """
        order = self._orders.order(driver, record, span, request)
        if order is None:
            then(())
        elif self._may_use_threads():
            self._search.in_thread(
                order, record.id, lambda found: then(self._take(record, order, found))
            )
        else:
            found = self._search.at_once(order)
            if self._recorder is not None:
                self._recorder.found(found)
            then(self._take(record, order, found))

    def _take(
        self, record: SessionRecord, order: ContextOrder, found: FoundContext
    ) -> tuple[str, ...]:
        """Keep for the session what was found; returns the sentences for the user."""
        context = record.context
        pieces = self._orders.without_left_out(found.pieces, context, order.query.document.uri)
        if order.only_mentions:
            context.pieces_later += pieces
        else:
            context.found = pieces
        context.texts += tuple(found.texts)
        return (*context.refused, *found.problems)

    def find_context(
        self, driver: Driver, record: SessionRecord, span: Span, request: EditRequest
    ) -> tuple[str, ...]:
        """Search the context of a request in place. Returns the sentences for the user."""
        order = self._orders.order(driver, record, span, request)
        return () if order is None else self._take(record, order, self._search.at_once(order))

    def warm_context(self, driver: Driver, span: Span) -> None:
        """Read the files that an edit of `span` may need, if the workspace has any."""
        if not self._may_use_threads() or not self._workspace.folders.roots:
            return
        code = span.text(driver.document_edits.text.text)
        request = EditRequest("", code, code, self._context.settings.profile)
        order = self._orders.order(driver, SessionRecord(""), span, request)
        if order is not None:
            self._search.warm(order)

    def preview(
        self,
        driver: Driver,
        record: SessionRecord,
        span: Span,
        request: EditRequest,
    ) -> Awaitable[tuple[SentPiece, ...]]:
        """What a request would hold. Nothing is sent. Raises `MidstreamError`."""
        answer: asyncio.Future[tuple[SentPiece, ...]] = asyncio.get_running_loop().create_future()
        text = driver.document_edits.text

        def found(sentences: tuple[str, ...]) -> None:
            if answer.done():
                return
            try:
                if driver.document_edits.text is not text:
                    raise RequestFailed("The document has changed. Try again.")
                _, prompt = self._prompt_for(driver, record, span, request, None, keep=False)
            except MidstreamError as error:
                answer.set_exception(error)
            else:
                answer.set_result(prompt.sent)

        self._with_context(driver, record, span, request, found)
        return answer

    # -- requests --

    def request_for(
        self,
        driver: Driver,
        record: SessionRecord,
        span: Span,
        request: EditRequest,
        max_tokens: int | None = None,
    ) -> PreparedRequest:
        """The request for an attempt, with the context that was found for its session.

        The prompt has at most `max_tokens`; by default what the model can read. Raises
        `MidstreamError`.
        """
        profile, prompt = self._prompt_for(driver, record, span, request, max_tokens)
        settings, document = self._context.settings, driver.document_edits.text.text
        key = cache_key_of(driver.document.uri, record.id)
        unmasked = model_request(profile, prompt, key, request, driver.language_name)
        part = None if request.selected is None else (request.original, request.selected)
        others = record.context.texts
        work = record.redaction.masking(
            document, span, unmasked, redact=settings.redact_secrets, part=part, others=others
        )
        long = is_long(document, unmasked, others)
        return PreparedRequest(profile, prompt, work, self._may_use_threads() and long)

    def _prompt_for(
        self,
        driver: Driver,
        record: SessionRecord,
        span: Span,
        request: EditRequest,
        max_tokens: int | None,
        *,
        keep: bool = True,
    ) -> tuple[Profile, Prompt]:
        profile, uri = self._context.profile(request.profile), driver.document.uri
        context = record.context
        place = PromptPlace(
            path=self._workspace.shown_path(uri),
            language=driver.language_name,
            document=driver.document_edits.text.text,
            scope=span,
            diagnostics=record.diagnostics,
            uri=uri,
            pieces=context.found if context.pieces is None else context.pieces,
            sent_before=context.pieces is not None,
            pieces_later=context.pieces_later,
            tree=driver.tree(),
        )
        limit = max_tokens or self._models.context_tokens(profile)
        prompt = self._sent_files.compose(uri, profile, request, place, limit, keep=keep)
        context.sent = prompt.sent
        if context.pieces is None:
            context.pieces = prompt.pieces
        return profile, prompt

    def open_stream(
        self,
        driver: Driver,
        session: str,
        attempt: int,
        request: EditRequest,
        sink: Callable[[ev.ModelEvent], None],
    ) -> Stream:
        """Open a stream for an attempt. Raises `MidstreamError` if that is not possible.

        The request leaves when its context is known; until then the stream can be closed.
        """
        self._workspace.refuse_ignored(driver.document.uri)
        record = driver.record(session)
        span = driver.document_edits.span_of(session)
        profile = self._context.profile(request.profile)
        live = driver.document_edits.find(session)
        live.ledger.requested(attempt, profile.model)
        if profile.max_output_tokens is not None:
            live.attempt.allow(profile.max_output_tokens)
        stream, returned = SearchedStream(), False

        def found(sentences: tuple[str, ...]) -> None:
            if stream.closed:
                return
            try:
                opened = self._open(driver, record, attempt, request, sentences, sink)
            except MidstreamError as error:
                if not returned:
                    raise
                sink(ev.Failed(attempt, str(error)))
            except Exception:
                if not returned:
                    raise
                log.exception("A request couldn't be made.")
                sink(ev.Failed(attempt, OUR_MISTAKE))
            else:
                stream.stream = opened

        self._with_context(driver, record, span, request, found)
        returned = True
        return stream if stream.stream is None else stream.stream

    def _open(
        self,
        driver: Driver,
        record: SessionRecord,
        attempt: int,
        request: EditRequest,
        sentences: tuple[str, ...],
        sink: Callable[[ev.ModelEvent], None],
    ) -> Stream:
        """Open the stream of a request whose context is known."""
        span = driver.document_edits.span_of(record.id)
        prepared = self.request_for(driver, record, span, request)
        self.latest = record.context
        self._say(driver, record, (*sentences, *self.not_sent(prepared)))
        document = driver.document_edits.text.text

        def opened(masked: ModelRequest) -> Stream:
            filtered = record.redaction.filtering(
                document,
                sink,
                partial(self._warn, driver, record.id),
                refuse=self._context.settings.refuse_invisible,
                patch=request.form is Form.PATCH,
            )
            if (recorder := self._recorder) is not None:
                filtered = recorder.stream(record.id, attempt, filtered)
                masked = replace(masked, tap=partial(recorder.frame, record.id, attempt))
            shorten = self._shortening(driver, record, request, masked)
            masked = replace(masked, shorten=shorten)
            return self._models.backend(prepared.profile).open(attempt, masked, filtered)

        def failed(sentence: str) -> None:
            sink(ev.Failed(attempt, sentence))

        searches = record.searches
        return searches.open(prepared.work, opened, failed, in_thread=prepared.in_thread)

    def read_ahead(
        self, driver: Driver, record: SessionRecord, span: Span, request: EditRequest
    ) -> None:
        """Let the model read a request before the user starts the edit. Raises `MidstreamError`.

        The request is the one that an edit would send, up to the scope, so its context is searched
        too.
        """
        version = driver.document.version

        def found(sentences: tuple[str, ...]) -> None:
            if driver.document.version == version:
                self._read_ahead(driver, record, span, request)

        self._with_context(driver, record, span, request, found)

    def _read_ahead(
        self, driver: Driver, record: SessionRecord, span: Span, request: EditRequest
    ) -> None:
        prepared = self.request_for(driver, record, span, request)

        def searched(outcome: ModelRequest | str) -> None:
            if not isinstance(outcome, str):
                self._models.warm(prepared.profile, outcome)

        if prepared.in_thread:
            record.searches.run_in_thread(prepared.work, searched)
        else:
            searched(prepared.work())

    def _shortening(
        self, driver: Driver, record: SessionRecord, request: EditRequest, sent: ModelRequest
    ) -> PromptShortening:
        def shorter(max_tokens: int) -> tuple[Work, bool]:
            span = driver.document_edits.span_of(record.id)
            prepared = self.request_for(driver, record, span, request, max_tokens)
            self._say(driver, record, self.not_sent(prepared))
            return prepared.work, prepared.in_thread

        return PromptShortening(sent, shorter, record.searches)

    # -- sentences --

    def not_sent(self, prepared: PreparedRequest) -> tuple[str, ...]:
        """Sentences about what the user named and does not fit."""
        limit = self._models.context_tokens(prepared.profile)
        return tuple(
            f"`{piece.path}` isn't sent: it takes about {piece.tokens:,} tokens, and there is no "
            f"space left for it in the {limit:,} that the model reads. Name the lines that matter, "
            f"such as `#{piece.path}:{piece.line + 1}-{piece.line + 40}`."
            for piece in prepared.prompt.not_sent
        )

    def _say(self, driver: Driver, record: SessionRecord, sentences: tuple[str, ...]) -> None:
        """Show the sentences that the user has not read yet, in one message."""
        new = [each for each in dict.fromkeys(sentences) if each not in record.context.said]
        record.context.said.update(new)
        if new:
            self._warn(driver, record.id, " ".join(new))
