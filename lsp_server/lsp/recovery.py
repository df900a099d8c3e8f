"""Writes the journal of every session, and offers undecided edits back to the user.

A session leaves its journal behind if its text landed and the user had not decided when the server,
the editor or the document went away: the server may have been killed, or the user may have closed
the editor during an answer. If nothing landed, or everything is decided, no journal is left.

When the document is opened again, the session continues in review: the user can revert its changes
one by one or all together, or redirect it. If its place in the document is not certain, nothing is
changed.
"""

import asyncio
import logging
from collections.abc import Callable

from lsp_server.errors import InvalidParams, MidstreamError
from lsp_server.lsp.client import MessageType, Reply
from lsp_server.lsp.client_context import ClientContext
from lsp_server.lsp.document_drivers import DocumentDrivers
from lsp_server.lsp.documents import same_document
from lsp_server.lsp.driver import Driver
from lsp_server.lsp.journal import Journals, UndecidedSession
from lsp_server.lsp.journal_format import JournalEntry, JournalState
from lsp_server.lsp.journal_matching import AROUND, as_it_is, attribution_of, holds, located
from lsp_server.lsp.session_record import SessionRecord
from lsp_server.lsp.uris import path_from
from lsp_server.session import events as ev
from lsp_server.session.answer_messages import RESUMED
from lsp_server.session.document_edits import Begun
from lsp_server.session.machine import Session, SessionOutcome
from lsp_server.session.request import EditRequest, form_for

log = logging.getLogger(__name__)

NOTE_SECONDS = 1.0
"""The least time between two entries for what the user types, in seconds."""
MOST_SHOWN = 4_000
"""Code points of an original text in a message."""

REVERT, KEEP = "Revert to the original", "Keep"
SHOW, FORGET = "Show the original", "Forget it"
ASK = "A Midstream edit in this file is still undecided. Take its changes back?"
ASK_ABOUT_MANY = "{} Midstream edits in this file are still undecided. Take their changes back?"
LOST = "A Midstream edit in this file is still undecided, but its place can't be found any more."


class Recovery:
    """The journals of one conversation. Without a folder for them it does nothing."""

    def __init__(
        self, context: ClientContext, drivers: DocumentDrivers, journals: Journals | None
    ) -> None:
        self._context = context
        self._drivers = drivers
        self._journals = journals
        self._alarms: dict[str, asyncio.TimerHandle] = {}
        """Entries that are due, by document."""
        self._silent: set[str] = set()
        """Open documents with an undecided session that ended because the editor fell silent."""

    # -- keeping --

    def note(self, driver: Driver) -> None:
        """Write down the state of a document's sessions. Must be called before an edit is sent."""
        if self._journals is None:
            return
        for session in driver.document_edits.sessions:
            record, state = driver.record(session.id), _state_of(driver, session.id)
            if not record.journaled:
                request = session.attempts[0].request if session.attempts else None
                entry = JournalEntry(
                    uri=driver.document.uri,
                    instruction=request.instruction if request else "",
                    profile=request.profile if request else "",
                    state=state,
                )
                record.journal, record.journaled = self._journals.begin(entry), True
            elif record.journal is not None:
                record.journal.note(state)

    def reported(self, driver: Driver) -> None:
        """A session of this document has begun or changed."""
        sessions = driver.document_edits.sessions
        if all(driver.record(session.id).journaled for session in sessions):
            self._note_soon(driver)
        else:
            self.note(driver)

    def _note_soon(self, driver: Driver) -> None:
        """What the user types and decides may wait a little."""
        uri = driver.document.uri
        if self._journals is None or uri in self._alarms or not driver.document_edits.sessions:
            return

        def ring() -> None:
            del self._alarms[uri]
            self.note(driver)

        self._alarms[uri] = asyncio.get_running_loop().call_later(NOTE_SECONDS, ring)

    def changed(self, driver: Driver) -> None:
        """The editor has reported a change. If it had fallen silent, offer back what its session
        left undecided."""
        if driver.document.uri in self._silent:
            self._silent.discard(driver.document.uri)
            self.opened(driver)
        self._note_soon(driver)

    def closed(self, driver: Driver) -> None:
        """The document has been closed."""
        self._silent.discard(driver.document.uri)

    def ended(self, driver: Driver, session: Session) -> None:
        """A session has ended. Leave its journal behind if its document or its editor went away
        before the user could decide."""
        record = driver.record(session.id)
        lost = session.outcome is SessionOutcome.FAILED and session.ends_as is None
        if record.journal is not None and lost and _is_undecided(driver, session):
            self._leave(driver, record)
            self._silent.add(driver.document.uri)

    def close(self) -> None:
        """The conversation ends: leave what is undecided to the next one, remove the rest."""
        for alarm in self._alarms.values():
            alarm.cancel()
        self._alarms.clear()
        for driver in self._drivers.all:
            for session in driver.document_edits.sessions:
                record = driver.record(session.id)
                if record.journal is not None and _is_undecided(driver, session):
                    self._leave(driver, record)
            for record in driver.records:
                if (journal := record.take_journal()) is not None:
                    journal.drop()
        self._journals = None

    def _leave(self, driver: Driver, record: SessionRecord) -> None:
        """Leave the journal to the next server."""
        if (journal := record.take_journal()) is not None:
            journal.note(_state_of(driver, record.id))
            journal.let_go()

    # -- offering back --

    def opened(self, driver: Driver) -> None:
        """A document has been opened: offer back what is undecided in it."""
        if self._journals is None or not self._context.can_apply_edits:
            return
        uri = driver.document.uri
        resumed: list[str] = []
        is_file = _is_there(uri) is True
        text = driver.document_edits.text.text

        def wanted(other: str) -> bool:
            return same_document(uri, other) or (is_file and _is_there(other) is False)

        for left in self._journals.left(wanted):
            moved = not same_document(uri, left.entry.uri)
            if moved and not holds(text, as_it_is(text, left.entry)):
                left.let_go()
                continue
            try:
                name = self._resumed(driver, left)
            except MidstreamError as error:
                log.warning("An undecided edit couldn't be offered again: %s", error)
                name = None
            if name is not None:
                resumed.append(name)
        if resumed:
            self._ask(driver, resumed)

    def _resumed(self, driver: Driver, left: UndecidedSession) -> str | None:
        """Continue an undecided session; its new id. None if there is nothing to take back.

        Raises `MidstreamError`.
        """
        entry, text = left.entry, driver.document_edits.text.text
        if not entry.state.ours and not entry.state.flying:
            left.drop()
            return None
        state = as_it_is(text, entry)
        span = located(text, state)
        if span is None:
            self._tell_lost(left)
            return None
        attribution = attribution_of(state, span.text(text))
        if not attribution.ours:
            log.info("The text of an undecided edit isn't in the document.")
            left.drop()
            return None
        settings = self._context.settings
        form = form_for(attribution.view, settings.patch_from_lines)
        # Even if that profile is gone: the user did not mean the code for another one.
        request = EditRequest(
            entry.instruction, state.original, attribution.view, entry.profile, form=form
        )
        session = self._drivers.ids.next()
        publish = settings.publish
        try:
            driver.begin(Begun(session, span, request, publish, attribution), span)
        except MidstreamError:
            left.let_go()
            raise
        self.note(driver)
        left.drop()
        return session

    def _ask(self, driver: Driver, sessions: list[str]) -> None:
        """Ask what to do with them. Without an answer they stay in review."""
        if not self._can_answer:
            self._context.client.show_message(MessageType.WARNING, RESUMED)
            return

        def answered(choice: object) -> None:
            if choice == REVERT:
                self._command(driver, sessions, ev.Reverted)
            elif choice == KEEP:
                self._command(driver, sessions, ev.Accepted)

        count = len(sessions)
        question = ASK if count == 1 else ASK_ABOUT_MANY.format(count)
        self._question(question, (REVERT, KEEP), answered)

    def _command(
        self, driver: Driver, sessions: list[str], event: Callable[[int], ev.UserEvent]
    ) -> None:
        for session in sessions:
            try:
                answer = driver.command(session, event)
            except MidstreamError as error:
                log.info("An undecided edit couldn't be decided: %s", error)
                continue
            # Nobody awaits the answer. Fetching the exception keeps asyncio from logging it.
            answer.add_done_callback(lambda done: done.cancelled() or done.exception())

    def _tell_lost(self, left: UndecidedSession) -> None:
        """Its place is not certain: change nothing, but let the user see the original."""
        client, original = self._context.client, left.entry.state.original
        if not self._can_answer:
            client.show_message(MessageType.WARNING, f"{LOST} Nothing was changed.")
            left.drop()
            return

        def answered(choice: object) -> None:
            if choice == SHOW:
                more = "…" if len(original) > MOST_SHOWN else ""
                client.show_message(MessageType.INFO, original[:MOST_SHOWN] + more)
            seen = choice == SHOW and len(original) <= MOST_SHOWN  # Else the rest was not seen.
            left.drop() if seen or choice == FORGET else left.let_go()

        self._question(LOST, (SHOW, FORGET), answered)

    def _question(
        self, text: str, choices: tuple[str, ...], answered: Callable[[object], None]
    ) -> None:
        """Ask the user. `answered` gets the title of the chosen action, or None."""

        def replied(reply: Reply) -> None:
            answered(reply.result.get("title") if isinstance(reply.result, dict) else None)

        actions = [{"title": choice} for choice in choices]
        client = self._context.client
        shown = client.shown(text)
        params = {"type": int(MessageType.WARNING), "message": shown, "actions": actions}
        client.call("window/showMessageRequest", params, replied)

    @property
    def _can_answer(self) -> bool:
        """Whether the editor can show a question with buttons."""
        return self._context.capability("window", "showMessage", "messageActionItem") is not None


def _is_undecided(driver: Driver, session: Session) -> bool:
    """Whether a model's text has landed or may still land, the user has not decided about it, and
    it was not deleted with the whole scope."""
    if session.ends_as is SessionOutcome.ACCEPTED:
        return False
    span, text = driver.document_edits.span_of(session.id), driver.document_edits.text.text
    if session.scope_writer.view and span.text(text) != session.scope_writer.view:
        return False
    return session.remaining > 0 or session.scope_writer.in_flight is not None


def _state_of(driver: Driver, session: str) -> JournalState:
    """The state of a session, as its journal holds it."""
    live, span = driver.document_edits.find(session), driver.document_edits.span_of(session)
    scope_writer, text = live.scope_writer, driver.document_edits.text.text
    in_flight = scope_writer.in_flight
    return JournalState(
        original=live.original,
        base=scope_writer.attribution.base,
        ours=scope_writer.attribution.ours,
        flying=in_flight.changes if in_flight is not None else None,
        before=text[max(span.start - AROUND, 0) : span.start],
        after=text[span.end : span.end + AROUND],
        locked=tuple((mark.span, mark.before) for mark in scope_writer.attribution.locked),
    )


def _is_there(uri: str) -> bool | None:
    """Whether that file exists; `None` if the URI names none on this machine."""
    try:
        path = path_from(uri)
        elsewhere = path is None or path.as_posix().startswith("//")
        return None if path is None or elsewhere else path.exists()
    except (OSError, ValueError, InvalidParams):
        return None
