"""Drives the desk of one document: feeds it what happens, in order, and performs its effects.

The order of things is the only logic here. What an edit means is the session's business, how it
is shown to the user the notices'.
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
from lsp_server.lsp import convert
from lsp_server.lsp.client import ApplyOutcome, EditorClient, MessageType
from lsp_server.lsp.documents import Document, DocumentChange
from lsp_server.lsp.event_log import DocumentLog, EventLog
from lsp_server.lsp.scope_levels import level_above
from lsp_server.lsp.stopwatch import Stopwatch
from lsp_server.lsp.timing import Alarm, Timing
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
from lsp_server.session.request import EditRequest
from lsp_server.syntax.gate import make_gate
from lsp_server.syntax.language_names import language_name
from lsp_server.syntax.languages import Language, language_for
from lsp_server.syntax.lost_declarations import lost
from lsp_server.syntax.member_definitions import MemberDefinitions
from lsp_server.syntax.tree import DocumentTree
from lsp_server.text.changes import ChangeSet
from lsp_server.text.lines import Encoding
from lsp_server.text.span import Span

log = logging.getLogger(__name__)

TICK_MS = 50.0
"""How often a desk with something going on is told the time."""

OUR_MISTAKE = (
    "Midstream made a mistake of its own, so its edits in this document have ended. What is in "
    "the file stays; the log has the details."
)

TOO_COSTLY = (
    "This file takes its grammar too long, so Midstream reads it by lines and indentation: edits "
    "in it are not checked for syntax. Shorter files, or shorter lines, can be checked."
)

Result = Mapping[str, object]


class DriverServices(Protocol):
    """What a driver needs of the server around it."""

    client: EditorClient
    timing: Timing
    event_log: EventLog

    @property
    def encoding(self) -> Encoding:
        """The units in which this editor counts columns."""

    def ask(
        self,
        driver: "Driver",
        session: str,
        attempt: int,
        request: EditRequest,
        sink: Callable[[ev.ModelEvent], None],
    ) -> Stream:
        """Open a stream. Raises `MidstreamError` when that cannot be done."""

    def reported(self, driver: "Driver", report: Report) -> None:
        """Something about a session has changed."""

    def writing(self, driver: "Driver") -> None:
        """An edit is about to leave."""

    def broke(self, driver: "Driver", sessions: Sequence[str]) -> None:
        """These sessions were lost by a mistake of ours."""


class Driver:
    """One open document and its desk."""

    def __init__(
        self, services: DriverServices, document: Document, max_edits_per_second: float
    ) -> None:
        self.document = document
        named = document.language_id, document.uri, document.text.text
        language = language_for(*named)
        self.language: Language | None = language and language.bounded(services.timing.parsing)
        self.language_name = language_name(*named)
        """The id of its language, whether there is a grammar or not; "plaintext" of prose."""
        self.max_edits_per_second = max_edits_per_second
        self._services = services
        self._log = DocumentLog(services.event_log, document.uri.rpartition("/")[2])
        self._stopwatch = Stopwatch()
        self.document_edits = self._new_document_edits()
        self._reader = TreeReader(
            self.language, services.timing, document.uri, lambda: self.document_edits.text.text
        )
        self._reader.look_ahead()
        self._told_of_cost = False
        self._inbox: deque[Input] = deque()
        self._working = False
        self._halted = False
        self._beginning = False
        self._streams: dict[tuple[str, int], Stream] = {}
        self._unwritten: set[tuple[str, int]] = set()
        self._answers: dict[int, asyncio.Future[Result]] = {}
        self._tokens = 0
        self._selections: dict[str, Span] = {}
        self._alarm: Alarm | None = None

    # -- what happens --

    def changed(self, change: DocumentChange) -> None:
        """A `didChange` has been read."""
        self.document = change.after
        for changes in change.changes:
            for session, place in self._selections.items():
                start = changes.map_offset(place.start, after=False)
                end = max(start, changes.map_offset(place.end, after=True))
                self._selections[session] = Span(start, end)
            self._reader.changed(changes)
        self.feed(DocumentChanged(change.after.version, change.changes))

    def closed(self) -> None:
        """A `didClose` has been read."""
        self.feed(DocumentClosed())
        self._put_away()

    def halt(self) -> None:
        """The server is about to end: nothing is written any more."""
        self._halted = True
        for stream in self._streams.values():
            stream.close()
        self._streams.clear()
        self._put_away()

    def _put_away(self) -> None:
        self._reader.close()
        if self._alarm is not None:
            self._alarm.cancel()
        for future in self._answers.values():
            if not future.done():
                future.set_exception(RequestFailed("The document was closed."))

    def begin(self, event: Begun, selection: Span) -> None:
        """The user wants an edit of what they selected (a place on the desk).

        Nothing is written before the caller has answered them. Raises `RequestFailed`.
        """
        seen, known = self.document.text.text, self.document_edits.text.text
        self._beginning = True
        try:
            self.feed(event)
        finally:
            self._beginning = False
        if all(session.id != event.session for session in self.document_edits.sessions):
            raise RequestFailed(OUR_MISTAKE)
        ahead = ChangeSet.replace(known, seen)
        start = ahead.map_offset(selection.start, after=False)
        self._selections[event.session] = Span(
            start, max(start, ahead.map_offset(selection.end, after=True))
        )

    def selection(self, session: str, otherwise: Span) -> Span:
        """Where what the user had selected for a session is by now, as a place on the desk."""
        place = self._selections.get(session)
        return otherwise if place is None else self.at_document(place)

    def forget(self, session: str) -> None:
        """A session has ended and its watchers know."""
        self._selections.pop(session, None)
        self.document_edits.forget(session)

    def command(self, session: str, event: Callable[[int], ev.UserEvent]) -> asyncio.Future[Result]:
        """Hand a user's command to a session; the future is its answer.

        `event` makes the event from the token that names the answer. Raises `RequestFailed`.
        """
        self._tokens += 1
        token = self._tokens
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._answers[token] = future
        try:
            self.feed(ForSession(session, event(token)))
        except MidstreamError:
            del self._answers[token]
            raise
        return future

    def feed(self, event: Input) -> None:
        """Something happened. Events are handled one after the other, never inside a handler."""
        if self._halted:
            return
        self._inbox.append(event)
        if self._working:
            return
        self._working = True
        try:
            while self._inbox:
                self._handle(self._inbox.popleft())
        except RequestFailed:
            raise
        except Exception:
            log.exception("The desk of a document broke its own law.")
            self._start_over()
        finally:
            self._working = False
        self._set_alarm()

    def _handle(self, event: Input) -> None:
        now = self._now
        self._log.received(event, now)
        effects = self.document_edits.handle(event, now)
        self._log.settled(self.document_edits.sessions, now)
        for effect in effects:
            self._log.performed(effect, now)
            self._perform(effect)

    def at_document(self, span: Span) -> Span:
        """A place of the document as the place that it is on the desk.

        The two differ while the fate of an edit is not known: the desk lags behind.
        """
        seen, known = self.document.text.text, self.document_edits.text.text
        if seen == known:
            return span
        back = ChangeSet.replace(seen, known)
        start = back.map_offset(span.start, after=False)
        return Span(start, max(start, back.map_offset(span.end, after=False)))

    def tree(self) -> DocumentTree | None:
        """The tree of the document as the desk has it."""
        return self._reader.tree_at_hand(self.document_edits.text.text)

    def when_read(self, place: Span, work: Work, *, sooner: bool = False) -> Response:
        """What `work` answers at `place` of the document, which it gets as a place on the desk.

        An awaitable where the document is still being read; what is typed meanwhile moves the
        place. With `sooner` it does not wait for what was typed last.
        """
        return self._reader.when_read(
            place, lambda here: work(self.at_document(here)), sooner=sooner
        )

    def take_back(self) -> bool:
        """What waits for the document to be read shall not be done; whether anything did."""
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
            self._inbox.append(ForSession(session, ev.Failed(attempt, str(error))))
        else:
            self._unwritten.add(key)
            self._note_written(key)

    def _note_written(self, key: tuple[str, int]) -> None:
        """Book in the ledger when the request left, once that is known."""
        if key not in self._unwritten or (stream := self._streams.get(key)) is None:
            return
        if (written := stream.written_ms) is not None:
            self._unwritten.discard(key)
            self.document_edits.find(key[0]).ledger.wired(written)

    def _apply(self, effect: ApplyEdit) -> None:
        edits = convert.text_edits(
            self.document_edits.text, effect.changes, self._services.encoding
        )
        edit = convert.workspace_edit(self.document.uri, effect.version, edits)
        document_edits = self.document_edits
        self._services.writing(self)

        def answered(outcome: ApplyOutcome) -> None:
            if (
                document_edits is self.document_edits
            ):  # A desk that was given up numbered its edits alike.
                self.feed(EditAnswered(effect.edit, outcome.applied is True, outcome.reason))

        if self._beginning:
            send = partial(self._services.client.apply_edit, edit, answered)
            self._services.timing.later(f"edit {self.document.uri}", 0.0, send)
        else:
            self._services.client.apply_edit(edit, answered)
        if effect.frame_at is not None:
            took = self._now - effect.frame_at
            for name in self.document_edits.writers:
                self.document_edits.find(name).ledger.frame_to_edit.append(took)

    # -- our own mistakes --

    def _new_document_edits(self) -> DocumentEdits:
        document = self.document
        return DocumentEdits(
            document.text,
            document.version,
            self._make_gate,
            self.max_edits_per_second,
            self.language_name,
            lambda: self._services.timing.reading(self._stopwatch.spent()),
            self._make_names,
            lambda before, now, indent: lost(before, now, self.language, indent),
            lambda session, lines: level_above(self, self.document_edits.find(session), lines),
        )

    def _start_over(self) -> None:
        """After a mistake of ours nothing of the desk is trusted: what is in the file stays."""
        self._inbox.clear()
        for stream in self._streams.values():
            stream.close()
        self._streams.clear()
        self._unwritten.clear()
        self._selections.clear()
        lost = [session.id for session in self.document_edits.sessions]
        self.document_edits = self._new_document_edits()
        for future in self._answers.values():
            if not future.done():
                future.set_exception(RequestFailed(OUR_MISTAKE))
        self._answers.clear()
        self._services.broke(self, lost)

    # -- time --

    @property
    def _now(self) -> float:
        return self._services.timing.now_ms()

    def _set_alarm(self) -> None:
        if self._alarm is not None or not self.document_edits.wants_ticks:
            return
        delay = min(TICK_MS, self.document_edits.paced_for(self._now) or TICK_MS)
        name = f"tick {self.document.uri}"
        self._alarm = self._services.timing.later(name, delay / 1000, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        self.feed(ev.Tick())

    # -- syntax --

    def _make_names(self, before: str, scope: str, after: str) -> DefinitionReader:
        if self.language is None:
            return NoDefinitions(unify(before), unify(after))
        return MemberDefinitions(self.language, *map(unify, (before, scope, after)))

    def _make_gate(self, document: str, scope: Span) -> Gate:
        tree = self._reader.tree_of(document)
        if tree is not None and not tree.readable:
            tree = tree.stand_in() or tree
        gate = self._stopwatch.timed(lambda: make_gate(document, scope, self.language, tree))
        if tree is not None and tree.too_costly and not self._told_of_cost:
            self._told_of_cost = True
            self._services.client.show_message(MessageType.WARNING, TOO_COSTLY)
        return gate
