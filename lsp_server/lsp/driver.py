"""Drives one document: feeds its events to `DocumentEdits` in order and performs the effects.

It also keeps the one `SessionRecord` of each session of the document.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Protocol, assert_never

from lsp_server.backends.base import Stream
from lsp_server.edit.definitions import DefinitionReader, NoDefinitions
from lsp_server.edit.reply.reply_context import unify
from lsp_server.errors import MidstreamError, RequestFailed
from lsp_server.imports.needs import import_lines
from lsp_server.lsp import convert
from lsp_server.lsp.client import ApplyOutcome, MessageType
from lsp_server.lsp.client_context import ClientContext
from lsp_server.lsp.documents import Document, DocumentChange
from lsp_server.lsp.event_log import DocumentLog
from lsp_server.lsp.import_places import placed_lines
from lsp_server.lsp.scope_levels import ScopeInDocument
from lsp_server.lsp.session_record import SessionContext, SessionRecord
from lsp_server.lsp.stopwatch import Stopwatch
from lsp_server.lsp.timing import Alarm
from lsp_server.lsp.tree_reader import Response, TreeReader, Work
from lsp_server.session import events as ev
from lsp_server.session.document_edits import (
    Begun,
    DocumentChanged,
    DocumentClosed,
    DocumentEdits,
    EditAnswered,
    ForSession,
    Input,
)
from lsp_server.session.effects import (
    Answer,
    ApplyEdit,
    CloseStream,
    Effect,
    OpenStream,
    Report,
)
from lsp_server.session.gate_protocol import Gate
from lsp_server.session.import_offers import PlacedLine
from lsp_server.session.request import EditRequest
from lsp_server.settings import Imports
from lsp_server.syntax.gate import make_gate
from lsp_server.syntax.language_names import language_name
from lsp_server.syntax.languages import Language, language_for
from lsp_server.syntax.lost_declarations import lost
from lsp_server.syntax.member_definitions import MemberDefinitions
from lsp_server.syntax.tree import DocumentTree
from lsp_server.text.changes import ChangeSet
from lsp_server.text.span import Span
from lsp_server.wording import LOG

log = logging.getLogger(__name__)

TICK_MS = 50.0
"""The time between two ticks while a session is busy or an edit is in flight, in milliseconds."""

OUR_MISTAKE = (
    "Midstream failed, so its edits in this document have ended. Your file stays as you "
    f"see it. This is a bug: please report it with {LOG}."
)

TOO_COSTLY = (
    "This file takes too long to parse. Midstream reads it by lines and indentation and "
    "doesn't check the syntax of its edits. Shorter files or lines can be checked."
)

Result = Mapping[str, object]


class DriverServices(Protocol):
    """What a driver asks of the rest of the server."""

    def ask(
        self,
        driver: "Driver",
        session: str,
        attempt: int,
        request: EditRequest,
        sink: Callable[[ev.ModelEvent], None],
    ) -> Stream:
        """Open a stream. Raises `MidstreamError` if that is not possible."""

    def reported(self, driver: "Driver", report: Report) -> None:
        """Something about a session has changed."""

    def writing(self, driver: "Driver") -> None:
        """An edit is about to be sent."""

    def broke(self, records: Sequence[SessionRecord]) -> None:
        """An internal error ended these sessions."""


class Driver:
    """One open document: its edits, its sessions' records and its model streams."""

    def __init__(
        self,
        context: ClientContext,
        services: DriverServices,
        document: Document,
        max_edits_per_second: float,
    ) -> None:
        self.document = document
        named = document.language_id, document.uri, document.text.text
        language = language_for(*named)
        self.language: Language | None = language and language.bounded(context.timing.parsing)
        self.language_name = language_name(*named)
        """The id of the language, even without a grammar; "plaintext" for prose."""
        self.max_edits_per_second = max_edits_per_second
        self._context = context
        self._services = services
        self._log = DocumentLog(context.event_log, document.uri.rpartition("/")[2])
        self._stopwatch = Stopwatch()
        self.document_edits = self._new_document_edits()
        self._reader = TreeReader(
            self.language, context.timing, document.uri, lambda: self.document_edits.text.text
        )
        self._reader.look_ahead()
        self._warned_of_cost = False
        self._inbox: deque[tuple[Input, Callable[[], None]]] = deque()
        self._working = False
        self._halted = False
        self._beginning = False
        self._records: dict[str, SessionRecord] = {}
        self._streams: dict[tuple[str, int], Stream] = {}
        self._unwritten: set[tuple[str, int]] = set()
        """Streams whose request has not left yet, by session and attempt."""
        self._answers: dict[int, asyncio.Future[Result]] = {}
        self._tokens = 0
        self._alarm: Alarm | None = None

    # -- events --

    def changed(self, change: DocumentChange) -> None:
        """`textDocument/didChange`."""
        self.document = change.after
        for changes in change.changes:
            for record in self._records.values():
                if record.selection is not None:
                    record.selection = _mapped(changes, record.selection)
            self._reader.changed(changes)
        self.feed(DocumentChanged(change.after.version, change.changes))

    def closed(self) -> None:
        """`textDocument/didClose`: all sessions end, and no record is left."""
        self.feed(DocumentClosed())
        self._stop_waiting()
        self._drop_records()

    def halt(self) -> None:
        """The server is about to end. From now on events are ignored."""
        self._halted = True
        for stream in self._streams.values():
            stream.close()
        self._streams.clear()
        self._stop_waiting()

    def _stop_waiting(self) -> None:
        self._reader.close()
        if self._alarm is not None:
            self._alarm.cancel()
        for future in self._answers.values():
            if not future.done():
                future.set_exception(RequestFailed("The document was closed."))

    def begin(
        self,
        event: Begun,
        selection: Span,
        scope_kind: str = "",
        diagnostics: tuple[str, ...] = (),
        context: SessionContext | None = None,
    ) -> None:
        """Begin a session, with its record. `selection` is in the text of `document_edits`.

        An edit that results at once is sent only after the caller has answered the editor. Raises
        `RequestFailed`; then there is no record.
        """
        ahead = ChangeSet.replace(self.document_edits.text.text, self.document.text.text)
        selected = _mapped(ahead, selection)
        context = context or SessionContext()
        record = SessionRecord(event.session, scope_kind, diagnostics, selected, context)
        self._records[event.session] = record
        self._beginning = True
        try:
            self.feed(event)
            if all(session.id != event.session for session in self.document_edits.sessions):
                raise RequestFailed(OUR_MISTAKE)
        except BaseException:
            self._drop_record(event.session)
            raise
        finally:
            self._beginning = False

    def command(
        self,
        session: str,
        event: Callable[[int], ev.UserEvent],
        scope_kind: str | None = None,
    ) -> asyncio.Future[Result]:
        """Pass a user's command to a session; the future is its answer.

        `event` makes the event from the token that names the answer. `scope_kind` is the kind of
        the scope once the session has accepted the event; None leaves it. Raises `RequestFailed`.
        """
        self._tokens += 1
        token = self._tokens
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._answers[token] = future

        def accepted() -> None:
            if scope_kind is not None:
                self.record(session).scope_kind = scope_kind

        try:
            self.feed(ForSession(session, event(token)), accepted)
        except MidstreamError:
            del self._answers[token]
            raise
        return future

    def feed(self, event: Input, accepted: Callable[[], None] = lambda: None) -> None:
        """Handle an event. One that comes while another is handled waits for its turn.

        `accepted` is called when the event was not refused, before its effects are performed.
        """
        if self._halted:
            return
        self._inbox.append((event, accepted))
        if self._working:
            return
        self._working = True
        try:
            while self._inbox:
                self._handle(*self._inbox.popleft())
        except RequestFailed:
            raise
        except Exception:
            log.exception("An internal error ended all edits of a document.")
            self._start_over()
        finally:
            self._working = False
        self._set_alarm()

    def _handle(self, event: Input, accepted: Callable[[], None]) -> None:
        now = self._now
        self._log.received(event, now)
        effects = self.document_edits.handle(event, now)
        accepted()
        self._log.settled(self.document_edits.sessions, now)
        for effect in effects:
            self._log.performed(effect, now)
            self._perform(effect)

    # -- records --

    @property
    def records(self) -> tuple[SessionRecord, ...]:
        """The records of all sessions of this document."""
        return tuple(self._records.values())

    def record(self, session: str) -> SessionRecord:
        """The record of a session. Raises `RequestFailed` if there is none."""
        try:
            return self._records[session]
        except KeyError:
            raise RequestFailed(f"`session`: there is no session {session} any more.") from None

    def forget(self, session: str) -> None:
        """A session has ended and the editor was notified."""
        self._drop_record(session)
        self.document_edits.forget(session)

    def _drop_record(self, session: str) -> None:
        if (record := self._records.pop(session, None)) is not None:
            record.close()

    def _drop_records(self) -> None:
        for session in tuple(self._records):
            self._drop_record(session)

    # -- places --

    def known_place(self, span: Span) -> Span:
        """A place of the editor's text as a place in the text of `document_edits`.

        The two texts differ while an edit is in flight: `document_edits` lags behind.
        """
        shown, known = self.document.text.text, self.document_edits.text.text
        if shown == known:
            return span
        back = ChangeSet.replace(shown, known)
        start = back.map_offset(span.start, after=False)
        return Span(start, max(start, back.map_offset(span.end, after=False)))

    def scope_of(self, session: str) -> ScopeInDocument:
        """Where the scope of a session is, for finding it at other levels."""
        scope = self.document_edits.span_of(session)
        selection = self.record(session).selection
        return ScopeInDocument(
            text=self.document_edits.text,
            scope=scope,
            selection=scope if selection is None else self.known_place(selection),
            language=self.language,
            tree=self.tree(),
        )

    def tree(self) -> DocumentTree | None:
        """The tree of the text of `document_edits`."""
        return self._reader.ready_tree(self.document_edits.text.text)

    def when_read(self, place: Span, work: Work, *, sooner: bool = False) -> Response:
        """What `work` returns for `place`; an awaitable while the document is still being parsed.

        `place` is in the editor's text and moves with what is typed meanwhile; `work` gets it as a
        place in the text of `document_edits`. With `sooner` the tree of an earlier text will do.
        """
        return self._reader.when_read(
            place, lambda here: work(self.known_place(here)), sooner=sooner
        )

    def drop_waiting(self) -> bool:
        """Cancel the work that waits for a parse; whether there was any."""
        return self._reader.take_back()

    # -- effects --

    def _perform(self, effect: Effect) -> None:
        match effect:
            case OpenStream(session, attempt, request):
                self._open(session, attempt, request)
            case CloseStream(session, attempt):
                self._unwritten.discard((session, attempt))
                if (stream := self._streams.pop((session, attempt), None)) is not None:
                    stream.close()
            case ApplyEdit():
                self._apply(effect)
            case Report():
                self._services.reported(self, effect)
            case Answer(token, result):
                future = self._answers.pop(token, None)
                if future is not None and not future.done():
                    future.set_result(result)
            case _:
                assert_never(effect)

    def _open(self, session: str, attempt: int, request: EditRequest) -> None:
        key = (session, attempt)

        def sink(event: ev.ModelEvent) -> None:
            self._note_written(key)
            if isinstance(event, ev.Finished | ev.Failed):
                self._streams.pop(key, None)
                self._unwritten.discard(key)
            self.feed(ForSession(session, event))

        try:
            self._streams[key] = self._services.ask(self, session, attempt, request, sink)
        except MidstreamError as error:
            failed = ForSession(session, ev.Failed(attempt, str(error)))
            self._inbox.append((failed, lambda: None))
        else:
            self._unwritten.add(key)
            self._note_written(key)

    def _note_written(self, key: tuple[str, int]) -> None:
        """Enter in the session's ledger when the request left, as soon as the stream knows it."""
        if key not in self._unwritten or (stream := self._streams.get(key)) is None:
            return
        if (written := stream.written_ms) is not None:
            self._unwritten.discard(key)
            self.document_edits.find(key[0]).ledger.request_written(written)

    def _apply(self, effect: ApplyEdit) -> None:
        document_edits = self.document_edits
        edits = convert.text_edits(document_edits.text, effect.changes, self._context.encoding)
        edit = convert.workspace_edit(self.document.uri, effect.version, edits)
        self._services.writing(self)

        def answered(outcome: ApplyOutcome) -> None:
            # After an internal error the new `DocumentEdits` uses the same edit numbers again.
            if document_edits is self.document_edits:
                self.feed(EditAnswered(effect.edit, outcome.applied is True, outcome.reason))

        if self._beginning:
            send = partial(self._context.client.apply_edit, edit, answered)
            self._context.timing.later(f"edit {self.document.uri}", 0.0, send)
        else:
            self._context.client.apply_edit(edit, answered)
        if effect.frame_at is not None:
            took = self._now - effect.frame_at
            for name in document_edits.writers:
                document_edits.find(name).ledger.frame_to_edit.append(took)

    # -- internal errors --

    def _new_document_edits(self) -> DocumentEdits:
        document = self.document
        return DocumentEdits(
            document.text,
            document.version,
            self._make_gate,
            self.max_edits_per_second,
            self.language_name,
            lambda: self._context.timing.reading(self._stopwatch.spent()),
            self._make_names,
            lambda before, now, indent: lost(before, now, self.language, indent),
            lambda session, lines: self.scope_of(session).level_above(lines),
            lambda text: import_lines(self.language_name, text),
            self._place_imports,
        )

    def _start_over(self) -> None:
        """After an internal error: end all sessions and leave the file as it is."""
        self._inbox.clear()
        for stream in self._streams.values():
            stream.close()
        self._streams.clear()
        self._unwritten.clear()
        self.document_edits = self._new_document_edits()
        for future in self._answers.values():
            if not future.done():
                future.set_exception(RequestFailed(OUR_MISTAKE))
        self._answers.clear()
        self._services.broke(self.records)
        self._drop_records()

    # -- time --

    @property
    def _now(self) -> float:
        return self._context.timing.now_ms()

    def _set_alarm(self) -> None:
        if self._alarm is not None or not self.document_edits.wants_ticks:
            return
        delay = min(TICK_MS, self.document_edits.paced_for(self._now) or TICK_MS)
        name = f"tick {self.document.uri}"
        self._alarm = self._context.timing.later(name, delay / 1000, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        self.feed(ev.Tick())

    # -- syntax --

    def _make_names(self, before: str, scope: str, after: str) -> DefinitionReader:
        if self.language is None:
            return NoDefinitions(unify(before), unify(after))
        return MemberDefinitions(self.language, *map(unify, (before, scope, after)))

    def _place_imports(self, document: str, lines: Sequence[str]) -> tuple[PlacedLine, ...]:
        """Where the document would get these import lines; nothing with `imports: never`."""
        if self.language is None or self._context.settings.imports is Imports.NEVER:
            return ()
        if document == self.document_edits.text.text:
            return placed_lines(self.tree(), lines)
        return placed_lines(DocumentTree(self.language, document), lines)

    def _make_gate(self, document: str, scope: Span) -> Gate:
        tree = self._reader.tree_of(document)
        if tree is not None and not tree.readable:
            tree = tree.stand_in() or tree
        gate = self._stopwatch.timed(lambda: make_gate(document, scope, self.language, tree))
        if tree is not None and tree.too_costly and not self._warned_of_cost:
            self._warned_of_cost = True
            self._context.client.show_message(MessageType.WARNING, TOO_COSTLY)
        return gate


def _mapped(changes: ChangeSet, span: Span) -> Span:
    """Where a selection is after the changes; it grows with text inserted at its end."""
    start = changes.map_offset(span.start, after=False)
    return Span(start, max(start, changes.map_offset(span.end, after=True)))
