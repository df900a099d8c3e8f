"""Keeps the journal of every session, and offers back what was left undecided.

A session whose text landed and was not decided when its server, its editor or its document went
leaves its journal: the server may have been killed, or the user have left their editor in the
middle of an answer. Where nothing landed, or all is decided, nothing is left.

A session that was lost goes on in review, in the document as it was opened again: so its changes
can be taken back one by one or all together, and it can be redirected, as ever. Where its place in
the document cannot be told for certain, nothing is changed.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from lsp_server.errors import InvalidParams, MidstreamError
from lsp_server.lsp.client import MessageType, Reply
from lsp_server.lsp.documents import same_document
from lsp_server.lsp.driver import Driver
from lsp_server.lsp.journal import Journal, Journals, UndecidedSession
from lsp_server.lsp.journal_format import JournalEntry, JournalState
from lsp_server.lsp.journal_matching import AROUND, as_it_is, attribution_of, holds, located
from lsp_server.lsp.uris import path_from
from lsp_server.session import events as ev
from lsp_server.session.answer_messages import RESUMED
from lsp_server.session.document_edits import Begun
from lsp_server.session.machine import Session, SessionOutcome
from lsp_server.session.request import EditRequest, form_for

if TYPE_CHECKING:
    from lsp_server.lsp.server_state import ServerState

log = logging.getLogger(__name__)

NOTE_SECONDS = 1.0
"""The user's own typing is written into the journals at most this often."""
MOST_SHOWN = 4_000
"""Code points of an original text that is shown in a message."""

REVERT, KEEP = "Revert to the original", "Keep"
SHOW, FORGET = "Show the original", "Forget it"
ASK = "An edit of Midstream's here was left undecided. Take its changes back?"
ASK_ABOUT_MANY = "{} edits of Midstream's here were left undecided. Take their changes back?"
LOST = "An edit of Midstream's here was left undecided; its place is not certain any more."


class Recovery:
    """The journals of one conversation. Without a folder nothing is kept."""

    def __init__(self, server_state: "ServerState", journals: Journals | None) -> None:
        self._server_state = server_state
        self._journals = journals
        self._open: dict[str, Journal | None] = {}
        self._alarms: dict[str, asyncio.TimerHandle] = {}
        self._given_up: set[str] = set()
        """Open documents whose editor was given up while something was undecided in them."""

    # -- keeping --

    def note(self, driver: Driver) -> None:
        """Write down how the sessions of a document stand. To be called before an edit leaves."""
        if self._journals is None:
            return
        for session in driver.document_edits.sessions:
            state = _state_of(driver, session.id)
            if session.id not in self._open:
                request = session.attempts[0].request if session.attempts else None
                entry = JournalEntry(
                    uri=driver.document.uri,
                    instruction=request.instruction if request else "",
                    profile=request.profile if request else "",
                    state=state,
                )
                self._open[session.id] = self._journals.begin(entry)
            elif (journal := self._open[session.id]) is not None:
                journal.note(state)

    def reported(self, driver: Driver) -> None:
        """Something about a session of this document has changed, or a session has begun."""
        if all(session.id in self._open for session in driver.document_edits.sessions):
            self.note_soon(driver)
        else:
            self.note(driver)

    def note_soon(self, driver: Driver) -> None:
        """The user has typed, or decided: that may wait a little."""
        uri = driver.document.uri
        if self._journals is None or uri in self._alarms or not driver.document_edits.sessions:
            return

        def ring() -> None:
            del self._alarms[uri]
            self.note(driver)

        self._alarms[uri] = asyncio.get_running_loop().call_later(NOTE_SECONDS, ring)

    def changed(self, driver: Driver) -> None:
        """The editor has reported a change. One that was given up speaks again: what its session
        left undecided is offered back."""
        if driver.document.uri in self._given_up:
            self._given_up.discard(driver.document.uri)
            self.opened(driver)
        self.note_soon(driver)

    def closed(self, driver: Driver) -> None:
        """The document has been closed."""
        self._given_up.discard(driver.document.uri)

    def ended(self, driver: Driver, session: Session) -> None:
        """A session has ended. Where its document went, or its editor, before the user could
        decide, it is left to be offered back; else nothing is."""
        if (journal := self._open.pop(session.id, None)) is None:
            return
        lost = session.outcome is SessionOutcome.FAILED and session.after is None
        if lost and _is_undecided(driver, session):
            journal.note(_state_of(driver, session.id))
            journal.let_go()
            self._given_up.add(driver.document.uri)
        else:
            journal.drop()

    def lost(self, session: str) -> None:
        """A session was lost by a mistake of ours: nothing of it is to be offered back."""
        if (journal := self._open.pop(session, None)) is not None:
            journal.drop()

    def close(self) -> None:
        """The conversation is over, or about to be: what is undecided is left to the next."""
        for alarm in self._alarms.values():
            alarm.cancel()
        self._alarms.clear()
        for driver, session in self._server_state.sessions():
            if (journal := self._open.pop(session.id, None)) is None:
                continue
            if _is_undecided(driver, session):
                journal.note(_state_of(driver, session.id))
                journal.let_go()
            else:
                journal.drop()
        for journal in self._open.values():
            if journal is not None:
                journal.drop()
        self._open.clear()
        self._journals = None

    # -- offering back --

    def opened(self, driver: Driver) -> None:
        """A document has been opened: is there something undecided in it?"""
        if self._journals is None or not self._can_edit:
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
                log.warning("An undecided edit could not be offered back: %s", error)
                name = None
            if name is not None:
                resumed.append(name)
        if resumed:
            self._ask(driver, resumed)

    def _resumed(self, driver: Driver, left: UndecidedSession) -> str | None:
        """Let a lost session go on; its new id. None where there is nothing to take back."""
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
            log.info("An edit that was left undecided is not in the document.")
            left.drop()
            return None
        settings = self._server_state.settings
        form = form_for(attribution.view, settings.patch_from_lines)
        # Also if that profile is gone: the code was not meant for another one's place.
        request = EditRequest(
            entry.instruction, state.original, attribution.view, entry.profile, form=form
        )
        session = self._server_state.numbers.next()
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
        """What shall become of it? Who does not answer finds it in review."""
        if not self._can_answer:
            self._server_state.client.show_message(MessageType.WARNING, RESUMED)
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
                log.info("An undecided edit was decided otherwise: %s", error)
                continue
            # Nobody waits for it, so nobody would look at what went wrong.
            answer.add_done_callback(lambda done: done.cancelled() or done.exception())

    def _tell_lost(self, left: UndecidedSession) -> None:
        """Its place is not certain: nothing is changed, but its original can be looked at."""
        client, original = self._server_state.client, left.entry.state.original
        if not self._can_answer:
            client.show_message(MessageType.WARNING, f"{LOST} Nothing was changed.")
            left.drop()
            return

        def answered(choice: object) -> None:
            if choice == SHOW:
                more = "…" if len(original) > MOST_SHOWN else ""
                client.show_message(MessageType.INFO, original[:MOST_SHOWN] + more)
            seen = choice == SHOW and len(original) <= MOST_SHOWN  # Nobody has seen the rest.
            left.drop() if seen or choice == FORGET else left.let_go()

        self._question(LOST, (SHOW, FORGET), answered)

    def _question(
        self, text: str, choices: tuple[str, ...], answered: Callable[[object], None]
    ) -> None:
        """Ask the user; what they chose is the title of an action, or something else."""

        def replied(reply: Reply) -> None:
            answered(reply.result.get("title") if isinstance(reply.result, dict) else None)

        actions = [{"title": choice} for choice in choices]
        params = {"type": int(MessageType.WARNING), "message": text, "actions": actions}
        self._server_state.client.call("window/showMessageRequest", params, replied)

    @property
    def _can_edit(self) -> bool:
        return self._server_state.capability("workspace", "applyEdit") is True

    @property
    def _can_answer(self) -> bool:
        """Whether the editor can ask its user something."""
        return (
            self._server_state.capability("window", "showMessage", "messageActionItem") is not None
        )


def _is_undecided(driver: Driver, session: Session) -> bool:
    """Whether text of a model has landed, or may yet, of which the user has not said what shall
    become of it, and which was not deleted with all of the scope."""
    if session.after is SessionOutcome.ACCEPTED:
        return False
    span, text = driver.document_edits.span_of(session.id), driver.document_edits.text.text
    if session.scope_writer.view and span.text(text) != session.scope_writer.view:
        return False
    return session.remaining > 0 or session.scope_writer.in_flight is not None


def _state_of(driver: Driver, session: str) -> JournalState:
    """How a session stands, as its journal tells it."""
    scope_writer, span = (
        driver.document_edits.find(session).scope_writer,
        driver.document_edits.span_of(session),
    )
    text = driver.document_edits.text.text
    return JournalState(
        original=driver.document_edits.find(session).original,
        base=scope_writer.attribution.base,
        ours=scope_writer.attribution.ours,
        flying=scope_writer.in_flight.changes if scope_writer.in_flight is not None else None,
        before=text[max(span.start - AROUND, 0) : span.start],
        after=text[span.end : span.end + AROUND],
        locked=tuple((mark.span, mark.before) for mark in scope_writer.attribution.locked),
    )


def _is_there(uri: str) -> bool | None:
    """Whether there is a file of that URI; `None` where it names none on this machine."""
    try:
        path = path_from(uri)
        elsewhere = path is None or path.as_posix().startswith("//")
        return None if path is None or elsewhere else path.exists()
    except (OSError, ValueError, InvalidParams):
        return None
